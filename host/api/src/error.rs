//! What an answer says that is no success.

use std::fmt;

use lucid_core::{Failure, FailureKind};
use serde_json::{Map, Value, json};

/// What a request may fail with.
pub type Result<T, E = ApiError> = std::result::Result<T, E>;

/// A request that failed: the status, and the error object of the API.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// `error.type`, such as `invalid_request_error`.
    pub kind: &'static str,
    /// What is wrong, which, and what to do: for people.
    pub message: String,
    /// Further fields of the error object, such as `details`.
    pub fields: Box<Map<String, Value>>,
    /// What is really wrong where that is nobody's business outside: for the server's log.
    pub internal: Option<String>,
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident => $status:literal, $kind:literal;)+) => {$(
        $(#[$doc])*
        pub fn $name(message: impl Into<String>) -> Self {
            Self::new($status, $kind, message)
        }
    )+};
}

impl ApiError {
    /// An error of any status and type.
    pub fn new(status: u16, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, message: message.into(), fields: Box::default(), internal: None }
    }

    constructors! {
        /// The request makes no sense.
        invalid => 400, "invalid_request_error";
        /// Nobody says who asks, or with a wrong key.
        unauthenticated => 401, "authentication_error";
        /// Whoever asks may not.
        forbidden => 403, "permission_error";
        /// It took too long.
        timed_out => 408, "timeout_error";
        /// It does not fit what is there now.
        conflict => 409, "conflict_error";
        /// A body or a field is too large.
        too_large => 413, "request_too_large";
        /// Too many at once.
        too_many => 429, "rate_limit_error";
        /// This server does not do that.
        not_implemented => 501, "api_error";
        /// The server is going away, or the disk is full.
        unavailable => 503, "api_error";
        /// There is no room for it now; there will be soon.
        overloaded => 529, "overloaded_error";
    }

    /// There is no such thing, or not in this workspace.
    pub fn not_found(what: &str, id: &str) -> Self {
        // What somebody sent is not repeated at any length.
        let id: String = id.chars().filter(|c| !c.is_control()).take(64).collect();
        Self::new(404, "not_found_error", format!("there is no {what} `{id}`"))
    }

    /// The server is wrong: the reason goes to its log.
    pub fn internal(why: impl Into<String>) -> Self {
        let mut error = Self::new(500, "api_error", "the server failed; its log says why");
        error.internal = Some(why.into());
        error
    }

    /// Adds `details.error_code`.
    #[must_use]
    pub fn code(self, code: &str) -> Self {
        self.field("details", json!({ "error_code": code }))
    }

    /// Adds a field to the error object.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// The body of the answer.
    #[must_use]
    pub fn to_body(&self, request_id: &str) -> Value {
        let mut error = Map::new();
        error.insert("type".into(), self.kind.into());
        error.insert("message".into(), self.message.clone().into());
        error.extend(self.fields.as_ref().clone());
        json!({"type": "error", "error": error, "request_id": request_id})
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}: {}", self.status, self.kind, self.message)
    }
}

impl std::error::Error for ApiError {}

impl From<Failure> for ApiError {
    /// What makes no sense or is too much is whoever asked's; the rest is the server's.
    fn from(failure: Failure) -> Self {
        let text = match &failure.hint {
            Some(hint) => format!("{failure} (hint: {hint})"),
            None => failure.to_string(),
        };
        match failure.kind {
            FailureKind::Invalid | FailureKind::Exceeded => Self::invalid(text),
            FailureKind::Denied => Self::forbidden(text),
            FailureKind::Trap | FailureKind::Failed | FailureKind::Bug => Self::internal(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_did_wrong_is_not_told_to_whoever_asked() {
        let error = ApiError::from(Failure::failed("disk /secret/place is full"));
        assert_eq!(error.status, 500);
        assert!(!error.to_body("req_1").to_string().contains("secret"));
        assert!(error.internal.unwrap().contains("secret"));
    }

    #[test]
    fn an_error_has_the_form_of_the_api() {
        let body = ApiError::invalid("no").code("invalid_metadata").to_body("req_1");
        let expected = json!({"type": "error", "request_id": "req_1", "error": {
            "type": "invalid_request_error", "message": "no",
            "details": {"error_code": "invalid_metadata"}}});
        assert_eq!(body, expected);
    }
}
