//! What becomes of every entry of the input store.

use std::collections::HashMap;

use lucid_core::{Change, DreamOperation, LedgerLine, OperationState, Place};
use lucid_facts::mask;

use crate::verify::distinct;
use crate::{Entry, Snapshot};

/// Bytes of an entry that are looked at for secrets before its start is kept.
const LOOKED_AT_BYTES: usize = 1_024;

/// Characters of an entry's text that a line keeps.
const TEXT_CHARS: usize = 160;

/// Accounts for every entry of the input store: one line each, in the store's order, by the
/// operations that are accepted or wait. Those that were refused or undone do not count.
#[must_use]
pub fn ledger(snapshot: &Snapshot, operations: &[DreamOperation]) -> Vec<LedgerLine> {
    lines(&snapshot.entries(), operations)
}

pub(crate) fn lines(entries: &[Entry], operations: &[DreamOperation]) -> Vec<LedgerLine> {
    let mut places = places(operations);
    let line = |entry: &Entry| {
        let (place, operation) = match places.remove(entry.id.as_str()) {
            Some((place, operation)) => (place, Some(operation.to_owned())),
            None => (Place::Kept, None),
        };
        let (path, text) = (entry.path.clone(), start(&entry.text));
        LedgerLine { entry_id: entry.id.clone(), path, text, place, operation }
    };
    entries.iter().map(line).collect()
}

/// The places by entry, each with the operation that decided.
fn places(operations: &[DreamOperation]) -> HashMap<&str, (Place, &str)> {
    let mut places: HashMap<&str, (Place, &str)> = HashMap::new();
    let counts = |operation: &&DreamOperation| {
        matches!(operation.state, OperationState::Proposed | OperationState::Accepted)
    };
    for operation in operations.iter().filter(counts) {
        let id = operation.id.as_str();
        match &operation.change {
            Change::Keep { entry_id } => {
                places.insert(entry_id, (Place::Kept, id));
            }
            Change::Drop { entry_id } => {
                places.insert(entry_id, (Place::Dropped, id));
            }
            Change::Merge { entry_ids, survivor_id } => {
                for lost in distinct(entry_ids).filter(|lost| lost != survivor_id) {
                    let place = Place::MergedInto { entry_id: survivor_id.clone() };
                    places.insert(lost, (place, id));
                }
            }
            Change::Supersede { loser_id, winner_id, since } => {
                let place = Place::SupersededBy { entry_id: winner_id.clone(), since: *since };
                places.insert(loser_id, (place, id));
            }
            Change::FlagConflict { entry_ids } => {
                for entry_id in distinct(entry_ids) {
                    let others = distinct(entry_ids).filter(|other| *other != entry_id);
                    let entry_ids = others.map(str::to_owned).collect();
                    places.insert(entry_id, (Place::InConflict { entry_ids }, id));
                }
            }
            Change::Add { .. } => {}
        }
        // A winner stays, unless something else is said of it before or after.
        if let Some(winner) = operation.change.winner_id() {
            places.entry(winner).or_insert((Place::Kept, id));
        }
    }
    places
}

/// The start of an entry's text for people, secrets masked.
fn start(text: &str) -> String {
    let (text, _) = mask(&text[..text.floor_char_boundary(LOOKED_AT_BYTES)]);
    match text.char_indices().nth(TEXT_CHARS) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text,
    }
}
