//! What a dream proposes, and what the host says to it.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Where the text of an event comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A person wrote it.
    Person,
    /// An agent wrote it.
    Agent,
    /// A tool of a closed world wrote it: what it says follows from what it was given.
    Tool,
    /// It was brought in from outside: the web, an open-world tool, another system's agent.
    Outside,
    /// A dream wrote it, or it is memory that was read back.
    Dream,
}

impl Origin {
    /// Whether a proposal may rest on it alone. Text from outside may support one but never
    /// carry it, and a dream's own output is no evidence at all.
    #[must_use]
    pub fn is_trusted(self) -> bool {
        matches!(self, Self::Person | Self::Agent | Self::Tool)
    }
}

/// Where a claim comes from: a byte-exact quote from an event of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The session.
    pub session_id: String,
    /// The event in it.
    pub event_id: String,
    /// Text that occurs in the event's body byte for byte. Secrets in it are masked once it
    /// was looked up.
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

impl Ratio {
    /// The share of hits, 0 to 1; 0 where there are no cases.
    #[must_use]
    pub fn share(self) -> f64 {
        if self.total == 0 { 0.0 } else { f64::from(self.hits) / f64::from(self.total) }
    }
}

/// The numbers behind a rule: an association, not a cause.
///
/// As JSON the ratios are flat: `with_success` of `with_total`, and so on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "FlatStatistics", into = "FlatStatistics")]
pub struct Statistics {
    /// The rule as one line that a program can read.
    pub statement: String,
    /// What is compared, such as `land.speed`.
    pub field: String,
    /// How, such as `between` or `is`.
    pub comparison: String,
    /// With what, such as `1.2 and 1.6`.
    pub value: String,
    /// Successes among the sessions for which it holds.
    pub with: Ratio,
    /// Successes among those for which it does not.
    pub without: Ratio,
    /// Probability of so strong a contrast by chance, 0 to 1.
    pub p: f64,
    /// The same, corrected for everything that was tried, 0 to 1.
    pub q: f64,
    /// `with`, on sessions kept back from the search.
    pub check_with: Ratio,
    /// `without`, on sessions kept back from the search.
    pub check_without: Ratio,
    /// The sessions that `with` and `without` were counted on, each once.
    pub session_ids: Vec<String>,
}

/// [`Statistics`] as JSON writes them.
#[derive(Serialize, Deserialize)]
struct FlatStatistics {
    #[serde(default)]
    statement: String,
    field: String,
    comparison: String,
    value: String,
    with_success: u32,
    with_total: u32,
    without_success: u32,
    without_total: u32,
    p: f64,
    q: f64,
    #[serde(default)]
    check_with_success: u32,
    #[serde(default)]
    check_with_total: u32,
    #[serde(default)]
    check_without_success: u32,
    #[serde(default)]
    check_without_total: u32,
    #[serde(default)]
    session_ids: Vec<String>,
}

impl From<Statistics> for FlatStatistics {
    fn from(numbers: Statistics) -> Self {
        Self {
            statement: numbers.statement,
            field: numbers.field,
            comparison: numbers.comparison,
            value: numbers.value,
            with_success: numbers.with.hits,
            with_total: numbers.with.total,
            without_success: numbers.without.hits,
            without_total: numbers.without.total,
            p: numbers.p,
            q: numbers.q,
            check_with_success: numbers.check_with.hits,
            check_with_total: numbers.check_with.total,
            check_without_success: numbers.check_without.hits,
            check_without_total: numbers.check_without.total,
            session_ids: numbers.session_ids,
        }
    }
}

impl From<FlatStatistics> for Statistics {
    fn from(flat: FlatStatistics) -> Self {
        let ratio = |hits, total| Ratio { hits, total };
        Self {
            statement: flat.statement,
            field: flat.field,
            comparison: flat.comparison,
            value: flat.value,
            with: ratio(flat.with_success, flat.with_total),
            without: ratio(flat.without_success, flat.without_total),
            p: flat.p,
            q: flat.q,
            check_with: ratio(flat.check_with_success, flat.check_with_total),
            check_without: ratio(flat.check_without_success, flat.check_without_total),
            session_ids: flat.session_ids,
        }
    }
}

/// What kind of rule an addition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    /// What sessions that succeeded have and those that failed have not.
    Contrast,
    /// A failure, and the fix that followed it.
    FailureFix,
    /// Steps that are often taken one after the other.
    Sequence,
    /// Anything else that was said or seen.
    Theme,
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
        /// What kind of rule it is.
        kind: RuleKind,
        /// The numbers behind it. Always none inside a
        /// [`DreamOperation`](crate::DreamOperation), which has them itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        statistics: Option<Statistics>,
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

    /// The entries it takes out of the store; one that is named twice comes twice.
    pub fn lost_ids(&self) -> impl Iterator<Item = &str> {
        let none: &[String] = &[];
        let (many, survivor, one) = match self {
            Self::Merge { entry_ids, survivor_id } => {
                (entry_ids.as_slice(), survivor_id.as_str(), None)
            }
            Self::Supersede { loser_id, .. } => (none, "", Some(loser_id.as_str())),
            Self::Drop { entry_id } => (none, "", Some(entry_id.as_str())),
            Self::Keep { .. } | Self::Add { .. } | Self::FlagConflict { .. } => (none, "", None),
        };
        let many = many.iter().map(String::as_str).filter(move |id| *id != survivor);
        many.chain(one)
    }

    /// The entry that stays for those that it takes out.
    #[must_use]
    pub fn winner_id(&self) -> Option<&str> {
        match self {
            Self::Merge { survivor_id, .. } => Some(survivor_id.as_str()),
            Self::Supersede { winner_id, .. } => Some(winner_id.as_str()),
            _ => None,
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

/// Why the host refused an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "type", content = "message", rename_all = "snake_case")]
pub enum Rejection {
    /// It names an entry that does not exist.
    #[error("unknown entry: {0}")]
    UnknownEntry(String),
    /// An entry has its place in the ledger already, or the store says it already.
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
