//! Sessions, as they are listed. What happened in one is in its event log.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{OutcomeResult, SessionId, Timestamp};

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    /// It waits.
    Idle,
    /// Some thread works.
    Running,
    /// It waits to try again.
    Rescheduling,
    /// It is over.
    Terminated,
}

impl SessionStatus {
    /// The status as the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Running => "running",
            Self::Rescheduling => "rescheduling",
            Self::Terminated => "terminated",
        }
    }
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Its title.
    pub title: String,
    /// The name of its (lead) agent.
    pub agent: String,
    /// What is known about it: `lucid.task`, `lucid.mission`, …
    pub metadata: BTreeMap<String, String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a session is to achieve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// What it is about.
    pub description: String,
    /// What done looks like, in Markdown.
    pub rubric: String,
    /// How often the result is evaluated at most: 1 to 20, 3 by default.
    pub max_iterations: u32,
}

/// A session at a glance: derived from its event log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionSummary {
    /// The session.
    pub session: Session,
    /// Where it stands.
    pub status: SessionStatus,
    /// When its last event was written.
    pub updated_at: Timestamp,
    /// What became of its outcome.
    pub outcome: Option<OutcomeResult>,
    /// How many events it has.
    pub events: u32,
}
