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

/// A scalar of a tool call's input.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scalar {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// A truth value.
    Bool(bool),
}

/// One input field of the last call of a tool, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// Its value.
    pub(crate) value: Scalar,
    /// The event of the call.
    pub(crate) event_id: String,
    /// Key and value as they stand in the event's body, where they were found.
    pub(crate) quote: Option<String>,
    /// Whether the event may be believed.
    pub(crate) trusted: bool,
}

/// One past session with a known outcome.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// Its id, which differs from run to run.
    pub(crate) id: String,
    /// Its title.
    pub(crate) title: String,
    /// When it started, in milliseconds since 1970-01-01T00:00Z.
    pub(crate) started_at_ms: u64,
    /// Names and values that describe it.
    pub(crate) labels: BTreeMap<String, String>,
    /// Whether its outcome was satisfied.
    pub(crate) succeeded: bool,
    /// Its fields by feature name, `<tool>.<path>`.
    pub(crate) fields: BTreeMap<String, Field>,
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

/// The numbers behind a rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Support {
    /// The rule as one line.
    pub(crate) statement: String,
    /// Successes of the sessions that followed it.
    pub(crate) followed: Ratio,
    /// Successes of the sessions that did not.
    pub(crate) not_followed: Ratio,
    /// Family-wise permutation p-value.
    pub(crate) p_value: f64,
    /// As `followed`, in the sessions kept back.
    pub(crate) check_followed: Ratio,
    /// As `not_followed`, in the sessions kept back.
    pub(crate) check_not_followed: Ratio,
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
        /// The numbers behind it.
        support: Support,
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
