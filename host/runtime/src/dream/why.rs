//! Where an entry of a memory store comes from, back to the quotes.

use lucid_core::{
    Author, DreamStatus, EntryInterval, Failure, MemoryStoreId, MemoryVersion, Result, Timestamp,
};
use lucid_memory::{Document, WhyStep};
use serde::{Deserialize, Serialize};

use super::asked::no_memory_store;
use crate::state::Runtime;

/// Where an entry comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Why {
    /// The entry.
    pub entry_id: String,
    /// The store that was asked about.
    pub memory_store_id: MemoryStoreId,
    /// The memory it stands or stood in.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Whether it is there.
    pub standing: EntryStanding,
    /// The first version that has it, in the oldest store that it is known in: when.
    pub first_at: Option<Timestamp>,
    /// The same: who wrote it.
    pub first_by: Option<Author>,
    /// The stores it stood in, the newest first, with the dreams that made them and the
    /// operations it is there by: reason, quotes and numbers.
    pub steps: Vec<WhyStep>,
}

/// Whether an entry is in its store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryStanding {
    /// It is.
    Stands,
    /// A newer one replaced it.
    Superseded,
    /// It was there.
    Gone,
}

impl Runtime {
    /// Where an entry of a memory store comes from.
    ///
    /// # Errors
    /// Invalid, when there is no such store, or it never had such an entry; failed, when the
    /// store fails.
    pub async fn memory_why(&self, store: &MemoryStoreId, entry: &str) -> Result<Why> {
        if self.store.memory_store(store).await?.is_none() {
            return Err(no_memory_store(store));
        }
        let mut dreams = self.store.dreams().await?;
        dreams.retain(|dream| dream.status == DreamStatus::Completed);
        let steps = lucid_memory::why(store, entry, &dreams);
        let (path, text, standing) = self.find_entry(store, entry).await?;
        let (mut first_at, mut first_by) = (None, None);
        // The oldest store that has it says who wrote it first.
        for step in steps.iter().rev() {
            let versions = self.store.memory_versions(&step.memory_store_id, None).await?;
            let oldest = versions.iter().rev().find(|version| has(version, &step.entry_id));
            if let Some(version) = oldest {
                first_at = Some(version.created_at);
                first_by = Some(version.created_by.clone());
                break;
            }
        }
        let (entry_id, memory_store_id) = (entry.to_owned(), store.clone());
        Ok(Why { entry_id, memory_store_id, path, text, standing, first_at, first_by, steps })
    }

    /// The entries of a store that were superseded, with when they held.
    ///
    /// # Errors
    /// Invalid, when there is no such store; failed, when the store fails.
    pub async fn memory_history(&self, store: &MemoryStoreId) -> Result<Vec<EntryInterval>> {
        if self.store.memory_store(store).await?.is_none() {
            return Err(no_memory_store(store));
        }
        self.store.intervals(store).await
    }

    async fn find_entry(
        &self,
        store: &MemoryStoreId,
        entry: &str,
    ) -> Result<(String, String, EntryStanding)> {
        for memory in self.store.memories(store).await? {
            if let Some(text) = text_in(&memory.path, &memory.content, entry) {
                return Ok((memory.path, text, EntryStanding::Stands));
            }
        }
        let held = self.store.intervals(store).await?;
        if let Some(interval) = held.into_iter().rev().find(|held| held.entry_id == entry) {
            return Ok((interval.path, interval.text, EntryStanding::Superseded));
        }
        for version in self.store.memory_versions(store, None).await? {
            let content = version.content.as_deref().unwrap_or_default();
            if let Some(text) = text_in(&version.path, content, entry) {
                return Ok((version.path, text, EntryStanding::Gone));
            }
        }
        Err(Failure::invalid(format!("memory store {store} never had an entry {entry:?}"))
            .hint(format!("`lucid memory show {store} --json` lists its entries with their ids")))
    }
}

fn has(version: &MemoryVersion, entry: &str) -> bool {
    let content = version.content.as_deref().unwrap_or_default();
    text_in(&version.path, content, entry).is_some()
}

/// The text of an entry of a memory, where it has it.
fn text_in(path: &str, content: &str, entry: &str) -> Option<String> {
    let entries = Document::parse(path, content).entries;
    entries.into_iter().find(|found| found.id == entry).map(|found| found.text)
}
