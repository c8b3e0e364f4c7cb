//! What a dream strategy reads and proposes: transcripts, memories, proposals.
//!
//! With `digests`, which has a module of its own, the interfaces are one capability of a
//! dream's own call; what they stand for is behind [`DreamHost`]. None of them writes to a
//! memory store.

use std::sync::Arc;

use async_trait::async_trait;
use lucid_core::{Operation, Origin, Rejection, Result, Timestamp};
use wasmtime::component::{HasSelf, Linker, Resource};

use crate::bindings::imports::lucid::plugin::{memories, proposals, transcripts as wit};
use crate::kind::dream::{operation_from_wit, rejection_to_wit};
use crate::state::State;

/// The most sessions, events, entries or digests in one page.
pub(super) const PAGE_MAX: u32 = 1_000;

/// The most bytes that the bodies of the events in one page have, where it has several: the
/// strategy has a memory of its own, and a session may be larger than that.
const EVENTS_BYTES_MAX: usize = 8 << 20;

/// The most bytes of what a strategy says it is doing. It is written down each time.
const PHASE_BYTES_MAX: usize = 200;

/// One past session at a glance.
#[derive(Debug, Clone)]
pub struct DreamSession {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its (lead) agent.
    pub agent: String,
    /// Whose session it was.
    pub principal: String,
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
    /// Where its text comes from.
    pub origin: Origin,
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

/// What a dream's call is given. Reading never changes anything; of what a strategy can write,
/// proposals change nothing before they are accepted, and digests are for itself alone.
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

    /// What is kept of the sessions from number `offset` on, in the order of
    /// [`sessions`](Self::sessions): at most `limit` digests and `bytes_max` bytes, one session
    /// at least while there is one. None for a session of which this strategy's component has
    /// kept nothing, or that has changed since.
    async fn digests(
        &self,
        offset: u32,
        limit: u32,
        bytes_max: usize,
    ) -> Result<Vec<Option<Vec<u8>>>>;

    /// Keeps a digest of a session that is among the inputs, in the place of the one before.
    async fn keep_digest(&self, session: &str, digest: Vec<u8>) -> Result<()>;

    /// Hears how far the dream is, and which of the inputs is read, where it says one.
    async fn progress(
        &self,
        phase: String,
        done: u32,
        total: u32,
        session: Option<String>,
    ) -> Result<()>;
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
        super::digests::link(linker)?;
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
    /// The dream that this call is part of. Counts one call of the host.
    pub(super) fn dreaming(&mut self) -> wasmtime::Result<Arc<dyn DreamHost>> {
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
            .map(|events| first_bytes(events).map(event_to_wit).collect())
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
        let dream = self.dreaming()?;
        self.entries_listed = true;
        let entries = dream.entries(offset, limit.min(PAGE_MAX)).await;
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
        let proposals::Progress { phase, done, total, session_id } = progress;
        // What is none of the inputs is not told on: it would be text of the strategy's own.
        let session = match session_id {
            Some(id) if dream.has_session(&id).await => Some(id),
            _ => None,
        };
        let told = dream.progress(short(phase), done, total, session).await;
        told.map_err(wasmtime::Error::from)
    }
}

/// What a strategy says it is doing, in at most so many bytes.
fn short(mut phase: String) -> String {
    phase.truncate(phase.floor_char_boundary(PHASE_BYTES_MAX));
    phase
}

/// The first events whose bodies are not too many bytes together; one at least.
fn first_bytes(events: Vec<DreamEvent>) -> impl Iterator<Item = DreamEvent> {
    let mut bytes = 0_usize;
    events.into_iter().enumerate().map_while(move |(number, event)| {
        bytes = bytes.saturating_add(event.body.len());
        (number == 0 || bytes <= EVENTS_BYTES_MAX).then_some(event)
    })
}

fn session_to_wit(session: DreamSession) -> wit::SessionSummary {
    let label = |(name, value)| wit::Label { name, value };
    wit::SessionSummary {
        id: session.id,
        title: session.title,
        agent: session.agent,
        principal: session.principal,
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
        origin: match event.origin {
            Origin::Person => wit::Origin::Person,
            Origin::Agent => wit::Origin::Agent,
            Origin::Tool => wit::Origin::Tool,
            Origin::Outside => wit::Origin::Outside,
            Origin::Dream => wit::Origin::Dream,
        },
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

#[cfg(test)]
mod tests {
    use super::*;

    fn events(sizes: &[usize]) -> Vec<DreamEvent> {
        let event = |(sequence, size): (u32, &usize)| DreamEvent {
            id: format!("sevt_{sequence}"),
            sequence,
            kind: "agent.tool_result".to_owned(),
            thread_id: None,
            at: Timestamp(0),
            origin: Origin::Tool,
            body: "x".repeat(*size),
        };
        (0..).zip(sizes).map(event).collect()
    }

    #[test]
    fn what_a_strategy_says_it_is_doing_is_cut_between_characters() {
        assert_eq!(short("reading".to_owned()), "reading");
        assert_eq!(short("a".repeat(1 << 20)).len(), PHASE_BYTES_MAX);
        assert_eq!(short(format!("a{}", "é".repeat(200))).len(), PHASE_BYTES_MAX - 1);
    }

    #[test]
    fn a_page_of_events_is_bounded_in_bytes_and_never_empty_before_the_end() {
        let half = EVENTS_BYTES_MAX / 2;
        for (sizes, given) in [
            (&[1, 1, 1][..], 3),
            (&[], 0),
            (&[half, half], 2),
            (&[half, half, 1], 2),
            (&[2 * EVENTS_BYTES_MAX, 1], 1),
            (&[1, 2 * EVENTS_BYTES_MAX, 1], 1),
        ] {
            let page: Vec<_> = first_bytes(events(sizes)).map(|event| event.sequence).collect();
            assert_eq!(page, (0..given).collect::<Vec<u32>>(), "{sizes:?}");
        }
    }
}
