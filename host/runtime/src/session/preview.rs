//! Answers while they come, for whoever wants to read along.

use lucid_core::{EventId, SessionId};
use tokio::sync::broadcast;

/// A piece of an answer that is not in the log yet.
///
/// Pieces with the same event id, joined, are the beginning of that event's text. They may stop
/// at any time: an attempt failed, or whoever listens was too slow. What counts is the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The session.
    pub session_id: SessionId,
    /// The message that this will be.
    pub event_id: EventId,
    /// More of its text.
    pub text: String,
}

/// Tells whoever listens what a model says.
pub(crate) struct Preview {
    pub(crate) sender: broadcast::Sender<Heard>,
    pub(crate) session_id: SessionId,
    pub(crate) event_id: EventId,
}

impl Preview {
    /// Tells a piece; nobody may be listening any more.
    pub(crate) fn say(&self, text: &str) {
        let (session_id, event_id) = (self.session_id.clone(), self.event_id.clone());
        let _ = self.sender.send(Heard { session_id, event_id, text: text.to_owned() });
    }
}
