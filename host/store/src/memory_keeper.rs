//! What a store does for whoever changes memories one at a time: lists without texts, and
//! writes that happen only over what was read.

use async_trait::async_trait;
use lucid_core::{
    Memory, MemoryId, MemoryStore, MemoryStoreId, MemoryVersion, MemoryVersionId, Result,
};

/// The part of a store that looks after single memories. Its promises are those of
/// [`Store`](crate::Store).
#[async_trait]
pub trait MemoryKeeper: Send + Sync {
    /// Changes the name and the description of a memory store.
    ///
    /// # Errors
    /// Invalid, when there is no such memory store; failed, when the storage fails, so for
    /// every method.
    async fn change_memory_store(&self, store: &MemoryStore) -> Result<()>;

    /// Removes a memory store with its memories, their versions, and what dreams know of the
    /// times that its entries held.
    ///
    /// # Errors
    /// Invalid, when there is no such memory store.
    async fn delete_memory_store(&self, id: &MemoryStoreId) -> Result<()>;

    /// The ids of memory stores that start like this, in their order, at most so many.
    ///
    /// # Errors
    /// As [`MemoryKeeper::change_memory_store`].
    async fn memory_stores_named(&self, start: &str, limit: u32) -> Result<Vec<MemoryStoreId>>;

    /// Reads a memory as it is now.
    ///
    /// # Errors
    /// As [`MemoryKeeper::change_memory_store`].
    async fn memory(&self, id: &MemoryId) -> Result<Option<Memory>>;

    /// Lists the memories of a store as they are now, by path, without their texts, each with
    /// how many bytes its text has.
    ///
    /// # Errors
    /// As [`MemoryKeeper::change_memory_store`].
    async fn memories_in_short(&self, store_id: &MemoryStoreId) -> Result<Vec<(Memory, u64)>>;

    /// Lists the versions of a store's memories without their texts, newest first.
    ///
    /// # Errors
    /// As [`MemoryKeeper::change_memory_store`].
    async fn memory_versions_in_short(
        &self,
        store_id: &MemoryStoreId,
    ) -> Result<Vec<MemoryVersion>>;

    /// The newest version in a store: while it is the same, every memory of it is.
    ///
    /// # Errors
    /// As [`MemoryKeeper::change_memory_store`].
    async fn newest_memory_version(
        &self,
        store_id: &MemoryStoreId,
    ) -> Result<Option<MemoryVersionId>>;

    /// Writes versions as [`Store::write_memories`](crate::Store::write_memories) does, where
    /// the store's newest version is the one that the caller knew before it read. False, and
    /// nothing is written, where there is another by now.
    ///
    /// # Errors
    /// As [`Store::write_memories`](crate::Store::write_memories).
    async fn write_memories_after(
        &self,
        store_id: &MemoryStoreId,
        newest: Option<&MemoryVersionId>,
        versions: Vec<MemoryVersion>,
    ) -> Result<bool>;
}
