//! What a store keeps of dreams: the dreams themselves, what it takes to run them, what they
//! read of sessions, and when they are to run.

use std::path::PathBuf;

use async_trait::async_trait;
use lucid_core::{
    Dream, DreamId, EntryInterval, MemoryStore, MemoryStoreId, MemoryVersion, MemoryVersionId,
    Result, Schedule, ScheduleId, SessionId, SessionSummary, Timestamp,
};
use serde::{Deserialize, Serialize};

/// Where a dream's strategy comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StrategySource {
    /// Somebody named it.
    Named {
        /// A bundled strategy, or the file of one.
        strategy: String,
        /// The model that it may ask, as missions name it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        model: Option<String>,
    },
    /// A mission's `[dream]` section.
    Mission {
        /// The mission's folder.
        folder: PathBuf,
    },
}

/// A session as one dream knows it, where that is not what its log says: in a control, whose
/// outcomes were shuffled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputLabels {
    /// The session.
    pub session_id: SessionId,
    /// Whether it succeeded; none when nobody knows.
    pub succeeded: Option<bool>,
    /// What else is known about it.
    pub labels: Vec<(String, String)>,
}

/// What has to be shown before anything that a dream mined is accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProofNeeded {
    /// The mission whose tasks show it. Jobs of older versions do not say: any mission's do.
    #[serde(default)]
    pub mission: String,
    /// Held-out tasks, at least.
    pub n: u32,
    /// What the lower bound of the change has to be above; a share, -1 to 1.
    pub margin: f64,
}

/// What it takes to run a dream, or to run it again, beside what it came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DreamJob {
    /// The strategy.
    pub source: StrategySource,
    /// SHA-256 of the strategy's component when the dream was asked for.
    pub component: String,
    /// Fixes the strategy's random choices.
    pub seed: u64,
    /// Whether everything that the host took is accepted: what a study does, which proves it
    /// afterwards.
    #[serde(default)]
    pub accept_all: bool,
    /// What is known of its sessions, where that is not what their logs say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<InputLabels>,
    /// The proof that its mission asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<ProofNeeded>,
    /// The versions that the input store had when the dream began: what was read, whatever
    /// becomes of that store. Empty until it begins.
    #[serde(default)]
    pub input_versions: Vec<MemoryVersionId>,
    /// Ids of sessions and versions that were taken away, and that the dream still has to be
    /// freed of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forget: Vec<String>,
}

impl DreamJob {
    /// What it takes to run a component that came from a source, with a seed: the policy decides,
    /// nothing has to be proved, and nothing is known that the sessions do not say.
    #[must_use]
    pub fn new(source: StrategySource, component: impl Into<String>, seed: u64) -> Self {
        Self {
            source,
            component: component.into(),
            seed,
            accept_all: false,
            labels: Vec::new(),
            proof: None,
            input_versions: Vec::new(),
            forget: Vec::new(),
        }
    }
}

/// One change of a dream, with all that has to happen together with it.
#[derive(Debug, Clone)]
pub struct DreamChange {
    /// The dream as it is to be.
    pub after: Dream,
    /// What it takes to run it, where that changes.
    pub job: Option<DreamJob>,
    /// What it took when the caller read it: the change fails where that changed since. None
    /// where it does not matter.
    pub job_before: Option<DreamJob>,
    /// A memory store that is made with it.
    pub new_store: Option<MemoryStore>,
    /// New versions of memories, and the store they are in.
    pub versions: Option<(MemoryStoreId, Vec<MemoryVersion>)>,
    /// The entries that the dream superseded in that store, all of them; others' stay.
    pub intervals: Option<(MemoryStoreId, Vec<EntryInterval>)>,
    /// Versions whose text goes. Those that a memory stands on after the change are refused.
    pub redact: Vec<MemoryVersionId>,
}

impl DreamChange {
    /// A change of the dream alone.
    #[must_use]
    pub fn to(after: Dream) -> Self {
        Self {
            after,
            job: None,
            job_before: None,
            new_store: None,
            versions: None,
            intervals: None,
            redact: Vec::new(),
        }
    }
}

/// What a session's log is, in short: two logs with the same hash hold the same events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentHash {
    /// How many events it covers: all there were when it was asked for.
    pub events: u32,
    /// SHA-256, chained over the events.
    pub hash: String,
}

/// What a strategy keeps of one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// The session.
    pub session_id: SessionId,
    /// A hash over all that the strategy was shown of it.
    pub key: String,
    /// The digest.
    pub body: Vec<u8>,
}

/// The part of a store that dreams need. Its promises are those of [`Store`](crate::Store).
#[async_trait]
pub trait DreamStore: Send + Sync {
    /// Writes a new dream, and what it takes to run it.
    ///
    /// # Errors
    /// Invalid, when there is a dream with this id.
    async fn create_dream(&self, dream: &Dream, job: &DreamJob) -> Result<()>;

    /// Writes a dream, new or changed, whatever it was before.
    ///
    /// # Errors
    /// Failed, when the storage fails; so for every method.
    async fn put_dream(&self, dream: &Dream) -> Result<()>;

    /// Changes a dream that is as the caller read it, with all that belongs to the change, or
    /// changes nothing.
    ///
    /// # Errors
    /// Invalid, when there is no such dream, or a part of the change does not fit; failed,
    /// when somebody changed the dream since it was read, or its job since `job_before`.
    async fn change_dream(&self, before: &Dream, change: DreamChange) -> Result<()>;

    /// Reads a dream.
    ///
    /// # Errors
    /// As [`DreamStore::put_dream`].
    async fn dream(&self, id: &DreamId) -> Result<Option<Dream>>;

