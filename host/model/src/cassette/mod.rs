//! Cassettes: what was sent to a model and what came back, chunk by chunk, as lines of JSON.
//!
//! A [`Recorder`] writes one while a run talks to a real server; a [`Player`] answers from it
//! later, without a network and with the same pauses. Both stand where the HTTP client
//! stands, so everything above them runs as it always does.
//!
//! The first line is `{"cassette":1}`. Every other line is one exchange:
//!
//! ```json
//! {"request":{"method":"POST","url":"https://host/v1/x",
//!  "headers":[["accept","text/event-stream"]],"body":{}},
//!  "response":{"ms":210,"status":200,"headers":[["content-type","text/event-stream"]],
//!  "chunks":[{"ms":0,"text":"data: 1\n\n"},{"ms":35,"base64":"//8="}],"cut":false}}
//! ```
//!
//! `ms` is the time since the line's previous moment: since the request was sent, since the
//! response's head, since the chunk before. `cut` says that the connection broke before the
//! body's end, and `why` in which words; `unread`, that the reader had enough before it. An
//! exchange without a response has `"error":{"kind","message"}` in its place. A chunk is text
//! where its bytes are UTF-8.
//!
//! A key is never in it: the header that carries one is not written, and where a server sends
//! a key back, stars stand for it. URLs are written without user, password and query.
//! Prompts and answers are in it as they were: **a cassette is as confidential as its run.**

mod play;
mod record;
mod tape;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use lucid_core::Failure;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{ModelError, ModelErrorKind};

pub use play::{Pace, Player};
pub use record::Recorder;
pub use tape::Tape;

/// The version that is written and read.
const VERSION: u32 = 1;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    cassette: u32,
}

/// One line: what was sent, and what came back or why nothing did.
#[derive(Debug, Serialize, Deserialize)]
struct Exchange {
    request: Sent,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response: Option<Answered>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<Failed>,
}

/// A request, without what is secret.
#[derive(Debug, Serialize, Deserialize)]
struct Sent {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    /// JSON where it is JSON, else its text.
    body: Value,
}

/// A response.
#[derive(Debug, Serialize, Deserialize)]
struct Answered {
    /// Milliseconds from the request to the head.
    #[serde(default)]
    ms: u64,
    status: u16,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    chunks: Vec<Chunk>,
    /// Whether the connection broke before the body's end.
    #[serde(default)]
    cut: bool,
    /// What was said of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// Whether the reader stopped before the body's end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unread: bool,
}

/// Bytes that came together.
#[derive(Debug, Serialize, Deserialize)]
struct Chunk {
    /// Milliseconds since the chunk before, or the head.
    #[serde(default)]
    ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

/// An error before there was a response.
#[derive(Debug, Serialize, Deserialize)]
struct Failed {
    /// Milliseconds from the request to the error.
    #[serde(default)]
    ms: u64,
    kind: Kind,
    message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
}

/// [`ModelErrorKind`], as it is written.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Overloaded,
    RateLimited,
    Unavailable,
    Unauthorized,
    Billing,
    TooLong,
    Rejected,
}

impl From<ModelErrorKind> for Kind {
    fn from(kind: ModelErrorKind) -> Self {
        match kind {
            ModelErrorKind::Overloaded => Self::Overloaded,
            ModelErrorKind::RateLimited => Self::RateLimited,
            ModelErrorKind::Unavailable => Self::Unavailable,
            ModelErrorKind::Unauthorized => Self::Unauthorized,
            ModelErrorKind::Billing => Self::Billing,
            ModelErrorKind::TooLong => Self::TooLong,
            ModelErrorKind::Rejected => Self::Rejected,
        }
    }
}

impl From<Kind> for ModelErrorKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Overloaded => Self::Overloaded,
            Kind::RateLimited => Self::RateLimited,
            Kind::Unavailable => Self::Unavailable,
            Kind::Unauthorized => Self::Unauthorized,
            Kind::Billing => Self::Billing,
            Kind::TooLong => Self::TooLong,
            Kind::Rejected => Self::Rejected,
        }
    }
}

impl Chunk {
    fn new(ms: u64, bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self { ms, text: Some(text.to_owned()), base64: None },
            Err(_) => Self { ms, text: None, base64: Some(BASE64.encode(bytes)) },
        }
    }

    fn bytes(&self) -> Result<Bytes, &'static str> {
        match (&self.text, &self.base64) {
            (Some(text), None) => Ok(Bytes::copy_from_slice(text.as_bytes())),
            (None, Some(base64)) => match BASE64.decode(base64) {
                Ok(bytes) => Ok(bytes.into()),
                Err(_) => Err("a chunk is not base64"),
            },
            _ => Err("a chunk needs either `text` or `base64`"),
        }
    }
}

/// A request's body as it is written and compared.
fn body_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// A URL without user, password, query and fragment.
fn public_url(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
}

/// A URL's path: what is compared, so that a cassette of one server plays for another.
fn path_of(url: &str) -> &str {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or("/")
}

/// An answer that broke off.
fn broke_off(message: &str) -> ModelError {
    ModelError::new(ModelErrorKind::Unavailable, Failure::failed(message))
}

#[cfg(test)]
mod tests;
