//! The store in memory, for tests and simulations: it keeps every promise but to survive.

mod documents;
mod dreams;
mod memories;
mod memory_keeper;
mod sessions;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use lucid_core::{
    EventId, EventRecord, Memory, MemoryStore, MemoryStoreId, MemoryVersion, Result, Session,
    SessionId, SessionSummary, Timestamp,
};
use tokio::sync::watch;

use crate::rules;
use crate::store::{Lease, PAGE_BYTES_MAX, SessionFilter, Store};
use crate::watch::Watched;
use documents::Documents;
use dreams::Dreams;
use memories::Memories;
use sessions::Log;

/// The store in memory.
#[derive(Debug, Default)]
pub struct InMemoryStore {
    state: Mutex<State>,
    watched: Watched,
}

#[derive(Debug, Default)]
struct State {
    logs: BTreeMap<SessionId, Log>,
    memories: Memories,
    dreams: Dreams,
    documents: Documents,
}

impl State {
    fn log(&mut self, id: &SessionId) -> Result<&mut Log> {
        self.logs.get_mut(id).ok_or_else(|| rules::no_session(id))
    }
}

/// Those ids that start like this, as many as are wanted.
fn starting<'a, T: Clone + 'a>(
    ids: impl Iterator<Item = &'a T>,
    text: fn(&T) -> &str,
    start: &str,
    limit: u32,
) -> Vec<T> {
    ids.filter(|id| text(id).starts_with(start)).take(limit as usize).cloned().collect()
}

impl InMemoryStore {
    /// Starts empty.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for InMemoryStore {
    async fn create_session(&self, session: &Session) -> Result<()> {
        let mut state = self.state();
        if state.logs.contains_key(&session.id) {
            return Err(rules::session_exists(&session.id));
        }
        state.logs.insert(session.id.clone(), Log::new(session.clone()));
        Ok(())
    }

    async fn change_session(&self, session: &Session) -> Result<()> {
        let mut state = self.state();
        let kept = &mut state.log(&session.id)?.session;
        *kept = Session { created_at: kept.created_at, ..session.clone() };
        Ok(())
    }

    async fn session(&self, id: &SessionId) -> Result<Option<Session>> {
        Ok(self.state().logs.get(id).map(|log| log.session.clone()))
    }

    async fn session_summary(&self, id: &SessionId) -> Result<Option<SessionSummary>> {
        Ok(self.state().logs.get(id).map(Log::summary))
    }

    async fn sessions(&self, filter: &SessionFilter) -> Result<Vec<SessionSummary>> {
        sessions::list(&self.state().logs, filter)
    }

    async fn sessions_named(&self, start: &str, limit: u32) -> Result<Vec<SessionId>> {
        let state = self.state();
        Ok(starting(state.logs.keys(), SessionId::as_str, start, limit))
    }

    async fn append_events(
        &self,
        session_id: &SessionId,
        epoch: u64,
        events: Vec<EventRecord>,
    ) -> Result<u32> {
        let head = self.state().log(session_id)?.append(epoch, events)?;
        self.watched.tell(session_id, head);
        Ok(head)
    }

    async fn post_events(&self, session_id: &SessionId, events: Vec<EventRecord>) -> Result<u32> {
        let head = self.state().log(session_id)?.post(events)?;
        self.watched.tell(session_id, head);
        Ok(head)
    }

    async fn head(&self, session_id: &SessionId) -> Result<Option<u32>> {
        Ok(self.state().logs.get(session_id).map(Log::head))
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
        let state = self.state();
        let Some(log) = state.logs.get(session_id) else { return Ok(Vec::new()) };
        let events = (0..).zip(&log.events).filter(|(seq, _)| Some(*seq) > after);
        let mut bytes = 0_usize;
        let page = events.take(limit as usize).map_while(|(seq, event)| {
            let fits = bytes < PAGE_BYTES_MAX;
            bytes = bytes.saturating_add(event.body.len());
            fits.then(|| (seq, event.clone()))
        });
        Ok(page.collect())
    }

    async fn event(
        &self,
        session_id: &SessionId,
        event_id: &EventId,
    ) -> Result<Option<EventRecord>> {
        let state = self.state();
        let events = state.logs.get(session_id).map_or(&[][..], |log| &log.events);
        Ok(events.iter().find(|event| event.id == *event_id).cloned())
    }

    async fn claim(
        &self,
        session_id: &SessionId,
        owner: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<u64>> {
        Ok(self.state().log(session_id)?.claim(owner, None, until, now))
    }

    async fn take_over(
        &self,
        session_id: &SessionId,
        owner: &str,
        from: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<u64>> {
        Ok(self.state().log(session_id)?.claim(owner, Some(from), until, now))
    }

    async fn lease(&self, session_id: &SessionId) -> Result<Option<Lease>> {
        Ok(self.state().logs.get(session_id).and_then(Log::lease))
    }

    async fn heartbeat(
        &self,
        session_id: &SessionId,
        epoch: u64,
        until: Timestamp,
    ) -> Result<bool> {
        let mut state = self.state();
        Ok(state.log(session_id).is_ok_and(|log| log.heartbeat(epoch, until)))
    }

    async fn release(&self, session_id: &SessionId, epoch: u64) -> Result<()> {
        if let Some(log) = self.state().logs.get_mut(session_id) {
            log.release(epoch);
        }
        Ok(())
    }

    async fn delete_session(&self, session_id: &SessionId, epoch: u64) -> Result<()> {
        let mut state = self.state();
        state.log(session_id)?.check_epoch(epoch)?;
        state.logs.remove(session_id);
        state.dreams.forget(session_id);
        self.watched.gone(session_id);
        Ok(())
    }

    async fn import_sessions(&self, sessions: Vec<(Session, Vec<EventRecord>)>) -> Result<()> {
        let mut state = self.state();
        // Beside the others, so that a session that does not fit leaves nothing behind.
        let mut fresh = BTreeMap::new();
        for (session, events) in sessions {
            let id = session.id.clone();
            if state.logs.contains_key(&id) || fresh.contains_key(&id) {
                return Err(rules::session_exists(&id));
            }
            let mut log = Log::new(session);
            log.add(events)?;
            fresh.insert(id, log);
        }
        for (id, log) in &fresh {
            self.watched.tell(id, log.head());
        }
        state.logs.append(&mut fresh);
        Ok(())
    }

    async fn create_memory_store(&self, store: &MemoryStore) -> Result<()> {
        self.state().memories.create(store)
    }

    async fn memory_store(&self, id: &MemoryStoreId) -> Result<Option<MemoryStore>> {
        Ok(self.state().memories.store(id))
    }

    async fn memory_stores(&self) -> Result<Vec<MemoryStore>> {
        Ok(self.state().memories.stores())
    }

    async fn write_memories(
        &self,
        store_id: &MemoryStoreId,
        versions: Vec<MemoryVersion>,
    ) -> Result<()> {
        self.state().memories.write(store_id, versions)
    }

    async fn memories(&self, store_id: &MemoryStoreId) -> Result<Vec<Memory>> {
        Ok(self.state().memories.list(store_id))
    }

    async fn memory_versions(
        &self,
        store_id: &MemoryStoreId,
        path: Option<&str>,
    ) -> Result<Vec<MemoryVersion>> {
        Ok(self.state().memories.versions(store_id, path))
    }

    async fn close(&self) -> Result<()> {
        Ok(())
    }
}
