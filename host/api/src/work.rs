//! Work items of self-hosted environments: which session needs a worker, and who has it.
//!
//! An item waits in its environment's queue until a worker polls for it and acknowledges it.
//! From then on the worker holds a lease that its heartbeats extend; an item whose lease runs
//! out is back in the queue. What may follow on what is in `lease`, as functions that take
//! the time and touch nothing else.

mod lease;
#[cfg(test)]
mod table;

use lucid_core::{EnvironmentId, SessionId, Timestamp, WorkId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::check::{Metadata, MetadataPatch, check_metadata, patched};
use crate::error::Result;
use crate::query::Query;

pub use lease::{Beat, NO_HEARTBEAT};

/// Seconds that a lease lasts where nobody asks for more or less.
pub const TTL_SECONDS: u32 = 300;
/// Seconds that a worker may ask for at most.
pub const TTL_SECONDS_MAX: u32 = 3_600;
/// Milliseconds after which an item that was polled and not acknowledged is given out again.
pub const RECLAIM_MS: u64 = 5_000;
/// Milliseconds that a poll may wait at most.
pub const BLOCK_MS_MAX: u64 = 999;

const RECLAIM_MS_MAX: u64 = 86_400_000;

/// Where an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WorkState {
    /// In the queue; somebody may have polled it and not acknowledged it.
    Queued,
    /// A worker acknowledged it and was not heard of since.
    Starting,
    /// A worker is at it.
    Active,
    /// Its worker is to come to an end.
    Stopping,
    /// Over.
    Stopped,
}

/// An item as it is stored. The API shows all but the last fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// Its id.
    pub id: WorkId,
    /// The environment whose workers may have it.
    pub environment_id: EnvironmentId,
    /// The session that needs a worker.
    pub session_id: SessionId,
    /// Where it stands.
    pub state: WorkState,
    /// What somebody notes beside it.
    pub metadata: Metadata,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its worker acknowledged it.
    pub acknowledged_at: Option<Timestamp>,
    /// When its worker was heard first.
    pub started_at: Option<Timestamp>,
    /// When its worker was heard last.
    pub latest_heartbeat_at: Option<Timestamp>,
    /// When somebody asked that it stops.
    pub stop_requested_at: Option<Timestamp>,
    /// When it was over.
    pub stopped_at: Option<Timestamp>,
    /// Since when it is in the queue, lastly.
    pub queued_at: Timestamp,
    /// When it may be given out.
    pub ready_at: Timestamp,
    /// When it was given to a worker that has not acknowledged it.
    pub reserved_at: Option<Timestamp>,
    /// How long its lease lasts.
    pub ttl_seconds: u32,
    /// When its worker must have been heard of again.
    pub lease_until: Option<Timestamp>,
    /// How many workers in a row gave it back undone.
    pub given_back: u32,
}

impl Work {
    /// An item that is queued now.
    #[must_use]
    pub fn new(
        id: WorkId,
        environment_id: EnvironmentId,
        session_id: SessionId,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            environment_id,
            session_id,
            state: WorkState::Queued,
            metadata: Metadata::new(),
            created_at: now,
            acknowledged_at: None,
            started_at: None,
            latest_heartbeat_at: None,
            stop_requested_at: None,
            stopped_at: None,
            queued_at: now,
            ready_at: now,
            reserved_at: None,
            ttl_seconds: TTL_SECONDS,
            lease_until: None,
            given_back: 0,
        }
    }

    /// The item as the API writes it; only a poll gives the secret along.
    #[must_use]
    pub fn to_object(&self, secret: Option<&str>) -> Value {
        json!({
            "id": self.id,
            "type": "work",
            "environment_id": self.environment_id,
            "data": {"type": "session", "id": self.session_id},
            "state": self.state,
            "metadata": self.metadata,
            "secret": secret,
            "created_at": self.created_at,
            "acknowledged_at": self.acknowledged_at,
            "started_at": self.started_at,
            "latest_heartbeat_at": self.latest_heartbeat_at,
            "stop_requested_at": self.stop_requested_at,
            "stopped_at": self.stopped_at,
        })
    }

    /// The item with its metadata changed.
    ///
    /// # Errors
    /// Invalid, when the metadata would be too long or too much.
    pub fn noted(mut self, update: UpdateWork) -> Result<Self> {
        self.metadata = patched(&self.metadata, update.metadata.unwrap_or_default());
        check_metadata(&self.metadata)?;
        Ok(self)
    }

    /// Whether its session is waited for by this item, so that no other one is needed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, WorkState::Queued | WorkState::Starting | WorkState::Active)
    }
}

/// What is changed of an item.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateWork {
    /// A change of its metadata.
    pub metadata: Option<MetadataPatch>,
}

/// How an item is stopped.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopWork {
    /// Whether it is over at once.
    pub force: Option<bool>,
}

/// What a worker polls with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollWork {
    /// Milliseconds to wait for an item.
    pub block_ms: u64,
    /// Milliseconds after which an item that nobody acknowledged may be given out again.
    pub reclaim_ms: u64,
}

impl PollWork {
    /// Reads a query.
    ///
    /// # Errors
    /// Invalid, when a number is out of its bounds or something else is asked.
    pub fn read(query: &mut Query) -> Result<Self> {
        let block_ms = query.number("block_ms", 1..=BLOCK_MS_MAX)?.unwrap_or(0);
        let reclaim = query.number("reclaim_older_than_ms", 0..=RECLAIM_MS_MAX)?;
        query.done()?;
        Ok(Self { block_ms, reclaim_ms: reclaim.unwrap_or(RECLAIM_MS) })
    }
}

/// What a heartbeat says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Heartbeat {
    /// The answer to the heartbeat before, or [`NO_HEARTBEAT`]; none compares nothing.
    pub expected: Option<String>,
    /// Seconds that the lease is to last from now on.
    pub ttl_seconds: Option<u32>,
}

impl Heartbeat {
    /// Reads a query.
    ///
    /// # Errors
    /// Invalid, when the seconds are out of their bounds or something else is asked.
    pub fn read(query: &mut Query) -> Result<Self> {
        let expected = query.text("expected_last_heartbeat")?;
        let seconds = query.number("desired_ttl_seconds", 1..=u64::from(TTL_SECONDS_MAX))?;
        query.done()?;
        Ok(Self { expected, ttl_seconds: seconds.and_then(|seconds| seconds.try_into().ok()) })
    }
}

/// What there is to know about a queue; `open` are its items that are not over.
#[must_use]
pub fn stats(open: &[Work], now: Timestamp, workers_polling: u64) -> Value {
    let open = open.iter().map(|work| work.clone().settled(now));
    let queued: Vec<_> = open.filter(|work| work.state == WorkState::Queued).collect();
    let pending = queued.iter().filter(|work| work.reserved_at.is_some()).count();
    json!({
        "type": "work_queue_stats",
        "depth": queued.len() - pending,
        "pending": pending,
        "oldest_queued_at": queued.iter().map(|work| work.queued_at).min(),
        "workers_polling": workers_polling,
    })
}
