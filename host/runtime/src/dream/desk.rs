//! One dream while its strategy runs: inputs, verifier, log and digests.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use lucid_core::{Event, EventRecord, Failure, Result, SessionId};
use lucid_engine::LogLine;
use lucid_memory::{Entry, Outcome, Snapshot, Verifier};
use lucid_store::Store;
use tokio::sync::Mutex;

use super::digests::{self, Waiting};
use super::inputs::DreamInput;
use super::origins::Origins;
use super::quotes::QuoteBook;
use crate::observer::{Note, Observer};
use crate::session::SessionLog;

/// Lines about how far a dream is that its log keeps: a strategy may say it as often as it
/// likes.
const PROGRESS_MAX: u32 = 100_000;

/// Events that are read at once: large ones must not fill the memory together.
const READ_AT_ONCE: u32 = 128;

/// Bytes of bodies that are enough for one page; the engine gives no more than that.
const PAGE_BYTES_MAX: usize = 8 << 20;

/// What the host itself says while a strategy reads.
const READING: &str = "reading";

/// One dream's inputs, its verifier and its log.
pub(super) struct Desk {
    pub(super) store: Arc<dyn Store>,
    /// SHA-256 of the strategy's component.
    pub(super) component: String,
    /// The model that the strategy may ask.
    pub(super) model: Option<String>,
    pub(super) inputs: Vec<DreamInput>,
    pub(super) numbers: HashMap<String, usize>,
    /// By what digests are kept, session by session, and empty where none is; known once the
    /// logs were hashed.
    pub(super) keys: OnceLock<Vec<String>>,
    pub(super) snapshot: Snapshot,
    pub(super) entries: Vec<Entry>,
    pub(super) quotes: QuoteBook,
    pub(super) observer: Arc<dyn Observer>,
    /// A session that was there when the dream began, and is not any more.
    pub(super) gone: OnceLock<SessionId>,
    pub(super) origins: Mutex<Option<Origins>>,
    pub(super) waiting: Mutex<Waiting>,
    pub(super) writing: Mutex<Writing>,
}

pub(super) struct Writing {
    pub(super) verifier: Option<Verifier<QuoteBook>>,
    pub(super) log: SessionLog,
    /// The session that the log last said is read.
    pub(super) reading: Option<String>,
    /// Sessions that were begun.
    pub(super) read: u32,
    pub(super) progress: u32,
}

/// What a desk is made of.
pub(super) struct Given {
    pub(super) store: Arc<dyn Store>,
    pub(super) component: String,
    pub(super) model: Option<String>,
    pub(super) inputs: Vec<DreamInput>,
    pub(super) snapshot: Snapshot,
    pub(super) verifier: Verifier<QuoteBook>,
    pub(super) quotes: QuoteBook,
    pub(super) log: SessionLog,
    pub(super) observer: Arc<dyn Observer>,
}

impl Desk {
    pub(super) fn new(given: Given) -> Self {
        let Given { store, component, model, inputs, snapshot, verifier, quotes, log, observer } =
            given;
        let verifier = Some(verifier);
        let writing = Writing { verifier, log, reading: None, read: 0, progress: 0 };
        Self {
            numbers: inputs.iter().map(|input| input.id().to_string()).zip(0..).collect(),
            entries: snapshot.entries(),
            store,
            component,
            model,
            inputs,
            keys: OnceLock::new(),
            snapshot,
            quotes,
            observer,
            gone: OnceLock::new(),
            origins: Mutex::new(None),
            waiting: Mutex::default(),
            writing: Mutex::new(writing),
        }
    }

    /// Hashes the sessions' logs: from then on there are digests.
    pub(super) async fn hash_inputs(&self) -> Result<()> {
        let ids: Vec<SessionId> = self.inputs.iter().map(|input| input.id().clone()).collect();
        let mut keys = Vec::with_capacity(ids.len());
        let hashes = self.store.content_hashes(&ids).await?;
        for (input, hash) in self.inputs.iter().zip(hashes) {
            let hash = hash.ok_or_else(|| self.went(input.id()))?;
            // One that is written to right now has no digest.
            let fits = hash.events == input.summary.events;
            keys.push(if fits {
                digests::key(input, &hash, self.model.as_deref())
            } else {
                String::new()
            });
        }
        // There is only one who asks.
        let _ = self.keys.set(keys);
        Ok(())
    }

