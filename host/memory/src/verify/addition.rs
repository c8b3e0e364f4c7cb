//! Whether what an addition says is what its quotes say.

use std::collections::{BTreeSet, HashMap};

use lucid_core::{Change, Draft, Evidence, Operation, Origin, Rejection, RuleKind};
use lucid_facts::{instructs, mask, normal, tokens};

use super::evidence::{Quoted, unsupported};
use super::form::{distinct, shown};
use super::{Quotes, Verifier};
use crate::EntryKind;
use crate::class::says_enough;
use crate::wording::{named, plain, says, unescaped};

impl<Q: Quotes> Verifier<Q> {
    pub(super) fn check_addition(
        &self,
        operation: &Operation,
        quoted: &[Quoted<'_>],
    ) -> Result<(), Rejection> {
        let Change::Add { draft, kind, statistics } = &operation.change else { return Ok(()) };
        check_instruction(draft, quoted)?;
        check_carried(draft, quoted)?;
        if statistics.is_none() {
            let mut names = named(&draft.text);
            if *kind != RuleKind::Theme {
                // Calls and errors of many sessions are named by what they have in common,
                // which stands in no quote; an address does.
                names.retain(|name| name.contains("://") && !name.contains(' '));
            }
            self.check_named(&names, &operation.evidence, quoted)?;
        }
        self.check_new(draft)
    }

    /// What it names, a trusted quote or the store names as well: a model that makes up a
    /// port or a command is not believed.
    fn check_named(
        &self,
        names: &BTreeSet<String>,
        evidence: &[Evidence],
        quoted: &[Quoted<'_>],
    ) -> Result<(), Rejection> {
        if names.is_empty() {
            return Ok(());
        }
        let sessions: Vec<String> =
            evidence.iter().map(|evidence| evidence.session_id.clone()).collect();
        // It may count the sessions that it quotes, and name its sources.
        let count = distinct(&sessions).count();
        let source = |name: &str| {
            let is = |id: &str| id.to_lowercase() == name;
            evidence.iter().any(|evidence| is(&evidence.session_id) || is(&evidence.event_id))
        };
        let trusted = quoted.iter().filter(|quote| quote.origin.is_trusted());
        // Both ways to read it: `\n` is a line break in JSON, or the start of a folder `new`.
        let trusted: Vec<String> =
            trusted.flat_map(|quote| [plain(quote.text), plain(&unescaped(quote.text))]).collect();
        let known = |name: &str| {
            name.parse::<usize>().is_ok_and(|number| number <= count)
                || source(name)
                || trusted.iter().any(|text| says(text, name))
                || self.names().contains(name)
        };
        match names.iter().find(|name| !known(name)) {
            Some(name) => unsupported(&format!(
                "it names {:?}, which no trusted quote and no entry does",
                shown(&mask(name).0)
            )),
            None => Ok(()),
        }
    }

    /// Nothing says it already.
    fn check_new(&self, draft: &Draft) -> Result<(), Rejection> {
        let text = normal(&draft.text);
        if text.is_empty() {
            return Ok(());
        }
        if let Some(id) = self.added.get(&text) {
            return Err(Rejection::AlreadySettled(format!("operation {id} says it")));
        }
        let Some(number) = self.said().get(&text) else { return Ok(()) };
        let entry = &self.index.entries()[*number];
        if entry.path != draft.path && !says_enough(&draft.text) {
            return Ok(());
        }
        Err(Rejection::AlreadySettled(format!("the store says it in {}", entry.id)))
    }

    fn said(&self) -> &HashMap<String, usize> {
        self.said.get_or_init(|| {
            let mut said = HashMap::new();
            for (number, entry) in self.index.entries().iter().enumerate() {
                if entry.kind != EntryKind::Heading {
                    said.entry(normal(&entry.text)).or_insert(number);
                }
            }
            said
        })
    }

    fn names(&self) -> &BTreeSet<String> {
        self.names.get_or_init(|| {
            self.index.entries().iter().flat_map(|entry| named(&entry.text)).collect()
        })
    }
}

/// Text that tells an agent what to do has to come from a person, and not in the words of a
/// tool or a page.
fn check_instruction(draft: &Draft, quoted: &[Quoted<'_>]) -> Result<(), Rejection> {
    let words = tokens(&draft.text);
    let person = |quote: &&Quoted<'_>| quote.origin == Origin::Person;
    if instructs(&draft.text) && !quoted.iter().any(|quote| person(&quote)) {
        return unsupported("what tells an agent what to do has to come from a person");
    }
    let said = shared(&words, quoted.iter().filter(person));
    let planted = quoted.iter().filter(|quote| {
        let by_itself = matches!(quote.origin, Origin::Tool | Origin::Outside | Origin::Dream);
        by_itself && instructs(quote.text)
    });
    let repeated = shared(&words, planted);
    if 2 * repeated > words.len() && repeated > said {
        return unsupported("it repeats a text that tells an agent what to do");
    }
    Ok(())
}

/// What it says, those quotes say that can be believed, at least as much as the others.
fn check_carried(draft: &Draft, quoted: &[Quoted<'_>]) -> Result<(), Rejection> {
    let words = tokens(&draft.text);
    let trusted = shared(&words, quoted.iter().filter(|quote| quote.origin.is_trusted()));
    let others = shared(&words, quoted.iter().filter(|quote| !quote.origin.is_trusted()));
    if others > trusted {
        return unsupported("untrusted quotes say more of it than trusted ones");
    }
    Ok(())
}

/// How many of some words stand in some quotes.
fn shared<'a, 'b: 'a>(
    words: &BTreeSet<String>,
    quotes: impl Iterator<Item = &'a Quoted<'b>>,
) -> usize {
    let mut rest: BTreeSet<&String> = words.iter().collect();
    for quote in quotes {
        let said = tokens(&unescaped(quote.text));
        rest.retain(|word| !said.contains(*word));
    }
    words.len() - rest.len()
}
