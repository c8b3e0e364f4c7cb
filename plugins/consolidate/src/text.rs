//! Words of an entry, and what must be equal before two entries may be one.
//!
//! The guards are deliberately blunt: they rather leave a duplicate than merge "PR #260"
//! with "PR #480" or the CEO with the CTO, as systems that compare meanings have done.

use std::collections::BTreeSet;

/// Words that carry nothing: they may come and go between two entries that say the same.
/// Prepositions are not among them ("moves from A to B").
const FILLERS: [&str; 10] =
    ["the", "a", "an", "please", "also", "just", "really", "very", "that", "simply"];
/// Words that turn a statement round or bind it to a case. They must be equal in number.
const POLARITY: [&str; 70] = [
    "not",
    "no",
    "never",
    "none",
    "neither",
    "nor",
    "without",
    "cannot",
    "cant",
    "dont",
    "wont",
    "isnt",
    "arent",
    "doesnt",
    "didnt",
    "shouldnt",
    "mustnt",
    "avoid",
    "stop",
    "except",
    "unless",
    "only",
    "if",
    "when",
    "while",
    "until",
    "before",
    "after",
    "but",
    "instead",
    "enable",
    "enabled",
    "disable",
    "disabled",
    "on",
    "off",
    "above",
    "below",
    "over",
    "under",
    "more",
    "less",
    "most",
    "least",
    "min",
    "max",
    "minimum",
    "maximum",
    "increase",
    "decrease",
    "allow",
    "deny",
    "true",
    "false",
    "old",
    "new",
    "first",
    "last",
    "was",
    "were",
    "might",
    "may",
    "maybe",
    "perhaps",
    "probably",
    "always",
    "sometimes",
    "left",
    "right",
    "all",
];
/// Units that follow a number as a word of their own.
const UNITS: [&str; 34] = [
    "ms", "s", "sec", "secs", "second", "seconds", "min", "mins", "minute", "minutes", "h", "hour",
    "hours", "day", "days", "week", "weeks", "month", "months", "year", "years", "kb", "mb", "gb",
    "tb", "kib", "mib", "gib", "m", "km", "kg", "percent", "usd", "eur",
];

/// A line without its list, quotation or heading marker.
pub(crate) fn unmarked(line: &str) -> &str {
    let line = line.trim();
    for marker in ["- [ ] ", "- [x] ", "- ", "* ", "+ ", "> "] {
        if let Some(rest) = line.strip_prefix(marker) {
            return rest.trim_start();
        }
    }
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = rest.len() < line.len();
    if let Some(rest) = [". ", ") "].iter().find_map(|mark| rest.strip_prefix(mark))
        && numbered
    {
        return rest.trim_start();
    }
    line.trim_start_matches('#').trim_start()
}

/// The words of a text for comparing: in order, in lower case, fillers left out.
pub(crate) fn words(text: &str) -> Vec<String> {
    raw_words(text)
        .map(|(word, _)| word.to_lowercase())
        .filter(|word| !FILLERS.contains(&word.as_str()))
        .collect()
}

/// Words as they are written, with whether each starts a sentence.
fn raw_words(text: &str) -> impl Iterator<Item = (String, bool)> {
    let mut starts = true;
    let mut out = Vec::new();
    for line in text.lines() {
        for piece in unmarked(line).split_whitespace() {
            let kept: String =
                piece.chars().filter(|c| !matches!(c, '\'' | '\u{2019}' | '`' | '*')).collect();
            let word = kept.trim_matches(|c: char| {
                !(c.is_alphanumeric() || matches!(c, '#' | '@' | '%' | '$' | '/' | '-' | '+'))
            });
            if !word.is_empty() {
                out.push((word.to_owned(), starts));
            }
            starts = kept.ends_with(['.', '!', '?', ':']);
        }
    }
    out.into_iter()
}

/// What must be equal in two entries that say the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Guards {
    /// Words with a digit in them, with the unit that follows; in order.
    numbers: Vec<String>,
    /// Negations, conditions and opposites, sorted.
    polarity: Vec<String>,
    /// Paths, URLs, `snake_case`, `camelCase`, `#tags`, as written.
    identifiers: BTreeSet<String>,
    /// Code spans, as written.
    code: Vec<String>,
    /// Whether it asks.
    question: bool,
}

/// The guards of a text.
pub(crate) fn guards(text: &str) -> Guards {
    let words: Vec<String> = raw_words(text).map(|(word, _)| word).collect();
    let mut numbers = Vec::new();
    for (place, word) in words.iter().enumerate() {
        if word.chars().any(|c| c.is_ascii_digit()) {
            let next = words.get(place + 1).map(|next| next.to_lowercase());
            let unit = next.filter(|next| UNITS.contains(&next.as_str())).unwrap_or_default();
            numbers.push(format!("{word}{unit}").to_lowercase());
        }
    }
    let mut polarity: Vec<String> = words
        .iter()
        .map(|word| word.to_lowercase())
        .filter(|word| POLARITY.contains(&word.as_str()))
        .collect();
    polarity.sort();
    let identifiers = words.iter().filter(|word| is_identifier(word)).cloned().collect();
    let code = text.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    Guards { numbers, polarity, identifiers, code, question: text.trim_end().ends_with('?') }
}

/// Whether a word is a name for a machine.
fn is_identifier(word: &str) -> bool {
    let mut lower_before = false;
    let mut camel = false;
    for c in word.chars() {
        camel |= lower_before && c.is_uppercase();
        lower_before = c.is_lowercase();
    }
    camel || word.contains(['_', '/', '\\', '#', '@', '$', '=', '<', '>', '.', ':'])
}

/// Capitalised words: names, and what starts a sentence (which may be a name as well).
pub(crate) fn capitalised(text: &str) -> BTreeSet<String> {
    raw_words(text)
        .filter(|(word, _)| word.chars().next().is_some_and(char::is_uppercase))
        .map(|(word, _)| word.to_lowercase())
        .filter(|word| !FILLERS.contains(&word.as_str()))
        .collect()
}

/// A word without its commonest English endings; equal stems are forms of one word.
pub(crate) fn stem(word: &str) -> &str {
    for ending in ["ing", "ed", "es", "s"] {
        let stem = word.strip_suffix(ending).unwrap_or_default();
        if stem.chars().count() >= 4 && !stem.ends_with('s') {
            return stem;
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_units_negation_names_and_code_are_guarded() {
        for (a, b) in [
            ("see PR #260", "see PR #480"),
            ("wait 10 ms", "wait 10 s"),
            ("wait 10ms", "wait 10s"),
            ("do use it", "do not use it"),
            ("don't use it", "do use it"),
            ("run `a` now", "run `b` now"),
            ("set max_size", "set min_size"),
            ("turn it on", "turn it off"),
            ("is it safe?", "is it safe"),
        ] {
            assert_ne!(guards(a), guards(b), "{a} / {b}");
        }
        assert_eq!(guards("Wait 10 ms for it."), guards("- wait 10ms, for it"));
    }
}
