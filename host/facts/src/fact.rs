//! Keyed facts: what a text states of an attribute of an entity.

use crate::sentences::{SENTENCE_BYTES_MAX, is_skipped, paragraphs};
use crate::statements::{Claim, claims};
use crate::{dates, key, standing};

/// How a text stands to a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It states it. Only this supersedes.
    Asserted,
    /// It is not sure of it ("might", "probably").
    Hedged,
    /// It asks for it.
    Question,
    /// It holds in a case that is not said to be there, or not yet ("if", "will").
    Hypothetical,
    /// It guesses, proposes or reports it ("I think", "I suggest", "says").
    Guess,
    /// It takes it back ("no longer", "is wrong"). This retracts the value and states none.
    Retracted,
}

/// One attribute of one entity, as a text has it. All texts are normalised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is about; empty where the text and its headings do not say.
    pub entity: String,
    /// What of it.
    pub attribute: String,
    /// Where it holds: a place in the text, and headings that say more than the entity.
    pub scope: String,
    /// What the text says it is.
    pub value: String,
    /// Since when it holds, in milliseconds since 1970-01-01T00:00Z: by a date in the text,
    /// by one in the headings, else by when it was said. `None` where that is unknown, and
    /// for a sentence that may tell of one event of many unless it has a date.
    pub at_ms: Option<u64>,
    /// How the text stands to it.
    pub standing: Standing,
}

/// The facts that a text states.
///
/// `headings` stand above the text, outermost first. `said_at_ms` is when it was said or
/// written, 0 where nobody knows: then [`Fact::at_ms`] has only what the text itself dates.
///
/// Found are `Key: value` and `KEY=value`, "The X of Y is Z", "Y's X is Z", changes ("we moved
/// X from Y to Z"), ports, uses and preferences, a few relations ("lives in"), and sentences
/// with one number that has a unit. What can have several values at once is left out, or has
/// its value in the key: "we use A" and "we use B" are two facts, and "we no longer use A"
/// has the key of the first.
///
/// ```
/// use lucid_facts::{Standing, facts};
/// let found = facts("The deploy day is Monday (as of 2026-05-04).", &[], 0);
/// let fact = &found[0];
/// assert_eq!((fact.entity.as_str(), fact.attribute.as_str()), ("deploy", "day"));
/// assert_eq!((fact.value.as_str(), fact.standing), ("monday", Standing::Asserted));
/// assert_eq!(fact.at_ms, Some(1_777_852_800_000));
/// ```
#[must_use]
pub fn facts(text: &str, headings: &[String], said_at_ms: u64) -> Vec<Fact> {
    let frame = Frame::new(headings);
    paragraphs(text)
        .iter()
        .flat_map(|sentences| of_paragraph(sentences, &frame, said_at_ms).0)
        .collect()
}

/// The fact of a text that states one fact and nothing else.
///
/// A text that says more must not go because one of its facts is old.
#[must_use]
pub fn only_fact(text: &str, headings: &[String], said_at_ms: u64) -> Option<Fact> {
    let frame = Frame::new(headings);
    let paragraphs = paragraphs(text);
    let [sentences] = paragraphs.as_slice() else { return None };
    let (mut facts, silent) = of_paragraph(sentences, &frame, said_at_ms);
    let says_more = silent > 0 || text.lines().any(|line| is_skipped(line.trim()));
    facts.pop().filter(|_| facts.is_empty() && !says_more)
}

/// Whether two facts are about the same attribute of the same entity in the same scope, and
/// say which: "Port" alone means another port in another memory.
#[must_use]
pub fn same_key(a: &Fact, b: &Fact) -> bool {
    let named = !a.entity.is_empty() || !a.scope.is_empty() || a.attribute.contains(' ');
    named && same_key_in_memory(a, b)
}

/// As [`same_key`], for two facts of one memory, where "Port" means one port.
#[must_use]
pub fn same_key_in_memory(a: &Fact, b: &Fact) -> bool {
    a.entity == b.entity && a.attribute == b.attribute && a.scope == b.scope
}

/// What stands around a text.
struct Frame {
    names: Vec<String>,
    at_ms: Option<u64>,
}

impl Frame {
    fn new(headings: &[String]) -> Self {
        let short = headings.iter().filter(|heading| heading.len() <= SENTENCE_BYTES_MAX);
        let (texts, dates): (Vec<_>, Vec<_>) = short.map(|h| dates::of_heading(h)).unzip();
        let at_ms = dates.into_iter().rev().flatten().next();
        Self { names: key::of_headings(&texts), at_ms }
    }

    /// The fact of a claim. What it leaves open the headings say: the innermost is the
    /// entity, and those that say no more than the key say nothing.
    fn fact(&self, claim: Claim, at_ms: Option<u64>, standing: Standing) -> Fact {
        let Claim { mut entity, attribute, place, value, dated_only: sentence, .. } = claim;
        let mut names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        // A sentence says what it is about itself, and where only its headings do.
        if !sentence && entity.is_empty() {
            entity = names.pop().unwrap_or_default().to_owned();
        }
        let known = format!(" {entity} {attribute} ");
        names.retain(|name| !name.split(' ').all(|word| known.contains(&format!(" {word} "))));
        let scope = names.into_iter().chain(Some(place.as_str()).filter(|place| !place.is_empty()));
        let scope = scope.collect::<Vec<_>>().join(" / ");
        Fact { entity, attribute, scope, value, at_ms, standing }
    }
}

/// The facts of a paragraph, and how many of its sentences state none.
fn of_paragraph(sentences: &[String], frame: &Frame, said_at_ms: u64) -> (Vec<Fact>, usize) {
    let mut facts: Vec<Fact> = Vec::new();
    let mut silent = 0;
    let mut supposed = false;
    for sentence in sentences {
        if standing::takes_back(sentence) {
            facts.last_mut().into_iter().for_each(|fact| fact.standing = Standing::Retracted);
            continue;
        }
        let found = of_sentence(sentence, frame, said_at_ms);
        silent += usize::from(found.is_empty());
        for mut fact in found {
            // "Suppose we move. The port is 80."
            if supposed && fact.standing == Standing::Asserted {
                fact.standing = Standing::Hypothetical;
            }
            facts.push(fact);
        }
        let standing = standing::of(sentence);
        supposed |= matches!(standing, Standing::Hypothetical | Standing::Question);
    }
    (facts, silent)
}

fn of_sentence(sentence: &str, frame: &Frame, said_at_ms: u64) -> Vec<Fact> {
    if sentence.len() > SENTENCE_BYTES_MAX || sentence.contains("](") {
        return Vec::new();
    }
    let Some(dated) = dates::take(sentence, said_at_ms) else { return Vec::new() };
    let mut standing = standing::of(&dated.text);
    let told = dated.at_ms.or(frame.at_ms);
    // What begins later than it is said does not hold yet.
    let later =
        told.is_some_and(|at| said_at_ms > 0 && at > said_at_ms.saturating_add(dates::DAY_MS));
    if later && standing == Standing::Asserted {
        standing = Standing::Hypothetical;
    }
    let said = Some(said_at_ms).filter(|at| *at > 0);
    let found = claims(&dated.text, standing).into_iter().map(|claim| {
        let at_ms = if claim.dated_only { told } else { told.or(said) };
        let standing = match (claim.settled, standing) {
            (true, Standing::Retracted) => Standing::Asserted,
            _ => standing,
        };
        frame.fact(claim, at_ms, standing)
    });
    found.collect()
}

#[cfg(test)]
#[path = "fact_tests.rs"]
mod tests;
