//! What a call did to the world outside of it, and what it tried and was not allowed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Changes or denials of one call that are listed; more are only counted.
pub const EFFECTS_LISTED_MAX: usize = 256;

/// What happened to a file, folder or link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileChangeKind {
    /// It was made.
    Created,
    /// It was there, and was written to, cut, or given other times.
    Written,
    /// It was removed, or moved away.
    Removed,
}

impl fmt::Display for FileChangeKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Created => "created",
            Self::Written => "written",
            Self::Removed => "removed",
        })
    }
}

/// One file, folder or link that a call changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// Its absolute path, as the guest sees it.
    pub path: String,
    /// What happened to it, the last that happened.
    pub change: FileChangeKind,
    /// Bytes that were written into it.
    #[serde(default)]
    pub bytes: u64,
}

/// One thing that a call tried and policy did not allow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denial {
    /// Which capability it was about: `files`, `http`, `sockets`, ….
    pub capability: String,
    /// What was tried: a path, a host.
    pub what: String,
    /// The rule that decided.
    pub rule: String,
    /// The line of a mission or manifest, or the flag, that would allow it; or that nothing
    /// would.
    pub hint: String,
}
