//! What every answer has, whatever was asked.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::Method;
use axum::routing::{get, post};
use futures::FutureExt as _;
use http_body::{Frame, SizeHint};
use lucid_api::ApiError;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::answer::{Answer, answer};
use crate::app::App;
use crate::extract::{Asked, Body as Read};
use crate::limits::{BODY_BYTES_MAX, CHANGES_MAX};
use crate::log::{Level, Log};
use crate::testing::TestServer;

async fn echo(Asked(mut query): Asked, Read(body): Read<Value>) -> Answer {
    query.flag("beta")?;
    query.done()?;
    answer(body)
}

/// Says how many bytes of large bodies are still free while it is answered.
async fn free(State(app): State<App>, Read(_): Read<Value>) -> Answer {
    answer(json!(app.bodies.free().1))
}

async fn full() -> Answer {
    Err(ApiError::overloaded("no room").into())
}

async fn breaks() -> Answer {
    panic!("a secret reason")
}

fn routes() -> Router<App> {
    Router::new()
        .route("/v1/echo", post(echo))
        .route("/v1/free", post(free))
        .route("/v1/full", post(full))
        .route("/v1/breaks/{id}", get(breaks).post(breaks))
}

async fn server() -> (TestServer, Arc<Mutex<Vec<String>>>) {
    let lines = Arc::<Mutex<Vec<String>>>::default();
    let told = lines.clone();
    let log = Log::new(move |level, line| {
        if level == Level::Error {
            told.lock().unwrap().push(line.to_owned());
        }
    });
    let mut server = TestServer::with(|options| options.log = log).await;
    server.routes(routes());
    (server, lines)
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own() {
    let (server, _) = server().await;
    let mut ids = Vec::new();
    for (path, body) in [("/v1/echo", "{}"), ("/v1/echo", "{"), ("/nothing", ""), ("/healthz", "")]
    {
        let (_, headers, _) = server.ask(Method::POST, path, Body::from(body)).await;
        ids.push(headers["request-id"].to_str().unwrap().to_owned());
    }
    assert!(ids.iter().all(|id| id.starts_with("req_01")), "{ids:?}");
    ids.dedup();
    assert_eq!(ids.len(), 4);
    let (_, error) = server.get("/nothing").await;
    assert!(error["request_id"].as_str().unwrap().starts_with("req_"));
}

#[tokio::test]
async fn what_is_not_there_is_told_in_the_form_of_the_api() {
    let (server, _) = server().await;
    let (status, error) = server.get("/v1/nothing").await;
    assert_eq!((status, &error["error"]["type"]), (404, &json!("not_found_error")));
    let (status, headers, body) = server.ask(Method::DELETE, "/v1/echo", Body::empty()).await;
    assert_eq!(status, 405);
    assert_eq!((headers["allow"] == "POST", headers["x-should-retry"] == "false"), (true, true));
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["error"]["type"], "invalid_request_error");
    let (status, error) = server.post("/healthz", Value::Null).await;
    assert_eq!((status, &error["type"]), (405, &json!("error")));
}

#[tokio::test]
async fn an_empty_body_is_an_empty_object_and_a_wrong_one_is_a_400() {
    let (server, _) = server().await;
    assert_eq!(server.post("/v1/echo?beta=true", Value::Null).await, (200, json!({})));
    for (path, body) in [("/v1/echo", "{"), ("/v1/echo", "\u{0}"), ("/v1/echo?x=1", "{}")] {
        let (status, _, _) = server.ask(Method::POST, path, Body::from(body)).await;
        assert_eq!(status, 400, "{path} {body:?}");
    }
    let (status, _, _) = server.ask(Method::POST, "/v1/echo?%ff=1", Body::empty()).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_a_413() {
    let (server, _) = server().await;
    let body = |bytes: usize| Body::from(format!("\"{}\"", "x".repeat(bytes - 2)));
    let ask = async |bytes| server.ask(Method::POST, "/v1/echo", body(bytes)).await;
    assert_eq!(ask(BODY_BYTES_MAX).await.0, 200);
    let (status, _, error) = ask(BODY_BYTES_MAX + 1).await;
    let error: Value = serde_json::from_slice(&error).unwrap();
    assert_eq!((status, &error["error"]["type"]), (413, &json!("request_too_large")));
}

#[tokio::test]
async fn a_body_is_counted_from_before_it_is_read_until_its_request_is_answered() {
    let (server, _) = server().await;
    let all = server.app.bodies.free();
    let text = format!("\"{}\"", "x".repeat(BODY_BYTES_MAX - 2));
    let stream = futures::stream::iter([Ok::<_, Infallible>(Bytes::from(text.clone()))]);
    for body in [Body::from(text), Body::from_stream(stream)] {
        let (status, _, free) = server.ask(Method::POST, "/v1/free", body).await;
        let free: usize = serde_json::from_slice(&free).unwrap();
        assert_eq!((status, free), (200, all.1 - BODY_BYTES_MAX));
        assert_eq!(server.app.bodies.free(), all);
    }
    // However a request ends.
    for (path, body) in [("/v1/free", Body::new(Short)), ("/v1/free", Body::from("{"))] {
        assert_eq!(server.ask(Method::POST, path, body).await.0, 400);
        assert_eq!(server.app.bodies.free(), all);
    }
}

#[tokio::test]
async fn who_found_no_room_is_told_when_to_come_again() {
    let (server, _) = server().await;
    let (status, headers, error) = server.ask(Method::POST, "/v1/full", Body::empty()).await;
    let error: Value = serde_json::from_slice(&error).unwrap();
    assert_eq!((status, &error["error"]["type"]), (529, &json!("overloaded_error")));
    assert_eq!(headers["retry-after"], "5");
    assert!(!headers.contains_key("x-should-retry"));
}

#[tokio::test]
async fn a_route_that_panics_is_a_500_and_the_log_says_why() {
    let (server, lines) = server().await;
    let (status, error) = server.get("/v1/breaks/x").await;
    assert_eq!((status, &error["error"]["type"]), (500, &json!("api_error")));
    assert!(!error.to_string().contains("secret"));
    let lines = lines.lock().unwrap().join("\n");
    assert!(lines.contains("a secret reason") && lines.contains("/v1/breaks/{id}"), "{lines}");
    let (_, _, text) = server.ask(Method::GET, "/metrics", Body::empty()).await;
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("lucid_panics_total 1"), "{text}");
    assert!(text.contains("route=\"/v1/breaks/{id}\",method=\"GET\",status=\"500\"} 1"), "{text}");
}

