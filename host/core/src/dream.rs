//! Dreams as they are kept: their operations, the ledger, the proof, and their schedules.

use serde::{Deserialize, Serialize};

use crate::{
    Change, DreamId, Evidence, MemoryStoreId, ModelUsage, Operation, Rejection, ScheduleId,
    SessionId, Statistics, Timestamp,
};

/// What an operation is, by what the host itself can tell of it; never by what a strategy
/// says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// A merge of entries that say the same in the same words.
    Identical,
    /// A merge into an entry that says all that the others say.
    Subsumed,
    /// A supersession between two values of the same key, the newer of which is asserted.
    Keyed,
    /// A rule: what goes with success.
    Contrast,
    /// A rule: a failure and its fix.
    FailureFix,
    /// A rule: steps that follow each other.
    Sequence,
    /// Anything else: it is for a person, or a proof, to judge.
    Theme,
}

impl Class {
    /// Whether operations of the class are taken without a person or a proof.
    #[must_use]
    pub fn is_earned(self) -> bool {
        matches!(self, Self::Identical | Self::Subsumed | Self::Keyed)
    }
}

/// Where an operation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationState {
    /// It waits for a person or a proof.
    Proposed,
    /// The host refused it, with the reason in `rejection`; or a person did, without one.
    Rejected,
    /// It is in the output store.
    Accepted,
    /// It was in the output store and was taken out again.
    Undone,
}

/// Who decides about a dream's operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewPolicy {
    /// Identical and subsumed merges and keyed supersessions are accepted at once; the rest
    /// waits.
    Auto,
    /// Everything waits. The default.
    #[default]
    Review,
}

impl ReviewPolicy {
    /// Whether an operation of a class is accepted at once.
    #[must_use]
    pub fn accepts(self, class: Class) -> bool {
        self == Self::Auto && class.is_earned()
    }
}

/// Something that was masked before it was kept; never the thing itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaskedNote {
    /// Where it stood: `draft`, `quote`, `reason`, `statistics`.
    pub place: String,
    /// What it was, such as `email`.
    pub kind: String,
    /// How long it was, in bytes.
    pub bytes: u64,
}

/// One operation of a dream, as it is kept and shown. The host's refusals are among them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DreamOperation {
    /// `dop_` and its number in the dream, from 1.
    pub id: String,
    /// The change's name: `keep`, `merge`, `supersede`, `add`, `drop`, `flag_conflict`.
    pub op: String,
    /// What it is, by what the host can tell.
    pub class: Class,
    /// Where it stands.
    pub state: OperationState,
    /// The memory it is about; for a merge or supersession that of the entry that stays.
    pub memory_path: String,
    /// The texts it is about as the input store has them, secrets masked and long ones cut:
    /// all entries of a merge or conflict, else the one that is kept, dropped or superseded.
    pub before: Vec<String>,
    /// The text that stands afterwards in their place, likewise; none where nothing does.
    pub after: Option<String>,
    /// Why, in one sentence.
    pub reason: String,
    /// Why the host refused it, where it did.
    pub rejection: Option<Rejection>,
    /// What supports it.
    pub evidence: Vec<Evidence>,
    /// The numbers behind it, where it is a rule.
    pub statistics: Option<Statistics>,
    /// The change itself. The numbers of an addition are in `statistics`.
    pub change: Change,
    /// What was masked in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masked: Vec<MaskedNote>,
}

impl DreamOperation {
    /// The operation as it was proposed (but for what was masked).
    #[must_use]
    pub fn operation(&self) -> Operation {
        let mut change = self.change.clone();
        if let Change::Add { statistics, .. } = &mut change {
            statistics.clone_from(&self.statistics);
        }
        Operation { change, reason: self.reason.clone(), evidence: self.evidence.clone() }
    }

