//! How a sentence stands to what it says: does it state it, guess it, ask it, take it back?
//!
//! Signs of doubt are looked for anywhere in a sentence, and in vain rather than not: a fact
//! that is left alone does no harm, one that replaces a better one does.

use crate::fact::Standing;
use crate::lists::{Words, set};

static HYPOTHETICAL: Words = set!(
    "if unless suppose supposing imagine hypothetically would will shall assuming planned plans \
     planning tomorrow upcoming eventually todo wenn falls würde wird si serait se \
     sarebbe seria если бы zou jeśli"
);
static HYPOTHETICAL_PHRASES: [&str; 12] = [
    "let's say",
    "what if",
    "in case",
    "going to",
    "next week",
    "next month",
    "next quarter",
    "next year",
    "next sprint",
    "in the future",
    "for example",
    "such as",
];
static GUESSES: Words = set!(
    "think guess believe assume assumed suppose suspect presumably apparently reportedly \
     allegedly supposedly seems seem appears suggest suggests suggested suggestion recommend \
     recommends propose proposed proposes proposal idea rumor rumour heard says said claims \
     claimed according iirc afaik imo opinion glaube denke vermute angeblich pense crois creo \
     credo penso acho думаю кажется denk vermoed myślę"
);
static GUESS_PHRASES: [&str; 4] =
    ["as far as i know", "if i recall", "if i remember", "i would say"];
static HEDGES: Words = set!(
    "might may maybe perhaps probably possibly likely unlikely could should can unsure unclear \
     uncertain tentative tentatively tbd roughly approximately approx around about sometimes \
     usually often vielleicht wahrscheinlich möglicherweise eventuell könnte soll peut-être \
     probablement quizás probablemente forse probabilmente talvez provavelmente возможно \
     наверное может misschien waarschijnlijk może prawdopodobnie chyba"
);
/// Of languages that have no spaces between words.
static HEDGE_PARTS: [&str; 8] =
    ["可能", "也许", "大概", "かもしれ", "たぶん", "おそらく", "아마", "수도 있"];
static RETRACTIONS: [&str; 24] = [
    "no longer",
    "not anymore",
    "any more",
    "anymore",
    "used to be",
    "is not",
    "isn't",
    "are not",
    "aren't",
    "is wrong",
    "was wrong",
    "is incorrect",
    "is outdated",
    "is obsolete",
    "not true",
    "no longer true",
    "stopped using",
    "stop using",
    "don't use",
    "do not use",
    "doesn't use",
    "does not use",
    "nicht mehr",
    "n'est plus",
];
/// Words that retract what they end, or begin.
static LAST: Words = set!("wrong incorrect outdated obsolete deprecated superseded retracted");
static FIRST: Words =
    set!("forget disregard retract retracted wrong outdated obsolete formerly previously");
/// Whole sentences that take back the one before.
static TAKEN_BACK: [&str; 16] = [
    "that's wrong",
    "that is wrong",
    "this is wrong",
    "that was wrong",
    "that's outdated",
    "this is outdated",
    "that is outdated",
    "no longer true",
    "that's no longer true",
    "this is no longer true",
    "scratch that",
    "forget that",
    "forget it",
    "never mind",
    "ignore that",
    "disregard that",
];

/// How a sentence stands to what it says.
pub(crate) fn of(sentence: &str) -> Standing {
    let text = spaced(sentence);
    let words = || text.split_whitespace();
    let any = |list: &Words| words().any(|word| list.contains(word));
    let phrase = |list: &[&str]| list.iter().any(|phrase| has_phrase(&text, phrase));
    if sentence.contains(['?', '？', '؟']) {
        Standing::Question
    } else if any(&HYPOTHETICAL) || phrase(&HYPOTHETICAL_PHRASES) {
        Standing::Hypothetical
    } else if any(&GUESSES) || phrase(&GUESS_PHRASES) {
        Standing::Guess
    } else if any(&HEDGES) || HEDGE_PARTS.iter().any(|part| text.contains(part)) {
        Standing::Hedged
    } else if phrase(&RETRACTIONS)
        || sentence.contains("~~")
        || words().next().is_some_and(|word| FIRST.contains(word))
        || words().next_back().is_some_and(|word| LAST.contains(word))
    {
        Standing::Retracted
    } else {
        Standing::Asserted
    }
}

/// Whether a sentence does nothing but take back the one before.
pub(crate) fn takes_back(sentence: &str) -> bool {
    let text = spaced(sentence);
    TAKEN_BACK.iter().any(|whole| text.trim() == *whole)
}

/// The words in lower case with single spaces between and around them.
fn spaced(sentence: &str) -> String {
    let mut out = String::from(" ");
    let small = sentence.to_lowercase().replace('\u{2019}', "'");
    let parts = small.split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '-')));
    for word in parts.map(|part| part.trim_matches(['\'', '-'])).filter(|part| !part.is_empty()) {
        out.push_str(word);
        out.push(' ');
    }
    out
}

fn has_phrase(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, _)| {
        let after = text.get(at + phrase.len()..).unwrap_or_default();
        text.get(..at).is_some_and(|before| before.ends_with(' ')) && after.starts_with(' ')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_stated_without_doubt_is_asserted() {
        use Standing::{Asserted, Guess, Hedged, Hypothetical, Question, Retracted};
        for (sentence, expected) in [
            ("The port is 9090.", Asserted),
            ("Port: 9090", Asserted),
            ("Maybe: it is the port of Mayfield", Hedged),
            ("Is the port 9090?", Question),
            ("The port is 9090, right?", Question),
            ("If we move, the port is 9090", Hypothetical),
            ("The port will be 9090 next week", Hypothetical),
            ("Suppose the port is 9090", Hypothetical),
            ("I think the port is 9090", Guess),
            ("According to Ann the port is 9090", Guess),
            ("I suggest port 9090", Guess),
            ("The port might be 9090", Hedged),
            ("Port: 9090 (tbd)", Hedged),
            ("Port: 9090 (vielleicht)", Hedged),
            ("端口可能是 9090", Hedged),
            ("The port is no longer 9090", Retracted),
            ("The port isn\u{2019}t 9090", Retracted),
            ("~~Port: 9090~~", Retracted),
            ("Port: 9090 (outdated)", Retracted),
            ("Forget that the port is 9090", Retracted),
            ("The port might no longer be 9090", Hedged),
        ] {
            assert_eq!(of(sentence), expected, "{sentence}");
        }
    }

    #[test]
    fn a_sentence_of_its_own_takes_the_one_before_back() {
        assert!(takes_back("That\u{2019}s wrong!") && takes_back("Scratch that."));
        assert!(!takes_back("Forget that the port is 9090"));
    }
}
