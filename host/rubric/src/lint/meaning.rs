//! What a criterion asks for, as far as that can be told from its words.

use crate::text::{Part, parts, without_quotes, words};

/// Words that turn a sentence into its opposite.
const NEGATIONS: [&str; 8] =
    ["not", "no", "never", "cannot", "without", "neither", "nor", "nothing"];
/// Words that make no difference to what a criterion is about.
const IDLE: [&str; 15] = [
    "a", "an", "the", "any", "must", "should", "shall", "will", "may", "can", "do", "does", "did",
    "to", "it",
];
/// What says that something has to be: a part of a sentence with one is a requirement.
const VERBS: [&str; 9] = ["is", "are", "be", "has", "have", "must", "should", "shall", "can"];
/// The same, but for where they stand as nouns.
#[rustfmt::skip]
const OTHER_VERBS: [&str; 21] = [
    "contains", "includes", "says", "names", "lists", "shows", "explains", "describes", "gives",
    "uses", "states", "covers", "passes", "runs", "works", "does", "do", "starts", "ends",
    "follows", "cites",
];
/// Behind these stands a noun.
#[rustfmt::skip]
const BEFORE_NOUNS: [&str; 18] = [
    "of", "the", "a", "an", "its", "their", "all", "by", "with", "in", "for", "no", "to", "from",
    "on", "any", "each", "every",
];
/// A part that begins so belongs to the part before it.
const BOUND: [&str; 11] =
    ["how", "why", "what", "which", "that", "where", "when", "who", "whose", "whether", "if"];

/// What a criterion is about, and whether it asks that it be or that it not be.
pub(super) fn key(text: &str) -> (String, bool) {
    let mut is_wanted = true;
    let mut about = Vec::new();
    for part in parts(text) {
        let said = match part {
            // What is quoted is a name, in which everything counts.
            Part::Code(code) => {
                about.push(code.to_owned());
                continue;
            }
            Part::Said(said) => said,
        };
        for word in words(said) {
            let negates = word.replace('’', "'").ends_with("n't");
            if negates || NEGATIONS.contains(&word.as_str()) {
                is_wanted = !is_wanted;
            } else if !IDLE.contains(&word.as_str()) {
                about.push(stem(word));
            }
        }
    }
    (about.join(" "), is_wanted)
}

/// `has` and `have`, `contains` and `contain` are one word here.
fn stem(word: String) -> String {
    match word.as_str() {
        "has" | "having" => "have".to_owned(),
        "is" | "are" => "be".to_owned(),
        _ if word.len() > 3 && !word.ends_with("ss") => {
            word.strip_suffix('s').map(str::to_owned).unwrap_or(word)
        }
        _ => word,
    }
}

/// The text as it is compared with others: without case, blanks and marks.
pub(super) fn plain(text: &str) -> String {
    let part = |part| match part {
        Part::Code(code) => code.to_owned(),
        Part::Said(said) => words(said).join(" "),
    };
    let parts: Vec<String> = parts(text).into_iter().map(part).collect();
    parts.join(" ").trim().to_owned()
}

/// How many requirements are joined in one sentence.
pub(super) fn requirements(text: &str) -> usize {
    let said = without_quotes(text).to_lowercase();
    let said = said.replace(" as well as ", " and ").replace(" & ", " and ").replace(';', " and ");
    let mut count = 0;
    for part in said.split(" and ") {
        let words = words(part);
        let is_bound = words.first().is_some_and(|first| BOUND.contains(&first.as_str()));
        count += usize::from(asks(&words, count > 0) && !(is_bound && count > 0));
    }
    count
}

/// Whether a part of a sentence asks for something; `follows` another part that does.
fn asks(words: &[String], follows: bool) -> bool {
    let at = |at: Option<usize>| at.and_then(|at| words.get(at)).map_or("", String::as_str);
    words.iter().enumerate().any(|(place, word)| {
        if VERBS.contains(&word.as_str()) {
            return true;
        }
        let is_verb = match place {
            0 => follows && words.len() > 1 && !BEFORE_NOUNS[..1].contains(&at(Some(1))),
            _ => !BEFORE_NOUNS.contains(&at(place.checked_sub(1))),
        };
        OTHER_VERBS.contains(&word.as_str()) && is_verb
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_be_and_what_must_not_be_are_about_the_same() {
        for (wanted, unwanted) in [
            ("The report must have a title.", "The report must not have a title."),
            ("It has a title", "It has no title."),
            ("It contains names", "It doesn’t contain names"),
            ("`a.md` is there", "`a.md` is never there"),
        ] {
            let ((one, yes), (other, no)) = (key(wanted), key(unwanted));
            assert_eq!((one, yes, no), (other, true, false), "{wanted}");
        }
        assert_ne!(key("`a.md` is there").0, key("`A.md` is there").0);
        assert!(key("it is not without one").1);
    }

    #[test]
    fn a_text_is_compared_without_what_makes_no_difference() {
        assert_eq!(plain("The  Report has a title."), plain("the report has a title"));
        assert_ne!(plain("`a` is there"), plain("`A` is there"));
    }

    #[test]
    fn requirements_are_counted_by_what_they_ask() {
        for (text, expected) in [
            ("The report has a title and a date.", 1),
            ("The report has a title and it names the author.", 2),
            ("The text is short; every source is named; nothing is left open", 3),
            ("It says which data were used and how they were cleaned", 1),
            ("Between 3 and 5 rows are there", 1),
            ("It names \"rock and is\" and `and is`", 1),
            ("A list of names", 0),
            ("The report names its sources and lists the days", 2),
            ("It has sources and names of people", 1),
            ("It has sources and names", 1),
        ] {
            assert_eq!(requirements(text), expected, "{text}");
        }
    }
}
