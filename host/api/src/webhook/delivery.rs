//! One delivery: what is sent, how often, and what an answer means.

use lucid_core::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The organization that all workspaces of a server are of.
pub const ORGANIZATION_ID: &str = "org_lucid";

/// How often a delivery is sent at most.
pub const ATTEMPTS_MAX: u32 = 3;

/// An endpoint that nothing came through to for so long is disabled, in milliseconds.
pub const FAILING_MS_MAX: u64 = 24 * 3_600_000;

/// The least and the most time before the next attempt, in milliseconds.
const BACKOFF_MS_LEAST: u64 = 5_000;
const BACKOFF_MS_MOST: u64 = 120_000;

/// Types that belong to the organization and not to one of its workspaces.
const OF_ORGANIZATION: [&str; 2] = ["external_key.", "user_profile."];

/// What is sent of an event: which resource, and nothing of what is in it. Whoever receives
/// it asks the API for that, as it is by then.
#[must_use]
pub fn payload(
    event_id: &str,
    at: Timestamp,
    kind: &str,
    id: &str,
    workspace_id: &str,
    extra: Map<String, Value>,
) -> Value {
    let mut data = Map::new();
    data.insert("type".into(), kind.into());
    data.insert("id".into(), id.into());
    data.insert("organization_id".into(), ORGANIZATION_ID.into());
    if !OF_ORGANIZATION.iter().any(|prefix| kind.starts_with(prefix)) {
        data.insert("workspace_id".into(), workspace_id.into());
    }
    for (name, value) in extra {
        data.entry(name).or_insert(value);
    }
    json!({"type": "event", "id": event_id, "created_at": at, "data": data})
}

/// A delivery as it is kept until it came through or was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The event's id, the same for every endpoint and every attempt.
    pub event_id: String,
    /// Exactly what is sent and signed.
    pub body: String,
    /// How often it was sent, or was about to be.
    pub attempts: u32,
    /// When it is sent next.
    pub due: Timestamp,
}

impl Delivery {
    /// A delivery that is due now.
    #[must_use]
    pub fn new(event_id: String, body: String, now: Timestamp) -> Self {
        Self { event_id, body, attempts: 0, due: now }
    }

    /// The delivery with one attempt more, which is to be written down before it is made: so
    /// nobody else makes it as well, and one that a server dies of is counted. None, when
    /// there were enough.
    #[must_use]
    pub fn attempted(&self, random: u64, now: Timestamp) -> Option<Self> {
        let attempts = self.attempts.checked_add(1).filter(|count| *count <= ATTEMPTS_MAX)?;
        // 5 to 20 seconds, then 20 to 120.
        let (least, most) = match attempts {
            1 => (BACKOFF_MS_LEAST, 4 * BACKOFF_MS_LEAST),
            _ => (4 * BACKOFF_MS_LEAST, BACKOFF_MS_MOST),
        };
        let wait = least + random % (most - least + 1);
        let due = Timestamp(now.as_millis().saturating_add(wait));
        Some(Self { attempts, due, ..self.clone() })
    }

    /// Whether another attempt may follow.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.attempts >= ATTEMPTS_MAX
    }
}

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It came through.
    Acknowledged,
    /// It did not.
    Failed,
    /// The endpoint is somewhere else, and nothing is sent after it.
    Redirected,
}

/// What a status means.
#[must_use]
pub fn verdict(status: u16) -> Verdict {
    match status {
        200..=299 => Verdict::Acknowledged,
        300..=399 => Verdict::Redirected,
        _ => Verdict::Failed,
    }
}
