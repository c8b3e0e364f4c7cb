//! A page as the text that an agent is given.

use crate::charset;
use crate::html::{self, Sink, writer::is_shown};
use crate::media::{self, Kind, Media};
use crate::url::Url;

/// The longest result, in characters.
pub const RESULT_CHARACTERS_MAX: usize = 100_000;

/// What is kept free for the lines above the text and the note below it, beside URLs.
const FRAME_CHARACTERS: usize = 1_000;

/// The longest title that is shown, in characters.
const TITLE_CHARACTERS_MAX: usize = 300;

/// Why a page is not given.
#[derive(Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Its characters are in an encoding that is not read.
    Charset(String),
    /// It says that it is text, and is not.
    Binary,
}

/// What was fetched.
pub struct Fetched<'a> {
    /// Where it was, after all redirects.
    pub url: &'a Url,
    /// What was asked for, where that is another URL.
    pub asked: Option<&'a Url>,
    /// What the server says it is.
    pub media: &'a Media,
    /// As much of it as was read.
    pub bytes: &'a [u8],
    /// Whether there is more of it that was not read.
    pub more: bool,
}

impl Fetched<'_> {
    /// The text: a few lines about the page, an empty line, the page, and below it what was
    /// cut.
    ///
    /// # Errors
    /// Why it is not given.
    pub fn text(&self) -> Result<String, Unreadable> {
        let is_html = self.media.kind == Kind::Html;
        let label = self.media.charset.as_deref();
        let text = charset::decode(self.bytes, label, is_html).map_err(Unreadable::Charset)?;
        if text.contains('\0') {
            return Err(Unreadable::Binary);
        }
        let kind = match self.media.kind {
            Kind::Unsaid => media::guess(&text),
            said => said,
        };
        let mut head = format!("url: {}\n", self.url);
        if let Some(asked) = self.asked {
            head.push_str(&format!("redirected from: {asked}\n"));
        }
        let name = match (self.media.name.as_str(), kind) {
            ("", Kind::Html) => "not said, taken for text/html",
            ("", _) => "not said, taken for text/plain",
            (name, _) => name,
        };
        head.push_str(&format!("type: {name}\n"));
        let room = RESULT_CHARACTERS_MAX - FRAME_CHARACTERS;
        let room = room.saturating_sub(head.chars().count());
        let sink = match kind {
            Kind::Html => {
                let page = html::read(&text, self.url, room);
                if !page.title.is_empty() {
                    head.push_str(&format!("title: {}\n", titled(&page.title)));
                }
                page.text
            }
            Kind::Text | Kind::Unsaid => as_it_is(&text, room),
        };
        Ok(self.framed(head, &sink))
    }

    fn framed(&self, head: String, sink: &Sink) -> String {
        let mut out = head;
        out.push('\n');
        out.push_str(if sink.total() == 0 { "(there is no text)" } else { sink.text() });
        let cut = sink.total() > sink.kept();
        if cut {
            let (kept, total) = (sink.kept(), sink.total());
            out.push_str(&format!("\n\n[cut: the first {kept} of {total} characters"));
        }
        if self.more {
            let read = format!("the first {} bytes of the page", self.bytes.len());
            out.push_str(if cut { " of " } else { "\n\n[cut: the text of " });
            out.push_str(&read);
        }
        if cut || self.more {
            out.push(']');
        }
        out
    }
}

fn titled(title: &str) -> String {
    let short: String = title.chars().take(TITLE_CHARACTERS_MAX).collect();
    if short.len() < title.len() { format!("{short}…") } else { short }
}

