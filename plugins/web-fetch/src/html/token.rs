//! HTML as a row of tags and texts. Every input is one: what is no tag is text, and what does
//! not end goes on to the end of the page. No byte is looked at more than a few times.

/// Elements whose contents are text up to their own end tag, whatever stands in there.
const RAW: [&str; 9] =
    ["script", "style", "title", "textarea", "iframe", "noembed", "noframes", "xmp", "plaintext"];

/// A part of a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Text, character references included.
    Text(&'a str),
    /// A start tag.
    Start {
        /// Its name in lower case.
        name: String,
        /// Its attributes.
        attributes: Attributes<'a>,
        /// Whether it ends in a slash.
        closed: bool,
    },
    /// An end tag: its name in lower case.
    End(String),
}

/// Reads the parts of a page, one after the other.
pub(super) struct Tokens<'a> {
    rest: &'a str,
    /// The element whose contents come next as they are.
    raw: Option<String>,
}

impl<'a> Tokens<'a> {
    /// Begins at the start of a page.
    #[must_use]
    pub(super) fn new(html: &'a str) -> Self {
        Self { rest: html, raw: None }
    }

    /// Gives what stands before `at`, and goes on from there.
    fn take(&mut self, at: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(at).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// Skips to behind the next `end`, or to the end of the page.
    fn skip_behind(&mut self, end: &str) {
        let at = self.rest.find(end).map_or(self.rest.len(), |at| at + end.len());
        self.take(at);
    }

    /// What stands up to the end tag of a raw element; the end tag comes next.
    fn raw_text(&mut self, name: &str) -> &'a str {
        let bytes = self.rest.as_bytes();
        let ends = |at: &usize| {
            let tag = bytes.get(at + 2..at + 2 + name.len());
            let after = bytes.get(at + 2 + name.len());
            tag.is_some_and(|tag| tag.eq_ignore_ascii_case(name.as_bytes()))
                && after.is_none_or(|byte| !byte.is_ascii_alphanumeric())
        };
        let end = self.rest.match_indices("</").map(|(at, _)| at).find(ends);
        self.take(end.unwrap_or(self.rest.len()))
    }

    fn start(&mut self) -> Token<'a> {
        self.take(1);
        let name = self.name();
        let mut attributes = Attributes { rest: self.rest };
        // Their ends are what ends the tag: a value may have a `>` in it.
        while attributes.next().is_some() {}
        let length = self.rest.len() - attributes.rest.len();
        let inside = self.take(length);
        self.take(1);
        if RAW.contains(&name.as_str()) {
            self.raw = Some(name.clone());
        }
        let closed = inside.ends_with('/');
        Token::Start { name, attributes: Attributes { rest: inside }, closed }
    }

    fn end(&mut self) -> Token<'a> {
        self.take(2);
        let name = self.name();
        self.skip_behind(">");
        Token::End(name)
    }

    fn name(&mut self) -> String {
        let ends = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>');
        let length = self.rest.find(ends).unwrap_or(self.rest.len());
        self.take(length).to_ascii_lowercase()
    }

    /// How long the text is that comes next: up to what begins a tag or a comment.
    fn text_length(&self) -> usize {
        let mut tags = self.rest.match_indices('<').map(|(at, _)| at);
        tags.find(|at| begins_markup(self.rest.as_bytes(), *at)).unwrap_or(self.rest.len())
    }
}

fn begins_markup(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at + 1) {
        Some(b'!' | b'?') => true,
        // `</` before anything else than a letter is a comment that nobody meant.
        Some(b'/') => bytes.get(at + 2).is_some(),
        Some(byte) => byte.is_ascii_alphabetic(),
        None => false,
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(name) = self.raw.take() {
            let text = self.raw_text(&name);
            if !text.is_empty() {
                return Some(Token::Text(text));
            }
        }
        loop {
            let bytes = self.rest.as_bytes();
            if !begins_markup(bytes, 0) || bytes.first() != Some(&b'<') {
                let length = self.text_length();
                return (length > 0).then(|| Token::Text(self.take(length)));
            }
            match (bytes.get(1), bytes.get(2)) {
                _ if self.rest.starts_with("<!-->") => drop(self.take(5)),
                _ if self.rest.starts_with("<!--->") => drop(self.take(6)),
                _ if self.rest.starts_with("<!--") => {
                    self.take(4);
                    self.skip_behind("-->");
                }
                (Some(b'/'), Some(byte)) if byte.is_ascii_alphabetic() => return Some(self.end()),
                (Some(byte), _) if byte.is_ascii_alphabetic() => return Some(self.start()),
                _ => self.skip_behind(">"),
            }
        }
    }
}

