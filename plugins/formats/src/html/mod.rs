//! The structure of HTML, and what of it is not seen.
//!
//! The tokens are those of the standard, so that a comment, a script or an attribute ends
//! where a browser ends it. The tree is built more simply: a stack of open elements, with the
//! end tags that may be left out.

mod collect;
mod elements;
mod style;
mod tokens;

use crate::budget::{Budget, Lines};
use crate::error::{FormatError, excerpt};
use crate::findings::Findings;
use crate::limits::Limits;
use collect::Collected;
use elements::{breaks_line, closes, may_stay_open};
use serde_json::{Value, json};
use std::collections::HashMap;
use style::Look;
use tokens::{ATTRIBUTES, Token, tokens};

/// Reads HTML:
///
/// `{title, lang, headings: [{level, text, line}], links: [{text, url}], images: [{src, alt}],
/// tables: [{columns, rows, line}], forms: [{action, method, fields: [{name, kind, required}]}],
/// meta: [{name, content}], text, words, hidden_text: [{why, text}], style_sheets,
/// errors: [{line, message}], more_errors}`
///
/// Only what is visible is in `text`, `headings`, `links`, `images`, `tables` and `forms`. An
/// image without an `alt` attribute has the `alt` null. What is not seen, as far as attributes
/// and inline styles tell, is in `hidden_text`, with why: comments, `display: none`, `hidden`,
/// `aria-hidden`, text of no size, off the page, or of the colour of its background.
/// `style_sheets` counts what may hide more: nothing of it is read.
///
/// # Errors
/// Which limit it is over.
pub fn html(text: &str, limits: &Limits) -> Result<Value, FormatError> {
    limits.admit_markup(text.len())?;
    let mut reader = Reader::new(text, limits);
    for token in tokens(text) {
        reader.read(token)?;
    }
    reader.finish()
}

/// An element that is open.
struct Open {
    name: String,
    line: usize,
    look: Look,
}

struct Reader<'a> {
    limits: &'a Limits,
    lines: Lines<'a>,
    budget: Budget,
    open: Vec<Open>,
    page: Look,
    collected: Collected,
    findings: Findings,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, limits: &'a Limits) -> Self {
        Self {
            limits,
            lines: Lines::new(text),
            budget: Budget::new(limits),
            open: Vec::new(),
            page: Look::page(),
            collected: Collected::default(),
            findings: Findings::new(limits.errors),
        }
    }

    fn read(&mut self, token: Token) -> Result<(), FormatError> {
        match token {
            Token::Start { name, attributes, self_closing, at } => {
                let line = self.lines.of(at);
                self.start(name, attributes, self_closing, line)
            }
            Token::End { name, at } => {
                let line = self.lines.of(at);
                self.end(&name, line)
            }
            Token::Text(text) => self.text(&text),
            Token::Comment(text) => self.collected.hide("comment", &text, &mut self.budget),
            Token::Mistake { message, at } => {
                // There may be millions of these: only for those that are listed the line counts.
                let lines = &self.lines;
                self.findings.add(|| json!({"line": lines.of(at), "message": message}));
                Ok(())
            }
            Token::TooManyAttributes => {
                Err(FormatError::over("a tag of the HTML", ATTRIBUTES, "attributes"))
            }
        }
    }

    fn wrong(&mut self, line: usize, message: String) {
        self.findings.add(|| json!({"line": line, "message": message}));
    }

    fn look(&self) -> Look {
        self.open.last().map_or_else(|| self.page.clone(), |open| open.look.clone())
    }

    fn start(
        &mut self,
        name: String,
        attributes: HashMap<String, String>,
        self_closing: bool,
        line: usize,
    ) -> Result<(), FormatError> {
        while let Some(open) = self.open.last()
            && closes(&name, &open.name)
        {
            self.close()?;
        }
        let sheet = attributes.get("rel").is_some_and(|rel| rel.eq_ignore_ascii_case("stylesheet"));
        if name == "style" || (name == "link" && sheet) {
            self.collected.style_sheets += 1;
            self.page.forget_background();
            self.open.iter_mut().for_each(|open| open.look.forget_background());
        }
        let look = self.look().inside(&name, &attributes);
        let seen = look.hidden.is_none();
        self.collected.start(&name, &attributes, seen, line, &mut self.budget)?;
        if breaks_line(&name) {
            self.collected.line_break(&mut self.budget)?;
        }
        // In the drawings and formulas inside HTML a slash ends an element at once.
        let foreign = self.open.iter().any(|open| matches!(&*open.name, "svg" | "math"));
        if elements::is_void(&name) || (self_closing && foreign) {
            return Ok(());
        }
        if self.open.len() >= self.limits.markup_depth {
            return Err(FormatError::over(
                "the HTML's nesting",
                self.limits.markup_depth,
                "levels",
            ));
        }
        self.open.push(Open { name, line, look });
        Ok(())
    }

    fn end(&mut self, name: &str, line: usize) -> Result<(), FormatError> {
        if name == "br" || name == "p" && !self.open.iter().any(|open| open.name == "p") {
            self.wrong(line, format!("the end tag `{name}` ends nothing"));
            return Ok(());
        }
        // An end tag reaches no further than the cell it stands in.
        let walled = |open: &Open| matches!(&*open.name, "td" | "th" | "table" | "template");
        let mut found = None;
        for (at, open) in self.open.iter().enumerate().rev() {
            if open.name == name {
                found = Some(at);
                break;
            }
            let table = matches!(name, "table" | "tr" | "tbody" | "thead" | "tfoot" | "template");
            if walled(open) && !table {
                break;
            }
        }
        let Some(found) = found else {
            self.budget.items(1)?;
            self.wrong(line, format!("the end tag `{}` ends nothing", excerpt(name)));
            return Ok(());
        };
        while self.open.len() > found + 1 {
            if let Some(open) = self.open.last()
                && !may_stay_open(&open.name)
            {
                let message = format!("the element `{}` has no end tag", excerpt(&open.name));
                let line = open.line;
                self.wrong(line, message);
            }
            self.close()?;
        }
        self.close()
    }

    /// Ends the innermost element.
    fn close(&mut self) -> Result<(), FormatError> {
        let Some(open) = self.open.last() else { return Ok(()) };
        let name = open.name.clone();
        if breaks_line(&name) {
            self.collected.line_break(&mut self.budget)?;
        }
        self.open.pop();
        self.collected.end(&name, &mut self.budget)
    }

    fn text(&mut self, text: &str) -> Result<(), FormatError> {
        let Some(open) = self.open.last() else {
            return self.collected.text(text, None, "", &mut self.budget);
        };
        self.collected.text(text, open.look.hidden, &open.name, &mut self.budget)
    }

    fn finish(mut self) -> Result<Value, FormatError> {
        while let Some(open) = self.open.last() {
            if !may_stay_open(&open.name) {
                let message = format!("the element `{}` has no end tag", excerpt(&open.name));
                let line = open.line;
                self.wrong(line, message);
            }
            self.close()?;
        }
        let mut answer = self.collected.finish();
        let (errors, more) = self.findings.into_parts();
        answer["errors"] = errors;
        answer["more_errors"] = more;
        Ok(answer)
    }
}