/// Text without what nobody would see, and with the line ends of this world.
fn as_it_is(text: &str, room: usize) -> Sink {
    let mut sink = Sink::new(room);
    for line in text.trim_end().split_inclusive('\n') {
        let line = line.strip_suffix("\r\n").map_or_else(|| line.to_owned(), |l| format!("{l}\n"));
        sink.push(&line.chars().filter(|c| is_shown(*c)).collect::<String>());
    }
    sink
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(kind: Kind, name: &str, bytes: &[u8], more: bool) -> Result<String, Unreadable> {
        let url = Url::parse("https://a.example/p").unwrap();
        let media = Media { kind, name: name.to_owned(), charset: None };
        Fetched { url: &url, asked: None, media: &media, bytes, more }.text()
    }

    #[test]
    fn a_page_is_given_below_what_it_is() {
        let html = b"<title>Air &amp; water</title><h1>Air</h1><p>Clean.";
        let expected = "url: https://a.example/p\ntype: text/html\ntitle: Air & water\n\n\
                        # Air\n\nClean.";
        assert_eq!(text(Kind::Html, "text/html", html, false).as_deref(), Ok(expected));
        let json = b"{\"a\":\r\n  [1]}\n";
        let expected = "url: https://a.example/p\ntype: application/json\n\n{\"a\":\n  [1]}";
        assert_eq!(text(Kind::Text, "application/json", json, false).as_deref(), Ok(expected));
    }

    #[test]
    fn a_page_that_nobody_names_is_known_by_its_beginning() {
        let html = text(Kind::Unsaid, "", b"<!doctype html><p>x", false).unwrap();
        assert!(html.ends_with("type: not said, taken for text/html\n\nx"), "{html}");
        let plain = text(Kind::Unsaid, "", b"1 < 2", false).unwrap();
        assert!(plain.ends_with("type: not said, taken for text/plain\n\n1 < 2"), "{plain}");
    }

    #[test]
    fn a_long_page_is_cut_with_a_note_of_how_much() {
        for (kind, name) in [(Kind::Text, "text/plain"), (Kind::Html, "text/html")] {
            let long = text(kind, name, "é ".repeat(100_000).as_bytes(), false).unwrap();
            let count = long.chars().count();
            assert!((95_000..=RESULT_CHARACTERS_MAX).contains(&count), "{count}");
            let note = "of 199999 characters]";
            assert!(long.ends_with(note), "{}", &long[long.len() - 90..]);
        }
        let more = text(Kind::Text, "text/plain", b"begun", true).unwrap();
        assert!(more.ends_with("begun\n\n[cut: the text of the first 5 bytes of the page]"));
        let long = "x".repeat(200_000);
        let both = text(Kind::Text, "text/plain", long.as_bytes(), true).unwrap();
        let note = "of 200000 characters of the first 200000 bytes of the page]";
        assert!(both.ends_with(note), "{}", &both[both.len() - 90..]);
    }

    #[test]
    fn a_result_is_never_longer_than_it_may_be() {
        let path = "x".repeat(8_000);
        let url = Url::parse(&format!("https://a.example/{path}")).unwrap();
        let asked = Url::parse(&format!("https://b.example/{path}")).unwrap();
        let title = "t".repeat(5_000);
        let page = format!("<title>{title}</title>{}", "word ".repeat(50_000));
        let media = media::of(Some("text/html")).unwrap();
        let (asked, bytes) = (Some(&asked), page.as_bytes());
        let text = Fetched { url: &url, asked, media: &media, bytes, more: true }.text().unwrap();
        let count = text.chars().count();
        assert!((90_000..=RESULT_CHARACTERS_MAX).contains(&count), "{count}");
        assert!(text.contains("redirected from: https://b.example/xxx"));
    }

    #[test]
    fn what_says_it_is_text_and_is_not_is_unreadable() {
        let binary = text(Kind::Text, "text/plain", b"MZ\0\0", false);
        assert_eq!(binary, Err(Unreadable::Binary));
        let empty = text(Kind::Text, "text/plain", b"", false).unwrap();
        assert!(empty.ends_with("\n\n(there is no text)"));
    }

    #[test]
    fn what_nobody_would_see_is_left_out() {
        let hidden = "a\u{200b}b\u{202e}c\u{e0041}d\u{1b}[31me\ttab";
        let shown = text(Kind::Text, "text/plain", hidden.as_bytes(), false).unwrap();
        assert!(shown.ends_with("\n\nabcd[31me\ttab"), "{shown}");
    }
}
