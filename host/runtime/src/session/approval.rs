//! Asking people about calls.

use async_trait::async_trait;
use lucid_core::{EventId, SessionId};
use serde_json::Value;

/// A call that waits for a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// Its session.
    pub session_id: SessionId,
    /// The agent that made it.
    pub agent: String,
    /// The event that made it.
    pub call: EventId,
    /// The tool.
    pub tool: String,
    /// The input.
    pub input: Value,
}

/// What somebody said to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approval {
    /// It may run.
    Allow,
    /// It may not.
    Deny {
        /// What the agent is told.
        reason: Option<String>,
    },
    /// Nobody decides now: the call waits in its session.
    Later,
}

/// Decides about calls whose permission is to ask.
#[async_trait]
pub trait Approver: Send + Sync {
    /// Decides about one call. May take as long as people take; dropped when the call is
    /// decided elsewhere or interrupted.
    async fn decide(&self, ask: &Ask) -> Approval;
}

/// Denies every call: there is nobody to ask.
#[derive(Debug, Clone, Copy, Default)]
pub struct NobodyAsks;

#[async_trait]
impl Approver for NobodyAsks {
    async fn decide(&self, _ask: &Ask) -> Approval {
        Approval::Deny { reason: Some("There is nobody to ask.".to_owned()) }
    }
}
