//! What an operation is, by what the host can tell of it.
//!
//! A class decides what is accepted without a person, so it is never the strategy's word: it
//! follows from the texts alone, and where they leave a doubt the class is the one that
//! waits.

use lucid_core::{Change, Class, Operation, RuleKind, Timestamp};
use lucid_facts::{
    Fact, Standing, facts, frame, normal, only_fact, same_key, same_key_in_memory, subsumes,
};

use crate::index::Index;
use crate::verify::distinct;
use crate::{Entry, EntryKind, Snapshot};

/// Texts of fewer words say nothing on their own: what they mean is in what stands around.
const WORDS_ALONE: usize = 3;
/// Longer texts say the same only byte for byte: the time of a comparison is the host's, and
/// no budget of a strategy counts it.
const COMPARED_BYTES_MAX: usize = 8_192;

/// What an operation is, by what the host can tell of it and the store it is about.
///
/// A merge is identical or subsumed only when it is so for every entry with the survivor; a
/// supersession is keyed only when both entries state the same key in the same frame, and the
/// newer value is asserted as of a later date of its own; an addition is what its kind says,
/// a contrast only with its numbers. All else is a theme.
#[must_use]
pub fn class_of(operation: &Operation, snapshot: &Snapshot) -> Class {
    of(&operation.change, &Index::of(snapshot))
}

pub(crate) fn of(change: &Change, index: &Index) -> Class {
    match change {
        Change::Merge { entry_ids, survivor_id } => {
            merge(entry_ids, survivor_id, index).unwrap_or(Class::Theme)
        }
        Change::Supersede { loser_id, winner_id, since } => {
            match (index.get(loser_id), index.get(winner_id)) {
                (Some(loser), Some(winner)) if is_keyed(loser, winner, *since, index) => {
                    Class::Keyed
                }
                _ => Class::Theme,
            }
        }
        Change::Add { kind: RuleKind::Contrast, statistics: Some(_), .. } => Class::Contrast,
        Change::Add { kind: RuleKind::FailureFix, .. } => Class::FailureFix,
        Change::Add { kind: RuleKind::Sequence, .. } => Class::Sequence,
        Change::Add { .. }
        | Change::Keep { .. }
        | Change::Drop { .. }
        | Change::FlagConflict { .. } => Class::Theme,
    }
}

fn merge(entry_ids: &[String], survivor_id: &str, index: &Index) -> Option<Class> {
    let survivor = Survivor::of(index.get(survivor_id)?, index);
    let mut class = Class::Identical;
    for entry_id in distinct(entry_ids).filter(|id| *id != survivor_id) {
        if survivor.takes(index.get(entry_id)?, index)? == Class::Subsumed {
            class = Class::Subsumed;
        }
    }
    Some(class)
}

/// What others are merged into. What it says is found once, however many they are.
struct Survivor<'a> {
    entry: &'a Entry,
    frame: Vec<String>,
    normal: String,
    facts: Vec<Fact>,
}

impl<'a> Survivor<'a> {
    fn of(entry: &'a Entry, index: &Index) -> Self {
        let read = is_read(entry);
        Self {
            entry,
            frame: frame(&entry.path, &entry.headings),
            normal: if read { normal(&entry.text) } else { String::new() },
            facts: if read { facts_of(entry, index) } else { Vec::new() },
        }
    }

    /// What a merge of an entry into this one is, if it is more than a theme.
    fn takes(&self, entry: &Entry, index: &Index) -> Option<Class> {
        if !self.is_about_the_same(entry, index) {
            return None;
        }
        if self.says_the_same(entry) {
            return Some(Class::Identical);
        }
        let texts = [entry, self.entry].into_iter().all(|one| is_read(one) && is_prose(one));
        (texts && subsumes(&self.entry.text, &entry.text)).then_some(Class::Subsumed)
    }

    fn says_the_same(&self, entry: &Entry) -> bool {
        // In code and tables every character counts.
        if ![entry, self.entry].into_iter().all(|one| is_read(one) && is_prose(one)) {
            return entry.text == self.entry.text;
        }
        !self.normal.is_empty() && self.normal == normal(&entry.text)
    }

