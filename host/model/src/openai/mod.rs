//! Chat completions, the wire format that many servers speak: OpenAI, Ollama, llama.cpp,
//! vLLM and others.
//!
//! They agree on the form and differ in what they leave out, so a request says as little as
//! it can and an answer is read leniently: a call may come whole or in pieces, with or
//! without an id or an index, and usage may be missing. What is never guessed is whether an
//! answer is complete: a stream without a `finish_reason` and without `[DONE]` was cut.
//!
//! What this format cannot say:
//! - reasoning is read and not sent back, and no budget of it can be asked for
//!   (`thinking_tokens` has no effect);
//! - there are no marks for a prompt cache: servers that have one use it by themselves;
//! - whether a call failed is said in words, in front of its result.

mod calls;
mod request;
mod stream;

use std::borrow::Cow;

use lucid_core::CompletionRequest;
use serde_json::Value;

use crate::error::ModelErrorKind;
use crate::settings::RemoteSettings;
use crate::transport::HttpRequest;
use crate::wire::{Decode, Fault, Wire};

/// Where requests go, below a base URL that names a version, such as `…/v1`.
const PATH: &str = "/chat/completions";

/// The chat completions format.
pub(crate) struct ChatCompletions;

impl Wire for ChatCompletions {
    fn request(
        &self,
        settings: &RemoteSettings,
        request: &CompletionRequest,
    ) -> Result<HttpRequest, Fault> {
        let base = settings.base();
        let secret_headers = settings
            .key
            .iter()
            .map(|key| ("authorization".to_owned(), key.after("Bearer ")))
            .collect();
        Ok(HttpRequest {
            method: "POST",
            url: endpoint(base),
            headers: vec![
                ("content-type".to_owned(), "application/json".to_owned()),
                ("accept".to_owned(), "text/event-stream".to_owned()),
            ],
            secret_headers,
            body: request::body(settings, is_openai(base), request)?,
        })
    }

    fn decoder(&self) -> Box<dyn Decode> {
        Box::new(stream::Answer::default())
    }

    fn fault(&self, status: u16, body: &str) -> Fault {
        let reported = serde_json::from_str::<Value>(body).ok();
        let (code, message) = reported.as_ref().map(reported_error).unwrap_or_default();
        let kind = kind_of(status, &code, &message);
        let message = match (&reported, message.is_empty()) {
            (_, false) => message,
            (Some(_), true) => Cow::Borrowed("JSON that is neither an answer nor an error"),
            (None, _) => Cow::Borrowed(said_instead(body)),
        };
        Fault::new(kind, format!("the server answered {status}: {message}"))
    }
}

/// Where requests go.
///
/// A base URL is read as its author most likely means it, because servers' manuals differ:
/// - `http://127.0.0.1:8080` gets `/v1/chat/completions`;
/// - one that ends in a version, such as `…/v1`, gets `/chat/completions`;
/// - one that ends in `/chat/completions` is taken as it is, for servers with another path.
fn endpoint(base: &str) -> String {
    let base = base.trim_end_matches('/');
    if base.ends_with(PATH) {
        return base.to_owned();
    }
    let last = base.rsplit('/').next().unwrap_or_default();
    let digits = last.strip_prefix('v').unwrap_or_default();
    if digits.starts_with(|first: char| first.is_ascii_digit()) {
        return format!("{base}{PATH}");
    }
    format!("{base}/v1{PATH}")
}

/// Whether it is OpenAI's own service, there or in its other home: newer models of it want
/// the longest answer under a name that other servers do not know.
fn is_openai(base: &str) -> bool {
    let host = base.split_once("://").map_or(base, |(_, rest)| rest);
    let host = host.split(['/', ':', '?']).next().unwrap_or_default().to_ascii_lowercase();
    host == "api.openai.com" || host.ends_with(".openai.azure.com")
}

/// What an error object says: a code or type, and its message.
///
/// Servers write `{"error":{"message","type","code"}}`, `{"error":"…"}`, `{"message"}` or
/// `{"detail"}`.
fn reported_error(body: &Value) -> (Cow<'_, str>, Cow<'_, str>) {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let Some(error) = body.get("error").filter(|error| !error.is_null()) else {
        let message = body.get("message").or(body.get("detail"));
        let message = message.map(|it| text(it).unwrap_or_else(|| it.to_string()));
        return (Cow::default(), message.unwrap_or_default().into());
    };
    let field = |name: &str| error.get(name).filter(|value| !value.is_null());
    let number = |value: &Value| value.as_u64().map(|number| number.to_string());
    let code = ["code", "type"].iter().filter_map(|name| {
        let value = field(name)?;
        text(value).or_else(|| number(value))
    });
    let code: Vec<String> = code.collect();
    let message = field("message").and_then(text).or_else(|| text(error));
    (code.join(" ").into(), message.unwrap_or_else(|| error.to_string()).into())
}