    /// Whether it rests on a session: quotes it, or counts it.
    #[must_use]
    pub fn rests_on(&self, session_id: &str) -> bool {
        let counted = self.statistics.iter().flat_map(|numbers| &numbers.session_ids);
        let quoted = self.evidence.iter().map(|evidence| &evidence.session_id);
        quoted.chain(counted).any(|id| id == session_id)
    }
}

/// Where an entry of the input store ended. In JSON the name is the ledger line's `fate`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum Place {
    /// It stayed as it was.
    Kept,
    /// It became part of another entry.
    #[serde(rename = "merged")]
    MergedInto {
        /// The other entry.
        #[serde(rename = "into")]
        entry_id: String,
    },
    /// A newer entry replaced it.
    #[serde(rename = "superseded")]
    SupersededBy {
        /// The newer entry.
        #[serde(rename = "by")]
        entry_id: String,
        /// From when on the newer holds.
        since: Timestamp,
    },
    /// It was dropped.
    Dropped,
    /// It stayed, and contradicts others.
    InConflict {
        /// The others.
        #[serde(rename = "with")]
        entry_ids: Vec<String>,
    },
}

/// One line of the ledger: what becomes of one entry of the input store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerLine {
    /// The entry.
    #[serde(rename = "entry")]
    pub entry_id: String,
    /// The memory it stood in.
    pub path: String,
    /// The start of its text, secrets masked: for people.
    pub text: String,
    /// Where it ended.
    #[serde(flatten)]
    pub place: Place,
    /// The operation that decided, `dop_…`; none for entries that nothing named.
    pub operation: Option<String>,
}

/// Where a dream stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DreamStatus {
    /// It waits to start.
    Pending,
    /// It runs.
    Running,
    /// It ended and made a new store.
    Completed,
    /// It ended without one.
    Failed,
    /// Somebody stopped it.
    Canceled,
}

impl DreamStatus {
    /// Whether it has ended; then it never changes again.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Canceled)
    }

    /// The status as the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }
}

/// Why a dream failed, in the API's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DreamErrorKind {
    /// It took too long.
    Timeout,
    /// Anything else.
    InternalError,
    /// There are too many memory stores.
    MemoryStoreOrgLimitExceeded,
    /// The input store is too large.
    InputMemoryStoreTooLarge,
    /// The input store is gone.
    InputMemoryStoreUnavailable,
    /// A session is gone.
    InputSessionUnavailable,
}

/// What went wrong with a dream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DreamError {
    /// What kind of thing.
    #[serde(rename = "type")]
    pub kind: DreamErrorKind,
    /// In one sentence.
    pub message: String,
}

/// Whether a dream helps: pairs of runs, one with the old memory and one with the new.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    /// The mission that was run.
    pub mission: String,
    /// Held-out tasks, each run with both.
    pub n: u32,
    /// Share that succeeded with the old memory, 0 to 1.
    pub before_rate: f64,
    /// Share that succeeded with the new memory, 0 to 1.
    pub after_rate: f64,
    /// The one-sided 95 % lower bound of the difference, -1 to 1.
    pub lower_bound: f64,
    /// The two-sided 95 % interval of the difference; none in proofs of older versions.
    #[serde(default)]
    pub ci95: Option<[f64; 2]>,
    /// What the bound has to be above, -1 to 1. 0 by default.
    pub margin: f64,
    /// Whether it is.
    pub passed: bool,
    /// What the tasks were made from.
    pub seed: u64,
    /// When it was made.
    pub at: Timestamp,
}

