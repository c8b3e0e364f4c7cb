//! Plain types of the strategy: what it reads and what it proposes.
//!
//! They mirror the WIT records but do not depend on the SDK, so that everything but the
//! glue in `lib.rs` can be tested natively.

use std::collections::BTreeMap;

/// What an entry of the memory store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EntryKind {
    /// A heading.
    Heading,
    /// A list item.
    Item,
    /// A paragraph.
    Paragraph,
    /// Code, a table, a quotation or front matter.
    Block,
}

/// One entry of the memory store.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Its id, stable between runs.
    pub(crate) id: String,
    /// The memory it stands in.
    pub(crate) path: String,
    /// Its place in the memory, from 0.
    pub(crate) index: u32,
    /// The headings above it, outermost first.
    pub(crate) headings: Vec<String>,
    /// What it is.
    pub(crate) kind: EntryKind,
    /// Its exact text.
    pub(crate) text: String,
    /// When its memory was last changed, in milliseconds since 1970-01-01T00:00Z.
    pub(crate) updated_at_ms: u64,
}

/// One past session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Session {
    /// Its id, which differs from run to run.
    pub(crate) id: String,
    /// Its title.
    pub(crate) title: String,
    /// When it started, in milliseconds since 1970-01-01T00:00Z.
    pub(crate) started_at_ms: u64,
    /// Names and values that describe it.
    pub(crate) labels: BTreeMap<String, String>,
    /// Whose session it was.
    pub(crate) principal: String,
    /// Whether its outcome was satisfied, where that is known.
    pub(crate) succeeded: Option<bool>,
}

/// A byte-exact quote from an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// The session.
    pub(crate) session_id: String,
    /// The event.
    pub(crate) event_id: String,
    /// Text that occurs in the event's body.
    pub(crate) quote: String,
}

/// Successes of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ratio {
    /// Cases in which it held.
    pub(crate) hits: u32,
    /// All cases.
    pub(crate) total: u32,
}

impl Ratio {
    /// Counts one case.
    pub(crate) fn count(&mut self, hit: bool) {
        self.hits += u32::from(hit);
        self.total += 1;
    }

    /// The share of hits; 0 where there are no cases.
    pub(crate) fn rate(self) -> f64 {
        if self.total == 0 { 0.0 } else { f64::from(self.hits) / f64::from(self.total) }
    }
}

/// What a new entry was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RuleKind {
    /// What sessions that succeeded did otherwise than those that failed.
    Contrast,
    /// A failure, and what was done after it that worked.
    FailureFix,
    /// Calls of tools that follow each other in many sessions.
    Sequence,
    /// What people said.
    Theme,
}

/// The numbers behind a rule. Association, not cause.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Statistics {
    /// The rule as one line.
    pub(crate) statement: String,
    /// What was looked at.
    pub(crate) field: String,
    /// How it was compared: `<=`, `>=`, `in`, `=`, `then`.
    pub(crate) comparison: String,
    /// With what.
    pub(crate) value: String,
    /// Successes of the sessions in which it held.
    pub(crate) with: Ratio,
    /// Successes of the sessions in which it did not.
    pub(crate) without: Ratio,
    /// Exact p-value within tasks of this contrast alone.
    pub(crate) p: f64,
    /// The same, corrected for everything that was tried.
    pub(crate) q: f64,
    /// As `with`, in sessions kept back from the search.
    pub(crate) check_with: Ratio,
    /// As `without`, in sessions kept back from the search.
    pub(crate) check_without: Ratio,
    /// The sessions counted.
    pub(crate) session_ids: Vec<String>,
}

/// A typed change.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    /// Duplicates become one.
    Merge {
        /// All of them.
        entry_ids: Vec<String>,
        /// The one that stays.
        survivor_id: String,
    },
    /// The newer entry replaces the older.
    Supersede {
        /// The entry that is no longer true.
        loser_id: String,
        /// The entry that replaces it.
        winner_id: String,
        /// From when on the winner holds, in milliseconds since 1970-01-01T00:00Z.
        since_ms: u64,
    },
    /// A new entry.
    Add {
        /// The memory it goes to.
        path: String,
        /// Its text.
        text: String,
        /// What it was made of.
        kind: RuleKind,
        /// The numbers behind it, where it was counted.
        statistics: Option<Statistics>,
    },
    /// The entry goes.
    Drop(String),
    /// Entries that contradict each other with equal standing.
    FlagConflict(Vec<String>),
}

/// A proposed operation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Operation {
    /// The change.
    pub(crate) change: Change,
    /// Why, in one sentence.
    pub(crate) reason: String,
    /// What supports it.
    pub(crate) evidence: Vec<Evidence>,
}
