//! The words and signs of a check.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    Number,
    Text,
    Sign,
}

/// One word or sign. A text has its prefix and its content, between plain quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) text: String,
}

impl Token {
    pub(super) fn is(&self, sign: &str) -> bool {
        self.text == sign && self.kind != Kind::Text
    }

    /// The number it is.
    pub(super) fn number(&self) -> Option<f64> {
        if self.kind != Kind::Number {
            return None;
        }
        let plain = self.text.trim_end_matches(['u', 'U']);
        match plain.strip_prefix("0x").or_else(|| plain.strip_prefix("0X")) {
            // Not longer than what a double holds exactly.
            Some(digits) => u32::from_str_radix(digits, 16).ok().map(f64::from),
            None => plain.parse().ok().filter(|number: &f64| number.is_finite()),
        }
    }
}

const PAIRS: [&str; 6] = ["&&", "||", "==", "!=", "<=", ">="];
const SIGNS: &str = "()[]{}.,:?!<>+-*/%";

/// The tokens; nothing, when there is a sign that no check has, or a quote that does not close.
pub(super) fn tokens(check: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = check.trim_start();
    while let Some(first) = rest.chars().next() {
        let (kind, text, length) = if rest.starts_with("//") {
            rest = rest.split_once('\n').map_or("", |(_, next)| next).trim_start();
            continue;
        } else if let Some((text, length)) = string(rest)? {
            (Kind::Text, text, length)
        } else if first.is_ascii_digit() {
            let length = number(rest);
            (Kind::Number, rest.get(..length)?.to_owned(), length)
        } else if first.is_ascii_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            let length = end.unwrap_or(rest.len());
            (Kind::Name, rest.get(..length)?.to_owned(), length)
        } else if let Some(pair) = PAIRS.iter().find(|pair| rest.starts_with(**pair)) {
            (Kind::Sign, (*pair).to_owned(), 2)
        } else if SIGNS.contains(first) {
            (Kind::Sign, first.to_string(), 1)
        } else {
            return None;
        };
        tokens.push(Token { kind, text });
        rest = rest.get(length..)?.trim_start();
    }
    Some(tokens)
}

/// The text at the start, if there is one, and its length; nothing, when it does not close.
fn string(from: &str) -> Option<Option<(String, usize)>> {
    let prefix = from.len() - from.trim_start_matches(['r', 'R', 'b', 'B']).len();
    let (marks, quoted) = from.split_at_checked(prefix)?;
    if prefix > 2 || !quoted.starts_with(['\'', '"']) {
        return Some(None);
    }
    let marks = marks.to_ascii_lowercase();
    let quote = ["'''", "\"\"\"", "'", "\""].into_iter().find(|q| quoted.starts_with(q))?;
    let inside = quoted.get(quote.len()..)?;
    let mut at = 0;
    while !inside.get(at..)?.starts_with(quote) {
        let character = inside.get(at..)?.chars().next()?;
        at += character.len_utf8();
        if character == '\\' && !marks.contains('r') {
            at += inside.get(at..)?.chars().next()?.len_utf8();
        }
    }
    let content = inside.get(..at)?;
    // Raw or not makes a difference only to what has something to escape.
    let raw = if marks.contains('r') && content.contains('\\') { "r" } else { "" };
    let bytes = if marks.contains('b') { "b" } else { "" };
    let length = prefix + quote.len() + at + quote.len();
    Some(Some((format!("{raw}{bytes}'{content}'"), length)))
}

/// The length of the number at the start.
fn number(from: &str) -> usize {
    let bytes = from.as_bytes();
    let mut end = 0;
    while let Some(byte) = bytes.get(end) {
        let digit_next = bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        let after_e = end > 0 && matches!(bytes.get(end - 1), Some(b'e' | b'E'));
        let is_part = byte.is_ascii_alphanumeric()
            || (*byte == b'.' && digit_next)
            || (matches!(byte, b'+' | b'-') && after_e && digit_next && !from.starts_with("0x"));
        if !is_part {
            break;
        }
        end += 1;
    }
    end
}

/// Tokens as one text in which they stay apart.
pub(super) fn plain(tokens: &[Token]) -> String {
    let texts: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
    texts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_numbers_and_signs_are_told_apart() {
        let read = |check: &str| tokens(check).map(|tokens| plain(&tokens));
        let check = "a.b>=1.5e-3&&r'\\d'!=\"it's\"||[0x1F][0].size()==3u";
        let expected = "a . b >= 1.5e-3 && r'\\d' != 'it's' || [ 0x1F ] [ 0 ] . size ( ) == 3u";
        assert_eq!(read(check).unwrap(), expected);
        assert_eq!(read("'a\\'b' '''c'd''' b'e'").unwrap(), "'a\\'b' 'c'd' b'e'");
        assert_eq!(read("'a' // b").unwrap(), "'a'");
        for broken in ["'a", "'a\\", "'''a'", "a # b", "é"] {
            assert_eq!(read(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_number_is_what_it_says() {
        let number = |text: &str| tokens(text).unwrap()[0].number();
        let numbers = ["2", "2.5", "1e3", "0x10", "7u"].map(number);
        assert_eq!(numbers, [2.0, 2.5, 1000.0, 16.0, 7.0].map(Some));
        assert_eq!(["1e999", "1x", "0xfffffffff"].map(number), [None, None, None]);
    }
}
