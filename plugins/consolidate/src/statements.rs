//! Statements of one keyed fact: `Key: value`, `The X is Y`, `Logs are kept for 30 days`.

use crate::{dates, text};

/// Longer texts are prose.
const TEXT_BYTES_MAX: usize = 400;
/// A sentence has at least so many words.
const SENTENCE_WORDS_MIN: usize = 5;
/// Longer keys and values are prose.
const KEY_WORDS_MAX: usize = 6;
const VALUE_WORDS_MAX: usize = 8;
/// Values after "is" are shorter still: "the server is slow" is no attribute.
const TYPED_WORDS_MAX: usize = 4;
/// Words that make a statement less than a fact. "May" the month is among them; a fact
/// that is left alone by mistake does no harm.
const HEDGES: [&str; 30] = [
    "might",
    "maybe",
    "may",
    "probably",
    "perhaps",
    "possibly",
    "likely",
    "unlikely",
    "seems",
    "seem",
    "could",
    "would",
    "should",
    "apparently",
    "appears",
    "unsure",
    "unclear",
    "uncertain",
    "guess",
    "think",
    "believe",
    "assume",
    "assumed",
    "supposedly",
    "tentative",
    "tentatively",
    "proposed",
    "planned",
    "tbd",
    "if",
];
/// Keys that label what follows instead of naming an attribute.
const LABELS: [&str; 34] = [
    "rule",
    "tip",
    "tips",
    "note",
    "notes",
    "todo",
    "warning",
    "example",
    "examples",
    "lesson",
    "see",
    "source",
    "sources",
    "remember",
    "important",
    "question",
    "answer",
    "idea",
    "fact",
    "observation",
    "hint",
    "fix",
    "bug",
    "error",
    "problem",
    "solution",
    "reason",
    "caution",
    "update",
    "summary",
    "insight",
    "result",
    "step",
    "eg",
];
const CALENDAR: [&str; 19] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "weekends",
];

/// One keyed fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    /// What it is about, normalised.
    pub(crate) key: String,
    /// What it says, normalised.
    pub(crate) value: String,
    /// The date in the text, in milliseconds since 1970-01-01T00:00Z.
    pub(crate) dated_ms: Option<u64>,
    /// Whether the key is a whole sentence. It may tell of two events, so that only dates
    /// in the text can say which one holds; and it needs no heading to be understood.
    pub(crate) sentence: bool,
}

/// The fact that a text states, where it states one and no more.
pub(crate) fn parse(text: &str) -> Option<Statement> {
    let text = text.trim();
    if text.len() > TEXT_BYTES_MAX
        || text.lines().count() != 1
        || text.contains('?')
        || text.contains("](")
    {
        return None;
    }
    let line: String = text::unmarked(text).chars().filter(|c| *c != '*').collect();
    let lower = line.to_lowercase();
    let words = || lower.split(|c: char| !c.is_alphanumeric());
    if words().any(|word| HEDGES.contains(&word)) {
        return None;
    }
    let (line, dated_ms) = dates::take(&line)?;
    let line = line.trim().trim_end_matches(['.', '!', ';', ',']).trim_end();
    let keyed = key_value(line).or_else(|| attribute(line));
    let sentence = keyed.is_none();
    let (key, value) = keyed.or_else(|| measure(line))?;
    Some(Statement { key, value, dated_ms, sentence })
}

/// A sentence with one number, which has a unit: the rest of the sentence is the key. A
/// number without a unit may be a name ("PR 260").
fn measure(line: &str) -> Option<(String, String)> {
    let mut words = text::words(line);
    let has_digit = |word: &String| word.contains(|c: char| c.is_ascii_digit());
    let place = words.iter().position(has_digit)?;
    let plain = words[place].chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','));
    let unit = words.get(place + 1).is_some_and(|word| text::is_unit(word));
    let one = words.iter().filter(|word| has_digit(word)).count() == 1;
    if !plain || !unit || !one || words.len() < SENTENCE_WORDS_MIN {
        return None;
    }
    let value = std::mem::replace(&mut words[place], "_".to_owned());
    Some((words.join(" "), value))
}

/// `Key: value`
fn key_value(line: &str) -> Option<(String, String)> {
    let (key, value) = line.split_once(": ")?;
    let key = text::words(key).join(" ");
    let count = key.split(' ').count();
    let labels = key.split(' ').any(|word| LABELS.contains(&word));
    let list = value.contains([',', ';']) || value.contains(" and ") || value.contains(": ");
    let long = value.split_whitespace().count() > VALUE_WORDS_MAX;
    let value = text::normalise(value);
    let fits = !key.is_empty() && count <= KEY_WORDS_MAX && !labels && !list && !long;
    (fits && !value.is_empty()).then_some((key, value))
}

/// `The X is Y`, `Z's X is now Y`: the subject is an attribute, the value one value.
fn attribute(line: &str) -> Option<(String, String)> {
    let (subject, value) = line.split_once(" is ").or_else(|| line.split_once(" are "))?;
    let lower = subject.to_lowercase();
    let definite = ["the ", "our ", "my "].iter().any(|article| lower.starts_with(article));
    if !definite && !subject.contains("'s ") {
        return None;
    }
    let value = value.strip_prefix("now ").unwrap_or(value);
    let value = value.strip_prefix("currently ").unwrap_or(value);
    let mut words = text::words(subject);
    words.retain(|word| !matches!(word.as_str(), "our" | "my" | "current"));
    let count = value.split_whitespace().count();
    let fits = !words.is_empty() && words.len() <= KEY_WORDS_MAX && count <= TYPED_WORDS_MAX;
    (fits && is_typed(value)).then(|| (words.join(" "), text::normalise(value)))
}

/// Whether a value is a number, a name, a day or something for a machine: of such an
/// attribute has one, whereas "slow" and "red" can both be true.
fn is_typed(value: &str) -> bool {
    let words = || value.split_whitespace();
    let calendar = |word: &str| CALENDAR.contains(&word.to_lowercase().trim_matches(','));
    let list = value.contains([',', ';']) || words().any(|word| word == "and" || word == "not");
    let name = words().all(|word| word.chars().next().is_some_and(char::is_uppercase));
    !list
        && (name
            || value.contains('`')
            || value.contains(|c: char| c.is_ascii_digit())
            || words().any(|word| calendar(word) || text::is_identifier(word)))
}
