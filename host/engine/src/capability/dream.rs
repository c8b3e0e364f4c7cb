//! What a dream strategy reads and proposes: transcripts, memories, proposals.
//!
//! The three interfaces are one capability of a dream's own call; what they stand for is
//! behind [`DreamHost`]. None of them writes to a store.

use std::sync::Arc;

use async_trait::async_trait;
use lucid_core::{Operation, Rejection, Result, Timestamp};
use wasmtime::component::{HasSelf, Linker, Resource};

use crate::bindings::imports::lucid::plugin::{memories, proposals, transcripts as wit};
use crate::kind::dream::{operation_from_wit, rejection_to_wit};
use crate::state::State;

/// The most sessions, events or entries in one page.
const PAGE_MAX: u32 = 1_000;

/// One past session at a glance.
#[derive(Debug, Clone)]
pub struct DreamSession {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its (lead) agent.
    pub agent: String,
    /// When it started.
    pub started_at: Timestamp,
    /// When its last event was written.
    pub ended_at: Timestamp,
    /// Whether its outcome was satisfied; none when it had none.
    pub succeeded: Option<bool>,
    /// What is known about it.
    pub labels: Vec<(String, String)>,
    /// How many events it has.
    pub events: u32,
}

/// One event of a past session.
#[derive(Debug, Clone)]
pub struct DreamEvent {
    /// Its id.
    pub id: String,
    /// Its place in the session, from 0.
    pub sequence: u32,
    /// Its type.
    pub kind: String,
    /// Its thread.
    pub thread_id: Option<String>,
    /// When it was written.
    pub at: Timestamp,
    /// Whether its text may be believed.
    pub trusted: bool,
    /// The event as exact JSON text.
    pub body: String,
}

/// What an entry of a memory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryShape {
    /// A heading.
    Heading,
    /// A list item.
    Item,
    /// A paragraph.
    Paragraph,
    /// Anything else.
    Block,
}

/// One entry of the input store.
#[derive(Debug, Clone)]
pub struct DreamEntry {
    /// Its id.
    pub id: String,
    /// The memory it stands in.
    pub path: String,
    /// Its place in the memory, from 0.
    pub index: u32,
    /// The headings above it.
    pub headings: Vec<String>,
    /// What it is.
    pub shape: EntryShape,
    /// Its text.
    pub text: String,
    /// When its memory was last changed.
    pub updated_at: Timestamp,
}

/// What a dream's call is given. Reading never changes anything.
#[async_trait]
pub trait DreamHost: Send + Sync {
    /// Lists sessions from number `offset` on, ordered by start, then by id.
    async fn sessions(&self, offset: u32, limit: u32) -> Result<Vec<DreamSession>>;

    /// Whether a session is among the inputs.
    async fn has_session(&self, id: &str) -> bool;

    /// Reads events of one session from `sequence` on.
    async fn events(&self, session: &str, sequence: u32, limit: u32) -> Result<Vec<DreamEvent>>;

    /// Lists entries from number `offset` on, ordered by path, then by place.
    async fn entries(&self, offset: u32, limit: u32) -> Vec<DreamEntry>;

    /// Takes a proposal, verifies it, and gives its number in the ledger.
    async fn propose(&self, operation: Operation) -> Result<Result<u32, Rejection>>;

    /// Hears how far the dream is.
    async fn progress(&self, phase: String, done: u32, total: u32) -> Result<()>;
}

/// A transcript a guest holds open.
#[expect(unreachable_pub, reason = "the generated bindings export it again")]
pub struct OpenTranscript {
    session: String,
}

/// Links what was granted.
pub(crate) fn link(
    linker: &mut Linker<State>,
    capabilities: &lucid_policy::Capabilities,
) -> wasmtime::Result<()> {
    if capabilities.transcripts {
        wit::add_to_linker::<State, HasSelf<State>>(linker, |state| state)?;
    }
    if capabilities.memories {
        memories::add_to_linker::<State, HasSelf<State>>(linker, |state| state)?;
    }
    if capabilities.proposals {
        proposals::add_to_linker::<State, HasSelf<State>>(linker, |state| state)?;
    }
    Ok(())
}

impl State {
    fn dreaming(&mut self) -> wasmtime::Result<Arc<dyn DreamHost>> {
        self.count_host_call()?;
        self.dream.clone().ok_or_else(|| wasmtime::Error::msg("this call is not a dream"))
    }
}

