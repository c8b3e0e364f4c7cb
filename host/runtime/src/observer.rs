//! Telling whoever watches what is going on. Watching changes nothing.

use lucid_core::{Operation, Rejection, SessionId};

/// Something worth showing.
#[derive(Debug)]
pub enum Note<'a> {
    /// A part of a run begins.
    Phase {
        /// What it is.
        title: &'a str,
        /// How many sessions it has; 0 when it has none.
        total: u64,
    },
    /// A session begins to run, or goes on.
    SessionBegan {
        /// Its id.
        id: &'a SessionId,
        /// The agent that leads it.
        lead: &'a str,
        /// Events that it has already.
        events: u32,
    },
    /// A session ended.
    SessionEnded {
        /// Whether its outcome was satisfied; none when it had none.
        succeeded: Option<bool>,
    },
    /// A dream says how far it is.
    DreamProgress {
        /// What it does.
        phase: &'a str,
        /// Steps done.
        done: u32,
        /// Steps in all; 0 when not known.
        total: u32,
        /// The session that it reads, where it reads one.
        session_id: Option<&'a str>,
    },
    /// A dream proposed something.
    DreamOperation {
        /// What.
        operation: &'a Operation,
        /// Why it was refused, where it was.
        rejection: Option<Rejection>,
    },
}

/// Watches a run.
pub trait Observer: Send + Sync {
    /// Hears of something. Must not block.
    fn note(&self, note: Note<'_>);
}

/// Watches nothing.
#[derive(Debug, Default)]
pub struct NoObserver;

impl Observer for NoObserver {
    fn note(&self, _note: Note<'_>) {}
}
