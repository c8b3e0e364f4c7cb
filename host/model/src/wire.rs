//! What a provider's API is to the rest of the crate: how a request is written and how the
//! answer's events are read.
//!
//! A wire format knows JSON and nothing else: no sockets, no time, no model names in its
//! messages. [`crate::RemoteModel`] sends, waits and puts model, host and next step to a
//! [`Fault`], so that every provider's errors read the same and a key is looked for in one
//! place.

use std::ops::ControlFlow;

use lucid_core::{Completion, CompletionRequest};

use crate::error::ModelErrorKind;
use crate::settings::RemoteSettings;
use crate::sse;
use crate::transport::HttpRequest;

/// Hears the answer's text as it comes.
pub(crate) type Said<'a> = dyn Fn(&str) + Send + Sync + 'a;

/// What went wrong, before the model, its host and the next step are put to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// What kind it is.
    pub(crate) kind: ModelErrorKind,
    /// What happened: lower case, no full stop; follows "model at host: ". It may quote the
    /// provider in any length: what is shown is shortened, and a key in it taken out.
    pub(crate) what: String,
}

impl Fault {
    /// A fault of a kind.
    pub(crate) fn new(kind: ModelErrorKind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into() }
    }
}

/// One provider's API.
pub(crate) trait Wire: Send + Sync {
    /// Writes the request: a streaming one, with the key in `secret_headers`.
    ///
    /// # Errors
    /// Rejected, when the request cannot be said in this API.
    fn request(
        &self,
        settings: &RemoteSettings,
        request: &CompletionRequest,
    ) -> Result<HttpRequest, Fault>;

    /// Reads one answer.
    fn decoder(&self) -> Box<dyn Decode>;

    /// What an answer that is no event stream means: its status (200 too, where a server
    /// answers with something else) and the start of its body.
    fn fault(&self, status: u16, body: &str) -> Fault;
}

/// Puts one streamed answer together.
pub(crate) trait Decode: Send {
    /// Takes the next event. `Break` when it was the answer's last: nothing more is read.
    ///
    /// # Errors
    /// What the provider reports inside the stream, or an event that cannot be read.
    fn event(&mut self, event: &sse::Event, said: &Said<'_>) -> Result<ControlFlow<()>, Fault>;

    /// The whole answer, once the stream has ended.
    ///
    /// # Errors
    /// Unavailable, when the stream was cut before the answer's end; or why the answer is none.
    fn finish(self: Box<Self>) -> Result<Completion, Fault>;
}