    /// Lists the dreams, newest first.
    ///
    /// # Errors
    /// As [`DreamStore::put_dream`].
    async fn dreams(&self) -> Result<Vec<Dream>>;

    /// Lists the dreams as [`DreamStore::dreams`] does, without their operations and ledgers,
    /// which are almost all there is of a dream.
    ///
    /// # Errors
    /// As [`DreamStore::put_dream`].
    async fn dreams_in_short(&self) -> Result<Vec<Dream>>;

    /// The ids of dreams that start like this, in their order, at most so many. None of the
    /// dreams is read.
    ///
    /// # Errors
    /// As [`DreamStore::put_dream`].
    async fn dreams_named(&self, start: &str, limit: u32) -> Result<Vec<DreamId>>;

    /// The first of [`DreamStore::dreams`], without any of them being read; none where there is
    /// no dream.
    ///
    /// # Errors
    /// As [`DreamStore::put_dream`].
    async fn newest_dream(&self) -> Result<Option<DreamId>>;

    /// The dreams in whose document or job an id stands, in quotes: those that read a session,
    /// a memory store or a version, or made one. Oldest first.
    ///
    /// # Errors
    /// As [`DreamStore::put_dream`].
    async fn dreams_naming(&self, id: &str) -> Result<Vec<DreamId>>;

    /// Reads what it takes to run a dream; none for those of older versions.
    ///
    /// # Errors
    /// As [`DreamStore::put_dream`].
    async fn dream_job(&self, id: &DreamId) -> Result<Option<DreamJob>>;

    /// Writes down that somebody wants a dream to stop. Whoever runs it looks.
    ///
    /// # Errors
    /// Invalid, when there is no such dream, or nothing is known of how to run it.
    async fn request_cancel(&self, id: &DreamId, at: Timestamp) -> Result<()>;

    /// Whether somebody wants a dream to stop. One look into an index: cheap enough to ask
    /// ten times a second.
    ///
    /// # Errors
    /// As [`DreamStore::put_dream`].
    async fn cancel_requested(&self, id: &DreamId) -> Result<bool>;

    /// The entries that dreams superseded in a memory store, with when they held, in the order
    /// of the dreams.
    ///
    /// # Errors
    /// As [`DreamStore::put_dream`].
    async fn intervals(&self, store_id: &MemoryStoreId) -> Result<Vec<EntryInterval>>;

    /// Reads sessions at a glance, in the order given; none for those that are not there.
    ///
    /// # Errors
    /// As [`DreamStore::put_dream`].
    async fn session_summaries(&self, ids: &[SessionId]) -> Result<Vec<Option<SessionSummary>>>;

    /// Hashes of sessions' logs, in the order given; none for those that are not there. What a
    /// log had before is not read again.
    ///
    /// # Errors
    /// As [`DreamStore::put_dream`].
    async fn content_hashes(&self, ids: &[SessionId]) -> Result<Vec<Option<ContentHash>>>;

    /// What a strategy's component keeps of sessions, by session and key in the order given,
    /// until `bytes_max` are reached; one at least.
    ///
    /// # Errors
    /// As [`DreamStore::put_dream`].
    async fn digests(
        &self,
        component: &str,
        wanted: &[(SessionId, String)],
        bytes_max: usize,
    ) -> Result<Vec<Option<Vec<u8>>>>;

    /// Keeps digests, each in the place of the one before. Those of sessions that are not
    /// there any more are left out.
    ///
    /// # Errors
    /// As [`DreamStore::put_dream`].
    async fn put_digests(&self, component: &str, digests: Vec<Digest>) -> Result<()>;

    /// Reads one version of a memory.
    ///
    /// # Errors
    /// As [`DreamStore::put_dream`].
    async fn memory_version(&self, id: &MemoryVersionId) -> Result<Option<MemoryVersion>>;

    /// Clears the text and the path of a version. False when they were cleared already.
    ///
    /// # Errors
    /// Invalid, when there is no such version, or a memory stands on it now.
    async fn redact_version(&self, id: &MemoryVersionId) -> Result<bool>;

    /// Writes a schedule, new or changed.
    ///
    /// # Errors
    /// As [`DreamStore::put_dream`].
    async fn put_schedule(&self, schedule: &Schedule) -> Result<()>;

    /// Changes a schedule that is as the caller read it. False when it is gone, or somebody
    /// changed it since it was read.
    ///
    /// # Errors
    /// As [`DreamStore::put_dream`].
    async fn change_schedule(&self, before: &Schedule, after: &Schedule) -> Result<bool>;

    /// Reads a schedule.
    ///
    /// # Errors
    /// As [`DreamStore::put_dream`].
    async fn schedule(&self, id: &ScheduleId) -> Result<Option<Schedule>>;

    /// Lists the schedules by id, which is by the time they were made.
    ///
    /// # Errors
    /// As [`DreamStore::put_dream`].
    async fn schedules(&self) -> Result<Vec<Schedule>>;

    /// Removes a schedule; false when there is none.
    ///
    /// # Errors
    /// As [`DreamStore::put_dream`].
    async fn delete_schedule(&self, id: &ScheduleId) -> Result<bool>;

    /// Writes down that a schedule runs at a moment, and when it is next due, where it ran last
    /// when the caller read it. False when another process was faster, or it is paused or gone.
    ///
    /// # Errors
    /// As [`DreamStore::put_dream`].
    async fn claim_schedule(
        &self,
        id: &ScheduleId,
        last_run_at: Option<Timestamp>,
        at: Timestamp,
        next: Option<Timestamp>,
    ) -> Result<bool>;
}
