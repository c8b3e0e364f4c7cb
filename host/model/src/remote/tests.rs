use std::sync::Mutex;

use async_trait::async_trait;
use lucid_core::{Block, Message, Role};
use tokio::time::{Instant, sleep};

use super::*;
use crate::key::Key;
use crate::transport::HttpRequest;

const HELLO: &str = concat!(
    "event: message_start\n",
    "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":3}}}\n\n",
    "event: content_block_start\n",
    "data: {\"type\":\"content_block_start\",\"index\":0,",
    "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
    "event: content_block_delta\n",
    "data: {\"type\":\"content_block_delta\",\"index\":0,",
    "\"delta\":{\"type\":\"text_delta\",\"text\":\"hel\"}}\n\n",
    "event: content_block_delta\n",
    "data: {\"type\":\"content_block_delta\",\"index\":0,",
    "\"delta\":{\"type\":\"text_delta\",\"text\":\"lo\"}}\n\n",
    "event: message_delta\n",
    "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},",
    "\"usage\":{\"output_tokens\":2}}\n\n",
    "event: message_stop\n",
    "data: {\"type\":\"message_stop\"}\n\n",
);

/// A part of a body: after how long, and what; an error when it is not text.
type Step = (u64, std::result::Result<Vec<u8>, &'static str>);

/// A server in memory.
#[derive(Default)]
struct Fake {
    status: u16,
    headers: Vec<(String, String)>,
    before_ms: u64,
    body: Vec<Step>,
    /// Whether the body goes on for ever after its parts.
    hangs: bool,
    asked: Mutex<Vec<HttpRequest>>,
}

impl Fake {
    fn says(status: u16, body: &str) -> Self {
        Self { status, body: vec![(0, Ok(body.into()))], ..Self::default() }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

#[async_trait]
impl Transport for Fake {
    async fn send(&self, request: HttpRequest) -> Attempt<HttpResponse> {
        self.asked.lock().unwrap().push(request);
        sleep(Duration::from_millis(self.before_ms)).await;
        let parts = futures::stream::iter(self.body.clone()).then(|(after_ms, part)| async move {
            sleep(Duration::from_millis(after_ms)).await;
            part.map(Bytes::from)
                .map_err(|what| ModelError::new(ModelErrorKind::Unavailable, Failure::failed(what)))
        });
        let body = if self.hangs {
            parts.chain(futures::stream::pending()).boxed()
        } else {
            parts.boxed()
        };
        Ok(HttpResponse { status: self.status, headers: self.headers.clone(), body })
    }
}

fn settings() -> RemoteSettings {
    let mut settings = RemoteSettings::new(ModelName::Anthropic("claude-sonnet-5".into()));
    settings.key = Some(Key::new("sk-very-secret"));
    settings
}

fn request() -> CompletionRequest {
    let content = vec![Block::Text { text: "hello".into() }];
    CompletionRequest {
        system: String::new(),
        messages: vec![Message { role: Role::User, content }],
        tools: Vec::new(),
        max_tokens: 100,
    }
}

async fn ask_with(settings: RemoteSettings, fake: Fake) -> (Attempt<Completion>, String) {
    let model = RemoteModel::new(settings, Arc::new(fake)).unwrap();
    let heard = Mutex::new(String::new());
    let said = |text: &str| heard.lock().unwrap().push_str(text);
    let answer = model.complete(&request(), &said).await;
    (answer, heard.into_inner().unwrap())
}

async fn ask(fake: Fake) -> (Attempt<Completion>, String) {
    ask_with(settings(), fake).await
}

async fn refused(fake: Fake) -> ModelError {
    ask(fake).await.0.unwrap_err()
}

#[tokio::test]
async fn an_answer_is_read_however_its_bytes_are_cut() {
    for length in [1, 7, HELLO.len()] {
        let body = HELLO.as_bytes().chunks(length).map(|part| (0, Ok(part.to_vec()))).collect();
        let fake = Fake { status: 200, body, ..Fake::default() };
        let (answer, heard) = ask(fake.with("content-type", "text/event-stream")).await;
        let answer = answer.unwrap();
        assert_eq!(answer.content, [Block::Text { text: "hello".into() }]);
        assert_eq!((answer.usage.input_tokens, answer.usage.output_tokens), (3, 2));
        assert_eq!(heard, "hello");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_does_not_wait_for_a_body_that_never_ends() {
    let began = Instant::now();
    let (answer, _) = ask(Fake { hangs: true, ..Fake::says(200, HELLO) }).await;
    answer.unwrap();
    assert!(began.elapsed() <= Duration::from_millis(END_MS));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_falls_silent_is_left_after_the_idle_timeout() {
    let early = &HELLO[..200];
    for (fake, silence_begins_ms) in [
        (Fake { before_ms: 200_000, ..Fake::says(200, HELLO) }, 0),
        (Fake { hangs: true, ..Fake::says(200, early) }, 0),
        (Fake { before_ms: 60_000, hangs: true, ..Fake::says(200, early) }, 60_000),
    ] {
        let began = Instant::now();
        let error = refused(fake).await;
        assert_eq!(error.kind, ModelErrorKind::Unavailable);
        assert!(error.failure.message.contains("not a byte came for 120000 ms"), "{error}");
        assert_eq!(began.elapsed().as_millis(), silence_begins_ms + 120_000);
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_goes_on_as_long_as_bytes_come_and_the_request_timeout_allows() {
    let slow = |part_ms| {
        let body = HELLO.as_bytes().chunks(100).map(|part| (part_ms, Ok(part.to_vec())));
        Fake { status: 200, body: body.collect(), ..Fake::default() }
    };
    ask(slow(60_000)).await.0.unwrap();
    let began = Instant::now();
    let error = refused(slow(110_000)).await;
    assert_eq!(error.kind, ModelErrorKind::Unavailable);
    assert!(error.failure.message.contains("no whole answer within 600000 ms"), "{error}");
    assert_eq!(began.elapsed().as_millis(), 600_000);
}

#[tokio::test]
async fn a_cut_stream_is_unavailable_and_what_was_heard_is_no_answer() {
    let cut = HELLO.find("lo\\\"").unwrap_or(HELLO.len() / 2);
    let (answer, heard) = ask(Fake::says(200, &HELLO[..cut])).await;
    assert_eq!(answer.unwrap_err().kind, ModelErrorKind::Unavailable);
    assert!("hello".starts_with(&heard));
    let broken = vec![(0, Ok(HELLO[..cut].into())), (0, Err("the answer broke off: reset"))];
    let fake = Fake { status: 200, body: broken, ..Fake::default() };
    let error = refused(fake).await;
    assert_eq!(error.kind, ModelErrorKind::Unavailable);
    assert_eq!(
        error.failure.message,
        "claude-sonnet-5 at api.anthropic.com: the answer broke off: reset"
    );
}

#[tokio::test]
async fn an_error_says_model_host_reason_and_next_step() {
    let body = |name: &str, message: &str| {
        format!(r#"{{"type":"error","error":{{"type":"{name}","message":"{message}"}}}}"#)
    };
    let error = refused(Fake::says(401, &body("authentication_error", "invalid x-api-key"))).await;
    assert_eq!(error.kind, ModelErrorKind::Unauthorized);
    assert_eq!(
        error.failure.message,
        "claude-sonnet-5 at api.anthropic.com: the server answered 401 authentication_error: \
         invalid x-api-key"
    );
    assert_eq!(
        error.failure.hint.as_deref(),
        Some(
            "set the key in ANTHROPIC_API_KEY, or name where it is in \
             `[models.\"claude-sonnet-5\"] key`"
        )
    );
    let mut own = settings();
    own.base_url = Some("http://127.0.0.1:8080".into());
    let (answer, _) = ask_with(own, Fake::says(404, &body("not_found_error", "model"))).await;
    let error = answer.unwrap_err();
    assert!(error.failure.message.starts_with("claude-sonnet-5 at 127.0.0.1:8080: "), "{error}");
    assert!(error.failure.hint.unwrap().contains("base_url"));
}

#[tokio::test]
async fn an_error_quotes_one_line_of_bounded_length_and_never_the_key() {
    let body = format!("you sent\r\n sk-very-secret,\n\u{7}and {}", "é".repeat(100_000));
    let error = refused(Fake::says(500, &body)).await;
    let shown = format!("{} {:?} {error:?}", error.failure.message, error.failure.hint);
    assert!(!shown.contains("secret"), "{shown}");
    let (_, quoted) = error.failure.message.split_once(": ").unwrap();
    assert!(quoted.starts_with("the server answered 500: you sent [key], and éé"), "{quoted}");
    assert_eq!(quoted.chars().count(), QUOTED_CHARACTERS_MAX + 1);
    let inside = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\
                  \"message\":\"no sk-very-secret here\"}}\n\n";
    let error = refused(Fake::says(200, inside)).await;
    assert!(error.failure.message.contains("api_error: no [key] here"), "{error}");
    let model = RemoteModel::new(settings(), Arc::new(Fake::default())).unwrap();
    assert!(!format!("{model:?}").contains("secret"));
}

#[tokio::test]
async fn the_wish_to_be_left_alone_is_passed_on() {
    let limited = refused(Fake::says(429, "{}").with("retry-after", "17")).await;
    assert_eq!(limited.kind, ModelErrorKind::RateLimited);
    assert_eq!(limited.retry_after_ms, Some(17_000));
    let inside = "event: error\ndata: {\"type\":\"error\",\"error\":\
                  {\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";
    let overloaded = refused(Fake::says(200, inside).with("retry-after-ms", "250")).await;
    assert_eq!(overloaded.kind, ModelErrorKind::Overloaded);
    assert_eq!(overloaded.retry_after_ms, Some(250));
}

#[tokio::test]
async fn what_is_no_stream_of_events_is_no_answer() {
    let check = |fake: Fake, kind, words: &'static str| async move {
        let error = refused(fake).await;
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.failure.message.contains(words), "{error}");
    };
    let rejected = ModelErrorKind::Rejected;
    let page = Fake::says(200, "<html>log in").with("content-type", "text/html; charset=utf-8");
    check(page, rejected, "a web page where a model's answer was expected").await;
    let json = Fake::says(200, "{\"content\":[]}").with("content-type", "application/json");
    check(json, rejected, "answered 200").await;
    let other = Fake::says(307, "").with("location", "https://elsewhere.example/x?token=1");
    check(other, rejected, "it leads on to https://elsewhere.example/x (307)").await;
    check(Fake::says(200, ""), ModelErrorKind::Unavailable, "broke off").await;
    check(Fake::says(502, "<html>"), ModelErrorKind::Unavailable, "502: a web page").await;
}

#[tokio::test(start_paused = true)]
async fn an_error_whose_body_never_ends_is_still_that_error() {
    let error = refused(Fake { hangs: true, ..Fake::says(401, "key?") }).await;
    assert_eq!(error.kind, ModelErrorKind::Unauthorized);
    assert!(error.failure.message.contains("key?"), "{error}");
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off_at_its_bound() {
    let comment = format!(": {}\n\n", "x".repeat(1 << 20)).into_bytes();
    let body = vec![(0, Ok(comment)); 40];
    let error = refused(Fake { status: 200, body, ..Fake::default() }).await;
    assert_eq!(error.kind, ModelErrorKind::Rejected);
    assert!(error.failure.message.contains("longer than any answer"), "{error}");
    let line = vec![(0, Ok(vec![b'x'; 1 << 20])); 9];
    let error = refused(Fake { status: 200, body: line, ..Fake::default() }).await;
    assert_eq!(error.kind, ModelErrorKind::Rejected);
}

#[test]
fn a_model_that_cannot_be_asked_is_refused_before_anything_is_sent() {
    let refused = |settings| RemoteModel::new(settings, Arc::new(Fake::default())).unwrap_err();
    let error = refused(RemoteSettings::new(ModelName::Plugin("echo".into())));
    assert!(error.message.contains("`plugin:echo`") && error.hint.is_some(), "{error}");
    let mut wrong = settings();
    wrong.base_url = Some("ftp://host".into());
    assert!(refused(wrong).message.contains("base_url"));
}

#[test]
fn the_window_is_of_the_settings_or_the_table_or_the_default() {
    let tokens =
        |settings| RemoteModel::new(settings, Arc::new(Fake::default())).unwrap().context_tokens();
    let mut own = settings();
    own.context_tokens = Some(9_000);
    assert_eq!(tokens(own), 9_000);
    assert_eq!(tokens(RemoteSettings::new(ModelName::OpenAi("nobody-knows".into()))), 128_000);
}

#[test]
fn a_future_of_an_answer_can_move_between_threads() {
    fn is_send(_: impl Send) {}
    let model = RemoteModel::new(settings(), Arc::new(Fake::default())).unwrap();
    let request = request();
    is_send(model.complete(&request, &|_| {}));
}
