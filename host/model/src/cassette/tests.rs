//! What a cassette promises, with a recorder and a player around it.

use std::io::{Read as _, Seek as _};

use std::fs::File;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::future::{self, Either};
use futures::stream::BoxStream;
use futures::{StreamExt as _, stream};
use serde_json::json;
use tokio::time::Instant;

use super::*;
use crate::key::Key;
use crate::transport::{HttpRequest, HttpResponse, Transport};

const KEY: &str = "sk-very-secret-key";

/// Answers each request with the next of these.
struct Fake(Mutex<Vec<Result<HttpResponse, ModelError>>>);

#[async_trait]
impl Transport for Fake {
    async fn send(&self, _: HttpRequest) -> Result<HttpResponse, ModelError> {
        let next = self.0.lock().unwrap().pop();
        match next {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }
}

fn body_in(
    chunks: Vec<Result<&'static [u8], ModelError>>,
) -> BoxStream<'static, Result<Bytes, ModelError>> {
    stream::iter(chunks).map(|chunk| chunk.map(Bytes::from_static)).boxed()
}

fn response(chunks: Vec<Result<&'static [u8], ModelError>>) -> HttpResponse {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let headers = vec![
        header("content-type", "text/event-stream"),
        header("set-cookie", "session=1"),
        header("request-id", &format!("echo {KEY}")),
    ];
    HttpResponse { status: 200, headers, body: body_in(chunks) }
}

fn request(body: &Value) -> HttpRequest {
    HttpRequest {
        method: "POST",
        url: format!("http://me:{KEY}@host/v1/x?key={KEY}"),
        headers: vec![("accept".into(), "text/event-stream".into())],
        secret_headers: vec![("authorization".into(), Key::new(format!("Bearer {KEY}")))],
        body: body.to_string(),
    }
}

/// A recorder of these answers, and the file it writes.
fn recorder(mut answers: Vec<Result<HttpResponse, ModelError>>) -> (Recorder, File) {
    answers.reverse();
    let file = tempfile::tempfile().unwrap();
    let recorder =
        Recorder::new(Arc::new(Fake(Mutex::new(answers))), Tape::begin(file.try_clone().unwrap()));
    (recorder, file)
}

fn text_of(mut file: File) -> String {
    let mut text = String::new();
    file.rewind().unwrap();
    file.read_to_string(&mut text).unwrap();
    text
}

fn lines_of(file: File) -> Vec<Value> {
    let lines = text_of(file);
    let mut lines = lines.lines().map(|line| serde_json::from_str(line).unwrap());
    assert_eq!(lines.next(), Some(json!({ "cassette": 1 })));
    lines.collect()
}

