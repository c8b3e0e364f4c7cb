//! What a store holds now, and what a change of a file comes to over it.

use std::collections::BTreeMap;
use std::sync::Arc;

use lucid_core::{
    Author, Memory, MemoryId, MemoryOperation, MemoryStoreId, MemoryVersion, MemoryVersionId,
    Result, Timestamp,
};
use lucid_store::Store;

use super::Pen;

/// A file that is not what it was.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// The memory's path.
    pub(super) path: String,
    /// The hash of what is in it now; none where it is gone.
    pub(super) hash: Option<String>,
}

/// What a change comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// The store has it so already.
    Nothing,
    /// It changes what the agent saw.
    Write,
    /// It changes what somebody else wrote meanwhile.
    Over,
    /// Somebody else changed what the agent took away.
    Leave,
}

/// The memories of a store, without their texts.
pub(super) struct Heads {
    /// The newest version: while it is the same, all of them are.
    pub(super) newest: Option<MemoryVersionId>,
    /// Each by its path.
    pub(super) at: BTreeMap<String, Memory>,
}

impl Heads {
    pub(super) async fn read(store: &Arc<dyn Store>, id: &MemoryStoreId) -> Result<Self> {
        // Looked at first: what is written between this and the memories is noticed.
        let newest = store.newest_memory_version(id).await?;
        let at = store.memories_in_short(id).await?.into_iter();
        let at = at.map(|(memory, _)| (memory.path.clone(), memory)).collect();
        Ok(Self { newest, at })
    }

    /// What a change comes to, where the agent saw `known`.
    pub(super) fn plan(&self, change: &Change, known: Option<&String>) -> Plan {
        let now = self.at.get(&change.path).map(|memory| &memory.content_sha256);
        match &change.hash {
            hash if hash.as_ref() == now => Plan::Nothing,
            _ if now == known => Plan::Write,
            Some(_) => Plan::Over,
            None => Plan::Leave,
        }
    }

    /// The version that a change makes.
    pub(super) fn version(
        &self,
        store: &MemoryStoreId,
        change: &Change,
        content: Option<String>,
        author: &Author,
        pen: Pen<'_>,
    ) -> MemoryVersion {
        let before = self.at.get(&change.path);
        let operation = match (&content, before) {
            (None, _) => MemoryOperation::Deleted,
            (Some(_), Some(_)) => MemoryOperation::Modified,
            (Some(_), None) => MemoryOperation::Created,
        };
        let new_id = || MemoryId::new(pen.clock, pen.entropy);
        // Behind what it replaces, whatever the clock of its writer said.
        let later = before.map_or(0, |before| before.updated_at.as_millis().saturating_add(1));
        MemoryVersion {
            id: MemoryVersionId::new(pen.clock, pen.entropy),
            memory_id: before.map_or_else(new_id, |memory| memory.id.clone()),
            memory_store_id: store.clone(),
            operation,
            path: change.path.clone(),
            content,
            created_by: author.clone(),
            created_at: pen.clock.now().max(Timestamp(later)),
        }
    }

    /// Takes over what was written.
    pub(super) fn apply(&mut self, versions: &[MemoryVersion]) {
        for version in versions {
            self.newest = Some(version.id.clone());
            let before = self.at.remove(&version.path);
            let Some(content) = &version.content else { continue };
            let memory = Memory {
                id: version.memory_id.clone(),
                memory_store_id: version.memory_store_id.clone(),
                memory_version_id: version.id.clone(),
                path: version.path.clone(),
                content: String::new(),
                content_sha256: super::folder::hash(content),
                created_at: before.map_or(version.created_at, |before| before.created_at),
                updated_at: version.created_at,
            };
            self.at.insert(version.path.clone(), memory);
        }
    }
}
