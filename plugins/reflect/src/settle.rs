//! What can be settled without a model: entries that say the same, and facts with one key.
//!
//! What the same is, and what a fact's key is, is decided by `lucid-facts`, as on the host.

use crate::types::{Entry, EntryKind};
use lucid_facts::{Fact, Standing};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// So many different values with equal standing: there are several at once.
const SEVERAL_VALUES: usize = 3;
/// The most entries that a conflict names.
const CONFLICT_MAX: usize = 32;
/// Entries that can be settled. They are named by their places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// They say the same.
    Same {
        /// The one that stays, which says most.
        survivor: usize,
        /// The others.
        losers: Vec<usize>,
    },
    /// Two values of one key, one of them newer.
    Newer {
        /// The older.
        loser: usize,
        /// The newer.
        winner: usize,
        /// From when on the newer one holds, in milliseconds since 1970-01-01T00:00Z.
        since_ms: u64,
        /// The key, for people.
        key: String,
    },
    /// Two values of one key, and nothing says which is newer.
    Conflict {
        /// The entries.
        entries: Vec<usize>,
        /// The key, for people.
        key: String,
    },
}

/// Which of two entries is newer, where they state the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The second is newer, and holds from then on.
    Newer {
        /// Milliseconds since 1970-01-01T00:00Z.
        since_ms: u64,
    },
    /// The second is older.
    Older,
    /// Nothing says so, or they state no key in common.
    Unknown,
}

/// Whether one text says all that the other one says.
pub fn says_same(whole: &str, part: &str) -> bool {
    lucid_facts::subsumes(whole, part)
}

/// Whether two entries can be about the same, by what stands around them: under "Staging"
/// and under "Production" they are not, under "Staging" and under nothing they may be.
pub fn are_compatible(one: &Entry, other: &Entry) -> bool {
    let (one, other) = (scope(one), scope(other));
    one.starts_with(&other) || other.starts_with(&one)
}

fn scope(entry: &Entry) -> Vec<String> {
    lucid_facts::frame(&entry.path, &entry.headings)
}

/// Whether what an entry says is said for certain. What states no fact is.
pub fn is_asserted(entry: &Entry) -> bool {
    let facts = facts(entry);
    facts.is_empty() || facts.iter().any(is_certain)
}

/// Whether two facts, of these memories, have the same key.
fn same_key(one: (&Fact, &Entry), other: (&Fact, &Entry)) -> bool {
    lucid_facts::same_key(one.0, other.0)
        || (one.1.path == other.1.path && lucid_facts::same_key_in_memory(one.0, other.0))
}

fn is_certain(fact: &Fact) -> bool {
    matches!(fact.standing, Standing::Asserted)
}

/// The facts of an entry, with the dates that stand in it and no others.
fn facts(entry: &Entry) -> Vec<Fact> {
    lucid_facts::facts(&entry.text, &entry.headings, 0)
}

/// What is known of when an entry without a date was said: not after its memory's last
/// change. None for what may tell of one event of many.
fn said_before(entry: &Entry) -> Option<u64> {
    lucid_facts::only_fact(&entry.text, &entry.headings, entry.updated_at_ms)?.at_ms
}

/// Which of two entries is newer.
pub fn order(one: &Entry, other: &Entry) -> Order {
    // What says several things is not replaced by what says one of them.
    let old = lucid_facts::only_fact(&one.text, &one.headings, 0);
    let Some(old) = old.filter(is_certain) else { return Order::Unknown };
    let theirs = facts(other);
    let same = |new: &&Fact| is_certain(new) && same_key((&old, one), (*new, other));
    let Some(new) = theirs.iter().find(same) else { return Order::Unknown };
    if old.value == new.value || !are_compatible(one, other) {
        return Order::Unknown;
    }
    match later(&old, one, new, other) {
        Some(since_ms) => Order::Newer { since_ms },
        None if later(new, other, &old, one).is_some() => Order::Older,
        None => Order::Unknown,
    }
}