#[tokio::test]
async fn a_server_that_stops_says_so() {
    let (server, _) = server().await;
    assert_eq!(server.get("/healthz").await, (200, json!({"status": "ok"})));
    server.app.stopping.cancel();
    assert_eq!(server.get("/healthz").await.0, 503);
}

/// A route that begins, and goes on when it is told to.
#[derive(Clone, Default)]
struct Slow {
    begun: Arc<Notify>,
    go_on: Arc<Notify>,
    ended: Arc<AtomicBool>,
    gone: Arc<AtomicBool>,
}

/// Sets something when it is gone.
struct Guard(Arc<AtomicBool>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Slow {
    fn routes(&self) -> Router<App> {
        let slow = self.clone();
        let run = move || {
            let slow = slow.clone();
            async move {
                let _guard = Guard(slow.gone.clone());
                slow.begun.notify_one();
                slow.go_on.notified().await;
                slow.ended.store(true, Ordering::SeqCst);
                answer(json!({}))
            }
        };
        Router::new().route("/v1/slow", post(run.clone()).get(run))
    }

    /// Asks, and goes away as soon as the route has begun.
    async fn leave(&self, server: &TestServer, method: Method) {
        tokio::select! {
            _ = server.ask(method, "/v1/slow", Body::empty()) => panic!("it was answered"),
            () = self.begun.notified() => {}
        }
    }
}

#[tokio::test]
async fn a_change_ends_whatever_its_client_does() {
    let (mut server, _) = server().await;
    let slow = Slow::default();
    server.routes(slow.routes());
    slow.leave(&server, Method::POST).await;
    assert!(!slow.gone.load(Ordering::SeqCst) && server.app.requests.len() == 1);
    slow.go_on.notify_one();
    // What a server that stops waits for.
    server.app.requests.close();
    server.app.requests.wait().await;
    assert!(slow.ended.load(Ordering::SeqCst));
    let (_, _, text) = server.ask(Method::GET, "/metrics", Body::empty()).await;
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("route=\"/v1/slow\",method=\"POST\",status=\"200\"} 1"), "{text}");
}

#[tokio::test]
async fn a_question_ends_with_its_client() {
    let (mut server, _) = server().await;
    let slow = Slow::default();
    server.routes(slow.routes());
    slow.leave(&server, Method::GET).await;
    assert!(slow.gone.load(Ordering::SeqCst) && !slow.ended.load(Ordering::SeqCst));
    assert!(server.app.requests.is_empty());
}

#[tokio::test]
async fn a_change_that_panics_is_a_500_with_the_id_of_its_request() {
    let (server, lines) = server().await;
    let (status, headers, body) = server.ask(Method::POST, "/v1/breaks/x", Body::empty()).await;
    let error: Value = serde_json::from_slice(&body).unwrap();
    let id = headers["request-id"].to_str().unwrap();
    assert_eq!((status, &error["error"]["type"]), (500, &json!("api_error")));
    assert_eq!(error["request_id"], id);
    let lines = lines.lock().unwrap().join("\n");
    assert!(lines.contains(id) && lines.contains("a secret reason"), "{lines}");
    let (_, _, text) = server.ask(Method::GET, "/metrics", Body::empty()).await;
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("route=\"/v1/breaks/{id}\",method=\"POST\",status=\"500\"} 1"), "{text}");
}

#[tokio::test]
async fn one_change_more_than_may_be_made_at_once_waits_until_another_has_ended() {
    let (mut server, _) = server().await;
    let slow = Slow::default();
    server.routes(slow.routes());
    let others = u32::try_from(CHANGES_MAX - 1).unwrap();
    let _others = server.app.room.clone().acquire_many_owned(others).await.unwrap();
    // It has the last place as long as it goes on, also when its client goes away.
    slow.leave(&server, Method::POST).await;
    assert_eq!((server.app.room.available_permits(), server.app.requests.len()), (0, 1));
    let mut next = Box::pin(server.ask(Method::POST, "/v1/slow", Body::empty()));
    assert!(next.as_mut().now_or_never().is_none());
    assert_eq!(server.app.requests.len(), 1);
    // What changes nothing does not wait.
    assert_eq!(server.get("/healthz").await.0, 200);
    slow.go_on.notify_one();
    tokio::select! {
        _ = &mut next => panic!("it was answered before it went on"),
        () = slow.begun.notified() => {}
    }
    slow.go_on.notify_one();
    assert_eq!(next.await.0, 200);
    assert_eq!(server.app.room.available_permits(), 1);
}

/// A body that says it has two bytes, and has none: its connection was given up.
struct Short;

impl http_body::Body for Short {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(None)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(2)
    }
}

#[tokio::test]
async fn a_body_of_which_nothing_came_is_not_an_empty_one() {
    let (server, _) = server().await;
    let (status, _, body) = server.ask(Method::POST, "/v1/echo", Body::new(Short)).await;
    let error: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, &error["error"]["type"]), (400, &json!("invalid_request_error")));
}
