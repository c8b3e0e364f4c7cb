//! Whether a text says all that another says.
//!
//! Words alone do not tell: "PR #260 fixed the login test" has all words of "PR #480 fixed
//! the login test" but one, and so have two sentences about a CEO and a CTO. So what names,
//! counts, negates or limits has to be the same, and the words in the same order. The price
//! is a duplicate that stays; what is merged wrongly is lost.

use std::collections::BTreeSet;

use crate::lists::{FILLERS, TURNS, unit};
use crate::words::{Word, is_identifier, join, words};

/// Shorter texts are labels, which contain nothing but themselves.
const WORDS_MIN: usize = 4;

/// What must be equal in two texts that say the same.
#[derive(Debug, PartialEq, Eq)]
struct Guards<'a> {
    /// Words with a digit in them, with the unit that follows, in order.
    numbers: Vec<(&'a str, &'static str)>,
    /// Negations, conditions, opposites, quantities, hedges; in order.
    turns: Vec<&'a str>,
    /// Paths, URLs, flags, `snake_case`, `#tags` and code, in order.
    exact: Vec<&'a str>,
}

/// Whether `specific` says all that `general` says, so that nothing is lost with `general`.
///
/// Texts that are equal by [`normal`](crate::normal) contain each other. Otherwise `general`
/// has at least four words, which stand in `specific` in their order, and:
///
/// - numbers with their units, negations and other words that limit ("if", "only",
///   "staging", "might"), identifiers, code spans and questions are the same in both;
/// - every capitalised word of one is a word of the other;
/// - what `specific` adds comes after all of `general` and is at most as long, or is at most
///   a fifth of it. What is added in between often names another thing.
///
/// Of two texts that differ only in words that carry nothing, the longer contains the
/// shorter: never do two texts contain each other that are not equal by `normal`.
///
/// This says of two texts that one can go. For more than two, every pair has to be asked.
///
/// ```
/// use lucid_facts::subsumes;
/// let general = "- Nightly backups are kept in the vault";
/// assert!(subsumes("Nightly backups are kept in the vault and checked by a script", general));
/// assert!(!subsumes("Nightly backups are kept in the vault and checked by Ann", general));
/// assert!(!subsumes("Nightly backups are not kept in the vault", general));
/// ```
#[must_use]
pub fn subsumes(specific: &str, general: &str) -> bool {
    let (specific, general) = (words(specific), words(general));
    let (full, part) = (join(&specific), join(&general));
    if full == part {
        return true;
    }
    let (long, short) = (content(&specific), content(&general));
    if long == short {
        return (full.len(), &full) > (part.len(), &part) && guards(&specific) == guards(&general);
    }
    short.len() >= WORDS_MIN
        && short.len() < long.len()
        && (is_begin(&long, &short) || is_most(&long, &short))
        && guards(&specific) == guards(&general)
        && has_names(&specific, &short)
        && has_names(&general, &long)
}

/// The words that carry something.
fn content(words: &[Word]) -> Vec<&str> {
    words.iter().map(|word| word.text.as_str()).filter(|word| !FILLERS.contains(*word)).collect()
}

fn is_begin(long: &[&str], short: &[&str]) -> bool {
    long.starts_with(short) && short.len() * 2 >= long.len()
}

/// Whether `short` is `long` with few words left out. The order counts: "Alice reports to
/// Bob" is not "Bob reports to Alice".
fn is_most(long: &[&str], short: &[&str]) -> bool {
    let mut words = long.iter();
    short.len() * 5 >= long.len() * 4 && short.iter().all(|word| words.any(|other| other == word))
}

fn guards(words: &[Word]) -> Guards<'_> {
    let mut guards = Guards { numbers: Vec::new(), turns: Vec::new(), exact: Vec::new() };
    for (at, word) in words.iter().enumerate() {
        let text = word.text.as_str();
        if text.contains(|c: char| c.is_numeric()) {
            let next = words.get(at + 1).and_then(|next| unit(&next.text));
            guards.numbers.push((text, next.unwrap_or_default()));
        }
        if TURNS.contains(text) || matches!(text, "?" | "[_]" | "[x]") {
            guards.turns.push(text);
        }
        if word.code || is_identifier(&word.raw) || !text.starts_with(char::is_alphanumeric) {
            guards.exact.push(text);
        }
    }
    guards
}

/// Whether every capitalised word is among `others`. A sentence's first word may be a name
/// as well.
fn has_names(words: &[Word], others: &[&str]) -> bool {
    let others: BTreeSet<&str> = others.iter().copied().collect();
    words
        .iter()
        .filter(|word| word.raw.contains(char::is_uppercase))
        .map(|word| word.text.as_str())
        .all(|word| others.contains(word) || FILLERS.contains(word))
}

#[cfg(test)]
#[path = "guards_tests.rs"]
mod tests;
