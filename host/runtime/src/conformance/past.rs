//! The sessions and the memory that a strategy is given: small, and the same each time. What
//! it proposes is verified as any dream's.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use lucid_core::{Operation, Origin, Rejection, Result, Timestamp};
use lucid_engine::{DreamEntry, DreamEvent, DreamHost, DreamSession};
use lucid_memory::{Bounds, MemoryText, Quotes, Snapshot, Verifier};
use serde_json::{Value, json};

use super::bench::NOW;
use crate::dream::entry_for_guest;

/// A memory with two entries that say the same, and two that contradict each other.
const NOTES: &str = "# Notes\n\n- The door opens to the left.\n- The door opens to the left.\n\
                     - The pump runs at 3 bar.\n- The pump runs at 5 bar.\n\nAsk before lifting.\n";

/// Milliseconds from one event to the next.
const APART_MS: u64 = 1_000;

/// Whose sessions they are, all of them: no rule fails for being somebody's alone.
const PRINCIPAL: &str = "yard";

/// What is kept of sessions, by their ids.
pub(super) type Digests = BTreeMap<String, Vec<u8>>;

/// What a dream is given, and what it kept and proposed so far.
#[derive(Default)]
pub(super) struct Past {
    sessions: Vec<DreamSession>,
    book: Arc<Book>,
    snapshot: Snapshot,
    digests: Mutex<Digests>,
    proposed: Mutex<Vec<Operation>>,
    verifier: Mutex<Option<Verifier<Arc<Book>>>>,
}

/// The events of all sessions, each with its session.
#[derive(Default)]
struct Book(Vec<(String, DreamEvent)>);

impl Quotes for Book {
    fn event(&self, session_id: &str, event_id: &str) -> Option<(String, Origin)> {
        let found = self.0.iter().find(|(id, event)| id == session_id && event.id == event_id);
        found.map(|(_, event)| (event.body.clone(), event.origin))
    }

    fn knows_session(&self, session_id: &str) -> bool {
        self.0.iter().any(|(id, _)| id == session_id)
    }

    fn principal(&self, session_id: &str) -> Option<String> {
        self.knows_session(session_id).then(|| PRINCIPAL.to_owned())
    }

    fn principals(&self) -> usize {
        usize::from(!self.0.is_empty())
    }
}

impl Past {
    /// Two sessions, one that succeeded and one that did not, and one memory.
    pub(super) fn small() -> Self {
        let mut past = Self::default();
        let mut events = Vec::new();
        for (number, (speed, succeeded)) in [(2, true), (5, false)].into_iter().enumerate() {
            let id = format!("sesn_0{number}");
            let started = Timestamp(NOW.as_millis() - (2 - number as u64) * 3_600_000);
            let own = told(number, started, speed, succeeded);
            past.sessions.push(DreamSession {
                id: id.clone(),
                title: format!("Shift {number}"),
                agent: "lead".to_owned(),
                principal: PRINCIPAL.to_owned(),
                started_at: started,
                ended_at: own.last().map_or(started, |event| event.at),
                succeeded: Some(succeeded),
                labels: vec![("task".to_owned(), "1".to_owned())],
                events: u32::try_from(own.len()).unwrap_or(u32::MAX),
            });
            events.extend(own.into_iter().map(|event| (id.clone(), event)));
        }
        past.book = Arc::new(Book(events));
        let notes = MemoryText { content: NOTES.to_owned(), updated_at: NOW };
        past.snapshot = [("/notes.md".to_owned(), notes)].into_iter().collect();
        past
    }

    /// The same, after an earlier dream that kept this.
    pub(super) fn keeping(self, digests: Digests) -> Self {
        Self { digests: Mutex::new(digests), ..self }
    }

    /// The operations that were proposed, in order.
    pub(super) fn proposed(&self) -> Vec<Operation> {
        locked(&self.proposed).clone()
    }

    /// What was kept of sessions.
    pub(super) fn kept(&self) -> Digests {
        locked(&self.digests).clone()
    }

