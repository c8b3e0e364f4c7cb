//! Facts that people stated in a session.

use super::{KEY_SEPARATOR, Said, Spot, quote};
use lucid_facts::{Fact, Standing};
use std::rc::Rc;

/// Longer sentences state more than one fact.
const SENTENCE_BYTES_MAX: usize = 240;
/// Facts kept of one session.
pub(super) const SAID_MAX: usize = 48;

/// The facts of one message.
pub(super) fn facts(text: &str, at_ms: u64, id: &Rc<str>, body: &str, out: &mut Vec<Said>) {
    for sentence in sentences(text) {
        let mut stated = lucid_facts::facts(sentence, &[], at_ms).into_iter();
        // A sentence of several facts, or of one that nobody stands for, is left alone.
        let (Some(fact), None) = (stated.next(), stated.next()) else { continue };
        let retracts = match fact.standing {
            Standing::Asserted => false,
            Standing::Retracted => true,
            Standing::Hedged | Standing::Question | Standing::Hypothetical | Standing::Guess => {
                continue;
            }
        };
        let Some(quote) = quote::text(body, sentence).filter(|_| out.len() < SAID_MAX) else {
            continue;
        };
        out.push(Said {
            text: Rc::from(sentence),
            key: Rc::from(key_of(&fact)),
            value: Rc::from(fact.value.as_str()),
            at_ms: fact.at_ms.unwrap_or(at_ms),
            retracts,
            spot: Spot { event_id: id.clone(), quote: Rc::from(quote) },
        });
    }
}

/// A fact's key as one text.
pub(crate) fn key_of(fact: &Fact) -> String {
    let Fact { entity, attribute, scope, .. } = fact;
    format!("{entity}{KEY_SEPARATOR}{attribute}{KEY_SEPARATOR}{scope}")
}

/// Sentences: lines, and what ends in a mark before a space.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .flat_map(|line| {
            let mut parts = Vec::new();
            let mut start = 0;
            for (place, _) in line.match_indices(['.', '!', '?']) {
                if line[place + 1..].starts_with(' ') {
                    parts.push(&line[start..=place]);
                    start = place + 1;
                }
            }
            parts.push(&line[start..]);
            parts
        })
        .map(str::trim)
        .filter(|sentence| !sentence.is_empty() && sentence.len() <= SENTENCE_BYTES_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_sentence_by_sentence() {
        let text = "The port is 8080. Is it? Yes!\n- Version 1.2 is out";
        let found: Vec<_> = sentences(text).collect();
        assert_eq!(found, ["The port is 8080.", "Is it?", "Yes!", "- Version 1.2 is out"]);
    }
}
