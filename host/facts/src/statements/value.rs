//! What a value is: one short thing, not a list and not prose.

use crate::lists::{Words, set};
use crate::words::{is_identifier, normal};

/// Words in brackets behind a value that are about it: "9090 (previously 8080)".
static ASIDES: Words = set!(
    "previously formerly was not instead before old outdated wrong incorrect obsolete deprecated \
     superseded retracted tbd maybe probably since updated changed confirmed now current"
);
/// What begins what the value is not.
const NOT_THIS: [&str; 8] = [
    ", not ",
    " instead of ",
    " rather than ",
    ", formerly ",
    ", previously ",
    ", was ",
    " anymore",
    " any more",
];
/// What a value may begin with that says how sure or how fresh it is.
const FRESH: [&str; 6] = ["now ", "currently ", "probably ", "maybe ", "perhaps ", "likely "];
/// Values that say that there is none to say.
static UNKNOWN: Words = set!("unknown tbd n/a na todo ? undecided open pending unclear");
static CALENDAR: Words = set!(
    "monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays \
     thursdays fridays saturdays sundays january february march april may june july august \
     september october november december weekends weekdays"
);

/// The value that stands at the end of a statement, normalised, if it is one value of at
/// most so many words.
pub(super) fn value_of(text: &str, words_max: usize) -> Option<String> {
    let mut text = text.trim();
    if let Some((before, aside)) = text.strip_suffix(')').and_then(|text| text.rsplit_once(" ("))
        && ASIDES.contains(aside.split(' ').next().unwrap_or_default().to_lowercase().as_str())
    {
        text = before;
    }
    for mark in NOT_THIS {
        text = text.split_once(mark).map_or(text, |(value, _)| value);
    }
    let mut text = text.trim().trim_end_matches([',', ';', '.', ':']);
    while let Some(rest) = FRESH.iter().find_map(|word| text.strip_prefix(word)) {
        text = rest.trim_start();
    }
    let negated = text.split(' ').any(|word| matches!(word, "not" | "no" | "never" | "but"));
    if is_list(text) || negated || text.split_whitespace().count() > words_max {
        return None;
    }
    let value = normal(text);
    let known = !UNKNOWN.contains(value.as_str()) && value.contains(char::is_alphanumeric);
    known.then_some(value)
}

/// Whether a text names several things. A comma between digits is a part of its number.
fn is_list(text: &str) -> bool {
    let joins = [" and ", " or ", " & ", ": ", ";", "、"].iter().any(|mark| text.contains(mark));
    let commas = text.match_indices(',').any(|(at, _)| {
        let before = text.get(..at).is_some_and(|t| t.ends_with(|c: char| c.is_ascii_digit()));
        let after = text.get(at + 1..).is_some_and(|t| t.starts_with(|c: char| c.is_ascii_digit()));
        !(before && after)
    });
    joins || commas
}

/// Whether a value is a number, a name, a day or something for a machine: of such an
/// attribute has one, whereas "slow" and "red" can both be true.
pub(super) fn is_typed(value: &str) -> bool {
    let words = || value.split_whitespace();
    let calendar = |word: &str| CALENDAR.contains(word.trim_matches(',').to_lowercase().as_str());
    let name = words().all(|word| word.chars().next().is_some_and(char::is_uppercase));
    // What begins otherwise says how it is ("due on Thursdays"), not what.
    let begins = words().next().is_some_and(|word| {
        let lead = matches!(word, "every" | "each" | "on" | "at" | "port" | "version");
        lead || is_exact(word) || calendar(word) || word.starts_with(char::is_uppercase)
    });
    name || (begins && words().any(|word| is_exact(word) || calendar(word)))
}

fn is_exact(word: &str) -> bool {
    word.contains(|c: char| c.is_ascii_digit() || c == '`') || is_identifier(word)
}
