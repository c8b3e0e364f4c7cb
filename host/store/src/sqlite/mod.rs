//! The store in one SQLite file: write-ahead log, one writer, readers beside it.

mod digests;
mod documents;
mod dream_store;
mod dreams;
mod error;
mod events;
mod leases;
mod memories;
mod memory_keeper;
mod old_dreams;
mod open;
mod readers;
mod schedules;
mod schema;
mod sessions;
mod starts;
mod values;
mod writer;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use lucid_core::{
    EventId, EventRecord, Memory, MemoryStore, MemoryStoreId, MemoryVersion, Result, Session,
    SessionId, SessionSummary, Timestamp,
};
use rusqlite::Connection;
use tokio::sync::watch;

use crate::store::{Lease, SessionFilter, Store};
use crate::watch::Watched;
use error::Outcome;
use readers::Readers;
use starts::Table;
use writer::Writer;

/// What an acknowledged write survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// A power cut: every commit waits for the disk.
    #[default]
    Full,
    /// The end of this process, but perhaps not a power cut. The file is never damaged.
    Normal,
}

/// The store in one SQLite file.
pub struct SqliteStore {
    // Readers first, so that the writer is the last to close the file and leaves no log.
    readers: Readers,
    writer: Writer,
    watched: Arc<Watched>,
}

impl SqliteStore {
    /// Opens a store, or makes it when there is no such file: for its owner only.
    ///
    /// # Errors
    /// Failed, when the file cannot be opened or is of a newer version; invalid, when it
    /// is another program's database.
    pub fn open(path: &Path, durability: Durability) -> Result<Self> {
        let failed = |error: error::Error| error.into_failure(path);
        open::make_file(path)?;
        let connection = open::writer(path, durability).map_err(failed)?;
        let readers = open::readers(path).map_err(failed)?;
        Ok(Self {
            readers: Readers::new(readers, path.to_owned()),
            writer: Writer::start(connection, path.to_owned())?,
            watched: Arc::default(),
        })
    }

