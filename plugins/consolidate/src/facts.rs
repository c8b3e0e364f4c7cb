//! Keyed facts: of two values of one attribute the newer holds.
//!
//! Only facts with the same key compete. "Newest sentence wins" without a key match loses
//! true facts; so do attributes that hold several values at once, which is why everything
//! but short single values is left alone.

use crate::duplicates::scope;
use crate::model::{Entry, EntryKind};
use crate::statements::{Statement, parse};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Fewer words in a key name no entity: "Port" means another port in another memory.
const ENTITY_WORDS_MIN: usize = 2;
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
    /// The date in the text.
    dated_ms: Option<u64>,
    /// Whether only dates in the text may settle it.
    sentence: bool,
    /// When the memory was last changed: the entry is at least as old.
    updated_at_ms: u64,
}

/// Settles the keyed facts among `entries` (in canonical order).
pub(crate) fn settle(entries: &[Entry]) -> Vec<Settled> {
    let mut keys: BTreeMap<(Vec<String>, String, Option<String>), Vec<Fact>> = BTreeMap::new();
    for (place, entry) in entries.iter().enumerate() {
        let text_kind = matches!(entry.kind, EntryKind::Item | EntryKind::Paragraph);
        let Some(statement) = text_kind.then(|| parse(&entry.text)).flatten() else {
            continue;
        };
        let Statement { key, value, dated_ms, sentence } = statement;
        let scope = if sentence { sentence_scope(entry) } else { scope(entry) };
        let named = !scope.is_empty() || key.split(' ').count() >= ENTITY_WORDS_MIN;
        let fact = Fact {
            place,
            path: entry.path.clone(),
            value,
            dated_ms,
            sentence,
            updated_at_ms: entry.updated_at_ms,
        };
        let path = (!named).then(|| entry.path.clone());
        keys.entry((scope, key, path)).or_default().push(fact);
    }
    keys.into_iter().flat_map(|((_, key, _), facts)| resolve(&key, &facts)).collect()
}

/// A sentence says what it is about; of the headings only those below the memory's title
/// can make it mean something else. A conflict raised in vain loses nothing.
fn sentence_scope(entry: &Entry) -> Vec<String> {
    let headings = entry.headings.iter().skip(1).cloned().collect();
    scope(&Entry { headings, ..entry.clone() })
}

fn resolve(key: &str, facts: &[Fact]) -> Vec<Settled> {
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
            .filter(|fact| fact.value != winner.value)
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
/// surely newer than an earlier one.
fn order(a: &Fact, b: &Fact) -> Option<Ordering> {
    let order = match (a.dated_ms, b.dated_ms) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ if a.path == b.path || a.sentence => return None,
        (None, None) => a.updated_at_ms.cmp(&b.updated_at_ms),
        (Some(dated), None) if b.updated_at_ms < dated => Ordering::Greater,
        (None, Some(dated)) if a.updated_at_ms < dated => Ordering::Less,
        _ => return None,
    };
    (order != Ordering::Equal).then_some(order)
}

#[cfg(test)]
#[path = "facts_tests.rs"]
mod tests;
