//! What a dream changes and why, memory by memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lucid_core::{Change, DreamOperation, Evidence, OperationState};
use serde::{Deserialize, Serialize};

use crate::verify::distinct;
use crate::{FileDiff, Snapshot, apply, apply_proposed, diff};

/// Quotes that are shown with an operation.
const QUOTES_MAX: usize = 3;

/// What a dream changes in one memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemoryDiff {
    /// The memory.
    pub path: String,
    /// Its lines that change; none where only a conflict is flagged.
    pub file: Option<FileDiff>,
    /// The operations that touch it, in the dream's order, each with its reason and at most
    /// three quotes.
    pub operations: Vec<DreamOperation>,
}

/// What the accepted operations of a dream change in the input store, by memory; with those
/// that wait where `with_proposed` says so. A memory that nothing touches is left out; an
/// operation that touches several is shown with each.
#[must_use]
pub fn diff_dream(
    snapshot: &Snapshot,
    operations: &[DreamOperation],
    with_proposed: bool,
) -> Vec<MemoryDiff> {
    let texts = match with_proposed {
        true => apply_proposed(snapshot, operations),
        false => apply(snapshot, operations),
    };
    let mut memories: BTreeMap<String, MemoryDiff> = BTreeMap::new();
    for file in diff(&snapshot.contents(), &texts) {
        let path = file.path.clone();
        memory(&mut memories, &path).file = Some(file);
    }
    let paths: HashMap<String, String> =
        snapshot.entries().into_iter().map(|entry| (entry.id, entry.path)).collect();
    let is_shown = |operation: &&DreamOperation| match operation.state {
        OperationState::Accepted => true,
        OperationState::Proposed => with_proposed,
        OperationState::Rejected | OperationState::Undone => false,
    };
    for operation in operations.iter().filter(is_shown) {
        for path in touched(&operation.change, &paths) {
            memory(&mut memories, path).operations.push(shortened(operation));
        }
    }
    memories.into_values().collect()
}

fn memory<'a>(memories: &'a mut BTreeMap<String, MemoryDiff>, path: &str) -> &'a mut MemoryDiff {
    memories.entry(path.to_owned()).or_insert_with(|| MemoryDiff {
        path: path.to_owned(),
        file: None,
        operations: Vec::new(),
    })
}

/// The memories that a change touches.
fn touched<'a>(change: &'a Change, paths: &'a HashMap<String, String>) -> BTreeSet<&'a str> {
    let ids: Vec<&str> = match change {
        Change::Add { draft, .. } => return BTreeSet::from([draft.path.as_str()]),
        // What is kept is as it was.
        Change::Keep { .. } => Vec::new(),
        Change::Drop { entry_id } => vec![entry_id.as_str()],
        Change::Supersede { loser_id, winner_id, .. } => {
            vec![loser_id.as_str(), winner_id.as_str()]
        }
        Change::Merge { entry_ids, .. } | Change::FlagConflict { entry_ids } => {
            distinct(entry_ids).collect()
        }
    };
    ids.into_iter().filter_map(|id| paths.get(id)).map(String::as_str).collect()
}

/// An operation with at most three quotes, of as many sessions as there are.
fn shortened(operation: &DreamOperation) -> DreamOperation {
    let mut sessions = BTreeSet::new();
    let (first, more): (Vec<&Evidence>, Vec<&Evidence>) =
        operation.evidence.iter().partition(|evidence| sessions.insert(&evidence.session_id));
    let evidence = first.into_iter().chain(more).take(QUOTES_MAX).cloned().collect();
    DreamOperation { evidence, ..operation.clone() }
}
