//! How a model's answer fails, in the kinds that decide what happens next.

use std::fmt;

use lucid_core::Failure;

/// What kind of failure it is; decides whether the request is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ModelErrorKind {
    /// The provider has too much to do just now.
    Overloaded,
    /// This key has asked too often just now.
    RateLimited,
    /// The provider was not reached, failed inside, or its answer broke off.
    Unavailable,
    /// The key is missing, wrong or not allowed this.
    Unauthorized,
    /// The account does not pay for this.
    Billing,
    /// The conversation is longer than the model's window.
    TooLong,
    /// The provider does not take the request as it is.
    Rejected,
}

impl ModelErrorKind {
    /// Whether the same request may succeed later.
    #[must_use]
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Overloaded | Self::RateLimited | Self::Unavailable)
    }

    /// The type in a `session.error` event.
    #[must_use]
    pub fn api_type(self) -> &'static str {
        match self {
            Self::Overloaded => "model_overloaded_error",
            Self::RateLimited => "model_rate_limited_error",
            Self::Billing => "billing_error",
            Self::Unavailable | Self::Unauthorized | Self::TooLong | Self::Rejected => {
                "model_request_failed_error"
            }
        }
    }
}

/// One attempt that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelError {
    /// What kind it is.
    pub kind: ModelErrorKind,
    /// What failed, of which model and where, and the next step. Holds no key.
    pub failure: Failure,
    /// How long the provider asks to be left alone, in milliseconds.
    pub retry_after_ms: Option<u64>,
}

impl ModelError {
    /// An error of a kind, with what a person reads.
    #[must_use]
    pub fn new(kind: ModelErrorKind, failure: Failure) -> Self {
        Self { kind, failure, retry_after_ms: None }
    }
}

impl fmt::Display for ModelError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.failure.fmt(formatter)
    }
}

impl std::error::Error for ModelError {}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        error.failure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_pass_by_itself_is_tried_again() {
        use ModelErrorKind::{
            Billing, Overloaded, RateLimited, Rejected, TooLong, Unauthorized, Unavailable,
        };
        for kind in [Overloaded, RateLimited, Unavailable] {
            assert!(kind.is_transient(), "{kind:?}");
        }
        for kind in [Unauthorized, Billing, TooLong, Rejected] {
            assert!(!kind.is_transient(), "{kind:?}");
        }
    }
}
