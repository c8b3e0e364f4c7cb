//! A model behind a network: one attempt to get an answer, within its time.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use lucid_core::{Completion, CompletionRequest, Failure, Result};
use tokio::time::timeout;

use crate::anthropic::Messages;
use crate::error::{ModelError, ModelErrorKind};
use crate::name::ModelName;
use crate::openai::ChatCompletions;
use crate::price::Prices;
use crate::retry::retry_after_ms;
use crate::settings::RemoteSettings;
use crate::sse;
use crate::transport::{HttpResponse, Transport};
use crate::wire::{Fault, Said, Wire};

/// Bytes of one answer, unpacked.
const ANSWER_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Bytes of an error's body that are read.
const ERROR_BYTES_MAX: usize = 64 * 1024;
/// Characters of what a server said that a message quotes.
const QUOTED_CHARACTERS_MAX: usize = 300;
/// A key this short is a stand-in such as `x`, and a letter of every other word.
const KEY_BYTES_MIN: usize = 4;
/// The window of a model that no table knows, in tokens.
const CONTEXT_TOKENS: u64 = 128_000;
/// How long the end of a body is waited for, once the answer is whole.
const END_MS: u64 = 100;

type Body = BoxStream<'static, std::result::Result<Bytes, ModelError>>;
type Attempt<T> = std::result::Result<T, ModelError>;

/// A model behind a network.
///
/// Sends what it is asked for once; whether and when to try again is the caller's business,
/// see [`crate::Backoff`].
pub struct RemoteModel {
    settings: RemoteSettings,
    /// As agents write it.
    name: String,
    host: String,
    context_tokens: u64,
    wire: Box<dyn Wire>,
    transport: Arc<dyn Transport>,
}

impl RemoteModel {
    /// A model with its settings, asked through a transport. Nothing is sent yet.
    ///
    /// # Errors
    /// Invalid, when a setting makes no sense or the model is a plugin's.
    pub fn new(settings: RemoteSettings, transport: Arc<dyn Transport>) -> Result<Self> {
        let wire: Box<dyn Wire> = match settings.name {
            ModelName::Anthropic(_) => Box::new(Messages),
            ModelName::OpenAi(_) => Box::new(ChatCompletions),
            ModelName::Plugin(_) => {
                let name = &settings.name;
                return Err(Failure::invalid(format!("`{name}` is not behind a network"))
                    .hint("a plugin's model has no network settings: take them out"));
            }
        };
        settings.check()?;
        let name = settings.name.to_string();
        let known = settings.context_tokens.or_else(|| Prices::bundled().context_tokens(&name));
        Ok(Self {
            host: settings.host(),
            context_tokens: known.unwrap_or(CONTEXT_TOKENS),
            name,
            settings,
            wire,
            transport,
        })
    }

    /// Its name, as agents write it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The longest answer that its settings allow, in tokens; none where they do not say.
    #[must_use]
    pub fn max_output_tokens(&self) -> Option<u32> {
        self.settings.max_output_tokens
    }

    /// Its window in tokens: of the settings, else of the bundled table, else 128,000.
    #[must_use]
    pub fn context_tokens(&self) -> u64 {
        self.context_tokens
    }

    /// Asks for an answer, once; `said` hears the first text of it as it comes.
    ///
    /// What `said` heard of an attempt that then failed is no answer, and is to be forgotten.
    /// Dropping the future ends the request.
    ///
    /// # Errors
    /// Why there is no answer, in a kind that says whether to try again. What the tokens of a
    /// broken answer cost is not known.
    pub async fn complete(
        &self,
        request: &CompletionRequest,
        said: &Said<'_>,
    ) -> Attempt<Completion> {
        let limit_ms = self.settings.request_timeout_ms;
        let attempt = timeout(Duration::from_millis(limit_ms), self.attempt(request, said));
        attempt.await.unwrap_or_else(|_| {
            let what = format!("no whole answer within {limit_ms} ms");
            Err(self.error(Fault::new(ModelErrorKind::Unavailable, what)))
        })
    }

    async fn attempt(&self, request: &CompletionRequest, said: &Said<'_>) -> Attempt<Completion> {
        let request =
            self.wire.request(&self.settings, request).map_err(|fault| self.error(fault))?;
        let response = self.in_time(self.transport.send(request)).await?;
        let retry_after_ms = retry_after_ms(&response);
        let later = |error| ModelError { retry_after_ms, ..error };
        if let Some(fault) = self.not_a_stream(&response) {
            let text = self.error_text(response.body).await;
            return Err(later(self.error(fault(&text))));
        }
        self.read(response.body, said).await.map_err(later)
    }