/// The attributes of a tag: names as they are written, values with their character references.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Attributes<'a> {
    /// The value of the first attribute of this name; empty where it has none.
    #[must_use]
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.clone().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn take(&mut self, at: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(at).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn take_until(&mut self, ends: impl Fn(char) -> bool) -> &'a str {
        let at = self.rest.find(ends).unwrap_or(self.rest.len());
        self.take(at)
    }

    fn value(&mut self) -> &'a str {
        let quote = self.rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let Some(quote) = quote else {
            return self.take_until(|c| c.is_ascii_whitespace() || c == '>');
        };
        self.take(1);
        let value = self.take_until(|c| c == quote);
        self.take(1);
        value
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        self.take_until(|c| !c.is_ascii_whitespace() && c != '/');
        if self.rest.is_empty() || self.rest.starts_with('>') {
            return None;
        }
        // An equals sign in front is a part of the name.
        let first = self.rest.chars().next().map_or(0, char::len_utf8);
        let ends = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '=');
        let after = self.rest.get(first..).unwrap_or_default();
        let length = first + after.find(ends).unwrap_or(after.len());
        let name = self.take(length);
        let before_space = self.rest;
        self.take_until(|c| !c.is_ascii_whitespace());
        if !self.rest.starts_with('=') {
            self.rest = before_space;
            return Some((name, ""));
        }
        self.take(1);
        self.take_until(|c| !c.is_ascii_whitespace());
        Some((name, self.value()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page as its parts, each on a line.
    fn parts(html: &str) -> String {
        let line = |token| match token {
            Token::Text(text) => format!("{text:?}"),
            Token::End(name) => format!("/{name}"),
            Token::Start { name, attributes, closed } => {
                let pairs = attributes.map(|(name, value)| format!(" {name}={value}"));
                format!("{name}{}{}", pairs.collect::<String>(), if closed { " /" } else { "" })
            }
        };
        Tokens::new(html).map(line).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn tags_and_texts_are_told_apart() {
        let cases = [
            ("a<b>c</b>d", "\"a\"|b|\"c\"|/b|\"d\""),
            ("<P CLASS=x>", "p CLASS=x"),
            ("<a href='x>y' b=\"c d\" e=f g>", "a href=x>y b=c d e=f g="),
            ("<br/><img src=a/b />", "br /|img src=a/b /"),
            ("<a\nhref = x\n>y</a\n>", "a href=x|\"y\"|/a"),
            ("1 < 2 <3 <> a<b", "\"1 < 2 <3 <> a\"|b"),
            ("<a b=\"c", "a b=c"),
            ("<", "\"<\""),
            ("x</", "\"x</\""),
            ("</3>x", "\"x\""),
            ("<a =b c==d>", "a =b= c==d"),
        ];
        for (html, expected) in cases {
            assert_eq!(parts(html), expected, "{html}");
        }
    }

    #[test]
    fn comments_and_declarations_are_left_out() {
        let cases = [
            ("<!doctype html>x", "\"x\""),
            ("a<!-- b > <c> -->d", "\"a\"|\"d\""),
            ("a<!-->b<!--->c", "\"a\"|\"b\"|\"c\""),
            ("a<!-- b", "\"a\""),
            ("<?xml version='1.0'?>x<![CDATA[y]]>", "\"x\""),
        ];
        for (html, expected) in cases {
            assert_eq!(parts(html), expected, "{html}");
        }
    }

    #[test]
    fn what_stands_in_a_script_is_no_markup() {
        let html = "<script>if (a</b>/) '<p>' </scripts></SCRIPT >x";
        assert_eq!(parts(html), "script|\"if (a</b>/) '<p>' </scripts>\"|/script|\"x\"");
        assert_eq!(parts("<style>a<b"), "style|\"a<b\"");
        assert_eq!(parts("<title></title>x"), "title|/title|\"x\"");
    }

    #[test]
    fn any_text_has_parts_and_ends() {
        let pieces =
            ["<", ">", "</", "a", "=", "\"", "'", "<!--", "-->", "é", " ", "<a", "&", "\0"];
        for first in pieces {
            for second in pieces {
                for third in pieces {
                    for fourth in pieces {
                        let _ = parts(&[first, second, third, fourth].concat());
                    }
                }
            }
        }
    }
}
