//! What may follow on what: an item's way through the queue, and the lease on it.

use lucid_core::Timestamp;
use serde_json::{Value, json};

use super::{Heartbeat, Work, WorkState};
use crate::error::{ApiError, Result};

/// What the first heartbeat expects: that there was none.
pub const NO_HEARTBEAT: &str = "NO_HEARTBEAT";

/// How often an item that workers give back undone is queued again, each time later.
const GIVEN_BACK_MAX: u32 = 5;

/// The answer to a heartbeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beat {
    /// The item afterwards.
    pub work: Work,
    /// Whether the lease was extended.
    pub extended: bool,
}

impl Beat {
    /// The answer as the API writes it.
    #[must_use]
    pub fn to_object(&self) -> Value {
        let last = self.work.latest_heartbeat_at.map(|at| at.to_string());
        json!({
            "type": "work_heartbeat",
            "state": self.work.state,
            "ttl_seconds": self.work.ttl_seconds,
            "lease_extended": self.extended,
            "last_heartbeat": last.unwrap_or_default(),
        })
    }
}

impl Work {
    /// The item as time has it: a lease that ran out puts it back into the queue, or ends it
    /// where it was to stop.
    #[must_use]
    pub fn settled(self, now: Timestamp) -> Self {
        let Some(until) = self.lease_until.filter(|until| *until <= now) else { return self };
        match self.state {
            WorkState::Starting | WorkState::Active => Self {
                state: WorkState::Queued,
                acknowledged_at: None,
                started_at: None,
                latest_heartbeat_at: None,
                queued_at: until,
                ready_at: until,
                reserved_at: None,
                lease_until: None,
                ..self
            },
            WorkState::Stopping => self.over(until),
            WorkState::Queued | WorkState::Stopped => self,
        }
    }

    /// Whether a poll may take it.
    #[must_use]
    pub fn is_ready(&self, now: Timestamp, reclaim_ms: u64) -> bool {
        let free = self.reserved_at.is_none_or(|at| after(at, reclaim_ms) <= now);
        self.state == WorkState::Queued && self.ready_at <= now && free
    }

    /// The item as a poll takes it; none when somebody else was faster.
    #[must_use]
    pub fn reserved(self, now: Timestamp, reclaim_ms: u64) -> Option<Self> {
        let work = self.settled(now);
        work.is_ready(now, reclaim_ms).then_some(Self { reserved_at: Some(now), ..work })
    }

    /// The item as its worker acknowledges it. An acknowledgement that is repeated, since its
    /// answer was lost, changes nothing: of two workers, the first heartbeat decides.
    ///
    /// # Errors
    /// Conflict, when a worker is at it already, or it is over.
    pub fn acknowledged(self, now: Timestamp) -> Result<Self> {
        let work = self.settled(now);
        match work.state {
            WorkState::Queued => Ok(Self {
                state: WorkState::Starting,
                acknowledged_at: Some(now),
                reserved_at: None,
                lease_until: Some(after(now, seconds(work.ttl_seconds))),
                ..work
            }),
            WorkState::Starting => Ok(work),
            WorkState::Active | WorkState::Stopping | WorkState::Stopped => {
                Err(ApiError::conflict(format!(
                    "the work item is {}: only one in the queue can be acknowledged",
                    work.word()
                )))
            }
        }
    }

    /// The item after a heartbeat of its worker.
    ///
    /// # Errors
    /// 412 with the state of the lease, when the heartbeat before was not this worker's.
    pub fn beaten(self, beat: &Heartbeat, now: Timestamp) -> Result<Beat> {
        let work = self.settled(now);
        let last = match work.state {
            // What is to stop is told so, whoever asks.
            WorkState::Stopping | WorkState::Stopped => return Ok(Beat { work, extended: false }),
            WorkState::Queued => return Err(work.lost()),
            WorkState::Starting => None,
            WorkState::Active => work.latest_heartbeat_at,
        };
        let actual = last.map_or_else(|| NO_HEARTBEAT.to_owned(), |at| at.to_string());
        if beat.expected.as_ref().is_some_and(|expected| *expected != actual) {
            return Err(work.lost());
        }
        // Two heartbeats of the same millisecond are two heartbeats.
        let at = last.map_or(now, |last| now.max(after(last, 1)));
        let ttl_seconds = beat.ttl_seconds.unwrap_or(work.ttl_seconds);
        let work = Self {
            state: WorkState::Active,
            started_at: work.started_at.or(Some(now)),
            latest_heartbeat_at: Some(at),
            ttl_seconds,
            lease_until: Some(after(now, seconds(ttl_seconds))),
            ..work
        };
        Ok(Beat { work, extended: true })
    }

    /// The item after somebody asked that it stops: its worker is told with the next
    /// heartbeat, or it is over at once, as it is where no worker has it.
    ///
    /// # Errors
    /// Conflict, when it is over already.
    pub fn stopped(self, force: bool, now: Timestamp) -> Result<Self> {
        let work = self.settled(now);
        let at = work.stop_requested_at.or(Some(now));
        match work.state {
            WorkState::Stopped => {
                Err(ApiError::conflict("the work item is stopped: there is nothing to stop"))
            }
            WorkState::Queued => Ok(Self { stop_requested_at: at, ..work.over(now) }),
            _ if force => Ok(Self { stop_requested_at: at, ..work.over(now) }),
            WorkState::Starting | WorkState::Active | WorkState::Stopping => {
                Ok(Self { state: WorkState::Stopping, stop_requested_at: at, ..work })
            }
        }
    }

    /// The item that follows on one that a worker gave back while its session still waits:
    /// later each time, so that a worker that cannot do it does not try for ever.
    #[must_use]
    pub fn again(&self, id: lucid_core::WorkId, now: Timestamp) -> Option<Self> {
        if self.given_back >= GIVEN_BACK_MAX {
            return None;
        }
        let mut work = Self::new(id, self.environment_id.clone(), self.session_id.clone(), now);
        work.given_back = self.given_back.saturating_add(1);
        work.ready_at = after(now, seconds(1 << self.given_back));
        work.metadata.clone_from(&self.metadata);
        Some(work)
    }

    fn over(self, at: Timestamp) -> Self {
        Self {
            state: WorkState::Stopped,
            stopped_at: Some(at),
            lease_until: None,
            reserved_at: None,
            ..self
        }
    }

    /// The state as the API has it.
    fn word(&self) -> &'static str {
        match self.state {
            WorkState::Queued => "queued",
            WorkState::Starting => "starting",
            WorkState::Active => "active",
            WorkState::Stopping => "stopping",
            WorkState::Stopped => "stopped",
        }
    }

    fn lost(&self) -> ApiError {
        let why = format!(
            "the lease is another worker's, or nobody's: the work item is {} and its last \
             heartbeat is not the expected one",
            self.word()
        );
        ApiError::new(412, "invalid_request_error", why).field(
            "details",
            json!({
                "error_code": "heartbeat_precondition_failed",
                "current_state": {
                    "state": self.state,
                    "last_heartbeat": self.latest_heartbeat_at,
                    "ttl_seconds": self.ttl_seconds,
                    "lease_extended": false,
                },
            }),
        )
    }
}

fn seconds(seconds: u32) -> u64 {
    u64::from(seconds).saturating_mul(1_000)
}

fn after(at: Timestamp, millis: u64) -> Timestamp {
    Timestamp(at.as_millis().saturating_add(millis))
}
