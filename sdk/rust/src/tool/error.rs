//! Errors of tools: how they are made, and what an error of the system is among them.

use std::io::{self, ErrorKind};

use super::ToolError;

/// What WASI answers to a path that leads out of what was opened.
const NOT_CAPABLE: i32 = 76;

impl ToolError {
    /// The input does not fit the tool's schema or makes no sense.
    ///
    /// ```
    /// use lucid_sdk::tool::ToolError;
    ///
    /// let error = ToolError::invalid_input("`count` is at least 1");
    /// assert_eq!(error, ToolError::InvalidInput("`count` is at least 1".to_owned()));
    /// ```
    pub fn invalid_input(message: impl Into<String>) -> Self {
        Self::InvalidInput(message.into())
    }

    /// What the input names does not exist.
    ///
    /// ```
    /// use lucid_sdk::tool::ToolError;
    ///
    /// let error = ToolError::not_found(format!("section {} does not exist", 7));
    /// assert_eq!(error, ToolError::NotFound("section 7 does not exist".to_owned()));
    /// ```
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::NotFound(message.into())
    }

    /// The plugin lacks a grant for this.
    ///
    /// ```
    /// use lucid_sdk::tool::ToolError;
    ///
    /// let error = ToolError::denied("files outside of /workspace are not changed");
    /// assert!(matches!(error, ToolError::Denied(_)));
    /// ```
    pub fn denied(message: impl Into<String>) -> Self {
        Self::Denied(message.into())
    }

    /// The tool tried and could not.
    ///
    /// ```
    /// use lucid_sdk::tool::ToolError;
    ///
    /// let error = ToolError::failed("the table has no rows");
    /// assert!(matches!(error, ToolError::Failed(_)));
    /// ```
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed(message.into())
    }
}

/// So that `?` works on what the standard library gives.
///
/// The message does not name the file; the functions of [`files`](crate::files) do.
///
/// ```
/// use lucid_sdk::tool::ToolError;
///
/// fn first_byte(path: &str) -> Result<Option<u8>, ToolError> {
///     Ok(std::fs::read(path)?.first().copied())
/// }
///
/// assert!(matches!(first_byte("/nowhere"), Err(ToolError::NotFound(_))));
/// ```
impl From<io::Error> for ToolError {
    fn from(error: io::Error) -> Self {
        match ErrorCase::of(&error) {
            ErrorCase::NotFound => Self::NotFound(error.to_string()),
            ErrorCase::Denied => Self::Denied(error.to_string()),
            ErrorCase::Failed => Self::Failed(error.to_string()),
        }
    }
}

/// What an error of the system is among a tool's errors.
pub(crate) enum ErrorCase {
    NotFound,
    Denied,
    Failed,
}

impl ErrorCase {
    pub(crate) fn of(error: &io::Error) -> Self {
        if cfg!(target_os = "wasi") && error.raw_os_error() == Some(NOT_CAPABLE) {
            return Self::Denied;
        }
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => Self::NotFound,
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::Denied,
            _ => Self::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_system_has_its_case() {
        let of = |kind: ErrorKind| ToolError::from(io::Error::from(kind));
        assert!(matches!(of(ErrorKind::NotFound), ToolError::NotFound(_)));
        assert!(matches!(of(ErrorKind::PermissionDenied), ToolError::Denied(_)));
        assert!(matches!(of(ErrorKind::UnexpectedEof), ToolError::Failed(_)));
    }
}
