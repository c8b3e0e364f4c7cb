//! What a run tells of itself while it goes on, as data.

use lucid_core::SessionId;
use lucid_runtime::{Note, Observer};
use serde::{Deserialize, Serialize};

/// Something worth showing of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum RunNote {
    /// A part of it begins.
    Phase {
        /// What it is.
        title: String,
        /// How many sessions it has; 0 when it has none.
        total: u64,
    },
    /// A session begins to run, or goes on.
    SessionBegan {
        /// The session.
        id: SessionId,
        /// The agent that leads it.
        lead: String,
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
        phase: String,
        /// Steps done.
        done: u32,
        /// Steps in all; 0 when not known.
        total: u32,
        /// The session that it reads, where it reads one.
        session_id: Option<String>,
    },
}

impl RunNote {
    /// The same as data; none for what a dream proposes, which stands in the dream.
    pub(crate) fn of(note: &Note<'_>) -> Option<Self> {
        Some(match *note {
            Note::Phase { title, total } => Self::Phase { title: title.to_owned(), total },
            Note::SessionBegan { id, lead, events } => {
                Self::SessionBegan { id: id.clone(), lead: lead.to_owned(), events }
            }
            Note::SessionEnded { succeeded } => Self::SessionEnded { succeeded },
            Note::DreamProgress { phase, done, total, session_id } => Self::DreamProgress {
                phase: phase.to_owned(),
                done,
                total,
                session_id: session_id.map(str::to_owned),
            },
            Note::DreamOperation { .. } => return None,
        })
    }

    /// Tells it to somebody who watches.
    pub fn tell(&self, observer: &dyn Observer) {
        observer.note(match self {
            Self::Phase { title, total } => Note::Phase { title, total: *total },
            Self::SessionBegan { id, lead, events } => {
                Note::SessionBegan { id, lead, events: *events }
            }
            Self::SessionEnded { succeeded } => Note::SessionEnded { succeeded: *succeeded },
            Self::DreamProgress { phase, done, total, session_id } => Note::DreamProgress {
                phase,
                done: *done,
                total: *total,
                session_id: session_id.as_deref(),
            },
        });
    }
}
