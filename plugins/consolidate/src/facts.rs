//! Keyed facts: of two values of one attribute the newer holds.
//!
//! Only facts with the same key compete. "Newest sentence wins" without a key match loses
//! true facts; so do attributes that hold several values at once. What a fact is and what
//! its key is says `lucid-facts`, which the host checks with.

use crate::model::{Entry, EntryKind};
use lucid_facts::{Standing, facts, frame, only_fact, same_key};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// So many different values with equal standing: the attribute has several at once.
const SEVERAL_VALUES: usize = 3;

/// At most so many entries are named in one conflict; the host refuses longer lists.
const CONFLICT_MAX: usize = 32;

/// What became of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// The newer fact replaces the older.
    Superseded {
        /// Place of the older entry.
        loser: usize,
        /// Place of the newer entry.
        winner: usize,
        /// From when on the winner holds, in milliseconds since 1970-01-01T00:00Z.
        since_ms: u64,
        /// The key, for people.
        key: String,
    },
    /// A newer entry takes the fact back, and states none in its place.
    Retracted {
        /// Place of the entry that is taken back.
        loser: usize,
        /// Place of the entry that says so.
        by: usize,
        /// The key, for people.
        key: String,
    },
    /// Nothing says which is newer.
    Conflict {
        /// Places of the entries.
        members: Vec<usize>,
        /// The key, for people.
        key: String,
    },
}

/// A value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fact {
    place: usize,
    path: String,
    value: String,
    /// Whether the entry says this and nothing else: only then may it go.
    whole: bool,
    /// Whether it takes the value back instead of stating it.
    retracts: bool,
    /// The date in the text.
    dated_ms: Option<u64>,
    /// Whether only dates in the text may settle it.
    sentence: bool,
    /// What frames the entry.
    frame: Vec<String>,
    /// When the memory was last changed: the entry is at least as old.
    updated_at_ms: u64,
}

/// What makes facts compete: entity, attribute and scope; what frames them; and the memory
/// where all that leaves it open.
type Key = ([String; 3], Vec<String>, Option<String>);

/// Settles the keyed facts among `entries` (in canonical order).
pub(crate) fn settle(entries: &[Entry]) -> Vec<Settled> {
    let mut keys: BTreeMap<Key, Vec<Fact>> = BTreeMap::new();
    for (place, entry) in entries.iter().enumerate() {
        let text_kind = matches!(entry.kind, EntryKind::Item | EntryKind::Paragraph);
        if text_kind {
            for (key, fact) in facts_of(place, entry) {
                keys.entry(key).or_default().push(fact);
            }
        }
    }
    let name = |key: &Key| {
        let parts = key.0.iter().filter(|part| !part.is_empty());
        parts.cloned().collect::<Vec<_>>().join(" ")
    };
    keys.into_iter().flat_map(|(key, facts)| resolve(&name(&key), &facts)).collect()
}

/// The facts that an entry asserts or takes back. What hedges, asks, supposes or guesses
/// competes with nothing; nor does a key with several values in one entry, for it holds
/// several at a time.
fn facts_of(place: usize, entry: &Entry) -> Vec<(Key, Fact)> {
    let dated = facts(&entry.text, &entry.headings, 0);
    let whole = only_fact(&entry.text, &entry.headings, 0).is_some();
    let updated_at_ms = entry.updated_at_ms.max(1);
    let bare = facts(&entry.text, &[], updated_at_ms);
    let mut out: Vec<(Key, Fact)> = Vec::new();
    for mut now in facts(&entry.text, &entry.headings, updated_at_ms) {
        let retracts = match now.standing {
            Standing::Asserted => false,
            Standing::Retracted => true,
            Standing::Hedged | Standing::Question | Standing::Hypothetical | Standing::Guess => {
                continue;
            }
        };
        let own = dated.iter().find(|other| same_key(other, &now) && other.value == now.value);
        // A bare key names no entity: another memory may mean another port.
        let named = same_key(&now, &now);
        let own = own.or_else(|| dated.first().filter(|_| whole && !named));
        let path = (!named).then(|| entry.path.clone());
        let frame = frame(&entry.path, &entry.headings);
        // A whole sentence says itself what it is about: under another title it is a conflict,
        // but for what is one of several that are numbered.
        let sentence = now.at_ms.is_none();
        let one_of_many = frame.iter().any(|name| name.contains(|c: char| c.is_ascii_digit()));
        let alone = sentence && !one_of_many && entry.headings.len() <= 1;
        let same = |other: &&lucid_facts::Fact| {
            (&other.attribute, &other.value) == (&now.attribute, &now.value)
        };
        if let Some(bare) = bare.iter().filter(|_| alone).find(same) {
            (now.entity, now.scope) = (bare.entity.clone(), bare.scope.clone());
        }
        let framed = if alone { Vec::new() } else { frame.clone() };
        let fact = Fact {
            place,
            path: entry.path.clone(),
            value: now.value,
            whole,
            retracts,
            dated_ms: own.and_then(|own| own.at_ms),
            sentence,
            frame,
            updated_at_ms: entry.updated_at_ms,
        };
        out.push((([now.entity, now.attribute, now.scope], framed, path), fact));
    }
    let several = |key: &Key| out.iter().filter(|(other, _)| other == key).count() > 1;
    let once: Vec<bool> = out.iter().map(|(key, _)| !several(key)).collect();
    let mut once = once.into_iter();
    out.retain(|_| once.next().unwrap_or_default());
    out
}

