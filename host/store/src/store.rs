//! What every store can do.

use async_trait::async_trait;
use lucid_core::{
    Dream, DreamId, EventId, EventRecord, Memory, MemoryStore, MemoryStoreId, MemoryVersion,
    Result, Session, SessionId, SessionSummary, Timestamp,
};

/// Which sessions to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionFilter {
    /// Metadata that a session must have, all of it.
    pub metadata: Vec<(String, String)>,
    /// Whether the list starts with the newest session; else with the oldest.
    pub newest_first: bool,
    /// How many at most; all, when none.
    pub limit: Option<u32>,
    /// Start behind this session.
    pub after: Option<SessionId>,
}

/// An event log and the resources beside it.
///
/// A write that returned is on disk, and every read that starts later sees it. A write
/// whose future is dropped may still happen. A write that fails leaves nothing behind.
#[async_trait]
pub trait Store: Send + Sync {
    /// Makes a session.
    ///
    /// # Errors
    /// Invalid, when there is a session with this id.
    async fn create_session(&self, session: &Session) -> Result<()>;

    /// Reads a session.
    ///
    /// # Errors
    /// Failed, when the storage fails; so for every method.
    async fn session(&self, id: &SessionId) -> Result<Option<Session>>;

    /// Reads a session at a glance.
    ///
    /// # Errors
    /// As [`Store::session`].
    async fn session_summary(&self, id: &SessionId) -> Result<Option<SessionSummary>>;

    /// Lists sessions at a glance, by the time they were made.
    ///
    /// # Errors
    /// Invalid, when the session to start behind does not exist.
    async fn sessions(&self, filter: &SessionFilter) -> Result<Vec<SessionSummary>>;

    /// Appends events to a session, all or none, and gives the number the next event will
    /// have; numbers are dense, from 0.
    ///
    /// `epoch` is what [`Store::claim`] gave, or 0 for a session that nobody ever claimed.
    ///
    /// # Errors
    /// Failed, when another process has claimed the session since; invalid, when there is
    /// no such session, or an event's id is in it already.
    async fn append_events(
        &self,
        session_id: &SessionId,
        epoch: u64,
        events: Vec<EventRecord>,
    ) -> Result<u32>;

    /// Reads at most `limit` events behind number `after`, or from the start, in order.
    ///
    /// # Errors
    /// As [`Store::session`].
    async fn events(
        &self,
        session_id: &SessionId,
        after: Option<u32>,
        limit: u32,
    ) -> Result<Vec<(u32, EventRecord)>>;

    /// Reads one event.
    ///
    /// # Errors
    /// As [`Store::session`].
    async fn event(
        &self,
        session_id: &SessionId,
        event_id: &EventId,
    ) -> Result<Option<EventRecord>>;

    /// Claims a session until some moment, and gives the epoch to append with; none when
    /// another owner has it. Who owns it already gets a new epoch at once: a process that
    /// restarts takes over from itself.
    ///
    /// # Errors
    /// Invalid, when there is no such session.
    async fn claim(
        &self,
        session_id: &SessionId,
        owner: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<u64>>;

    /// Keeps a claim until a later moment; false when it is lost.
    ///
    /// # Errors
    /// As [`Store::session`].
    async fn heartbeat(&self, session_id: &SessionId, epoch: u64, until: Timestamp)
    -> Result<bool>;

    /// Gives a claim back. A claim that is lost is left alone.
    ///
    /// # Errors
    /// As [`Store::session`].
    async fn release(&self, session_id: &SessionId, epoch: u64) -> Result<()>;

    /// Makes a memory store.
    ///
    /// # Errors
    /// Invalid, when there is a memory store with this id.
    async fn create_memory_store(&self, store: &MemoryStore) -> Result<()>;

    /// Reads a memory store.
    ///
    /// # Errors
    /// As [`Store::session`].
    async fn memory_store(&self, id: &MemoryStoreId) -> Result<Option<MemoryStore>>;

    /// Lists the memory stores, oldest first.
    ///
    /// # Errors
    /// As [`Store::session`].
    async fn memory_stores(&self) -> Result<Vec<MemoryStore>>;

    /// Writes versions of memories in the order given, all or none. A version that creates
    /// needs a free path, one that modifies or deletes a memory that is there; one that
    /// modifies may move it.
    ///
    /// # Errors
    /// Invalid, when a version does not fit what is there; exceeded, when a memory would
    /// be larger than 102,400 bytes or the store have more than 2,000.
    async fn write_memories(
        &self,
        store_id: &MemoryStoreId,
        versions: Vec<MemoryVersion>,
    ) -> Result<()>;

    /// Lists the memories of a store as they are now, by path.
    ///
    /// # Errors
    /// As [`Store::session`].
    async fn memories(&self, store_id: &MemoryStoreId) -> Result<Vec<Memory>>;

    /// Lists the versions of a store's memories, or of those that stood at one path, newest
    /// first.
    ///
    /// # Errors
    /// As [`Store::session`].
    async fn memory_versions(
        &self,
        store_id: &MemoryStoreId,
        path: Option<&str>,
    ) -> Result<Vec<MemoryVersion>>;

    /// Writes a dream, new or changed.
    ///
    /// # Errors
    /// As [`Store::session`].
    async fn put_dream(&self, dream: &Dream) -> Result<()>;

    /// Reads a dream.
    ///
    /// # Errors
    /// As [`Store::session`].
    async fn dream(&self, id: &DreamId) -> Result<Option<Dream>>;

    /// Lists the dreams, newest first.
    ///
    /// # Errors
    /// As [`Store::session`].
    async fn dreams(&self) -> Result<Vec<Dream>>;

    /// Waits until everything is written and tidied up. The store can still be used.
    ///
    /// # Errors
    /// As [`Store::session`].
    async fn close(&self) -> Result<()>;
}