    /// The session that is not there any more, where one went.
    pub(super) fn gone(&self) -> Option<&SessionId> {
        self.gone.get()
    }

    pub(super) fn went(&self, id: &SessionId) -> Failure {
        // The first is the one to tell.
        let _ = self.gone.set(id.clone());
        Failure::failed(format!("session {id} was deleted while the dream ran"))
    }

    /// Ends the dream: no proposal is taken any more.
    pub(super) async fn finish(&self) -> Result<Outcome> {
        let verifier = self.writing.lock().await.verifier.take();
        verifier.map(Verifier::finish).ok_or_else(|| Failure::bug("a dream that ended twice"))
    }

    /// Writes to the dream's own log.
    pub(super) async fn write(&self, event: &Event) -> Result<()> {
        self.writing.lock().await.log.write(None, event).map(|_| ())
    }

    pub(super) async fn write_logs(&self, plugin: &str, lines: Vec<LogLine>) -> Result<()> {
        self.writing.lock().await.log.write_logs(None, plugin, lines)
    }

    /// Puts the log and the digests on disk.
    pub(super) async fn flush(&self) -> Result<()> {
        // Nothing is written meanwhile, so what is on disk of the log has its digests there too.
        let mut writing = self.writing.lock().await;
        // A digest that is not kept is made again by the next dream.
        let _ = self.waiting.lock().await.write(self.store.as_ref(), &self.component).await;
        writing.log.flush().await.map(drop)
    }

    /// A session's number, when a strategy names it.
    pub(super) fn number(&self, id: &str) -> Result<usize> {
        let number = self.numbers.get(id).copied();
        number.ok_or_else(|| Failure::invalid("no such session among the dream's inputs"))
    }

    /// Reads events from one on, until there are enough of them or of their bytes.
    pub(super) async fn records(
        &self,
        id: &SessionId,
        sequence: u32,
        limit: u32,
    ) -> Result<Vec<(u32, EventRecord)>> {
        let (mut records, mut bytes) = (Vec::new(), 0_usize);
        let mut after = sequence.checked_sub(1);
        let mut left = limit;
        while left > 0 && bytes < PAGE_BYTES_MAX {
            let page = self.store.events(id, after, left.min(READ_AT_ONCE)).await?;
            let Some((last, _)) = page.last() else { break };
            after = Some(*last);
            left = left.saturating_sub(u32::try_from(page.len()).unwrap_or(u32::MAX));
            bytes += page.iter().map(|(_, record)| record.body.len()).sum::<usize>();
            records.extend(page);
        }
        Ok(records)
    }

    /// Says in the log which session is read, once for each.
    pub(super) async fn note_reading(&self, id: &SessionId) -> Result<()> {
        let mut writing = self.writing.lock().await;
        if writing.reading.as_deref() == Some(id.as_str()) {
            return Ok(());
        }
        writing.read = writing.read.saturating_add(1);
        let done = writing.read;
        let total = u32::try_from(self.inputs.len()).unwrap_or(u32::MAX);
        self.note(&mut writing, READING.to_owned(), done.min(total), total, Some(id.clone()))
    }

    pub(super) fn note(
        &self,
        writing: &mut Writing,
        phase: String,
        done: u32,
        total: u32,
        session_id: Option<SessionId>,
    ) -> Result<()> {
        let session = session_id.as_ref().map(SessionId::as_str);
        self.observer.note(Note::DreamProgress { phase: &phase, done, total, session_id: session });
        if session.is_some() {
            writing.reading = session.map(str::to_owned);
        }
        writing.progress = writing.progress.saturating_add(1);
        // A strategy that was stopped may say something still.
        if writing.progress > PROGRESS_MAX || writing.verifier.is_none() {
            return Ok(());
        }
        let event = Event::DreamProgress { phase, done, total, session_id };
        writing.log.write(None, &event).map(drop)
    }
}
