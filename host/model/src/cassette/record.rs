//! Writing a cassette while a run goes on.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::Stream;
use futures::stream::BoxStream;
use tokio::time::Instant;

use super::tape::Tape;
use super::{Answered, Chunk, Exchange, Failed, Sent, body_of, broke_off, public_url};
use crate::error::ModelError;
use crate::transport::{HttpRequest, HttpResponse, Transport};

/// Headers of a response that a replay needs, or that help to ask the provider about it. The
/// others are left out: some name the account.
const HEADERS: [&str; 6] = [
    "content-type",
    "request-id",
    "retry-after",
    "retry-after-ms",
    "x-request-id",
    "x-should-retry",
];
/// A word of a secret header that is shorter is not taken for a secret by itself.
const SECRET_BYTES_MIN: usize = 8;

/// A [`Transport`] around another one, that writes down what goes through it.
///
/// An exchange is written when its body has ended, broke off or is not read further, or when
/// it failed; so lines stand in the order in which exchanges ended. When the file cannot be
/// written, requests fail: a recording with holes would be believed.
pub struct Recorder {
    inner: Arc<dyn Transport>,
    tape: Tape,
}

impl Recorder {
    /// Records onto a tape, which others may share.
    #[must_use]
    pub fn new(inner: Arc<dyn Transport>, tape: Tape) -> Self {
        Self { inner, tape }
    }
}

#[async_trait]
impl Transport for Recorder {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ModelError> {
        self.tape.check()?;
        let secrets = secrets_of(&request);
        let sent = Sent {
            method: request.method.to_owned(),
            url: masked(&public_url(&request.url), &secrets),
            headers: masked_all(&request.headers, &secrets),
            body: body_of(&masked(&request.body, &secrets)),
        };
        let tape = self.tape.clone();
        let mut question = Question { tape, sent: Some(sent), start: Instant::now(), secrets };
        match self.inner.send(request).await {
            Ok(response) => Ok(question.answered(response)),
            Err(error) => {
                question.failed(&error)?;
                Err(error)
            }
        }
    }
}

/// A request that has no answer yet.
struct Question {
    tape: Tape,
    /// None, once it was answered or written.
    sent: Option<Sent>,
    start: Instant,
    secrets: Vec<String>,
}

impl Question {
    /// Goes on recording with the body.
    fn answered(&mut self, response: HttpResponse) -> HttpResponse {
        let Some(sent) = self.sent.take() else {
            return response;
        };
        let now = Instant::now();
        let known =
            |(name, _): &&(String, String)| HEADERS.contains(&name.to_ascii_lowercase().as_str());
        let kept: Vec<_> = response.headers.iter().filter(known).cloned().collect();
        let answered = Answered {
            ms: millis(now.duration_since(self.start)),
            status: response.status,
            headers: masked_all(&kept, &self.secrets),
            chunks: Vec::new(),
            cut: false,
            why: None,
            unread: false,
        };
        let recording = Recording {
            tape: self.tape.clone(),
            exchange: Some((sent, answered)),
            heard: Vec::new(),
            last: now,
            secrets: std::mem::take(&mut self.secrets),
        };
        let body = Tee { inner: response.body, recording };
        HttpResponse { body: Box::pin(body), ..response }
    }

    fn failed(&mut self, error: &ModelError) -> Result<(), ModelError> {
        let Some(request) = self.sent.take() else {
            return Ok(());
        };
        let failed = Failed {
            ms: millis(self.start.elapsed()),
            kind: error.kind.into(),
            message: masked(&error.failure.message, &self.secrets),
            hint: error.failure.hint.as_deref().map(|hint| masked(hint, &self.secrets)),
            retry_after_ms: error.retry_after_ms,
        };
        self.tape.write(&Exchange { request, response: None, error: Some(failed) })
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        // Whoever asked waits no longer. It must stand in the file, or the next attempt's
        // answer would be played for this one. A failure is kept for the next request.
        let _ = self.failed(&broke_off("no answer began while somebody waited for it"));
    }
}