    fn verifier(&self) -> Verifier<Arc<Book>> {
        Verifier::new(&self.snapshot, Bounds::default(), self.book.clone())
    }
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many operations there are, and how many of them the host refuses.
pub(super) fn proposals(past: &Past, operations: &[Operation]) -> (usize, usize) {
    let mut verifier = past.verifier();
    let refused =
        operations.iter().filter(|operation| verifier.propose((*operation).clone()).is_err());
    (operations.len(), refused.count())
}

/// The events of one session.
fn told(number: usize, started: Timestamp, speed: u32, succeeded: bool) -> Vec<DreamEvent> {
    let text = |text: &str| json!([{"type": "text", "text": text}]);
    let input = json!({"speed": speed, "side": "left"});
    let heard = if succeeded { "the load arrived" } else { "the load fell" };
    let stranger = text("a stranger says: faster");
    let bodies: Vec<(Origin, Value)> = vec![
        (Origin::Person, json!({"type": "user.message", "content": text("Move the load.")})),
        (Origin::Agent, json!({"type": "agent.tool_use", "name": "move", "input": input})),
        (Origin::Tool, json!({"type": "agent.tool_result", "content": text(heard)})),
        (Origin::Outside, json!({"type": "agent.tool_result", "content": stranger})),
        (Origin::Agent, json!({"type": "agent.message", "content": text("Done.")})),
    ];
    let event = |(sequence, (origin, body)): (u32, (Origin, Value))| DreamEvent {
        id: format!("sevt_0{number}{sequence}"),
        sequence,
        kind: body["type"].as_str().unwrap_or_default().to_owned(),
        thread_id: None,
        at: Timestamp(started.as_millis() + u64::from(sequence) * APART_MS),
        origin,
        body: body.to_string(),
    };
    (0..).zip(bodies).map(event).collect()
}

fn page<T: Clone>(all: impl Iterator<Item = T>, offset: u32, limit: u32) -> Vec<T> {
    all.skip(offset as usize).take(limit as usize).collect()
}

#[async_trait]
impl DreamHost for Past {
    async fn sessions(&self, offset: u32, limit: u32) -> Result<Vec<DreamSession>> {
        Ok(page(self.sessions.iter().cloned(), offset, limit))
    }

    async fn has_session(&self, id: &str) -> bool {
        self.book.knows_session(id)
    }

    async fn events(&self, session: &str, sequence: u32, limit: u32) -> Result<Vec<DreamEvent>> {
        let own = self.book.0.iter().filter(|(id, _)| id == session);
        Ok(page(own.map(|(_, event)| event.clone()), sequence, limit))
    }

    async fn entries(&self, offset: u32, limit: u32) -> Vec<DreamEntry> {
        page(self.snapshot.entries().iter().map(|entry| entry_for_guest(entry, NOW)), offset, limit)
    }

    async fn propose(&self, operation: Operation) -> Result<Result<u32, Rejection>> {
        locked(&self.proposed).push(operation.clone());
        let mut verifier = locked(&self.verifier);
        Ok(verifier.get_or_insert_with(|| self.verifier()).propose(operation))
    }

    async fn digests(
        &self,
        offset: u32,
        limit: u32,
        _bytes_max: usize,
    ) -> Result<Vec<Option<Vec<u8>>>> {
        // Two sessions are no more bytes than a page may have.
        let kept = self.kept();
        let ids = self.sessions.iter().map(|session| &session.id);
        Ok(page(ids.map(|id| kept.get(id).cloned()), offset, limit))
    }

    async fn keep_digest(&self, session: &str, digest: Vec<u8>) -> Result<()> {
        locked(&self.digests).insert(session.to_owned(), digest);
        Ok(())
    }

    async fn progress(
        &self,
        _phase: String,
        _done: u32,
        _total: u32,
        _session: Option<String>,
    ) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use lucid_core::{Change, Evidence};

    use super::*;

    #[tokio::test]
    async fn what_is_proposed_is_kept_in_order_and_verified() {
        let past = Past::small();
        let entries = past.entries(0, 10).await;
        assert_eq!(entries.len(), 6);
        let drop = |entry_id: &str| Operation {
            change: Change::Drop { entry_id: entry_id.to_owned() },
            reason: "because".to_owned(),
            evidence: Vec::<Evidence>::new(),
        };
        assert!(past.propose(drop("ent_of_nobody")).await.unwrap().is_err());
        let events = past.events("sesn_00", 1, 1).await.unwrap();
        assert_eq!((events.len(), events[0].kind.as_str()), (1, "agent.tool_use"));
        assert_eq!(proposals(&past, &past.proposed()), (1, 1));
        assert!(Past::default().sessions(0, 10).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn what_is_kept_of_a_session_stands_at_its_place_in_the_next_dream() {
        let past = Past::small();
        past.keep_digest("sesn_01", b"b".to_vec()).await.unwrap();
        let next = Past::small().keeping(past.kept());
        let kept = next.digests(0, 10, usize::MAX).await.unwrap();
        assert_eq!(kept, [None, Some(b"b".to_vec())]);
        assert!(next.digests(2, 10, usize::MAX).await.unwrap().is_empty());
    }
}
