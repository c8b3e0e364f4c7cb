//! The events that evidence names, fetched before an operation is verified.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use lucid_core::{EventId, EventRecord, Operation, Result, SessionId};
use lucid_memory::Quotes;
use lucid_store::Store;

/// Events by session and id, with whether their text may be believed.
type Events = HashMap<(String, String), Option<(String, bool)>>;

/// What a verifier may quote from: the sessions of one dream and nothing else.
#[derive(Clone)]
pub(crate) struct QuoteBook {
    sessions: Arc<HashSet<String>>,
    events: Arc<Mutex<Events>>,
}

impl QuoteBook {
    pub(crate) fn new(sessions: HashSet<String>) -> Self {
        Self { sessions: Arc::new(sessions), events: Arc::default() }
    }

    pub(crate) fn has_session(&self, id: &str) -> bool {
        self.sessions.contains(id)
    }

    /// Fetches the events an operation quotes.
    pub(crate) async fn fetch(&self, store: &dyn Store, operation: &Operation) -> Result<()> {
        for evidence in &operation.evidence {
            let key = (evidence.session_id.clone(), evidence.event_id.clone());
            if !self.has_session(&key.0) || self.lock().contains_key(&key) {
                continue;
            }
            let ids = (SessionId::parse(&key.0), EventId::parse(&key.1));
            let event = match ids {
                (Some(session), Some(event)) => store.event(&session, &event).await?,
                _ => None,
            };
            let known = event.map(|event| (event.body.clone(), trusted(&event)));
            self.lock().insert(key, known);
        }
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Events> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Quotes for QuoteBook {
    fn event(&self, session_id: &str, event_id: &str) -> Option<(String, bool)> {
        let key = (session_id.to_owned(), event_id.to_owned());
        self.lock().get(&key).cloned().flatten()
    }

    fn knows_session(&self, session_id: &str) -> bool {
        self.has_session(session_id)
    }
}

/// Whether the text of an event may be believed: a tool that brings in text from outside the
/// session says so, and then it may not.
pub(crate) fn trusted(event: &EventRecord) -> bool {
    match event.event() {
        Some(lucid_core::Event::ToolResult { lucid, .. }) => !lucid.untrusted,
        Some(_) => true,
        None => false,
    }
}
