//! From HTML to text: headings, lists, links, tables and code keep their form, in the signs of
//! Markdown. Broken markup is read as far as it makes sense, in time that grows as the page
//! does.

mod entity;
#[cfg(test)]
mod tests;
mod token;
pub mod writer;

use crate::url::Url;
use entity::decode;
use token::{Attributes, Token, Tokens};
pub use writer::Sink;
use writer::Writer;

/// What was read.
#[derive(Debug)]
pub struct Page {
    /// The title, on one line; empty where there is none.
    pub title: String,
    /// The text.
    pub text: Sink,
}

/// Reads a page from this URL, and keeps so many characters of its text.
#[must_use]
pub fn read(html: &str, url: &Url, characters_max: usize) -> Page {
    let mut reader = Reader {
        writer: Writer::new(characters_max),
        base: url.clone(),
        title: None,
        link: None,
        skipped: None,
        preformatted: 0,
        at_pre_start: false,
        cells: 0,
        in_title: false,
    };
    for token in Tokens::new(html) {
        reader.token(token);
    }
    reader.finish()
}

/// Elements of which nothing is shown. Those whose contents are no markup are among the raw
/// elements of [`token`], too.
const UNSHOWN: [&str; 13] = [
    "script", "style", "template", "svg", "math", "iframe", "noembed", "noframes", "textarea",
    "select", "datalist", "audio", "video",
];

/// Elements that need no end tag: one of them that is hidden could hide the rest of the page.
const ENDLESS: [&str; 20] = [
    "html", "head", "body", "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot",
    "option", "optgroup", "img", "input", "br", "hr", "link",
];

/// Elements that stand below an empty line, and what follows them, too.
const BLOCKS: [&str; 21] = [
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "dl", "table", "figure", "section", "article",
    "header", "footer", "nav", "aside", "main", "form", "fieldset", "details", "address",
];

/// Elements that begin a line, and what follows them, too.
const LINES: [&str; 14] = [
    "div",
    "dt",
    "summary",
    "caption",
    "figcaption",
    "legend",
    "center",
    "hgroup",
    "search",
    "dialog",
    "noscript",
    "body",
    "label",
    "optgroup",
];

/// An element of which nothing is shown, and how many of its name are open inside.
struct Skipped {
    name: String,
    depth: usize,
}

struct Reader {
    writer: Writer,
    /// What links are relative to.
    base: Url,
    title: Option<String>,
    /// Where the link leads to that is open; none for one that leads nowhere.
    link: Option<Option<String>>,
    skipped: Option<Skipped>,
    /// How many `<pre>` are open.
    preformatted: usize,
    /// Whether a line break that comes now is a part of the markup.
    at_pre_start: bool,
    /// Cells of this row of a table.
    cells: usize,
    in_title: bool,
}

