//! Where things stand in a JSON text. What is not looked at is never parsed and written
//! again, so that it stays as it is: numbers, escapes, spaces.

use std::ops::Range;

use serde::de::IgnoredAny;

/// The names in an object, each with the place of its value.
pub(super) type Members = Vec<(String, Range<usize>)>;

/// Whether a text is JSON, and if not, why.
pub(super) fn check(text: &str) -> Result<(), String> {
    let read = serde_json::from_str::<IgnoredAny>(text);
    read.map(drop).map_err(|error| {
        let (message, column) = (error.to_string(), error.column());
        // It counts lines of its own.
        let why = message.split(" at line ").next().unwrap_or_default();
        format!("{} at column {column}", why.replace(" a value", " a JSON value"))
    })
}

/// The part of a text at a place.
pub(super) fn part<'a>(text: &'a str, place: &Range<usize>) -> &'a str {
    text.get(place.clone()).unwrap_or_default()
}

/// The text that a JSON string stands for; none when it is something else.
pub(super) fn string(value: &str) -> Option<String> {
    serde_json::from_str(value).ok()
}

/// The members of an object that is the whole of a JSON text; none when it is not an object.
pub(super) fn members(text: &str) -> Option<Members> {
    let mut scanner = Scanner { text, at: 0 };
    scanner.space();
    scanner.take(b'{').then(|| {
        let mut members = Members::new();
        while !scanner.ends(b'}') {
            let key = scanner.value();
            scanner.space();
            scanner.take(b':');
            scanner.space();
            let value = scanner.value();
            // A text that is not JSON after all: nothing more can be found in it.
            if value.is_empty() {
                break;
            }
            members.push((string(part(text, &key)).unwrap_or_default(), value));
        }
        members
    })
}

/// The places of the items of a list that is the whole of a JSON text; none of another value.
pub(super) fn items(text: &str) -> Vec<Range<usize>> {
    let mut scanner = Scanner { text, at: 0 };
    let mut items = Vec::new();
    scanner.space();
    if scanner.take(b'[') {
        while !scanner.ends(b']') {
            let value = scanner.value();
            if value.is_empty() {
                break;
            }
            items.push(value);
        }
    }
    items
}

/// Goes over a text that is known to be JSON.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl Scanner<'_> {
    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while self.next().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.next() == Some(byte);
        self.at += usize::from(there);
        there
    }

    /// Goes on to the next member or item; true when there is none.
    fn ends(&mut self, byte: u8) -> bool {
        self.space();
        if self.take(b',') {
            self.space();
        }
        self.next().is_none_or(|next| next == byte)
    }

    /// Steps over a value, and gives its place.
    fn value(&mut self) -> Range<usize> {
        let start = self.at;
        let mut depth = 0_usize;
        while let Some(byte) = self.next() {
            match byte {
                b'"' => self.string(),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' if depth == 0 => break,
                b'}' | b']' => {
                    depth -= 1;
                    self.at += 1;
                }
                b',' | b':' if depth == 0 => break,
                _ if depth == 0 && byte.is_ascii_whitespace() => break,
                _ => self.at += 1,
            }
            if depth == 0 && matches!(byte, b'"' | b'}' | b']') {
                break;
            }
        }
        start..self.at
    }

    /// Steps over a string.
    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.next() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(String, &str)> {
        check(text).unwrap();
        let members = members(text).unwrap();
        members.into_iter().map(|(key, place)| (key, part(text, &place))).collect()
    }

    #[test]
    fn members_are_found_with_their_exact_text() {
        let text = "\t{ \"a\" : 1e400 ,\"b\":{\"x\":[\"}\",{}]} , \"c\\u0022\":\"\\\\\\\"}\",\
                    \"d\":[1, [2]],\"e\":null,\"\":true }\r";
        let expected = [
            ("a", "1e400"),
            ("b", "{\"x\":[\"}\",{}]}"),
            ("c\"", "\"\\\\\\\"}\""),
            ("d", "[1, [2]]"),
            ("e", "null"),
            ("", "true"),
        ];
        assert_eq!(shown(text), expected.map(|(key, value)| (key.to_owned(), value)));
        assert_eq!(shown("{}"), []);
        assert_eq!(shown(" {\n} "), []);
        for other in ["[]", "1", "\"{\"", "null"] {
            assert_eq!(members(other), None, "{other}");
        }
    }

    #[test]
    fn items_are_found_with_their_exact_text() {
        let text = "[ \"a,b\" , [1,2],{\"x\":\"]\"},-0.5 ]";
        let parts: Vec<_> = items(text).iter().map(|place| part(text, place)).collect();
        assert_eq!(parts, ["\"a,b\"", "[1,2]", "{\"x\":\"]\"}", "-0.5"]);
        assert!(items("[]").is_empty() && items("{}").is_empty() && items("7").is_empty());
    }

    #[test]
    fn a_text_that_ends_too_early_is_no_trouble() {
        let whole = "{\"a\":[1,{\"b\":\"\\\\\"}],\"c\":{\"d\":\"e\"}}";
        for end in 0..=whole.len() {
            members(&whole[..end]);
            items(&whole[..end].replacen('{', "[", 1));
        }
    }
}