/// From when on the second fact holds, where it is surely newer: it has a date of its own.
/// A fact without one is as old as its memory's last change, or older; which of two such
/// facts is newer nobody knows, for a memory changes with any line of it.
fn later(old: &Fact, older: &Entry, new: &Fact, newer: &Entry) -> Option<u64> {
    let apart = older.path != newer.path;
    match (old.at_ms, new.at_ms) {
        (Some(old), Some(new)) => (old < new).then_some(new),
        (None, Some(new)) if apart => said_before(older).filter(|old| *old < new).map(|_| new),
        _ => None,
    }
}

/// Settles what can be settled among entries in order of path and place, those in `kept` left
/// out. An entry loses at most once, and what wins loses nowhere.
pub fn settle(entries: &[Entry], kept: &BTreeSet<usize>) -> Vec<Settled> {
    let mut taken = kept.clone();
    let mut winners = BTreeSet::new();
    let mut settled = keyed(entries, &mut taken, &mut winners);
    settled.extend(same(entries, &taken, &winners));
    settled
}

fn is_text(entry: &Entry) -> bool {
    matches!(entry.kind, EntryKind::Item | EntryKind::Paragraph)
}

/// The keyed facts: of two values the newer one holds, and without dates nobody knows.
fn keyed(
    entries: &[Entry],
    taken: &mut BTreeSet<usize>,
    winners: &mut BTreeSet<usize>,
) -> Vec<Settled> {
    let mut keys: BTreeMap<[String; 4], Vec<(usize, Fact)>> = BTreeMap::new();
    for (place, entry) in entries.iter().enumerate() {
        if taken.contains(&place) || !is_text(entry) {
            continue;
        }
        // What says more than its one fact is left to a person or a model.
        let fact = lucid_facts::only_fact(&entry.text, &entry.headings, 0);
        if let Some(fact) = fact.filter(is_certain) {
            // A key that names nothing in particular means another thing in another memory.
            let named = lucid_facts::same_key(&fact, &fact);
            let path = if named { String::new() } else { entry.path.clone() };
            let Fact { entity, attribute, scope, .. } = &fact;
            let key = [entity.clone(), attribute.clone(), scope.clone(), path];
            keys.entry(key).or_default().push((place, fact));
        }
    }
    let mut settled = Vec::new();
    for ([entity, attribute, scope, _], facts) in keys {
        let parts = [scope, entity, attribute];
        let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|p| !p.is_empty()).collect();
        for facts in framed(facts, entries) {
            resolve(&parts.join(" "), &facts, entries, &mut settled);
        }
    }
    for one in &settled {
        match one {
            Settled::Newer { loser, winner, .. } => {
                taken.insert(*loser);
                winners.insert(*winner);
            }
            Settled::Conflict { entries, .. } => taken.extend(entries),
            Settled::Same { .. } => {}
        }
    }
    settled
}

/// Facts of one key, by what they are about: those in the memories of two things never
/// compete. What no name frames competes where there is one such thing.
fn framed(facts: Vec<(usize, Fact)>, entries: &[Entry]) -> Vec<Vec<(usize, Fact)>> {
    let mut frames: BTreeMap<Vec<String>, Vec<(usize, Fact)>> = BTreeMap::new();
    for (place, fact) in facts {
        let frame = entries.get(place).map(scope).unwrap_or_default();
        frames.entry(frame).or_default().push((place, fact));
    }
    let named = frames.keys().filter(|frame| !frame.is_empty()).count();
    if named > 1 {
        return frames.into_values().collect();
    }
    let mut all: Vec<(usize, Fact)> = frames.into_values().flatten().collect();
    all.sort_by_key(|(place, _)| *place);
    vec![all]
}

