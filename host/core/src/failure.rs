//! How things fail: five kinds, the same in exit codes, events and documentation, and a
//! sixth for input that never became a call.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// What was given makes no sense: a file, an argument, a name.
    Invalid,
    /// A guest did something wrong and was stopped.
    Trap,
    /// Policy did not allow it.
    Denied,
    /// A limit was reached.
    Exceeded,
    /// Something outside failed: a disk, a model, a tool that said so.
    Failed,
    /// Lucid itself is wrong.
    Bug,
}

impl fmt::Display for FailureKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Invalid => "invalid",
            Self::Trap => "trap",
            Self::Denied => "denied",
            Self::Exceeded => "exceeded",
            Self::Failed => "failed",
            Self::Bug => "bug",
        })
    }
}

/// One failure: what, which, and where possible the next step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct Failure {
    /// What kind it is.
    pub kind: FailureKind,
    /// What failed and which: one sentence, lower case, no full stop.
    pub message: String,
    /// What to do next, where there is something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// What may fail so.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident => $kind:ident;)+) => {$(
        $(#[$doc])*
        pub fn $name(message: impl Into<String>) -> Self {
            Self { kind: FailureKind::$kind, message: message.into(), hint: None }
        }
    )+};
}

impl Failure {
    constructors! {
        /// What was given makes no sense.
        invalid => Invalid;
        /// A guest did something wrong.
        trap => Trap;
        /// Policy did not allow it.
        denied => Denied;
        /// A limit was reached.
        exceeded => Exceeded;
        /// Something outside failed.
        failed => Failed;
        /// Lucid itself is wrong.
        bug => Bug;
    }

    /// Adds the next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says which thing the message is about, in front of it.
    #[must_use]
    pub fn about(mut self, what: impl fmt::Display) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }
}
