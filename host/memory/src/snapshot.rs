//! The store a dream reads, as it was when the dream began.

use std::collections::BTreeMap;

use lucid_core::{Memory, Timestamp};

use crate::{Document, Entry};

/// The text of one memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryText {
    /// The text.
    pub content: String,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A memory store at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The memories by path.
    pub memories: BTreeMap<String, MemoryText>,
}

impl Snapshot {
    /// Takes the memories of one store.
    #[must_use]
    pub fn of(memories: &[Memory]) -> Self {
        memories
            .iter()
            .map(|memory| {
                let content = memory.content.clone();
                (memory.path.clone(), MemoryText { content, updated_at: memory.updated_at })
            })
            .collect()
    }

    /// The entries of all memories, ordered by path, then by place.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.documents().flat_map(|document| document.entries).collect()
    }

    /// The texts by path, as [`diff`](crate::diff) takes them.
    #[must_use]
    pub fn contents(&self) -> BTreeMap<String, String> {
        let pairs = self.memories.iter();
        pairs.map(|(path, memory)| (path.clone(), memory.content.clone())).collect()
    }

    /// When a memory was last changed.
    #[must_use]
    pub fn updated_at(&self, path: &str) -> Option<Timestamp> {
        self.memories.get(path).map(|memory| memory.updated_at)
    }

    pub(crate) fn documents(&self) -> impl Iterator<Item = Document> {
        self.memories.iter().map(|(path, memory)| Document::parse(path, &memory.content))
    }
}

impl FromIterator<(String, MemoryText)> for Snapshot {
    fn from_iter<I: IntoIterator<Item = (String, MemoryText)>>(memories: I) -> Self {
        Self { memories: memories.into_iter().collect() }
    }
}
