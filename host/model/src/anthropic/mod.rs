//! The Messages API: `claude-…`, and servers that speak as it does.
//!
//! A request is one POST, its answer a stream of events. What goes out is made so that it can
//! only grow at its end from turn to turn: the provider's prompt cache lives from that, and
//! newer models refuse thinking that is sent back behind anything that changed.

mod request;
mod stream;

use lucid_core::CompletionRequest;
use serde::Deserialize;

use crate::error::ModelErrorKind;
use crate::settings::RemoteSettings;
use crate::transport::HttpRequest;
use crate::wire::{Decode, Fault, Wire};

/// The version of the API. What is sent is also right in 2026-10-21, the one after it, which
/// not every server that speaks this API has.
const VERSION: &str = "2023-06-01";

/// The Messages API.
pub(crate) struct Messages;

impl Wire for Messages {
    fn request(
        &self,
        settings: &RemoteSettings,
        request: &CompletionRequest,
    ) -> Result<HttpRequest, Fault> {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let key = settings.key.iter().map(|key| ("x-api-key".to_owned(), key.clone()));
        Ok(HttpRequest {
            method: "POST",
            url: endpoint(settings.base()),
            headers: vec![
                header("content-type", "application/json"),
                header("accept", "text/event-stream"),
                header("anthropic-version", VERSION),
            ],
            secret_headers: key.collect(),
            body: request::body(settings, request)?,
        })
    }

    fn decoder(&self) -> Box<dyn Decode> {
        Box::new(stream::Answer::default())
    }

    fn fault(&self, status: u16, body: &str) -> Fault {
        match serde_json::from_str::<Reported>(body) {
            Ok(reported) => {
                let what = format!("the server answered {status} {reported}");
                Fault::new(reported.kind(status), what)
            }
            Err(_) => {
                let kind = Error::default().kind(status);
                Fault::new(kind, format!("the server answered {status}: {}", in_words(body)))
            }
        }
    }
}

/// Where requests go: below the base URL, whether or not it names the version.
fn endpoint(base: &str) -> String {
    if base.ends_with("/v1/messages") {
        base.to_owned()
    } else if base.ends_with("/v1") {
        format!("{base}/messages")
    } else {
        format!("{base}/v1/messages")
    }
}

/// An error as the provider reports it, in a body or inside a stream.
#[derive(Deserialize)]
struct Reported {
    error: Error,
    /// What the provider's support asks for.
    request_id: Option<String>,
}

#[derive(Deserialize, Default)]
struct Error {
    #[serde(rename = "type", default)]
    name: String,
    #[serde(default)]
    message: String,
}

impl Reported {
    fn kind(&self, status: u16) -> ModelErrorKind {
        self.error.kind(status)
    }
}

impl std::fmt::Display for Reported {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { error: Error { name, message }, request_id } = self;
        match request_id {
            Some(id) => write!(formatter, "{name} ({id}): {message}"),
            None => write!(formatter, "{name}: {message}"),
        }
    }
}

impl Error {
    /// What it means: its words first, because several meanings share one type; then its type,
    /// which a stream has alone; then the status.
    fn kind(&self, status: u16) -> ModelErrorKind {
        let words = self.message.to_ascii_lowercase();
        let has = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
        let asks_too_much = self.name == "invalid_request_error" || status == 400;
        if asks_too_much && has(&["prompt is too long", "input is too long", "context limit"]) {
            return ModelErrorKind::TooLong;
        }
        if asks_too_much && has(&["credit balance"]) {
            return ModelErrorKind::Billing;
        }
        match self.name.as_str() {
            "authentication_error" | "permission_error" => ModelErrorKind::Unauthorized,
            "billing_error" => ModelErrorKind::Billing,
            "request_too_large" => ModelErrorKind::TooLong,
            "rate_limit_error" => ModelErrorKind::RateLimited,
            "overloaded_error" => ModelErrorKind::Overloaded,
            "api_error" | "timeout_error" => ModelErrorKind::Unavailable,
            "invalid_request_error" | "not_found_error" => ModelErrorKind::Rejected,
            _ => match status {
                401 | 403 => ModelErrorKind::Unauthorized,
                402 => ModelErrorKind::Billing,
                // A conflict here is a lock that was not had in time.
                408 | 409 => ModelErrorKind::Unavailable,
                413 => ModelErrorKind::TooLong,
                429 => ModelErrorKind::RateLimited,
                529 => ModelErrorKind::Overloaded,
                500..=599 => ModelErrorKind::Unavailable,
                _ => ModelErrorKind::Rejected,
            },
        }
    }
}

