//! What a text names that cannot be put in other words, and where that is said.

use std::collections::BTreeSet;

/// The longest code span that is looked at.
const SPAN_BYTES_MAX: usize = 256;

/// What stands around a word without being part of it.
const AROUND: &[char] = &[
    '*', '_', '(', ')', '[', ']', '{', '}', '"', '\'', '`', '.', ',', ';', ':', '!', '?', '|',
    '\\', '…', '“', '”', '„', '‘', '’',
];

/// What stands between single backticks, in order.
fn code_spans(text: &str) -> Vec<&str> {
    let spans = text.split('`').skip(1).step_by(2);
    spans.filter(|span| !span.trim().is_empty() && span.len() <= SPAN_BYTES_MAX).collect()
}

/// What a text names that cannot be put in other words: code, addresses, identifiers and
/// numbers, but no dates. In lower case, and without the backslashes of JSON.
pub(crate) fn named(text: &str) -> BTreeSet<String> {
    let text = body(text);
    let mut names: BTreeSet<String> = code_spans(text).into_iter().map(plain).collect();
    for word in text.split_whitespace().map(|word| word.trim_matches(AROUND)) {
        let has_digit = word.contains(char::is_numeric);
        if word.contains("://") || (has_digit && word.contains('_')) {
            names.insert(plain(word));
        } else if has_digit && !is_date(word) {
            names.extend(numbers(word).map(str::to_owned));
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// The numbers of a word, each with the points and commas inside.
fn numbers(word: &str) -> impl Iterator<Item = &str> {
    let parts = word.split(|character: char| !character.is_numeric() && !".,".contains(character));
    parts.map(|part| part.trim_matches(['.', ','])).filter(|part| !part.is_empty())
}

/// A text as names are looked up in it.
pub(crate) fn plain(text: &str) -> String {
    let text = text.replace('\\', "").to_lowercase();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// JSON text as it reads: what is escaped as a line break or tab sets words apart.
pub(crate) fn unescaped(json: &str) -> String {
    json.replace("\\n", " ").replace("\\t", " ").replace("\\r", " ").replace('\\', "")
}

/// Whether a plain text has a name, not as a part of a longer one: no digit goes on with a
/// number, and no letter or digit with anything else.
pub(crate) fn says(text: &str, name: &str) -> bool {
    let apart = |inside: Option<char>, outside: Option<char>| match (inside, outside) {
        (Some(inside), Some(outside)) if inside.is_numeric() => !outside.is_numeric(),
        (_, Some(outside)) => !outside.is_alphanumeric(),
        (_, None) => true,
    };
    text.match_indices(name).any(|(start, _)| {
        let (before, after) = (&text[..start], &text[start + name.len()..]);
        apart(name.chars().next(), before.chars().next_back())
            && apart(name.chars().next_back(), after.chars().next())
    })
}

/// `2026-11-21`.
fn is_date(word: &str) -> bool {
    let fits = |(place, byte): (usize, u8)| match place {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    word.len() == 10 && word.bytes().enumerate().all(fits)
}

/// The text without the marker of a list item: `1.` is no number that anybody said.
fn body(text: &str) -> &str {
    let rest = text.trim_start_matches(|character: char| character.is_ascii_digit());
    match rest.strip_prefix(['.', ')']) {
        Some(body) if rest.len() < text.len() && body.starts_with([' ', '\t']) => body,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(words: &[&str]) -> BTreeSet<String> {
        words.iter().map(|word| word.to_string()).collect()
    }

    #[test]
    fn names_are_code_addresses_and_numbers() {
        let text = "- Run `cargo Test -v` on port 8443 of https://Example.com/x.";
        let names = ["cargo test -v", "8443", "https://example.com/x"];
        assert_eq!(named(text), set(&names));
        assert_eq!(code_spans("`a` and `` and `b"), ["a", "b"]);
        assert!(named("3. Ask first.").is_empty(), "the marker of an item is no number");
        assert_eq!(named("(v1.2) in -5 °C: 10,000, 30%"), set(&["1.2", "5", "10,000", "30"]));
        assert_eq!(named("Since 2026-11-20: see sesn_01Ab."), set(&["sesn_01ab"]));
    }

    #[test]
    fn a_name_is_not_a_part_of_a_longer_one() {
        assert!(says("port 8443, then", "8443") && says("8443", "8443"));
        assert!(!says("port 18443", "8443") && !says("84430", "8443"));
        assert!(says("v2", "2") && says("10ms", "10") && !says("rerun", "run"));
        assert!(is_date("2026-11-21") && !is_date("2026-11-2x") && !is_date("20261121"));
    }
}
