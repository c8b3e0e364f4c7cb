//! What a strategy's call sees of the host.

use std::sync::Arc;

use async_trait::async_trait;
use lucid_core::{Event, Failure, Operation, Rejection, Result, SessionId, Timestamp};
use lucid_engine::{DreamEntry, DreamEvent, DreamHost, DreamSession, EntryShape};
use lucid_memory::{Entry, EntryKind, Outcome, Snapshot, Verifier};
use lucid_store::Store;
use tokio::sync::Mutex;

use super::job::DreamInput;
use super::quotes::{QuoteBook, trusted};
use crate::observer::{Note, Observer};
use crate::session::SessionLog;

/// One dream's inputs, its verifier and its log.
pub(crate) struct Desk {
    store: Arc<dyn Store>,
    inputs: Vec<DreamInput>,
    snapshot: Snapshot,
    entries: Vec<Entry>,
    quotes: QuoteBook,
    observer: Arc<dyn Observer>,
    writing: Mutex<Writing>,
}

struct Writing {
    verifier: Option<Verifier<QuoteBook>>,
    writer: SessionLog,
}

impl Desk {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        inputs: Vec<DreamInput>,
        snapshot: Snapshot,
        verifier: Verifier<QuoteBook>,
        quotes: QuoteBook,
        writer: SessionLog,
        observer: Arc<dyn Observer>,
    ) -> Self {
        let entries = snapshot.entries();
        let writing = Mutex::new(Writing { verifier: Some(verifier), writer });
        Self { store, inputs, snapshot, entries, quotes, observer, writing }
    }

    /// Ends the dream: no proposal is taken any more.
    pub(crate) async fn finish(&self) -> Result<Outcome> {
        let verifier = self.writing.lock().await.verifier.take();
        verifier.map(Verifier::finish).ok_or_else(|| Failure::bug("a dream that ended twice"))
    }

    /// Writes to the dream's own log.
    pub(crate) async fn write(&self, event: &Event) -> Result<()> {
        self.writing.lock().await.writer.write(None, event).map(|_| ())
    }

    pub(crate) async fn flush(&self) -> Result<()> {
        self.writing.lock().await.writer.flush().await.map(drop)
    }
}

fn page<T>(all: &[T], offset: u32, limit: u32) -> &[T] {
    let start = (offset as usize).min(all.len());
    let end = start.saturating_add(limit as usize).min(all.len());
    &all[start..end]
}

/// An entry of a memory as a strategy reads it.
pub(crate) fn entry_for_guest(entry: &Entry, updated_at: Timestamp) -> DreamEntry {
    DreamEntry {
        id: entry.id.clone(),
        path: entry.path.clone(),
        index: entry.index,
        headings: entry.headings.clone(),
        shape: match entry.kind {
            EntryKind::Heading => EntryShape::Heading,
            EntryKind::Item => EntryShape::Item,
            EntryKind::Paragraph => EntryShape::Paragraph,
            EntryKind::Block => EntryShape::Block,
        },
        text: entry.text.clone(),
        updated_at,
    }
}

#[async_trait]
impl DreamHost for Desk {
    async fn sessions(&self, offset: u32, limit: u32) -> Result<Vec<DreamSession>> {
        let session = |input: &DreamInput| DreamSession {
            id: input.summary.session.id.to_string(),
            title: input.summary.session.title.clone(),
            agent: input.summary.session.agent.clone(),
            started_at: input.summary.session.created_at,
            ended_at: input.summary.updated_at,
            succeeded: input.succeeded,
            labels: input.labels.clone(),
            events: input.summary.events,
        };
        Ok(page(&self.inputs, offset, limit).iter().map(session).collect())
    }

    async fn has_session(&self, id: &str) -> bool {
        self.quotes.has_session(id)
    }

    async fn events(&self, session: &str, sequence: u32, limit: u32) -> Result<Vec<DreamEvent>> {
        let id = SessionId::parse(session).ok_or_else(|| Failure::invalid("not a session id"))?;
        let after = sequence.checked_sub(1);
        let events = self.store.events(&id, after, limit).await?;
        let event = |(sequence, record): (u32, lucid_core::EventRecord)| DreamEvent {
            id: record.id.to_string(),
            sequence,
            trusted: trusted(&record),
            kind: record.kind,
            thread_id: record.thread_id.map(|id| id.to_string()),
            at: record.created_at,
            body: record.body,
        };
        Ok(events.into_iter().map(event).collect())
    }

    async fn entries(&self, offset: u32, limit: u32) -> Vec<DreamEntry> {
        let entry = |entry: &Entry| {
            let updated_at = self.snapshot.updated_at(&entry.path).unwrap_or_default();
            entry_for_guest(entry, updated_at)
        };
        page(&self.entries, offset, limit).iter().map(entry).collect()
    }

    async fn propose(&self, operation: Operation) -> Result<Result<u32, Rejection>> {
        self.quotes.fetch(self.store.as_ref(), &operation).await?;
        let mut writing = self.writing.lock().await;
        let Some(verifier) = writing.verifier.as_mut() else {
            return Ok(Err(Rejection::Malformed("the dream has ended".to_owned())));
        };
        let answer = verifier.propose(operation.clone());
        let event = Event::DreamOperation {
            number: answer.as_ref().ok().copied(),
            operation: operation.clone(),
            rejection: answer.as_ref().err().cloned(),
        };
        writing.writer.write(None, &event)?;
        // At once, so that whoever watches the dream's log sees it come.
        writing.writer.flush().await?;
        drop(writing);
        let rejection = answer.as_ref().err().cloned();
        self.observer.note(Note::DreamOperation { operation: &operation, rejection });
        Ok(answer)
    }

    async fn progress(&self, phase: String, done: u32, total: u32) -> Result<()> {
        self.observer.note(Note::DreamProgress { phase: &phase, done, total });
        self.write(&Event::DreamProgress { phase, done, total }).await?;
        self.flush().await
    }
}
