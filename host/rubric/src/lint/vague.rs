//! Words that everybody reads in their own way.

/// Words and phrases that say nothing without a measure: what they are about, they themselves in
/// lower case with commas between them, and what to write instead.
///
/// A criterion that has one is vague, unless it has a machine check, a number, `at least` or
/// `at most`. What stands in code spans or double quotes is not looked at, and hyphens count as
/// blanks.
pub const VAGUE: &[(&str, &str, &str)] = &[
    (
        "praise",
        "good, great, nice, excellent, decent, fine, solid, polished, professional, high \
         quality, quality, state of the art, best practice, best practices, world class, well \
         written, well structured, well designed, well documented, elegant, beautiful, \
         attractive, appealing, impressive",
        "say what a reader would see in it, or count",
    ),
    (
        "fitness",
        "appropriate, appropriately, suitable, suitably, proper, properly, adequate, \
         adequately, sufficient, sufficiently, reasonable, reasonably, acceptable, \
         satisfactory, sensible, meaningful, relevant, useful, helpful, makes sense, make \
         sense, enough, necessary, fit for purpose",
        "say for what, and by which sign one knows",
    ),
    (
        "clarity",
        "clear, clearly, readable, understandable, intuitive, simple, clean, obvious, user \
         friendly, easy, easily, easy to read, easy to use, easy to understand, concise, \
         coherent, engaging, interesting, natural",
        "say what has to be there for it: headings, examples, a length at most",
    ),
    (
        "amount",
        "some, several, many, various, few, a lot, most, comprehensive, thorough, thoroughly, \
         detailed, in depth, complete enough, robust, large, big, small, short, brief, \
         minimal, significant, substantial",
        "give a number, or bounds",
    ),
    (
        "speed",
        "fast, quick, quickly, slow, efficient, efficiently, performant, scalable, timely, in \
         a timely manner, soon, lightweight, optimal, optimized, optimised",
        "give a time, a size, or a bound",
    ),
    (
        "way out",
        "as needed, as necessary, as appropriate, if possible, where possible, when possible, \
         if applicable, where applicable, if needed, ideally, preferably, generally, usually, \
         typically, normally, more or less, roughly, about right, try to, tries to, strive to",
        "say when it holds, or mark it with (should)",
    ),
    (
        "open end",
        "etc, and so on, and so forth, and more, and the like, and or, and/or, tbd",
        "list all of it",
    ),
];

/// Numbers in words.
const NUMBERS: [&str; 20] = [
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "twenty", "hundred", "thousand", "half", "twice", "percent", "exactly", "zero", "none",
];

/// At most so many vague words are named.
const NAMED: usize = 3;

/// The vague words among some words, and what to do about the first, unless there is a measure.
pub(super) fn vague(words: &[String]) -> Option<(Vec<&'static str>, &'static str)> {
    let is_number = |word: &String| {
        word.chars().any(|c| c.is_ascii_digit()) || NUMBERS.contains(&word.as_str())
    };
    let is_bound = |pair: &[String]| {
        let pair: Vec<&str> = pair.iter().map(String::as_str).collect();
        matches!(pair[..], ["at", "most" | "least"])
    };
    if words.iter().any(is_number) || words.windows(2).any(is_bound) {
        return None;
    }
    let mut found: Vec<(usize, usize, &'static str, &'static str)> = Vec::new();
    for (_, phrases, hint) in VAGUE {
        for phrase in phrases.split(", ") {
            let length = phrase.split(' ').count();
            let is_it = |part: &[String]| part.iter().map(String::as_str).eq(phrase.split(' '));
            if let Some(at) = words.windows(length).position(is_it) {
                found.push((at, at + length, phrase, hint));
            }
        }
    }
    // Where phrases share a word, the one that begins first, and of those the longest.
    found.sort_by_key(|(at, end, ..)| (*at, std::cmp::Reverse(*end)));
    let mut taken = 0;
    found.retain(|(at, end, ..)| {
        let is_free = *at >= taken;
        taken = if is_free { *end } else { taken };
        is_free
    });
    let hint = found.first()?.3;
    Some((found.iter().map(|(_, _, phrase, _)| *phrase).take(NAMED).collect(), hint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{without_quotes, words};

    fn named(text: &str) -> String {
        vague(&words(&without_quotes(text))).map_or(String::new(), |(words, _)| words.join(", "))
    }

    #[test]
    fn words_without_a_measure_are_vague() {
        assert_eq!(named("The report is good."), "good");
        assert_eq!(named("It has Appropriate headings, tables, etc."), "appropriate, etc");
        assert_eq!(named("It is easy to read and user-friendly"), "easy to read, user friendly");
        assert_eq!(named("nice fast clean simple"), "nice, fast, clean");
        assert_eq!(named("It names sources and/or dates"), "and/or");
    }

    #[test]
    fn a_measure_or_a_quote_takes_the_vagueness_away() {
        assert_eq!(named("The report is short: 3 pages at most."), "");
        assert_eq!(named("It has two good examples."), "");
        assert_eq!(named("It has at most one short part."), "");
        assert_eq!(named("It does not contain `good` or \"nice\"."), "");
        assert_eq!(named("Every station has a row."), "");
        assert_eq!(named("goodness"), "");
    }

    #[test]
    fn every_phrase_can_be_found() {
        for (_, phrases, hint) in VAGUE {
            assert!(!hint.is_empty());
            for phrase in phrases.split(", ") {
                assert_eq!(named(phrase), phrase);
            }
        }
    }
}