/// A body that is written down as it is read.
struct Tee {
    inner: BoxStream<'static, Result<Bytes, ModelError>>,
    recording: Recording,
}

impl Stream for Tee {
    type Item = Result<Bytes, ModelError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let polled = this.inner.as_mut().poll_next(context);
        let result = match &polled {
            Poll::Pending => Ok(()),
            Poll::Ready(Some(Ok(bytes))) => {
                this.recording.hear(bytes.clone());
                Ok(())
            }
            Poll::Ready(Some(Err(error))) => {
                let why = masked(&error.failure.message, &this.recording.secrets);
                this.recording.end(|answered| {
                    answered.cut = true;
                    answered.why = Some(why);
                })
            }
            Poll::Ready(None) => this.recording.end(|_| {}),
        };
        match result {
            Ok(()) => polled,
            Err(error) => Poll::Ready(Some(Err(error))),
        }
    }
}

/// One exchange that is not over.
struct Recording {
    tape: Tape,
    /// None, once it has been written.
    exchange: Option<(Sent, Answered)>,
    heard: Vec<(u64, Bytes)>,
    last: Instant,
    secrets: Vec<String>,
}

impl Recording {
    fn hear(&mut self, bytes: Bytes) {
        let now = Instant::now();
        self.heard.push((millis(now.duration_since(self.last)), bytes));
        self.last = now;
    }

    fn end(&mut self, how: impl FnOnce(&mut Answered)) -> Result<(), ModelError> {
        let Some((request, mut answered)) = self.exchange.take() else {
            return Ok(());
        };
        how(&mut answered);
        answered.chunks = chunks(&self.heard, &self.secrets);
        self.tape.write(&Exchange { request, response: Some(answered), error: None })
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        // Whoever read it has what it wanted. A failure is kept for the next request.
        let _ = self.end(|answered| answered.unread = true);
    }
}

/// The chunks, cut where they were cut, with stars for secrets that run across cuts too.
fn chunks(heard: &[(u64, Bytes)], secrets: &[String]) -> Vec<Chunk> {
    let mut all: Vec<u8> = heard.iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect();
    mask(&mut all, secrets);
    let mut rest = all.as_slice();
    let mut chunks = Vec::with_capacity(heard.len());
    for (ms, bytes) in heard {
        let (chunk, after) = rest.split_at(bytes.len().min(rest.len()));
        chunks.push(Chunk::new(*ms, chunk));
        rest = after;
    }
    chunks
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// What must not be in the file: the values of secret headers, and the words in them, because
/// of `Bearer abc…` a server sends back `abc…` alone.
fn secrets_of(request: &HttpRequest) -> Vec<String> {
    let mut secrets = Vec::new();
    for (_, key) in &request.secret_headers {
        let value = key.reveal();
        let words = value.split(' ').filter(|word| word.len() >= SECRET_BYTES_MIN);
        secrets.extend(words.chain([value]).map(str::to_owned));
    }
    secrets.retain(|secret| !secret.is_empty());
    secrets
}

fn masked(text: &str, secrets: &[String]) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| {
        text.replace(secret.as_str(), &"*".repeat(secret.len()))
    })
}

fn masked_all(headers: &[(String, String)], secrets: &[String]) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (name.clone(), masked(value, secrets))).collect()
}

/// Puts stars where a secret stands, byte for byte.
fn mask(bytes: &mut [u8], secrets: &[String]) {
    for secret in secrets {
        let mut at: usize = 0;
        while let Some(end) = at.checked_add(secret.len()).filter(|end| *end <= bytes.len()) {
            if bytes[at..end] == *secret.as_bytes() {
                bytes[at..end].fill(b'*');
                at = end;
            } else {
                at += 1;
            }
        }
    }
}