/// What kind of failure a status is, together with the code and the words beside it.
fn kind_of(status: u16, code: &str, message: &str) -> ModelErrorKind {
    let has = |word: &str| code.split(' ').any(|code| code == word);
    let words = message.to_ascii_lowercase();
    let too_long = [
        "maximum context length",
        "context length",
        "context window",
        "context size",
        "prompt is too long",
        "too many tokens",
    ];
    if has("insufficient_quota") || has("billing_hard_limit_reached") {
        return ModelErrorKind::Billing;
    }
    if has("context_length_exceeded") || has("exceed_context_size_error") {
        return ModelErrorKind::TooLong;
    }
    match status {
        401 | 403 => ModelErrorKind::Unauthorized,
        402 => ModelErrorKind::Billing,
        413 => ModelErrorKind::TooLong,
        408 => ModelErrorKind::Unavailable,
        429 => ModelErrorKind::RateLimited,
        503 | 529 => ModelErrorKind::Overloaded,
        500..=599 => ModelErrorKind::Unavailable,
        400..=499 if too_long.iter().any(|long| words.contains(long)) => ModelErrorKind::TooLong,
        _ => ModelErrorKind::Rejected,
    }
}

/// An error object inside a stream: there is no status, so its code stands for one.
fn fault_inside(event: &Value) -> Fault {
    let (code, message) = reported_error(event);
    let status = code.split(' ').find_map(|code| match code {
        "rate_limit_exceeded" | "rate_limit_error" | "requests" | "tokens" => Some(429),
        "overloaded_error" | "engine_overloaded" => Some(529),
        "invalid_request_error" | "BadRequestError" => Some(400),
        "authentication_error" | "invalid_api_key" => Some(401),
        number => number.parse::<u16>().ok().filter(|status| (400..600).contains(status)),
    });
    // What a server does not put a name to happened inside of it.
    let kind = kind_of(status.unwrap_or(500), &code, &message);
    Fault::new(kind, format!("the server broke off its answer: {message}"))
}

/// What a body is that is no JSON.
fn said_instead(body: &str) -> &str {
    let body = body.trim();
    if body.is_empty() {
        "nothing more"
    } else if body.starts_with('<') {
        "a web page where a model's answer was expected"
    } else {
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_may_name_the_version_or_not() {
        let urls = [
            ("http://127.0.0.1:11434", "http://127.0.0.1:11434/v1/chat/completions"),
            ("http://127.0.0.1:11434/", "http://127.0.0.1:11434/v1/chat/completions"),
            ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1/chat/completions"),
            ("http://127.0.0.1:8000/v1/", "http://127.0.0.1:8000/v1/chat/completions"),
            ("https://api.example.org/paas/v4", "https://api.example.org/paas/v4/chat/completions"),
            ("https://example.org/video", "https://example.org/video/v1/chat/completions"),
            (
                "https://example.org/v1beta/openai/chat/completions",
                "https://example.org/v1beta/openai/chat/completions",
            ),
            ("https://api.openai.com/v1", "https://api.openai.com/v1/chat/completions"),
        ];
        for (base, url) in urls {
            assert_eq!(endpoint(base), url);
        }
    }

    #[test]
    fn only_openai_itself_is_taken_for_openai() {
        for base in [
            "https://api.openai.com",
            "https://API.OpenAI.com/v1",
            "https://x.openai.azure.com/openai/v1",
        ] {
            assert!(is_openai(base), "{base}");
        }
        for base in ["http://127.0.0.1:8080", "https://api.openai.com.example.org", "https://x"] {
            assert!(!is_openai(base), "{base}");
        }
    }

    #[test]
    fn a_status_and_its_words_say_what_kind_of_failure_it_is() {
        use ModelErrorKind::{
            Billing, Overloaded, RateLimited, Rejected, TooLong, Unauthorized, Unavailable,
        };
        let long = r#"{"error":{"message":"maximum context length is 8192 tokens"}}"#;
        let check = |status, body: &str, kind, part: &str| {
            let fault = ChatCompletions.fault(status, body);
            assert_eq!(fault.kind, kind, "{status} {body}");
            assert!(fault.what.contains(part), "{}", fault.what);
        };
        check(401, r#"{"error":{"message":"no key","code":"x"}}"#, Unauthorized, "401: no key");
        check(429, r#"{"error":{"message":"slow down"}}"#, RateLimited, "slow down");
        let quota = r#"{"error":{"message":"pay","type":"insufficient_quota","code":null}}"#;
        check(429, quota, Billing, "pay");
        check(503, r#"{"error":"loading model"}"#, Overloaded, "loading model");
        check(529, "", Overloaded, "529: nothing more");
        check(502, "<html>bad gateway</html>", Unavailable, "a web page");
        check(404, r#"{"error":{"message":"model `x` not found"}}"#, Rejected, "`x` not found");
        check(400, long, TooLong, "8192");
        check(422, r#"{"detail":[{"msg":"Field required"}]}"#, Rejected, "Field required");
        check(400, r#"{"object":"error","message":"bad"}"#, Rejected, "bad");
        check(200, "<!doctype html><title>x</title>", Rejected, "a web page");
        check(200, r#"{"choices":[]}"#, Rejected, "neither an answer nor an error");
    }
}