#[tokio::test]
async fn a_key_is_never_in_the_file_wherever_it_was() {
    let (start, end) = KEY.as_bytes().split_at(7);
    let error = Failure::failed(format!("{KEY} is wrong")).hint(format!("not {KEY}"));
    let error = ModelError::new(ModelErrorKind::Unauthorized, error);
    let answers = vec![Ok(response(vec![Ok(b"echo: "), Ok(start), Ok(end), Ok(b"!")])), Err(error)];
    let (recorder, file) = recorder(answers);
    let body = json!({ "prompt": format!("my key is {KEY}") });
    let heard: Vec<_> = recorder.send(request(&body)).await.unwrap().body.collect().await;
    assert_eq!(heard.len(), 4, "what is recorded is passed on");
    assert_eq!(heard[1].as_ref().unwrap(), start, "and unchanged");
    let failed = recorder.send(request(&body)).await.unwrap_err();
    assert!(failed.failure.message.contains(KEY), "passed on unchanged");
    let text = text_of(file);
    for secret in [KEY, "sk-very", "authorization", "session=1", "me:"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    assert!(text.contains("http://host/v1/x\"") && text.contains("*****"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn what_was_recorded_plays_back_with_its_pauses_and_its_end() {
    let broken = || ModelError::new(ModelErrorKind::Unavailable, Failure::failed("broke"));
    let slow = |chunks: Vec<Result<&'static [u8], ModelError>>| {
        let pause = Duration::from_millis(40);
        let body = body_in(chunks).then(move |chunk| async move {
            tokio::time::sleep(pause).await;
            chunk
        });
        Ok(HttpResponse { body: body.boxed(), ..response(vec![]) })
    };
    let busy = ModelError {
        retry_after_ms: Some(7),
        ..ModelError::new(ModelErrorKind::Overloaded, Failure::failed("busy").hint("wait"))
    };
    let (recorder, file) = recorder(vec![
        slow(vec![Ok(b"a\xC3"), Ok(b"\xA9b")]),
        slow(vec![Ok(b"a"), Err(broken())]),
        Err(busy.clone()),
    ]);
    for number in 0..3 {
        if let Ok(response) = recorder.send(request(&json!({ "n": number }))).await {
            let _: Vec<_> = response.body.collect().await;
        }
    }
    let lines = lines_of(file.try_clone().unwrap());
    let chunks = json!([{ "ms": 40, "base64": "YcM=" }, { "ms": 40, "base64": "qWI=" }]);
    assert_eq!(lines[0]["response"]["chunks"], chunks);
    assert_eq!(lines[1]["response"]["cut"], true);

    let text = text_of(file);
    for (pace, passed_ms) in [(Pace::AsRecorded, 80), (Pace::AtOnce, 0)] {
        let player = Player::open(&text, pace).unwrap();
        let start = Instant::now();
        let played = player.send(request(&json!({ "n": 0 }))).await.unwrap();
        assert_eq!(
            (played.status, played.header("content-type")),
            (200, Some("text/event-stream"))
        );
        let whole: Vec<_> = played.body.map(Result::unwrap).collect().await;
        assert_eq!(whole, [&b"a\xC3"[..], b"\xA9b"]);
        assert_eq!(start.elapsed().as_millis(), passed_ms, "{pace:?}");
        let cut = player.send(request(&json!({ "n": 1 }))).await.unwrap();
        let cut: Vec<_> = cut.body.collect().await;
        assert_eq!(cut[0].as_ref().unwrap(), "a");
        assert_eq!(cut[1].as_ref().unwrap_err().kind, ModelErrorKind::Unavailable);
        let error = player.send(request(&json!({ "n": 2 }))).await.unwrap_err();
        assert_eq!(error, busy);
        assert_eq!(player.unplayed(), 0);
    }
}

#[tokio::test]
async fn what_was_read_no_further_or_waited_for_no_longer_is_in_the_file_too() {
    let (recorder, file) = recorder(vec![Ok(response(vec![Ok(b"a"), Ok(b"b")]))]);
    let mut body = recorder.send(request(&json!({ "n": 0 }))).await.unwrap().body;
    assert_eq!(body.next().await.unwrap().unwrap(), "a");
    drop(body);
    // The second request is never answered.
    let question = recorder.send(request(&json!({ "n": 1 })));
    let waited = future::select(question, future::ready(())).await;
    assert!(matches!(waited, Either::Right(_)));
    drop(waited);

    let lines = lines_of(file.try_clone().unwrap());
    assert_eq!(lines[0]["response"]["unread"], true);
    assert_eq!(lines[1]["error"]["kind"], "unavailable");
    let player = Player::open(&text_of(file), Pace::AtOnce).unwrap();
    let body = player.send(request(&json!({ "n": 0 }))).await.unwrap().body;
    let played: Vec<_> = body.collect().await;
    assert_eq!(played[0].as_ref().unwrap(), "a");
    assert!(played[1].is_err(), "the rest is not known, which is not an end");
    let error = player.send(request(&json!({ "n": 1 }))).await.unwrap_err();
    assert_eq!(error.kind, ModelErrorKind::Unavailable);
}

#[tokio::test]
async fn nothing_is_played_for_a_request_it_was_not_recorded_for_and_nothing_twice() {
    let answer = || Ok(response(vec![Ok(b"a")]));
    let (recorder, file) = recorder(vec![answer(), answer(), answer()]);
    let hello = json!({ "model": "m", "messages": [{ "content": "Hello" }] });
    let hullo = json!({ "messages": [{ "content": "Hullo" }], "model": "m" });
    for body in [&hello, &hello, &hullo] {
        let _: Vec<_> = recorder.send(request(body)).await.unwrap().body.collect().await;
    }
    let player = Player::open(&text_of(file), Pace::AtOnce).unwrap();
    let refused = |request: HttpRequest, parts: &'static [&'static str]| {
        let player = &player;
        async move {
            let error = player.send(request).await.unwrap_err();
            assert_eq!(error.kind, ModelErrorKind::Rejected);
            assert!(error.failure.hint.is_some());
            for part in parts {
                assert!(error.failure.message.contains(part), "{}", error.failure);
            }
        }
    };
    let other = json!({ "model": "m", "messages": [{ "content": "Hallo" }] });
    refused(request(&other), &["line 2", "/messages/0/content", "Hello", "Hallo"]).await;
    let elsewhere = HttpRequest { url: "http://host/v1/y".into(), ..request(&hello) };
    refused(elsewhere, &["POST /v1/y"]).await;
    for _ in 0..2 {
        player.send(request(&hello)).await.unwrap();
    }
    refused(request(&hello), &["line 2", "played already"]).await;
    let reordered = json!({ "model": "m", "messages": [{ "content": "Hullo" }] });
    let other_host = HttpRequest { url: "https://other/v1/x".into(), ..request(&reordered) };
    player.send(other_host).await.unwrap();
    refused(request(&other), &["no answer to POST /v1/x left"]).await;
    assert_eq!(player.unplayed(), 0);
}

#[tokio::test]
async fn a_file_that_cannot_be_written_fails_the_run() {
    let path = tempfile::NamedTempFile::new().unwrap();
    #[expect(clippy::disallowed_methods, reason = "a file that may only be read")]
    let file = File::open(path.path()).unwrap();
    let inner = Arc::new(Fake(Mutex::new(vec![Ok(response(vec![]))])));
    let recorder = Recorder::new(inner, Tape::begin(file));
    let error = recorder.send(request(&json!({}))).await.unwrap_err();
    assert_eq!(error.kind, ModelErrorKind::Rejected, "trying again does not help");
    assert!(error.failure.message.contains("cannot be written"), "{}", error.failure);
}

#[test]
fn a_url_is_written_without_what_may_be_secret() {
    let urls = [
        ("https://api.example.org/v1/x", "https://api.example.org/v1/x", "/v1/x"),
        ("https://me:secret@h:8/v1/x?key=secret", "https://h:8/v1/x", "/v1/x"),
        ("http://h?key=a@b#c", "http://h", "/"),
        ("http://h/a@b", "http://h/a@b", "/a@b"),
    ];
    for (url, public, path) in urls {
        assert_eq!(public_url(url), public);
        assert_eq!(path_of(url), path);
    }
}

#[test]
fn a_chunk_gives_back_its_bytes() {
    for bytes in [&b"data: \xC3\xA9\n\n"[..], &b"\xC3"[..], &b""[..]] {
        let line = serde_json::to_string(&Chunk::new(3, bytes)).unwrap();
        let chunk: Chunk = serde_json::from_str(&line).unwrap();
        assert_eq!(chunk.bytes().unwrap(), bytes);
    }
    let wrong: Chunk = serde_json::from_str(r#"{"text":"a","base64":"YQ=="}"#).unwrap();
    assert!(wrong.bytes().is_err());
}