/// A dream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dream {
    /// Its id.
    pub id: DreamId,
    /// Where it stands.
    pub status: DreamStatus,
    /// The strategy plugin.
    pub strategy: String,
    /// What people wanted of it.
    pub instructions: String,
    /// The store it read.
    pub memory_store_in: MemoryStoreId,
    /// The store it made.
    pub memory_store_out: Option<MemoryStoreId>,
    /// The sessions it read.
    #[serde(rename = "session_ids")]
    pub input_session_ids: Vec<SessionId>,
    /// Its own session, to stream or read.
    pub session_id: Option<SessionId>,
    /// Who decides about its operations.
    #[serde(default)]
    pub policy: ReviewPolicy,
    /// What its model used.
    #[serde(default)]
    pub usage: ModelUsage,
    /// How long it ran, in milliseconds; 0 in a deterministic run.
    #[serde(default)]
    pub ms: u64,
    /// What it proposed, in the order it came, refusals among it.
    pub operations: Vec<DreamOperation>,
    /// How many more were refused than are kept in `operations`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rejections_dropped: u64,
    /// What becomes of every entry of the input store, in the store's order.
    pub ledger: Vec<LedgerLine>,
    /// What the strategy says it did.
    pub summary: String,
    /// Whether it helps, where somebody looked.
    #[serde(default)]
    pub proof: Option<Proof>,
    /// Why it failed, where it did.
    pub error: Option<DreamError>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl Dream {
    /// One that somebody asked for and nobody has begun: without instructions, and with a person
    /// to decide about all that it proposes.
    #[must_use]
    pub fn pending(
        id: DreamId,
        strategy: impl Into<String>,
        memory_store_in: MemoryStoreId,
        input_session_ids: Vec<SessionId>,
        created_at: Timestamp,
    ) -> Self {
        Self {
            id,
            status: DreamStatus::Pending,
            strategy: strategy.into(),
            instructions: String::new(),
            memory_store_in,
            memory_store_out: None,
            input_session_ids,
            session_id: None,
            policy: ReviewPolicy::Review,
            usage: ModelUsage::default(),
            ms: 0,
            operations: Vec::new(),
            rejections_dropped: 0,
            ledger: Vec::new(),
            summary: String::new(),
            proof: None,
            error: None,
            created_at,
            ended_at: None,
        }
    }

    /// Its operations in one state.
    pub fn in_state(&self, state: OperationState) -> impl Iterator<Item = &DreamOperation> {
        self.operations.iter().filter(move |operation| operation.state == state)
    }

    /// What the host refused, each with why.
    pub fn refused(&self) -> impl Iterator<Item = (&DreamOperation, &Rejection)> {
        let all = self.operations.iter();
        all.filter_map(|operation| Some((operation, operation.rejection.as_ref()?)))
    }
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// When an entry that was superseded held. One that came back has an interval for each time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryInterval {
    /// The entry.
    pub entry_id: String,
    /// Its text.
    pub text: String,
    /// The memory it stood in.
    pub path: String,
    /// From when on it held, as far as is known.
    pub valid_from: Timestamp,
    /// Until when; none while it holds.
    pub valid_until: Option<Timestamp>,
    /// The entry that replaced it; none while it holds.
    pub superseded_by: Option<String>,
    /// The dream that found out.
    pub dream_id: DreamId,
}

/// When a store is dreamt over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Its id.
    pub id: ScheduleId,
    /// The store.
    pub memory_store: MemoryStoreId,
    /// The strategy plugin.
    pub strategy: String,
    /// What people want of it.
    pub instructions: String,
    /// Five cron fields, or `@hourly`, `@nightly`, `@weekly`.
    pub cron: String,
    /// An IANA name, such as `Europe/Berlin`.
    pub time_zone: String,
    /// Who decides about the operations.
    pub policy: ReviewPolicy,
    /// The mission whose sessions and proof count; none for any session.
    pub mission: Option<String>,
    /// At most so many sessions, the newest; none for all.
    pub last_n: Option<u32>,
    /// It runs only when there are at least so many new sessions. 1 by default.
    #[serde(default = "one")]
    pub min_new: u32,
    /// It does not run.
    pub paused: bool,
    /// Its start is put off by up to so many milliseconds, the same each time.
    pub jitter_ms: u64,
    /// When it last ran.
    pub last_run_at: Option<Timestamp>,
    /// When it runs next; none while it is paused.
    pub next_run_at: Option<Timestamp>,
}

fn one() -> u32 {
    1
}

#[cfg(test)]
mod tests;
