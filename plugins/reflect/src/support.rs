//! Whether what is said is borne out by what is quoted.
//!
//! No program can tell whether a sentence follows from a quote. What can be told is done
//! here: the quote is there, the claim's numbers and names are in it, and both speak of the
//! same thing.

use crate::shown::{Heard, orders};
use crate::types::Origin;
use lucid_facts::day;
use std::collections::BTreeSet;

/// The shortest and the longest quote, in bytes. What an event says in less may be quoted
/// whole.
pub const QUOTE_BYTES: std::ops::RangeInclusive<usize> = 3..=500;
/// The longest quote that the host takes, in bytes.
const BODY_QUOTE_BYTES_MAX: usize = 1_024;
/// Shorter words say little of what a text is about.
const WORD_CHARS_MIN: usize = 4;
/// Words of that length that say as little.
const PLAIN_WORDS: [&str; 40] = [
    "about", "after", "also", "because", "been", "before", "being", "could", "does", "each",
    "else", "every", "from", "have", "here", "into", "just", "made", "make", "more", "most",
    "much", "must", "only", "other", "over", "should", "some", "than", "that", "their", "then",
    "there", "they", "this", "very", "what", "when", "will", "with",
];
/// Words that turn a statement round, in the languages that are met most.
const NEGATIONS: [&str; 28] = [
    "not", "no", "never", "none", "cannot", "without", "nicht", "kein", "keine", "nie", "ohne",
    "ne", "pas", "jamais", "sans", "nunca", "sin", "non", "mai", "senza", "não", "nao", "nunca",
    "sem", "niet", "geen", "nooit", "zonder",
];

/// A quote as it stands in the event's body, byte for byte.
///
/// # Errors
/// Why it is no evidence.
pub fn quote(heard: &Heard, text: &str) -> Result<String, &'static str> {
    let short = text.len() < *QUOTE_BYTES.start() && text.len() < heard.said.trim().len();
    if short || text.trim().is_empty() || text.len() > *QUOTE_BYTES.end() {
        return Err("a quote is too short or too long");
    }
    if heard.event.origin == Origin::Dream {
        return Err("a quote is of a dream");
    }
    if !heard.said.contains(text) {
        return Err("a quote is not in its event, byte for byte");
    }
    if !lucid_facts::mask(text).1.is_empty() {
        return Err("a quote has a secret or personal data");
    }
    if !heard.event.origin.commands() && heard.event.origin != Origin::Agent {
        let orders = orders(&heard.said);
        let ordered = |at: usize| {
            let end = at + text.len();
            orders.iter().any(|order| order.start < end && at < order.end)
        };
        if heard.said.match_indices(text).any(|(at, _)| ordered(at)) {
            return Err("a quote is of a tool's text that gives orders");
        }
    }
    let body = &heard.event.body;
    let found = [text.to_owned(), escaped(text)].into_iter().find(|quote| body.contains(quote));
    let found = found.filter(|quote| quote.len() <= BODY_QUOTE_BYTES_MAX);
    found.ok_or("a quote is not in its event's body, byte for byte")
}

/// A text as it stands in JSON.
fn escaped(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    json.get(1..json.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

/// What a quote from JSON says.
pub fn unescaped(quote: &str) -> String {
    serde_json::from_str(&format!("\"{quote}\"")).unwrap_or_else(|_| quote.to_owned())
}

/// Why a claim does not follow from these texts; none where nothing speaks against it.
/// `moments` are when they were said: a claim may name those days.
pub fn unsupported(claim: &str, texts: &[String], moments: &[u64]) -> Option<&'static str> {
    let days: Vec<String> = moments.iter().map(|at_ms| day(*at_ms)).collect();
    let mut known: BTreeSet<String> = BTreeSet::new();
    for text in texts.iter().chain(&days) {
        known.extend(numbers(text));
    }
    if numbers(claim).iter().any(|number| !known.contains(number)) {
        return Some("a number that no quote has");
    }
    let named = |name: &String| texts.iter().any(|text| text.contains(name.as_str()));
    if !names(claim).iter().all(named) {
        return Some("a name that no quote has");
    }
    let words: BTreeSet<String> = texts.iter().flat_map(|text| topics(text)).collect();
    let same = topics(claim).iter().any(|word| words.contains(word));
    (!same).then_some("a claim about something else than its quotes")
}

/// Whether one text has all that another one has of numbers and names, and denies what it
/// denies: it can stand for it.
pub fn stands_for(whole: &str, part: &str) -> bool {
    let has = numbers(whole);
    numbers(part).iter().all(|number| has.contains(number))
        && names(part).iter().all(|name| whole.contains(name.as_str()))
        && negations(whole) == negations(part)
}

/// The words that say what a text is about.
pub fn topics(text: &str) -> BTreeSet<String> {
    let says = |word: &String| {
        let long = word.chars().count() >= WORD_CHARS_MIN && !PLAIN_WORDS.contains(&word.as_str());
        // Digits, and scripts whose words are short.
        long || word.chars().any(|c| c.is_numeric() || u32::from(c) >= 0x2e80)
    };
    lucid_facts::tokens(text).into_iter().filter(says).collect()
}

/// The numbers of a text: digits, with a point or comma inside.
fn numbers(text: &str) -> BTreeSet<String> {
    let mut numbers = BTreeSet::new();
    let mut number = String::new();
    let mut characters = text.chars().chain([' ']).peekable();
    while let Some(character) = characters.next() {
        let inside = matches!(character, '.' | ',')
            && !number.is_empty()
            && characters.peek().is_some_and(char::is_ascii_digit);
        if character.is_numeric() || inside {
            number.push(character);
        } else if !number.is_empty() {
            numbers.insert(std::mem::take(&mut number));
        }
    }
    numbers
}

/// What machines call things: code spans, paths, `snake_case`.
fn names(text: &str) -> BTreeSet<String> {
    let spans = text.split('`').skip(1).step_by(2).map(str::trim);
    let outside = text.split('`').step_by(2).flat_map(str::split_whitespace);
    let words = outside.map(|word| {
        word.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '/' | '_' | '~'))
    });
    let machine = |word: &&str| {
        let inside = word.trim_matches(['/', '_']);
        inside.contains(['/', '_', '\\', '@']) || word.contains("::")
    };
    let all = spans.chain(words.filter(machine)).filter(|name| !name.is_empty());
    all.map(str::to_owned).collect()
}

fn negations(text: &str) -> usize {
    let text = text.to_lowercase().replace('’', "'");
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '\'');
    words.filter(|word| NEGATIONS.contains(word) || word.ends_with("n't")).count()
}

#[cfg(test)]
#[path = "support_tests.rs"]
mod tests;