impl Reader {
    fn token(&mut self, token: Token<'_>) {
        if let Some(skipped) = &mut self.skipped {
            match token {
                Token::Start { name, closed: false, .. } if name == skipped.name => {
                    skipped.depth += 1;
                }
                Token::End(name) if name == skipped.name => {
                    skipped.depth -= 1;
                    if skipped.depth == 0 {
                        self.skipped = None;
                    }
                }
                _ => {}
            }
            return;
        }
        match token {
            Token::Text(text) => self.text(text),
            Token::Start { name, attributes, closed } => self.start(name, &attributes, closed),
            Token::End(name) => self.end(&name),
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_title {
            let words: Vec<_> = text.split_whitespace().collect();
            let title = decode(&words.join(" "), false).into_owned();
            let shown = title.chars().filter(|c| writer::is_shown(*c)).collect();
            self.title.get_or_insert(shown);
            return;
        }
        if self.preformatted == 0 {
            return self.writer.words(&decode(text, false));
        }
        let text = match (self.at_pre_start, text.strip_prefix("\r\n"), text.strip_prefix('\n')) {
            (true, Some(rest), _) | (true, None, Some(rest)) => rest,
            _ => text,
        };
        self.at_pre_start = false;
        self.writer.as_it_is(&decode(text, false).replace("\r\n", "\n").replace('\r', "\n"));
    }

    fn start(&mut self, name: String, attributes: &Attributes<'_>, closed: bool) {
        self.at_pre_start = false;
        let unshown = UNSHOWN.contains(&name.as_str());
        if unshown || is_hidden(&name, attributes) {
            // Only foreign elements are closed by a slash.
            if !(closed && matches!(name.as_str(), "svg" | "math")) {
                self.skipped = Some(Skipped { name, depth: 1 });
            }
            return;
        }
        match name.as_str() {
            "title" => self.in_title = true,
            "base" => self.rebase(attributes),
            "a" => self.start_link(attributes),
            "img" => self.image(attributes),
            "br" if self.preformatted > 0 => self.writer.new_line(),
            "br" => self.writer.line_break(),
            "hr" => {
                self.writer.block();
                self.writer.words("---");
                self.writer.block();
            }
            "ul" | "menu" | "dir" => self.writer.list(None),
            "ol" => {
                let first = attributes.get("start").and_then(|start| start.trim().parse().ok());
                self.writer.list(Some(first.unwrap_or(1)));
            }
            "li" => self.writer.item(),
            "dd" => {
                self.writer.line();
                self.writer.mark(": ");
            }
            "blockquote" => self.writer.quote(),
            "pre" | "listing" | "xmp" | "plaintext" => self.start_pre(),
            "tr" => self.start_row(),
            "td" | "th" => {
                self.writer.cell(self.cells == 0);
                self.cells += 1;
            }
            _ => self.border(&name),
        }
        if let Some(mark) = heading(&name) {
            self.writer.mark(mark);
        }
    }

    fn end(&mut self, name: &str) {
        self.at_pre_start = false;
        match name {
            "title" => self.in_title = false,
            "a" => self.end_link(),
            "ul" | "ol" | "menu" | "dir" => self.writer.end_list(),
            "li" | "dd" => self.writer.line(),
            "blockquote" => self.writer.end_quote(),
            "pre" | "listing" | "xmp" => self.end_pre(),
            "tr" | "thead" | "tbody" | "tfoot" => {
                self.writer.end_rows();
                self.writer.line();
            }
            "table" => {
                self.writer.end_rows();
                self.writer.block();
                // What follows in a cell around it is apart from it.
                self.cells = 0;
            }
            // As browsers do.
            "br" => self.writer.line_break(),
            _ => self.border(name),
        }
    }

    /// What an element's start and its end have in common.
    fn border(&mut self, name: &str) {
        if BLOCKS.contains(&name) {
            self.writer.block();
        } else if LINES.contains(&name) {
            self.writer.line();
        }
    }

    fn rebase(&mut self, attributes: &Attributes<'_>) {
        let base = attributes.get("href").map(|href| decode(href, true));
        if let Some(base) = base.and_then(|href| self.base.join(&href).ok()) {
            self.base = base;
        }
    }

    fn start_link(&mut self, attributes: &Attributes<'_>) {
        self.end_link();
        let href = attributes.get("href").map(|href| decode(href, true));
        let to = href.and_then(|href| self.base.link(&href));
        if to.is_some() {
            self.writer.link();
        }
        self.link = Some(to);
    }

    fn end_link(&mut self) {
        if let Some(Some(to)) = self.link.take() {
            self.writer.end_link(&to);
        }
    }

    fn image(&mut self, attributes: &Attributes<'_>) {
        let alt = attributes.get("alt").map(|alt| decode(alt, true)).unwrap_or_default();
        if !alt.trim().is_empty() {
            self.writer.words(&format!("(image: {})", alt.trim()));
        }
    }

    fn start_pre(&mut self) {
        self.preformatted += 1;
        if self.preformatted == 1 {
            self.writer.block();
            self.writer.words("```");
            self.writer.new_line();
        }
        self.at_pre_start = true;
    }

    fn end_pre(&mut self) {
        if self.preformatted == 1 {
            self.writer.line();
            self.writer.words("```");
            self.writer.block();
        }
        self.preformatted = self.preformatted.saturating_sub(1);
    }

    fn start_row(&mut self) {
        self.writer.row();
        self.cells = 0;
    }

    fn finish(mut self) -> Page {
        self.end_link();
        if self.preformatted > 0 {
            self.preformatted = 1;
            self.end_pre();
        }
        Page { title: self.title.unwrap_or_default(), text: self.writer.finish() }
    }
}

fn heading(name: &str) -> Option<&'static str> {
    Some(match name {
        "h1" => "# ",
        "h2" => "## ",
        "h3" => "### ",
        "h4" => "#### ",
        "h5" => "##### ",
        "h6" => "###### ",
        _ => return None,
    })
}

/// Whether the page itself says that nobody is to see this element: what stands there is for
/// machines, and often for those that read pages for people.
fn is_hidden(name: &str, attributes: &Attributes<'_>) -> bool {
    if ENDLESS.contains(&name) {
        return false;
    }
    if attributes.get("hidden").is_some_and(|value| !value.eq_ignore_ascii_case("until-found")) {
        return true;
    }
    let style = attributes.get("style").unwrap_or_default().to_ascii_lowercase();
    let style: String = style.split_ascii_whitespace().collect();
    style.contains("display:none") || style.contains("visibility:hidden")
}
