//! The entries of a snapshot by id.

use std::collections::{BTreeMap, HashMap};

use lucid_core::Timestamp;

use crate::{Entry, Snapshot};

/// The entries of the input store, and when their memories were last changed.
pub(crate) struct Index {
    entries: Vec<Entry>,
    numbers: HashMap<String, usize>,
    updated_at: BTreeMap<String, Timestamp>,
}

impl Index {
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let entries = snapshot.entries();
        let memories = snapshot.memories.iter();
        Self {
            numbers: entries.iter().map(|entry| entry.id.clone()).zip(0..).collect(),
            entries,
            updated_at: memories.map(|(path, memory)| (path.clone(), memory.updated_at)).collect(),
        }
    }

    /// All entries, ordered by path, then by place.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// An entry's number in that order.
    pub(crate) fn number(&self, entry_id: &str) -> Option<usize> {
        self.numbers.get(entry_id).copied()
    }

    pub(crate) fn get(&self, entry_id: &str) -> Option<&Entry> {
        self.number(entry_id).map(|number| &self.entries[number])
    }

    /// When the entry was said at the latest, where it gives no date itself.
    pub(crate) fn said_at(&self, entry: &Entry) -> Timestamp {
        self.updated_at.get(&entry.path).copied().unwrap_or_default()
    }
}
