//! How a command of xtask fails: one sentence, the next step, an exit code.

use std::fmt;

/// Why a command could not be done.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    hint: String,
    /// The exit code: the failing step's own where there is one.
    pub(crate) code: u8,
}

impl Failure {
    /// A failure with exit code 1.
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), code: 1 }
    }

    /// The same failure with another exit code.
    pub(crate) fn with_code(self, code: u8) -> Self {
        Self { code, ..self }
    }

    /// A file or folder that could not be used.
    pub(crate) fn file(action: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        let message = format!("cannot {action} {}: {error}", path.display());
        Self::new(message, "check that the path exists, is yours, and has room on its disk")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "error: {}\nhint: {}", self.message, self.hint)
    }
}
