//! What every store can do.

use async_trait::async_trait;
use lucid_core::{
    EventId, EventRecord, Memory, MemoryStore, MemoryStoreId, MemoryVersion, Result, Session,
    SessionId, SessionStatus, SessionSummary, Timestamp,
};
use tokio::sync::watch;

use crate::documents::DocumentStore;
use crate::dream_store::DreamStore;
use crate::memory_keeper::MemoryKeeper;

/// Bytes of bodies after which a page of events ends although more were asked for: one event may
/// have 32 MiB, and a page is in memory.
pub const PAGE_BYTES_MAX: usize = 8 << 20;

/// Which sessions to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionFilter {
    /// Metadata that a session must have, all of it.
    pub metadata: Vec<(String, String)>,
    /// Where a session must stand, such as those that were running; anywhere, when none.
    pub status: Option<SessionStatus>,
    /// Whether only those are listed whose last event is another than that they rest.
    pub restless: bool,
    /// Made at this moment or later.
    pub from: Option<Timestamp>,
    /// Made before this moment.
    pub until: Option<Timestamp>,
    /// Whether the list starts with the newest session; else with the oldest.
    pub newest_first: bool,
    /// How many at most; all, when none.
    pub limit: Option<u32>,
    /// Start behind this session.
    pub after: Option<SessionId>,
}

/// Who has claimed a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The owner's name.
    pub owner: String,
    /// Until when. A moment that has passed: nobody gave the claim back, and anybody may
    /// claim the session.
    pub until: Timestamp,
    /// What the owner appends with.
    pub epoch: u64,
}

/// An event log and the resources beside it; those of dreams are in [`DreamStore`], and those
/// that only the API knows in [`DocumentStore`].
///
/// Several processes may have the same store open at once: they read while one writes, and
/// their writes wait for each other.
///
/// A write that returned is on disk, and every read that starts later sees it. A write
/// whose future is dropped may still happen. A write that fails leaves nothing behind.
#[async_trait]
pub trait Store: DreamStore + DocumentStore + MemoryKeeper {
    /// Makes a session.
    ///
    /// # Errors
    /// Invalid, when there is a session with this id.
    async fn create_session(&self, session: &Session) -> Result<()>;

    /// Changes a session's title, agent and metadata; its log, and when it was made, stay.
    ///
    /// # Errors
    /// Invalid, when there is no such session.
    async fn change_session(&self, session: &Session) -> Result<()>;

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

    /// The ids of sessions that start like this, in their order, at most so many. None of their
    /// logs is looked at.
    ///
    /// # Errors
    /// As [`Store::session`].
    async fn sessions_named(&self, start: &str, limit: u32) -> Result<Vec<SessionId>>;

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

    /// Appends what people send to a session, all or none, with no lease: whoever has
    /// claimed it sees them when it looks. Gives the number the next event will have; the
    /// numbers are those of [`Store::append_events`].
    ///
    /// # Errors
    /// Invalid, when there is no such session, or it is archived (the last event that says
    /// its status is `session.status_terminated`), or an event's id is in it already.
    async fn post_events(&self, session_id: &SessionId, events: Vec<EventRecord>) -> Result<u32>;

    /// Reads how many events a session has, which is the number of its next one; none when
    /// there is no such session. One look into an index: cheap enough to ask often.
    ///
    /// # Errors
    /// As [`Store::session`].
    async fn head(&self, session_id: &SessionId) -> Result<Option<u32>>;

    /// Watches a session's head: it changes after every write of this store that adds events to
    /// the session, and a last time when the session is deleted; nothing is sent after that. The
    /// number is the head after the last of these writes, and 0 before the first.
    ///
    /// So watch first and read the log then: what is written in between is seen one way or the
    /// other. Writes of other processes are not seen here; look at [`Store::head`] for those.
    fn watch(&self, id: &SessionId) -> watch::Receiver<u32>;

    /// Reads at most `limit` events behind number `after`, or from the start, in order.
    ///
    /// Fewer come where they are large: a page ends with the event that makes it
    /// [`PAGE_BYTES_MAX`] bytes or more. So a short page is not the end of a log; an empty one
    /// is, and [`Store::head`] says where that is.
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

    /// Claims a session as [`Store::claim`] does, but from the owner `from` at any time:
    /// that process is known to be dead, and cannot write any more once this returns. None
    /// when a third owner has it meanwhile.
    ///
    /// # Errors
    /// Invalid, when there is no such session.
    async fn take_over(
        &self,
        session_id: &SessionId,
        owner: &str,
        from: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<u64>>;

    /// Reads who has claimed a session and has not given it back, also when the claim's
    /// time has passed; none when nobody, or when there is no such session.
    ///
    /// # Errors
    /// As [`Store::session`].
    async fn lease(&self, session_id: &SessionId) -> Result<Option<Lease>>;

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

    /// Removes a session, its metadata, its events, its lease, and what strategies kept of it.
    /// Its id can be used again.
    ///
    /// `epoch` is as in [`Store::append_events`].
    ///
    /// # Errors
    /// Failed, when another process has claimed the session since; invalid, when there is
    /// no such session.
    async fn delete_session(&self, session_id: &SessionId, epoch: u64) -> Result<()>;

    /// Adds whole sessions with their events, all or none; the events are numbered as they
    /// come. Nobody has claimed these sessions.
    ///
    /// # Errors
    /// Invalid, when there is a session with one of these ids, or an event's id is in its
    /// session twice.
    async fn import_sessions(&self, sessions: Vec<(Session, Vec<EventRecord>)>) -> Result<()>;

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

    /// Waits until everything is written and tidied up. The store can still be used.
    ///
    /// # Errors
    /// As [`Store::session`].
    async fn close(&self) -> Result<()>;
}