    /// Whether what stands around two texts gives them the same meaning: "prefers tea" under
    /// two names is two facts, and so it is in the memories of two people.
    fn is_about_the_same(&self, entry: &Entry, index: &Index) -> bool {
        let survivor = self.entry;
        if entry.kind == EntryKind::Heading || survivor.kind == EntryKind::Heading {
            return false;
        }
        if stands_with(entry, survivor) {
            return true;
        }
        if self.frame != frame(&entry.path, &entry.headings) {
            return false;
        }
        if !is_read(entry) || !is_read(survivor) {
            return entry.text == survivor.text;
        }
        let (own, other) = (facts_of(entry, index), &self.facts);
        if own.is_empty() && other.is_empty() {
            return says_enough(&entry.text);
        }
        let key = key_for(entry, survivor);
        let found =
            |fact: &Fact| other.iter().any(|other| key(fact, other) && fact.value == other.value);
        !own.is_empty() && own.iter().all(found)
    }
}

fn is_read(entry: &Entry) -> bool {
    entry.text.len() <= COMPARED_BYTES_MAX
}

fn is_prose(entry: &Entry) -> bool {
    entry.kind != EntryKind::Block
}

/// Whether two entries stand under the same headings of one memory.
fn stands_with(one: &Entry, other: &Entry) -> bool {
    one.path == other.path && one.headings == other.headings
}

/// Whether a text says something wherever it stands.
pub(crate) fn says_enough(text: &str) -> bool {
    normal(text).split(' ').count() >= WORDS_ALONE
}

/// A supersession loses nothing but a value: the loser states one fact for certain and
/// nothing else, and the winner asserts another value of it, since a later date that it
/// gives itself. When a memory was changed says nothing of each fact in it: one line that
/// is added would make all others of it new.
fn is_keyed(loser: &Entry, winner: &Entry, since: Timestamp, index: &Index) -> bool {
    let plain = |entry: &Entry| {
        matches!(entry.kind, EntryKind::Item | EntryKind::Paragraph) && is_read(entry)
    };
    let framed = || {
        let of = |entry: &Entry| frame(&entry.path, &entry.headings);
        stands_with(loser, winner) || of(loser) == of(winner)
    };
    if !plain(loser) || !plain(winner) || !framed() {
        return false;
    }
    let said_at_ms = index.said_at(loser).as_millis();
    let Some(was) = only_fact(&loser.text, &loser.headings, said_at_ms) else { return false };
    let key = key_for(loser, winner);
    let same: Vec<Fact> = facts_of(winner, index).into_iter().filter(|is| key(is, &was)).collect();
    // Two values of one key in one entry hold at a time: neither replaces another.
    let [is] = same.as_slice() else { return false };
    let is_dated = dated(winner)
        .iter()
        .any(|own| same_key_in_memory(own, is) && own.value == is.value && own.at_ms == is.at_ms);
    // What is only supposed, asked or foreseen is not what held before.
    let is_certain = [is, &was].iter().all(|fact| fact.standing == Standing::Asserted);
    // Without a date the loser is as old as its memory's last change, or older.
    let is_later = is.at_ms.zip(was.at_ms).is_some_and(|(now, then)| now > then);
    let is_then = is.at_ms == Some(since.as_millis());
    is_certain && is.value != was.value && is_later && is_dated && is_then
}

/// What tells whether facts of two entries have one key: in one memory "Port" is one port.
fn key_for(one: &Entry, other: &Entry) -> fn(&Fact, &Fact) -> bool {
    if one.path == other.path { same_key_in_memory } else { same_key }
}

fn facts_of(entry: &Entry, index: &Index) -> Vec<Fact> {
    facts(&entry.text, &entry.headings, index.said_at(entry).as_millis())
}

/// The facts of an entry, with a time only where the entry gives a date itself.
fn dated(entry: &Entry) -> Vec<Fact> {
    facts(&entry.text, &entry.headings, 0)
}

/// The latest date that an entry gives for what it states.
pub(crate) fn latest_date_ms(entry: &Entry) -> Option<u64> {
    dated(entry).into_iter().filter_map(|fact| fact.at_ms).max()
}

/// Whether both entries say themselves that the winner is the older one.
pub(crate) fn goes_back(loser: &Entry, winner: &Entry) -> bool {
    let (old, new) = (dated(loser), dated(winner));
    let key = key_for(loser, winner);
    let is_older =
        |is: &Fact, was: &Fact| is.at_ms.zip(was.at_ms).is_some_and(|(now, then)| now < then);
    new.iter().any(|is| old.iter().any(|was| key(is, was) && is_older(is, was)))
}
