//! Texts as they are compared here: exact but for what Markdown puts around an entry.

use std::collections::BTreeMap;

/// An entry's text without list marker and white space around it.
pub(crate) fn key(text: &str) -> &str {
    let text = text.trim();
    let bare = ["- ", "* ", "+ "].iter().find_map(|marker| text.strip_prefix(marker));
    bare.unwrap_or(text).trim()
}

/// How often each line stands in a store.
///
/// The entries of a scored corpus are one line each, so a line is an entry.
pub(crate) fn lines(store: &BTreeMap<String, String>) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for line in store.values().flat_map(|text| text.lines()) {
        if !line.trim().is_empty() {
            *counts.entry(key(line)).or_default() += 1;
        }
    }
    counts
}

/// The numbers in a text, in order: of `between 28 and 34.5`, 28 and 34.5.
pub(crate) fn numbers(text: &str) -> Vec<f64> {
    let mut found = Vec::new();
    let mut at = 0;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        let start = at;
        // A hyphen behind a digit is a range, not a sign.
        let signed = bytes[at] == b'-' && (at == 0 || !bytes[at - 1].is_ascii_alphanumeric());
        let mut end = at + usize::from(signed);
        let digits = end;
        while end < bytes.len() && bytes[end].is_ascii_digit() {
            end += 1;
        }
        let whole = end > digits;
        if whole && bytes.get(end) == Some(&b'.') {
            let fraction = bytes[end + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            if fraction > 0 {
                end += 1 + fraction;
            }
        }
        if whole && let Some(number) = text.get(start..end).and_then(|part| part.parse().ok()) {
            found.push(number);
        }
        at = end.max(at + 1);
    }
    found
}
