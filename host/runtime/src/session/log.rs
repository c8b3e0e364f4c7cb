//! A session's event log while it runs: events are put in order at once, are on disk when
//! flushed, and what the session is now follows from them.

use std::sync::Arc;

use lucid_core::{
    Clock, Entropy, Event, EventId, EventRecord, Failure, Result, SessionId, SessionState,
    ThreadId, Timestamp,
};
use lucid_engine::LogLine;
use lucid_store::Store;

use super::meter::Meter;

/// Events read at once.
const PAGE: u32 = 1_000;

/// One session's log, for whoever holds its lease.
pub(crate) struct SessionLog {
    store: Arc<dyn Store>,
    session: SessionId,
    epoch: u64,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    state: SessionState,
    meter: Meter,
    waiting: Vec<EventRecord>,
    on_disk: u32,
}

impl SessionLog {
    /// The log of a session that has no events yet.
    pub(crate) fn new(
        store: Arc<dyn Store>,
        session: SessionId,
        epoch: u64,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let (state, meter) = (SessionState::new(), Meter::default());
        let (waiting, on_disk) = (Vec::new(), 0);
        Self { store, session, epoch, clock, entropy, state, meter, waiting, on_disk }
    }

    /// Reads what is there: the log of a session that ran before.
    pub(crate) async fn catch_up(&mut self) -> Result<bool> {
        if !self.waiting.is_empty() {
            return Err(Failure::bug("reading a log before it is written"));
        }
        let before = self.on_disk;
        loop {
            let after = self.on_disk.checked_sub(1);
            let page = self.store.events(&self.session, after, PAGE).await?;
            if page.is_empty() {
                return Ok(self.on_disk > before);
            }
            for (number, record) in page {
                self.apply(&record);
                self.on_disk = number + 1;
            }
        }
    }

    /// Whether somebody else wrote to it since; cheap.
    pub(crate) async fn is_behind(&self) -> Result<bool> {
        Ok(self.store.head(&self.session).await?.is_some_and(|head| head > self.on_disk))
    }

    /// What the session is now, with what waits to be written.
    pub(crate) fn state(&self) -> &SessionState {
        &self.state
    }

    /// What its models cost.
    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        self.entropy.as_ref()
    }

    /// Makes the id of a thread.
    pub(crate) fn new_thread(&self) -> ThreadId {
        ThreadId::new(self.clock(), self.entropy())
    }

    /// Puts an event in the log's order; it is on disk after the next flush.
    pub(crate) fn write(&mut self, thread: Option<&ThreadId>, event: &Event) -> Result<EventId> {
        let id = EventId::new(self.clock(), self.entropy());
        self.write_as(id, thread, event)
    }

    /// The same for an event whose id was settled before.
    pub(crate) fn write_as(
        &mut self,
        id: EventId,
        thread: Option<&ThreadId>,
        event: &Event,
    ) -> Result<EventId> {
        let primary = self.state.threads.first().and_then(|thread| thread.id.as_ref());
        let child = thread.is_some() && primary.is_some() && thread != primary;
        // Somebody else's clock may be ahead of ours.
        let now = self.clock.now().max(self.state.updated_at.unwrap_or(Timestamp(0)));
        let record = EventRecord::new(id.clone(), event, thread.cloned(), child, now)?;
        self.state.apply_event(&record, event);
        self.meter.apply(&self.state, &record, event);
        self.waiting.push(record);
        Ok(id)
    }

    /// Writes what a plugin logged.
    pub(crate) fn write_logs(
        &mut self,
        thread: Option<&ThreadId>,
        plugin: &str,
        lines: Vec<LogLine>,
    ) -> Result<()> {
        for LogLine { level, message } in lines {
            self.write(thread, &Event::Log { plugin: plugin.to_owned(), level, message })?;
        }
        Ok(())
    }

    /// Makes sure that this process still has the session, where nothing is to be written
    /// that would show it. Asked before anything is done outside.
    pub(crate) async fn hold(&self) -> Result<()> {
        if self.waiting.is_empty() {
            self.store.append_events(&self.session, self.epoch, Vec::new()).await?;
        }
        Ok(())
    }

    /// Puts everything on disk. What others wrote meanwhile stands before it, and the state
    /// is folded anew, so that it is the log's and nobody's memory; says whether there was any.
    pub(crate) async fn flush(&mut self) -> Result<bool> {
        if self.waiting.is_empty() {
            return Ok(false);
        }
        let records = std::mem::take(&mut self.waiting);
        let count = u32::try_from(records.len()).unwrap_or(u32::MAX);
        let next = self.store.append_events(&self.session, self.epoch, records).await?;
        if next == self.on_disk.saturating_add(count) {
            self.on_disk = next;
            return Ok(false);
        }
        (self.state, self.meter, self.on_disk) = (SessionState::new(), Meter::default(), 0);
        self.catch_up().await
    }

    fn apply(&mut self, record: &EventRecord) {
        match record.event() {
            Some(event) => {
                self.state.apply_event(record, &event);
                self.meter.apply(&self.state, record, &event);
            }
            None => self.state.apply(record),
        }
    }
}
