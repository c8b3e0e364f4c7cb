//! Writing the event log: events are put in order at once and on disk when flushed.

use std::sync::Arc;

use lucid_core::{Clock, Entropy, Event, EventId, EventRecord, Result, SessionId, ThreadId};
use lucid_engine::LogLine;
use lucid_store::Store;

/// Writes one session's events.
pub(crate) struct EventWriter {
    store: Arc<dyn Store>,
    session: SessionId,
    epoch: u64,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    primary: Option<ThreadId>,
    waiting: Vec<EventRecord>,
    written: u32,
}

impl EventWriter {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        session: SessionId,
        epoch: u64,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self { store, session, epoch, clock, entropy, primary: None, waiting: vec![], written: 0 }
    }

    /// Makes the id of a thread; the first is the primary one.
    pub(crate) fn new_thread(&mut self) -> ThreadId {
        let id = ThreadId::new(self.clock.as_ref(), self.entropy.as_ref());
        self.primary.get_or_insert_with(|| id.clone());
        id
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        self.entropy.as_ref()
    }

    /// Puts an event in the log's order; it is on disk after the next flush.
    pub(crate) fn write(&mut self, thread: Option<&ThreadId>, event: &Event) -> Result<EventId> {
        let id = EventId::new(self.clock.as_ref(), self.entropy.as_ref());
        let child = thread.is_some() && thread != self.primary.as_ref();
        let now = self.clock.now();
        self.waiting.push(EventRecord::new(id.clone(), event, thread.cloned(), child, now)?);
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

    /// Puts everything on disk.
    pub(crate) async fn flush(&mut self) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let records = std::mem::take(&mut self.waiting);
        self.written = self.store.append_events(&self.session, self.epoch, records).await?;
        Ok(())
    }

    /// How many events are on disk.
    pub(crate) fn written(&self) -> u32 {
        self.written
    }
}
