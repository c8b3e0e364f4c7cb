//! Rust source without its comments and the contents of its literals.
//!
//! A rule about code must not be broken by prose or by a test's string that names it. A
//! small scanner is enough for that: it need not know the grammar, only what ends what.

/// The lines of the source, with comments and literals emptied.
pub(super) fn lines(text: &str) -> Vec<String> {
    let mut scanner = Scanner { rest: text, out: String::with_capacity(text.len()) };
    while let Some(next) = scanner.rest.chars().next() {
        scanner.step(next);
    }
    scanner.out.lines().map(str::to_owned).collect()
}

/// Whether the code has the word, not as a part of a longer identifier.
pub(super) fn has_word(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let before = code.get(..at).and_then(|text| text.chars().next_back());
        let after = code.get(at + word.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(is_identifier) && !after.is_some_and(is_identifier)
    })
}

fn is_identifier(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

struct Scanner<'a> {
    rest: &'a str,
    out: String,
}

impl Scanner<'_> {
    fn step(&mut self, next: char) {
        if self.rest.starts_with("//") {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.skip(end);
        } else if self.rest.starts_with("/*") {
            self.block_comment();
        } else if let Some(hashes) = self.raw_string() {
            let opening = self.rest.find('"').map_or(0, |quote| quote + 1);
            let closing = format!("\"{}", "#".repeat(hashes));
            let body = self.rest.get(opening..).unwrap_or_default();
            let end =
                body.find(&closing).map_or(self.rest.len(), |at| opening + at + closing.len());
            self.skip(end);
        } else if next == '"' {
            self.quoted('"');
        } else if next == '\'' && self.is_character() {
            self.quoted('\'');
        } else {
            self.out.push(next);
            self.advance(next.len_utf8());
        }
    }

    fn advance(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// Leaves out what is skipped, but not its line breaks: lines keep their numbers.
    fn skip(&mut self, bytes: usize) {
        let skipped = self.rest.get(..bytes).unwrap_or(self.rest);
        self.out.extend(skipped.chars().filter(|c| *c == '\n'));
        self.advance(skipped.len());
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        let mut at = 0;
        while let Some(tail) = self.rest.get(at..).filter(|tail| !tail.is_empty()) {
            if tail.starts_with("/*") {
                depth += 1;
                at += 2;
            } else if tail.starts_with("*/") {
                depth -= 1;
                at += 2;
            } else {
                at += tail.chars().next().map_or(1, char::len_utf8);
            }
            if depth == 0 {
                break;
            }
        }
        self.skip(at);
    }

    /// The number of `#` of a raw string that begins here.
    fn raw_string(&self) -> Option<usize> {
        // The `r` of `for"` would be the end of a word, not the start of a literal.
        if self.out.chars().next_back().is_some_and(is_identifier) {
            return None;
        }
        let rest = self.rest.strip_prefix(['b', 'c']).unwrap_or(self.rest).strip_prefix('r')?;
        let hashes = rest.len() - rest.trim_start_matches('#').len();
        rest.get(hashes..)?.starts_with('"').then_some(hashes)
    }

    /// Whether the quote begins a character, and not a lifetime.
    fn is_character(&self) -> bool {
        let mut after = self.rest.chars().skip(1);
        match after.next() {
            Some('\\') => true,
            Some(_) => after.next() == Some('\''),
            None => false,
        }
    }

    fn quoted(&mut self, quote: char) {
        let mut escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, c)| {
            let closes = *c == quote && !escaped;
            escaped = *c == '\\' && !escaped;
            closes
        });
        self.out.push(quote);
        self.skip(end.map_or(self.rest.len(), |(at, c)| at + c.len_utf8()));
        self.out.push(quote);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, code: &str) {
        assert_eq!(lines(source).join("\n"), code);
    }

    #[test]
    fn comments_and_literals_are_left_out_and_lines_keep_their_numbers() {
        check("a // b\nc", "a \nc");
        check("a /* b /* c\n */ d */ e", "a \n e");
        check("f(\"b // \\\" c\") d", "f(\"\") d");
        check("f(\"b\nc\") d", "f(\"\n\") d");
        check("r#\"a \" b\"# c br\"x\" d", " c  d");
        check("let r = \"x\"; for\"y\"", "let r = \"\"; for\"\"");
    }

    #[test]
    fn characters_and_lifetimes_are_told_apart() {
        check("fn f<'a>(x: &'a str) { '\"' }", "fn f<'a>(x: &'a str) { '' }");
        check("('\\'', b'\\\\', '/', '/') // x", "('', b'', '', '') ");
    }

    #[test]
    fn a_literal_that_does_not_end_ends_with_the_file() {
        check("a \"b", "a \"\"");
        check("a r#\"b", "a ");
        check("a /* b", "a ");
        check("a '", "a '");
    }

    #[test]
    fn a_word_is_not_found_inside_another() {
        assert!(has_word("unsafe { x }", "unsafe"));
        assert!(has_word("#[unsafe(no_mangle)]", "unsafe"));
        assert!(!has_word("allow(unsafe_code)", "unsafe"));
        assert!(!has_word("not_unsafe", "unsafe"));
    }
}