fn resolve(key: &str, facts: &[Fact]) -> Vec<Settled> {
    let taken_back = |fact: &Fact| {
        let newer = |other: &&Fact| {
            other.retracts
                && other.value == fact.value
                && order(other, fact) == Some(Ordering::Greater)
        };
        facts.iter().filter(newer).map(|other| other.place).next()
    };
    let mut out = Vec::new();
    let mut rest = Vec::new();
    for fact in facts.iter().filter(|fact| !fact.retracts) {
        match taken_back(fact) {
            Some(by) if fact.whole => {
                out.push(Settled::Retracted { loser: fact.place, by, key: key.to_owned() });
            }
            Some(_) => {}
            None => rest.push(fact.clone()),
        }
    }
    out.extend(compete(key, &rest));
    out
}

/// Who of those that state a value stays.
fn compete(key: &str, facts: &[Fact]) -> Vec<Settled> {
    let newest = facts
        .iter()
        .filter(|fact| {
            facts.iter().all(|other| {
                other.value == fact.value || order(fact, other) == Some(Ordering::Greater)
            })
        })
        .max_by_key(|fact| (time(fact), std::cmp::Reverse(fact.place)));
    if let Some(winner) = newest {
        return facts
            .iter()
            .filter(|fact| fact.value != winner.value && fact.whole)
            .map(|fact| Settled::Superseded {
                loser: fact.place,
                winner: winner.place,
                since_ms: time(winner),
                key: key.to_owned(),
            })
            .collect();
    }
    let standing: Vec<&Fact> = facts
        .iter()
        .filter(|fact| fact.whole)
        .filter(|fact| {
            !facts.iter().any(|other| {
                other.value != fact.value && order(fact, other) == Some(Ordering::Less)
            })
        })
        .collect();
    let values: BTreeSet<&String> = standing.iter().map(|fact| &fact.value).collect();
    if values.len() < 2 || values.len() >= SEVERAL_VALUES {
        return Vec::new();
    }
    let members = standing.iter().map(|fact| fact.place).take(CONFLICT_MAX).collect();
    vec![Settled::Conflict { members, key: key.to_owned() }]
}

fn time(fact: &Fact) -> u64 {
    fact.dated_ms.unwrap_or(fact.updated_at_ms)
}

/// Which fact is newer, where that is known. A fact without a date is as old as its
/// memory's last change *or older*; so it is surely older than a later date, but not
/// surely newer than an earlier one. Of two facts without a date neither is newer.
/// Under different titles a fact may be about different things: none is newer there either.
fn order(a: &Fact, b: &Fact) -> Option<Ordering> {
    if a.frame != b.frame {
        return None;
    }
    let order = match (a.dated_ms, b.dated_ms) {
        (Some(a), Some(b)) => a.cmp(&b),
        // Two memories' times say which was written to last, not which of their facts is newer.
        (None, None) => return None,
        _ if a.path == b.path || a.sentence => return None,
        (Some(dated), None) if b.updated_at_ms < dated => Ordering::Greater,
        (None, Some(dated)) if a.updated_at_ms < dated => Ordering::Less,
        _ => return None,
    };
    (order != Ordering::Equal).then_some(order)
}

#[cfg(test)]
#[path = "facts_tests.rs"]
mod tests;
