//! What trying a credential out came to.

use lucid_core::Timestamp;
use serde::Serialize;

use super::credential::Credential;

/// Characters of a server's answer that are shown.
const BODY_CHARACTERS_MAX: usize = 2_000;
const CONTENT_TYPE_CHARACTERS_MAX: usize = 200;

/// Whether a credential works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Validation {
    #[serde(rename = "type")]
    kind: &'static str,
    credential_id: String,
    vault_id: String,
    validated_at: Timestamp,
    has_refresh_token: bool,
    /// What it comes to.
    pub status: Verdict,
    /// What the server said where it took no part.
    pub mcp_probe: Option<McpProbe>,
    /// How having a new token went, where that was tried.
    pub refresh: Option<RefreshAttempt>,
}

impl Validation {
    /// Of a credential of which nothing is known yet.
    #[must_use]
    pub fn new(credential: &Credential, has_refresh_token: bool, now: Timestamp) -> Self {
        Self {
            kind: "vault_credential_validation",
            credential_id: credential.id.clone(),
            vault_id: credential.vault_id.clone(),
            validated_at: now,
            has_refresh_token,
            status: Verdict::Unknown,
            mcp_probe: None,
            refresh: None,
        }
    }
}

/// What trying it out came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The server took it.
    Valid,
    /// The server refused it.
    Invalid,
    /// The server was not reached, or said something else.
    Unknown,
}

impl Verdict {
    /// What a server's status says of a credential.
    #[must_use]
    pub fn of_status(status: u16) -> Self {
        match status {
            200..=299 => Self::Valid,
            401 | 403 => Self::Invalid,
            _ => Self::Unknown,
        }
    }
}

/// The request that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct McpProbe {
    /// Its method.
    pub method: &'static str,
    /// What came back, where anything did.
    pub http_response: Option<HttpResponse>,
}

/// How having a new token went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefreshAttempt {
    /// In a word.
    pub status: RefreshStatus,
    /// What came back where it failed.
    pub http_response: Option<HttpResponse>,
}

/// How having a new token went, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshStatus {
    /// There is a new token.
    Succeeded,
    /// The endpoint gave none.
    Failed,
    /// The endpoint was not reached.
    ConnectError,
    /// There is nothing to have it with.
    NoRefreshToken,
}

/// An answer, as far as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HttpResponse {
    /// Its status.
    pub status_code: u16,
    /// Its media type; empty where it says none.
    pub content_type: String,
    /// The beginning of its body, without secrets.
    pub body: String,
    /// Whether there is more of it.
    pub body_truncated: bool,
}

impl HttpResponse {
    /// Shortens an answer from which secrets were taken out; `more` says that there was more
    /// of it than was read.
    #[must_use]
    pub fn shown(status_code: u16, content_type: &str, body: &str, more: bool) -> Self {
        let content_type = content_type.chars().take(CONTENT_TYPE_CHARACTERS_MAX).collect();
        let shown: String = body.chars().take(BODY_CHARACTERS_MAX).collect();
        let body_truncated = more || shown.len() < body.len();
        Self { status_code, content_type, body: shown, body_truncated }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_answer_is_cut_between_characters() {
        let body = "é".repeat(BODY_CHARACTERS_MAX + 1);
        let shown = HttpResponse::shown(500, "text/plain", &body, false);
        assert!(shown.body_truncated && shown.body.chars().count() == BODY_CHARACTERS_MAX);
        assert!(!HttpResponse::shown(500, "", "short", false).body_truncated);
        assert!(HttpResponse::shown(500, "", "short", true).body_truncated);
    }

    #[test]
    fn only_a_refusal_says_that_a_credential_is_wrong() {
        let verdicts = [200, 202, 401, 403, 404, 302, 500].map(Verdict::of_status);
        use Verdict::{Invalid, Unknown, Valid};
        assert_eq!(verdicts, [Valid, Valid, Invalid, Invalid, Unknown, Unknown, Unknown]);
    }
}