/// A body that is no error as this API writes them.
fn in_words(body: &str) -> &str {
    let body = body.trim();
    match body.as_bytes().first() {
        None => "nothing more",
        Some(b'<') => "a web page where a model's answer was expected",
        Some(_) => body,
    }
}

#[cfg(test)]
mod tests {
    use lucid_core::{Block, Message, Role};

    use super::*;
    use crate::error::ModelErrorKind::{
        Billing, Overloaded, RateLimited, Rejected, TooLong, Unauthorized, Unavailable,
    };
    use crate::key::Key;
    use crate::name::ModelName;

    #[test]
    fn every_error_of_the_api_has_its_kind() {
        let check = |status: u16, name: &str, message: &str, kind: ModelErrorKind| {
            let body = serde_json::json!({
                "type": "error",
                "error": {"type": name, "message": message},
                "request_id": "req_1",
            });
            let fault = Messages.fault(status, &body.to_string());
            assert_eq!(fault.kind, kind, "{status} {name} {message}");
            assert!(fault.what.contains(name) && fault.what.contains("req_1"), "{}", fault.what);
            assert!(fault.what.contains(message), "{}", fault.what);
        };
        check(401, "authentication_error", "invalid x-api-key", Unauthorized);
        check(403, "permission_error", "not this model", Unauthorized);
        check(402, "billing_error", "payment required", Billing);
        check(400, "invalid_request_error", "Your credit balance is too low to go on", Billing);
        check(400, "invalid_request_error", "prompt is too long: 9 tokens > 8 maximum", TooLong);
        check(
            400,
            "invalid_request_error",
            "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
            TooLong,
        );
        check(413, "request_too_large", "Request exceeds the maximum size", TooLong);
        check(400, "invalid_request_error", "max_tokens: required", Rejected);
        check(404, "not_found_error", "model: claude-nowhere", Rejected);
        check(429, "rate_limit_error", "too many tokens a minute", RateLimited);
        check(529, "overloaded_error", "Overloaded", Overloaded);
        check(500, "api_error", "Internal server error", Unavailable);
        check(504, "timeout_error", "took too long", Unavailable);
        check(409, "conflict_error", "locked", Unavailable);
        check(418, "some_later_error", "short and stout", Rejected);
        check(529, "some_later_error", "no room", Overloaded);
    }

    #[test]
    fn a_body_that_is_no_error_of_the_api_goes_by_its_status() {
        let check = |status, body: &str, kind, words: &str| {
            let fault = Messages.fault(status, body);
            assert_eq!(fault.kind, kind, "{status} {body}");
            assert!(fault.what.contains(words), "{}", fault.what);
        };
        check(401, "", Unauthorized, "401: nothing more");
        check(403, "<html>", Unauthorized, "a web page");
        check(402, "{}", Billing, "402: {}");
        check(413, "too large", TooLong, "too large");
        check(429, "slow down", RateLimited, "slow down");
        check(529, "", Overloaded, "529");
        for status in [408, 409, 500, 502, 503, 504, 599] {
            check(status, "[]", Unavailable, "[]");
        }
        for status in [200, 400, 404, 405, 422, 600] {
            check(status, "\"?\"", Rejected, "?");
        }
    }

    #[test]
    fn a_base_url_may_name_the_version_or_not() {
        for base in ["http://host", "http://host/v1", "http://host/v1/messages"] {
            assert_eq!(endpoint(base), "http://host/v1/messages");
        }
        assert_eq!(endpoint("https://host/anthropic"), "https://host/anthropic/v1/messages");
    }

    #[test]
    fn the_key_is_in_a_secret_header_alone() {
        let mut settings = RemoteSettings::new(ModelName::Anthropic("claude-sonnet-5".into()));
        settings.key = Some(Key::new("sk-hush"));
        let content = vec![Block::Text { text: "hello".into() }];
        let message = Message { role: Role::User, content };
        let conversation = CompletionRequest {
            system: String::new(),
            messages: vec![message],
            tools: Vec::new(),
            max_tokens: 5,
        };
        let request = Messages.request(&settings, &conversation).unwrap();
        assert_eq!(
            (request.method, request.url.as_str()),
            ("POST", "https://api.anthropic.com/v1/messages")
        );
        assert!(request.headers.contains(&("anthropic-version".into(), "2023-06-01".into())));
        let [(name, key)] = request.secret_headers.as_slice() else { panic!("one secret") };
        assert_eq!((name.as_str(), key.reveal()), ("x-api-key", "sk-hush"));
        assert!(!format!("{request:?}").contains("hush"));
    }
}
