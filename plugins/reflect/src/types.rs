//! Plain types of the strategy: what it reads and what it proposes.
//!
//! They mirror the WIT records and do not depend on the SDK, so that everything but the glue
//! in `lib.rs` is tested with a world of the test's own.

use serde::{Deserialize, Serialize};

/// Where the text of an event comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A person said it.
    Person,
    /// An agent said it, or called a tool so.
    Agent,
    /// A tool that knows its own world said it.
    Tool,
    /// It was brought in from outside: it may support a claim, never alone.
    Outside,
    /// A dream wrote it, or it is memory that was read back: never evidence.
    Dream,
}

impl Origin {
    /// The word for it in questions.
    pub fn word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Agent => "agent",
            Self::Tool => "tool",
            Self::Outside => "outside",
            Self::Dream => "dream",
        }
    }

    /// Whether a claim may rest on it alone.
    pub fn bears(self) -> bool {
        !matches!(self, Self::Outside | Self::Dream)
    }

    /// Whether what it says may be an order to do something for no better reason than that
    /// it says so. Only people give orders.
    pub fn commands(self) -> bool {
        self == Self::Person
    }
}

/// What became of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Its outcome was satisfied.
    Succeeded,
    /// Its outcome was not satisfied.
    Failed,
    /// Nobody knows.
    Unknown,
}

/// One past session at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its agent.
    pub agent: String,
    /// Whose session it was.
    pub principal: String,
    /// When it started, in milliseconds since 1970-01-01T00:00Z.
    pub started_at_ms: u64,
    /// What became of it.
    pub ending: Ending,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: String,
    /// Its place in the session, from 0. Questions and answers name it by this.
    pub number: u32,
    /// Its type, such as `agent.tool_use`.
    pub kind: String,
    /// When it was written, in milliseconds since 1970-01-01T00:00Z.
    pub at_ms: u64,
    /// Where its text comes from.
    pub origin: Origin,
    /// It, as JSON text.
    pub body: String,
}

/// One entry of the memory store, headings among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// The memory it stands in.
    pub path: String,
    /// Its place in the memory, from 0.
    pub index: u32,
    /// The headings above it, outermost first.
    pub headings: Vec<String>,
    /// What it is.
    pub kind: EntryKind,
    /// Its exact text.
    pub text: String,
    /// When its memory was last changed, in milliseconds since 1970-01-01T00:00Z.
    pub updated_at_ms: u64,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A heading.
    Heading,
    /// A list item.
    Item,
    /// A paragraph.
    Paragraph,
    /// Code, a table, a quotation or front matter.
    Block,
}

/// A byte-exact quote from an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The session.
    pub session_id: String,
    /// The event.
    pub event_id: String,
    /// Text that is in the event's body.
    pub quote: String,
}

/// A typed change. Entries are named by their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
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
        /// Its text: one item of a list.
        text: String,
    },
    /// Entries that contradict each other; a person has to decide.
    FlagConflict(Vec<String>),
}

/// A proposed operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The change.
    pub change: Change,
    /// Why, in one sentence.
    pub reason: String,
    /// What supports it.
    pub evidence: Vec<Evidence>,
}

/// What a dream is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What people want of it; may be empty.
    pub instructions: String,
    /// The most operations.
    pub operations_max: u32,
    /// The most bytes of new text.
    pub new_bytes_max: u32,
}