    /// Adds events, and tells who watches that session.
    async fn append<F>(&self, id: &SessionId, write: F) -> Result<u32>
    where
        F: FnOnce(&Connection, &SessionId) -> Outcome<u32> + Send + 'static,
    {
        let (id, to, watched) = (id.clone(), id.clone(), Arc::clone(&self.watched));
        let tell = move |head: &u32| watched.tell(&to, *head);
        self.writer.write_then(move |connection| write(connection, &id), tell).await
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn create_session(&self, session: &Session) -> Result<()> {
        let session = session.clone();
        self.writer.write(move |connection| sessions::create(connection, &session)).await
    }

    async fn change_session(&self, session: &Session) -> Result<()> {
        let session = session.clone();
        self.writer.write(move |connection| sessions::change(connection, &session)).await
    }

    async fn session(&self, id: &SessionId) -> Result<Option<Session>> {
        let id = id.clone();
        self.readers.look(move |connection| sessions::read(connection, &id)).await
    }

    async fn session_summary(&self, id: &SessionId) -> Result<Option<SessionSummary>> {
        let id = id.clone();
        self.readers.read(move |connection| sessions::summary(connection, &id)).await
    }

    async fn sessions(&self, filter: &SessionFilter) -> Result<Vec<SessionSummary>> {
        let filter = filter.clone();
        self.readers.read(move |connection| sessions::list(connection, &filter)).await
    }

    async fn sessions_named(&self, start: &str, limit: u32) -> Result<Vec<SessionId>> {
        let start = start.to_owned();
        self.readers
            .read(move |connection| {
                Table::Sessions.starting(connection, SessionId::parse, &start, limit)
            })
            .await
    }

    async fn append_events(
        &self,
        session_id: &SessionId,
        epoch: u64,
        events: Vec<EventRecord>,
    ) -> Result<u32> {
        let write = move |connection: &_, id: &_| events::append(connection, id, epoch, &events);
        self.append(session_id, write).await
    }

    async fn post_events(&self, session_id: &SessionId, events: Vec<EventRecord>) -> Result<u32> {
        let write = move |connection: &_, id: &_| events::post(connection, id, &events);
        self.append(session_id, write).await
    }

    async fn head(&self, session_id: &SessionId) -> Result<Option<u32>> {
        let id = session_id.clone();
        self.readers.look(move |connection| events::head(connection, &id)).await
    }

    fn watch(&self, id: &SessionId) -> watch::Receiver<u32> {
        self.watched.watch(id)
    }

    async fn events(
        &self,
        session_id: &SessionId,
        after: Option<u32>,
        limit: u32,
    ) -> Result<Vec<(u32, EventRecord)>> {
        let id = session_id.clone();
        self.readers.read(move |connection| events::list(connection, &id, after, limit)).await
    }

    async fn event(
        &self,
        session_id: &SessionId,
        event_id: &EventId,
    ) -> Result<Option<EventRecord>> {
        let (session_id, id) = (session_id.clone(), event_id.clone());
        self.readers.look(move |connection| events::read(connection, &session_id, &id)).await
    }

    async fn claim(
        &self,
        session_id: &SessionId,
        owner: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<u64>> {
        let (id, owner) = (session_id.clone(), owner.to_owned());
        let claim = leases::Claim { owner, from: None, until, now };
        self.writer.write(move |connection| leases::claim(connection, &id, &claim)).await
    }

    async fn take_over(
        &self,
        session_id: &SessionId,
        owner: &str,
        from: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<u64>> {
        let (id, owner, from) = (session_id.clone(), owner.to_owned(), Some(from.to_owned()));
        let claim = leases::Claim { owner, from, until, now };
        self.writer.write(move |connection| leases::claim(connection, &id, &claim)).await
    }

    async fn lease(&self, session_id: &SessionId) -> Result<Option<Lease>> {
        let id = session_id.clone();
        self.readers.look(move |connection| leases::lease(connection, &id)).await
    }

    async fn heartbeat(
        &self,
        session_id: &SessionId,
        epoch: u64,
        until: Timestamp,
    ) -> Result<bool> {
        let id = session_id.clone();
        self.writer.write(move |connection| leases::heartbeat(connection, &id, epoch, until)).await
    }

    async fn release(&self, session_id: &SessionId, epoch: u64) -> Result<()> {
        let id = session_id.clone();
        self.writer.write(move |connection| leases::release(connection, &id, epoch)).await
    }

    async fn delete_session(&self, session_id: &SessionId, epoch: u64) -> Result<()> {
        let (id, gone, watched) =
            (session_id.clone(), session_id.clone(), Arc::clone(&self.watched));
        let tell = move |(): &()| watched.gone(&gone);
        let write = move |connection: &_| sessions::delete(connection, &id, epoch);
        self.writer.write_then(write, tell).await
    }

    async fn import_sessions(&self, sessions: Vec<(Session, Vec<EventRecord>)>) -> Result<()> {
        let watched = Arc::clone(&self.watched);
        let tell = move |heads: &Vec<(SessionId, u32)>| {
            for (id, head) in heads {
                watched.tell(id, *head);
            }
        };
        let write = move |connection: &_| sessions::import(connection, &sessions);
        self.writer.write_then(write, tell).await.map(drop)
    }

    async fn create_memory_store(&self, store: &MemoryStore) -> Result<()> {
        let store = store.clone();
        self.writer.write(move |connection| memories::create_store(connection, &store)).await
    }

    async fn memory_store(&self, id: &MemoryStoreId) -> Result<Option<MemoryStore>> {
        let id = id.clone();
        self.readers.read(move |connection| memories::store(connection, &id)).await
    }

    async fn memory_stores(&self) -> Result<Vec<MemoryStore>> {
        self.readers.read(memories::stores).await
    }

    async fn write_memories(
        &self,
        store_id: &MemoryStoreId,
        versions: Vec<MemoryVersion>,
    ) -> Result<()> {
        let id = store_id.clone();
        self.writer.write(move |connection| memories::write(connection, &id, &versions)).await
    }

    async fn memories(&self, store_id: &MemoryStoreId) -> Result<Vec<Memory>> {
        let id = store_id.clone();
        self.readers.read(move |connection| memories::list(connection, &id)).await
    }

    async fn memory_versions(
        &self,
        store_id: &MemoryStoreId,
        path: Option<&str>,
    ) -> Result<Vec<MemoryVersion>> {
        let (id, path) = (store_id.clone(), path.map(str::to_owned));
        self.readers
            .read(move |connection| memories::versions(connection, &id, path.as_deref()))
            .await
    }

    async fn close(&self) -> Result<()> {
        self.writer.flush().await
    }
}
