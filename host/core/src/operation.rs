//! What a dream proposes, what the host says to it, and what became of every entry.

use serde::{Deserialize, Serialize};

use crate::{DreamId, MemoryStoreId, SessionId, Timestamp};

/// Where a claim comes from: a byte-exact quote from an event of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The session.
    pub session_id: String,
    /// The event in it.
    pub event_id: String,
    /// Text that occurs in the event's body byte for byte.
    pub quote: String,
}

/// How often a thing held, in how many cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ratio {
    /// Cases in which it held.
    pub hits: u32,
    /// All cases.
    pub total: u32,
}

/// The numbers behind a rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Support {
    /// The rule as one line that a program can read.
    pub statement: String,
    /// Successes among the sessions that followed it.
    pub followed: Ratio,
    /// Successes among those that did not.
    pub not_followed: Ratio,
    /// Probability of so strong a contrast among all that were tried, by chance.
    pub p_value: f64,
    /// `followed`, on sessions kept back from the search.
    pub check_followed: Ratio,
    /// `not_followed`, on sessions kept back from the search.
    pub check_not_followed: Ratio,
    /// The sessions the numbers were counted on.
    pub session_ids: Vec<String>,
}

/// An entry that a proposal would write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The memory it goes to, such as `/playbook.md`.
    pub path: String,
    /// Its exact text: one entry.
    pub text: String,
}

/// One typed change. Entries are named by their ids.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Change {
    /// The entry stays.
    Keep {
        /// The entry.
        entry_id: String,
    },
    /// Duplicates become one.
    Merge {
        /// The entries, at least two.
        entry_ids: Vec<String>,
        /// The one that stays.
        survivor_id: String,
    },
    /// A newer entry replaces an older one.
    Supersede {
        /// The older.
        loser_id: String,
        /// The newer.
        winner_id: String,
        /// From when on the newer holds.
        since: Timestamp,
    },
    /// A new entry.
    Add {
        /// What to write and where.
        draft: Draft,
        /// The numbers behind it, where it is a rule.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        support: Option<Support>,
    },
    /// The entry goes.
    Drop {
        /// The entry.
        entry_id: String,
    },
    /// The entries contradict each other; they all stay, for a person to decide.
    FlagConflict {
        /// The entries, at least two.
        entry_ids: Vec<String>,
    },
}

impl Change {
    /// The change's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Keep { .. } => "keep",
            Self::Merge { .. } => "merge",
            Self::Supersede { .. } => "supersede",
            Self::Add { .. } => "add",
            Self::Drop { .. } => "drop",
            Self::FlagConflict { .. } => "flag_conflict",
        }
    }
}

/// One proposed operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// The change.
    pub change: Change,
    /// Why, in one sentence.
    pub reason: String,
    /// What supports it.
    pub evidence: Vec<Evidence>,
}

/// Why an operation was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "type", content = "message", rename_all = "snake_case")]
pub enum Rejection {
    /// It names an entry that does not exist.
    #[error("unknown entry: {0}")]
    UnknownEntry(String),
    /// An entry has its place in the ledger already.
    #[error("already settled: {0}")]
    AlreadySettled(String),
    /// A quote is not where the evidence says.
    #[error("quote not found: {0}")]
    QuoteNotFound(String),
    /// Nothing trusted supports it.
    #[error("unsupported: {0}")]
    Unsupported(String),
    /// It would lose too much of the store.
    #[error("loss cap: {0}")]
    LossCap(String),
    /// It is too large, or there are too many.
    #[error("too large: {0}")]
    TooLarge(String),
    /// It contradicts itself.
    #[error("malformed: {0}")]
    Malformed(String),
}

/// Where an entry of the input store ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Place {
    /// It stayed as it was.
    Kept,
    /// It became part of another entry.
    MergedInto {
        /// The other entry.
        entry_id: String,
    },
    /// A newer entry replaced it.
    SupersededBy {
        /// The newer entry.
        entry_id: String,
        /// From when on the newer holds.
        since: Timestamp,
    },
    /// It was dropped.
    Dropped,
    /// It stayed, and contradicts others.
    InConflict {
        /// The others.
        entry_ids: Vec<String>,
    },
}

/// One line of the ledger: what became of one entry of the input store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerLine {
    /// The entry.
    pub entry_id: String,
    /// The memory it stood in.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Where it ended.
    pub place: Place,
    /// The operation that decided, by number; none for entries that nothing named.
    pub operation: Option<u32>,
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
    pub input_session_ids: Vec<SessionId>,
    /// Its own session, to stream or read.
    pub session_id: Option<SessionId>,
    /// The operations the host accepted, in the ledger's order.
    pub operations: Vec<Operation>,
    /// The operations it refused, each with why.
    pub rejections: Vec<(Operation, Rejection)>,
    /// What became of every entry.
    pub ledger: Vec<LedgerLine>,
    /// What the strategy says it did.
    pub summary: String,
    /// Why it failed, where it did.
    pub error: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}