impl wit::Host for State {
    async fn list_sessions(
        &mut self,
        offset: u32,
        limit: u32,
    ) -> wasmtime::Result<Vec<wit::SessionSummary>> {
        let sessions = self.dreaming()?.sessions(offset, limit.min(PAGE_MAX)).await;
        Ok(sessions.map_err(wasmtime::Error::from)?.into_iter().map(session_to_wit).collect())
    }

    async fn open(
        &mut self,
        session: String,
    ) -> wasmtime::Result<Result<Resource<OpenTranscript>, wit::TranscriptError>> {
        if !self.dreaming()?.has_session(&session).await {
            return Ok(Err(wit::TranscriptError::UnknownSession(session)));
        }
        Ok(Ok(self.wasi.table.push(OpenTranscript { session })?))
    }
}

impl wit::HostTranscript for State {
    async fn read(
        &mut self,
        transcript: Resource<OpenTranscript>,
        sequence: u32,
        limit: u32,
    ) -> wasmtime::Result<Result<Vec<wit::Event>, wit::TranscriptError>> {
        let dream = self.dreaming()?;
        let session = self.wasi.table.get(&transcript)?.session.clone();
        let events = dream.events(&session, sequence, limit.min(PAGE_MAX)).await;
        Ok(events
            .map(|events| events.into_iter().map(event_to_wit).collect())
            .map_err(|failure| wit::TranscriptError::Failed(failure.message)))
    }

    async fn drop(&mut self, transcript: Resource<OpenTranscript>) -> wasmtime::Result<()> {
        self.wasi.table.delete(transcript)?;
        Ok(())
    }
}

impl memories::Host for State {
    async fn list_entries(
        &mut self,
        offset: u32,
        limit: u32,
    ) -> wasmtime::Result<Vec<memories::Entry>> {
        let entries = self.dreaming()?.entries(offset, limit.min(PAGE_MAX)).await;
        Ok(entries.into_iter().map(entry_to_wit).collect())
    }
}

impl proposals::Host for State {
    async fn emit(
        &mut self,
        operation: proposals::Operation,
    ) -> wasmtime::Result<Result<u32, proposals::Rejection>> {
        let dream = self.dreaming()?;
        let answer = dream.propose(operation_from_wit(operation)).await;
        Ok(answer.map_err(wasmtime::Error::from)?.map_err(rejection_to_wit))
    }

    async fn report(&mut self, progress: proposals::Progress) -> wasmtime::Result<()> {
        let dream = self.dreaming()?;
        let told = dream.progress(progress.phase, progress.done, progress.total).await;
        told.map_err(wasmtime::Error::from)
    }
}

fn session_to_wit(session: DreamSession) -> wit::SessionSummary {
    let label = |(name, value)| wit::Label { name, value };
    wit::SessionSummary {
        id: session.id,
        title: session.title,
        agent: session.agent,
        started_at_ms: session.started_at.as_millis(),
        ended_at_ms: session.ended_at.as_millis(),
        outcome: match session.succeeded {
            Some(true) => wit::SessionResult::Succeeded,
            Some(false) => wit::SessionResult::Failed,
            None => wit::SessionResult::Unknown,
        },
        labels: session.labels.into_iter().map(label).collect(),
        events: session.events,
    }
}

fn event_to_wit(event: DreamEvent) -> wit::Event {
    wit::Event {
        id: event.id,
        sequence: event.sequence,
        kind: event.kind,
        thread_id: event.thread_id,
        at_ms: event.at.as_millis(),
        trust: if event.trusted { wit::Trust::Trusted } else { wit::Trust::Untrusted },
        body_json: event.body,
    }
}

fn entry_to_wit(entry: DreamEntry) -> memories::Entry {
    memories::Entry {
        id: entry.id,
        path: entry.path,
        index: entry.index,
        headings: entry.headings,
        kind: match entry.shape {
            EntryShape::Heading => memories::EntryKind::Heading,
            EntryShape::Item => memories::EntryKind::Item,
            EntryShape::Paragraph => memories::EntryKind::Paragraph,
            EntryShape::Block => memories::EntryKind::Block,
        },
        text: entry.text,
        updated_at_ms: entry.updated_at.as_millis(),
    }
}
