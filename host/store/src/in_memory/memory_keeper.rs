//! Single memories.

use async_trait::async_trait;
use lucid_core::{
    Memory, MemoryId, MemoryStore, MemoryStoreId, MemoryVersion, MemoryVersionId, Result,
};

use super::InMemoryStore;
use crate::memory_keeper::MemoryKeeper;

#[async_trait]
impl MemoryKeeper for InMemoryStore {
    async fn change_memory_store(&self, store: &MemoryStore) -> Result<()> {
        self.state().memories.change(store)
    }

    async fn delete_memory_store(&self, id: &MemoryStoreId) -> Result<()> {
        let mut state = self.state();
        state.memories.delete(id)?;
        state.dreams.forget_store(id);
        Ok(())
    }

    async fn memory_stores_named(&self, start: &str, limit: u32) -> Result<Vec<MemoryStoreId>> {
        Ok(self.state().memories.starting(start, limit))
    }

    async fn memory(&self, id: &MemoryId) -> Result<Option<Memory>> {
        Ok(self.state().memories.memory(id))
    }

    async fn memories_in_short(&self, store_id: &MemoryStoreId) -> Result<Vec<(Memory, u64)>> {
        let memories = self.state().memories.list(store_id);
        let in_short = |memory: Memory| {
            let bytes = memory.content.len() as u64;
            (Memory { content: String::new(), ..memory }, bytes)
        };
        Ok(memories.into_iter().map(in_short).collect())
    }

    async fn memory_versions_in_short(
        &self,
        store_id: &MemoryStoreId,
    ) -> Result<Vec<MemoryVersion>> {
        let versions = self.state().memories.versions(store_id, None);
        let in_short = |version: MemoryVersion| MemoryVersion { content: None, ..version };
        Ok(versions.into_iter().map(in_short).collect())
    }

    async fn newest_memory_version(
        &self,
        store_id: &MemoryStoreId,
    ) -> Result<Option<MemoryVersionId>> {
        Ok(self.state().memories.newest(store_id))
    }

    async fn write_memories_after(
        &self,
        store_id: &MemoryStoreId,
        newest: Option<&MemoryVersionId>,
        versions: Vec<MemoryVersion>,
    ) -> Result<bool> {
        let mut state = self.state();
        if state.memories.newest(store_id).as_ref() != newest {
            return Ok(false);
        }
        state.memories.write(store_id, versions).map(|()| true)
    }
}