fn resolve(key: &str, facts: &[(usize, Fact)], entries: &[Entry], settled: &mut Vec<Settled>) {
    let since = |old: &(usize, Fact), new: &(usize, Fact)| {
        later(&old.1, entries.get(old.0)?, &new.1, entries.get(new.0)?)
    };
    let newest = facts.iter().find(|new| {
        facts.iter().all(|old| old.1.value == new.1.value || since(old, new).is_some())
    });
    if let Some(new) = newest {
        let losers = facts.iter().filter(|old| old.1.value != new.1.value);
        settled.extend(losers.filter_map(|old| {
            Some(Settled::Newer {
                loser: old.0,
                winner: new.0,
                since_ms: since(old, new)?,
                key: key.to_owned(),
            })
        }));
        return;
    }
    // What is surely older than another value is out of the question.
    let standing: Vec<&(usize, Fact)> = facts
        .iter()
        .filter(|old| {
            facts.iter().all(|new| old.1.value == new.1.value || since(old, new).is_none())
        })
        .collect();
    let values: BTreeSet<&String> = standing.iter().map(|(_, fact)| &fact.value).collect();
    if (2..SEVERAL_VALUES).contains(&values.len()) {
        let entries = standing.iter().map(|(place, _)| *place).take(CONFLICT_MAX).collect();
        settled.push(Settled::Conflict { entries, key: key.to_owned() });
    }
}

/// Entries that say the same: all of a group go into one that says all they say.
fn same(entries: &[Entry], taken: &BTreeSet<usize>, winners: &BTreeSet<usize>) -> Vec<Settled> {
    let words: Vec<BTreeSet<String>> =
        entries.iter().map(|entry| lucid_facts::tokens(&entry.text)).collect();
    let mut often: BTreeMap<&str, usize> = BTreeMap::new();
    for word in words.iter().flatten() {
        *often.entry(word).or_default() += 1;
    }
    // Each entry by its rarest word: what it goes into has that word, too.
    let mut by_word: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, words) in words.iter().enumerate() {
        let rarest = words.iter().min_by_key(|word| (often.get(word.as_str()), *word));
        if let Some(word) = rarest {
            by_word.entry(word).or_default().push(place);
        }
    }
    let free = |place: &usize| !taken.contains(place) && entries.get(*place).is_some_and(is_text);
    let mut order: Vec<usize> = (0..entries.len()).filter(free).collect();
    // What says most comes first; of equals what has won already, then the widest scope.
    let length = |place: usize| words.get(place).map_or(0, BTreeSet::len);
    let scopes: Vec<Vec<String>> = entries.iter().map(scope).collect();
    let wide = |place: usize| scopes.get(place).map_or(0, Vec::len);
    order.sort_by_key(|place| {
        (Reverse(length(*place)), !winners.contains(place), wide(*place), *place)
    });
    let mut gone: BTreeSet<usize> = BTreeSet::new();
    let mut settled = Vec::new();
    for survivor in order {
        let (Some(whole), Some(own)) = (entries.get(survivor), words.get(survivor)) else {
            continue;
        };
        if gone.contains(&survivor) {
            continue;
        }
        let mut losers: BTreeSet<usize> = BTreeSet::new();
        for place in own.iter().filter_map(|word| by_word.get(word.as_str())).flatten() {
            let open = *place != survivor
                && free(place)
                && !gone.contains(place)
                && !winners.contains(place)
                && !losers.contains(place)
                && words.get(*place).is_some_and(|words| words.is_subset(own));
            let goes = |part: &Entry| {
                part.kind == whole.kind
                    && are_compatible(whole, part)
                    && says_same(&whole.text, &part.text)
            };
            if open && entries.get(*place).is_some_and(goes) {
                losers.insert(*place);
            }
        }
        if losers.is_empty() {
            continue;
        }
        gone.extend(&losers);
        gone.insert(survivor);
        // What stands elsewhere needs a person, and the rest has not to wait for that.
        let here = |place: &usize| scopes.get(*place) == scopes.get(survivor);
        let (here, elsewhere): (Vec<usize>, Vec<usize>) = losers.into_iter().partition(here);
        for losers in [here, elsewhere].into_iter().filter(|losers| !losers.is_empty()) {
            settled.push(Settled::Same { survivor, losers });
        }
    }
    settled.sort_by_key(|one| match one {
        Settled::Same { survivor, .. } => *survivor,
        _ => usize::MAX,
    });
    settled
}

#[cfg(test)]
#[path = "settle_tests.rs"]
mod tests;