    /// Whether a response is something else than a stream of events, and what that means.
    fn not_a_stream(&self, response: &HttpResponse) -> Option<impl Fn(&str) -> Fault + use<'_>> {
        let status = response.status;
        let media = response.header("content-type").unwrap_or_default();
        let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let streams = ["", "text/event-stream", "text/plain", "application/octet-stream"];
        if (200..300).contains(&status) && streams.contains(&media.as_str()) {
            return None;
        }
        let location = response.header("location").unwrap_or_default();
        let location = location.split(['?', '#']).next().unwrap_or_default().to_owned();
        Some(move |body: &str| {
            if (300..400).contains(&status) {
                let what = format!("it leads on to {location} ({status}), which is not followed");
                return Fault::new(ModelErrorKind::Rejected, what);
            }
            self.wire.fault(status, body)
        })
    }

    /// Reads the stream of an answer to its end.
    async fn read(&self, mut body: Body, said: &Said<'_>) -> Attempt<Completion> {
        let mut events = sse::Decoder::new();
        let mut answer = self.wire.decoder();
        let mut bytes_read: usize = 0;
        while let Some(bytes) = self.next(&mut body).await? {
            bytes_read = bytes_read.saturating_add(bytes.len());
            let decoded = events.feed(&bytes);
            let (Ok(decoded), true) = (decoded, bytes_read <= ANSWER_BYTES_MAX) else {
                let what = "the answer is longer than any answer may be";
                return Err(self.error(Fault::new(ModelErrorKind::Rejected, what)));
            };
            for event in decoded {
                let step = answer.event(&event, said).map_err(|fault| self.error(fault))?;
                if step == ControlFlow::Break(()) {
                    end_of(body).await;
                    return answer.finish().map_err(|fault| self.error(fault));
                }
            }
        }
        answer.finish().map_err(|fault| self.error(fault))
    }

    async fn next(&self, body: &mut Body) -> Attempt<Option<Bytes>> {
        self.in_time(async { body.next().await.transpose() }).await
    }

    /// Waits for the server's next byte, but not for ever.
    async fn in_time<T>(&self, step: impl Future<Output = Attempt<T>>) -> Attempt<T> {
        let limit_ms = self.settings.idle_timeout_ms;
        match timeout(Duration::from_millis(limit_ms), step).await {
            Ok(result) => result.map_err(|error| self.dressed(error)),
            Err(_) => {
                let what = format!("not a byte came for {limit_ms} ms");
                Err(self.error(Fault::new(ModelErrorKind::Unavailable, what)))
            }
        }
    }

    /// The start of an error's body; what came of it before it broke off.
    async fn error_text(&self, mut body: Body) -> String {
        let mut text = Vec::new();
        while text.len() < ERROR_BYTES_MAX
            && let Ok(Some(bytes)) = self.next(&mut body).await
        {
            text.extend_from_slice(&bytes);
        }
        text.truncate(ERROR_BYTES_MAX);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// A wire's fault as people read it.
    fn error(&self, fault: Fault) -> ModelError {
        let failure = match fault.kind {
            // A limit of the model: whoever asked can say less.
            ModelErrorKind::TooLong => Failure::exceeded(fault.what),
            _ => Failure::failed(fault.what),
        };
        self.dressed(ModelError::new(fault.kind, failure))
    }

    /// Puts the model, its host and the next step to an error, and takes out what must not be
    /// in it.
    fn dressed(&self, mut error: ModelError) -> ModelError {
        let (name, host) = (&self.name, &self.host);
        let what = self.quotable(&error.failure.message);
        error.failure.message = format!("{name} at {host}: {what}");
        let hint = error.failure.hint.take().unwrap_or_else(|| self.hint(error.kind));
        error.failure.hint = Some(self.without_key(&hint));
        error
    }

    /// One line, without the key, of bounded length.
    fn quotable(&self, text: &str) -> String {
        let text = self.without_key(text);
        let line =
            text.split(|character: char| character.is_whitespace() || character.is_control());
        let line: Vec<&str> = line.filter(|word| !word.is_empty()).collect();
        let line = line.join(" ");
        let line = line.trim_end_matches('.');
        match line.char_indices().nth(QUOTED_CHARACTERS_MAX) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line.to_owned(),
        }
    }

    fn without_key(&self, text: &str) -> String {
        match &self.settings.key {
            Some(key) if key.reveal().len() >= KEY_BYTES_MIN => text.replace(key.reveal(), "[key]"),
            _ => text.to_owned(),
        }
    }

    fn hint(&self, kind: ModelErrorKind) -> String {
        let place = self.settings.place();
        match kind {
            ModelErrorKind::Unauthorized => self.settings.key_hint(),
            ModelErrorKind::Billing => "look at the account's credit at the provider".to_owned(),
            ModelErrorKind::TooLong => {
                "begin a new session, or name a model with a larger window".to_owned()
            }
            ModelErrorKind::RateLimited => {
                "wait, or let fewer threads ask at the same time".to_owned()
            }
            ModelErrorKind::Overloaded => "wait, or name another model".to_owned(),
            ModelErrorKind::Unavailable => format!(
                "check that {} answers; `{place}` has `base_url`, `proxy` and the timeouts",
                self.host
            ),
            ModelErrorKind::Rejected => {
                format!("check the model's name, and `base_url` in `{place}`")
            }
        }
    }
}

impl fmt::Debug for RemoteModel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RemoteModel")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// Reads on to the end of a body, so that its connection can carry the next request; but the
/// answer does not wait for it.
async fn end_of(mut body: Body) {
    let end = async { while let Some(Ok(_)) = body.next().await {} };
    let _ = timeout(Duration::from_millis(END_MS), end).await;
}

#[cfg(test)]
mod tests;
