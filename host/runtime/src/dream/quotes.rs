//! The events that evidence names, fetched before an operation is verified.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lucid_core::{EventId, Evidence, Operation, Origin, Result, SessionId, Timestamp};
use lucid_memory::{Bounds, Quotes};
use lucid_store::Store;

use super::echoes::Echoes;
use super::inputs::DreamInput;
use super::origins::Origins;

/// Bodies of events that are kept, in bytes: beyond that all are let go, and fetched again.
const KEPT_BYTES_MAX: usize = 64 << 20;

/// An event, by its session's id and its own.
type Place = (String, String);

/// What is known of an event that was named.
#[derive(Clone)]
struct Known {
    body: String,
    origin: Origin,
    at: Timestamp,
}

#[derive(Default)]
struct Book {
    events: HashMap<Place, Option<Known>>,
    bytes: usize,
    /// Events whose quotes in the operation at hand are what an earlier dream wrote.
    echoes: HashSet<Place>,
}

impl Book {
    /// Makes ready for another operation.
    fn make_room(&mut self) {
        self.echoes.clear();
        if self.bytes > KEPT_BYTES_MAX {
            self.events.clear();
            self.bytes = 0;
        }
    }

    fn insert(&mut self, place: Place, known: Option<Known>) {
        let body = known.as_ref().map_or(0, |known| known.body.len());
        self.bytes += place.0.len() + place.1.len() + body;
        self.events.insert(place, known);
    }
}

/// What a verifier may quote from: the sessions of one dream and nothing else.
#[derive(Clone)]
pub(super) struct QuoteBook {
    /// The dream's sessions, with whose they were, where somebody knows.
    sessions: Arc<HashMap<String, Option<String>>>,
    principals: usize,
    written: Arc<Echoes>,
    book: Arc<Mutex<Book>>,
}

impl QuoteBook {
    pub(super) fn new(inputs: &[DreamInput], written: Echoes) -> Self {
        let session = |input: &DreamInput| {
            let principal = Some(input.principal()).filter(|principal| !principal.is_empty());
            (input.id().to_string(), principal.map(str::to_owned))
        };
        let sessions: HashMap<_, _> = inputs.iter().map(session).collect();
        let principals: BTreeSet<_> = sessions.values().collect();
        let principals = principals.len();
        let (written, book) = (Arc::new(written), Arc::default());
        Self { sessions: Arc::new(sessions), principals, written, book }
    }

    pub(super) fn has_session(&self, id: &str) -> bool {
        self.sessions.contains_key(id)
    }

    /// Fetches the events an operation quotes.
    pub(super) async fn fetch(&self, store: &dyn Store, operation: &Operation) -> Result<()> {
        self.lock().make_room();
        // What is more, or longer, is refused before it is looked at.
        let bounds = Bounds::default();
        let named = operation.evidence.iter().take(bounds.evidence_max);
        for evidence in named.filter(|it| it.quote.len() as u64 <= bounds.quote_bytes_max) {
            let place = (evidence.session_id.clone(), evidence.event_id.clone());
            if !self.has_session(&place.0) {
                continue;
            }
            if !self.lock().events.contains_key(&place) {
                let known = known(store, evidence).await?;
                self.lock().insert(place.clone(), known);
            }
            let at = self.lock().events.get(&place).and_then(|known| Some(known.as_ref()?.at));
            if at.is_some_and(|at| self.written.has(&evidence.quote, at)) {
                self.lock().echoes.insert(place);
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks an event up, with where its text comes from.
async fn known(store: &dyn Store, evidence: &Evidence) -> Result<Option<Known>> {
    let ids = (SessionId::parse(&evidence.session_id), EventId::parse(&evidence.event_id));
    let (Some(session), Some(event)) = ids else { return Ok(None) };
    let Some(record) = store.event(&session, &event).await? else { return Ok(None) };
    let origin = Origins::of(session).origin(store, &record).await?;
    Ok(Some(Known { origin, at: record.created_at, body: record.body }))
}

impl Quotes for QuoteBook {
    fn event(&self, session_id: &str, event_id: &str) -> Option<(String, Origin)> {
        let place = (session_id.to_owned(), event_id.to_owned());
        let book = self.lock();
        let known = book.events.get(&place)?.as_ref()?;
        let is_echo = book.echoes.contains(&place);
        Some((known.body.clone(), if is_echo { Origin::Dream } else { known.origin }))
    }

    fn knows_session(&self, session_id: &str) -> bool {
        self.has_session(session_id)
    }

    fn principal(&self, session_id: &str) -> Option<String> {
        self.sessions.get(session_id).cloned().flatten()
    }

    fn principals(&self) -> usize {
        self.principals
    }
}
