//! What the strategy understands of the dream's instructions.
//!
//! It has no model. It knows the phrases below, which switch parts off; a path such as
//! `/team.md`, which is where new entries go; and "at most 20 rules". What is left are words
//! of a theme: what is about it is worth more, and with "only about" or "nothing but" it is
//! all that is added.

use std::collections::BTreeSet;

/// Phrases that switch a part off, and the parts: duplicates, facts, rules.
const PHRASES: [(&str, [bool; 3]); 14] = [
    ("only duplicates", [true, false, false]),
    ("only merge", [true, false, false]),
    ("only facts", [false, true, false]),
    ("only rules", [false, false, true]),
    ("only contrasts", [false, false, true]),
    ("no duplicates", [false, true, true]),
    ("no merges", [false, true, true]),
    ("do not merge", [false, true, true]),
    ("no facts", [true, false, true]),
    ("do not supersede", [true, false, true]),
    ("no rules", [true, true, false]),
    ("without rules", [true, true, false]),
    ("no new rules", [true, true, false]),
    ("no contrasts", [true, true, false]),
];
/// Phrases after which nothing but the theme is added.
const RESTRICTING: [&str; 4] = ["only about", "nothing but", "exclusively", "only on"];
/// Words that name no theme.
const PLAIN: &[&str] = &[
    "about",
    "above",
    "add",
    "added",
    "all",
    "and",
    "any",
    "anything",
    "are",
    "attention",
    "best",
    "but",
    "can",
    "care",
    "concentrate",
    "do",
    "dream",
    "each",
    "entries",
    "entry",
    "every",
    "everything",
    "exclusively",
    "find",
    "focus",
    "for",
    "from",
    "give",
    "has",
    "have",
    "how",
    "into",
    "its",
    "just",
    "keep",
    "learn",
    "learned",
    "learnt",
    "like",
    "look",
    "make",
    "mainly",
    "memories",
    "memory",
    "more",
    "most",
    "new",
    "note",
    "nothing",
    "notes",
    "only",
    "our",
    "out",
    "pay",
    "please",
    "put",
    "rather",
    "rule",
    "rules",
    "session",
    "sessions",
    "should",
    "that",
    "thanks",
    "the",
    "them",
    "they",
    "this",
    "those",
    "what",
    "when",
    "which",
    "with",
    "write",
    "you",
    "your",
];
/// A theme's words have at least so many letters.
const WORD_MIN: usize = 3;

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Merge duplicates.
    pub(crate) duplicates: bool,
    /// Settle keyed facts.
    pub(crate) facts: bool,
    /// Mine the sessions.
    pub(crate) rules: bool,
    /// What it is to be about; empty: anything.
    pub(crate) theme: BTreeSet<String>,
    /// Whether nothing is added that is not about the theme.
    pub(crate) restricted: bool,
    /// The memory that new entries go to.
    pub(crate) path: Option<String>,
    /// At most so many new entries.
    pub(crate) additions_max: Option<usize>,
}

impl Wanted {
    /// Whether a text is about the theme; without one nothing is.
    pub(crate) fn is_about(&self, text: &str) -> bool {
        let words = words(text);
        self.theme.iter().any(|word| {
            let stem = crate::text::stem(word);
            words.iter().any(|other| crate::text::stem(other) == stem)
        })
    }
}

/// Reads the instructions; several phrases add up.
pub(crate) fn read(instructions: &str) -> Wanted {
    let text = instructions.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let mut wanted = [true; 3];
    let mut rest = text.clone();
    for (phrase, parts) in PHRASES.iter().filter(|(phrase, _)| has_phrase(&text, phrase)) {
        rest = rest.replace(phrase, " ");
        for (wanted, part) in wanted.iter_mut().zip(parts) {
            *wanted &= part;
        }
    }
    let [duplicates, facts, rules] = wanted;
    let is_path = |word: &&str| word.starts_with('/') && word.ends_with(".md") && word.len() > 4;
    let trimmed = |word: &'_ str| word.trim_matches([',', ';', '"', '\'', '`', '.']).to_owned();
    let path = instructions.split_whitespace().map(trimmed).find(|word| is_path(&word.as_str()));
    let theme =
        words(&rest.split(' ').filter(|word| !word.starts_with('/')).collect::<Vec<_>>().join(" "));
    let restricted = RESTRICTING.iter().any(|phrase| has_phrase(&text, phrase));
    Wanted {
        duplicates,
        facts,
        rules,
        restricted: restricted && !theme.is_empty(),
        theme: theme.into_iter().filter(|word| !PLAIN.contains(&word.as_str())).collect(),
        path,
        additions_max: at_most(&text),
    }
}

/// The number in "at most 20 rules".
fn at_most(text: &str) -> Option<usize> {
    let (_, rest) = text.split_once("at most ")?;
    let mut words = rest.split(' ');
    let number = words.next()?.parse().ok()?;
    let of = words.next()?.trim_end_matches(['.', ',', ';']);
    matches!(of, "rules" | "rule" | "entries" | "additions" | "new").then_some(number)
}

/// The words of a text that could name a theme.
fn words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= WORD_MIN && !word.starts_with(char::is_numeric))
        .map(str::to_lowercase)
        .collect()
}

/// Whether the phrase stands in the text as whole words.
fn has_phrase(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, _)| {
        let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        edge(text[..at].chars().next_back()) && edge(text[at + phrase.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn theme(words: &[&str]) -> BTreeSet<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn known_phrases_switch_parts_off_and_the_rest_is_a_theme() {
        let all = read("");
        assert!(all.duplicates && all.facts && all.rules && all.theme.is_empty());
        assert_eq!(
            read("Focus on Tuesdays"),
            Wanted { theme: theme(&["tuesdays"]), ..all.clone() }
        );
        assert_eq!(read("Please, no  rules."), Wanted { rules: false, ..all.clone() });
        assert_eq!(read("casino rules"), Wanted { theme: theme(&["casino"]), ..all.clone() });
        assert_eq!(read("Only duplicates, thanks"), Wanted { facts: false, rules: false, ..all });
    }

    #[test]
    fn a_path_a_number_and_a_restriction_are_read() {
        let wanted = read("Only about deploys: at most 20 rules, into /Team/deploys.md.");
        assert!(wanted.restricted && wanted.is_about("the deploy of Monday"));
        assert!(!wanted.is_about("the landing"));
        assert_eq!(wanted.path.as_deref(), Some("/Team/deploys.md"));
        assert_eq!(wanted.additions_max, Some(20));
        assert!(!read("").is_about("anything"));
    }
}
