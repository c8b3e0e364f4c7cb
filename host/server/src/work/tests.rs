//! The queue over its routes.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lucid_core::{EnvironmentId, SessionId};
use serde_json::{Value, json};

use super::*;
use crate::documents::New;
use crate::testing::TestServer;

const SESSION: &str = "sesn_01A";

/// A server with an environment.
async fn server() -> (TestServer, EnvironmentId) {
    let server = TestServer::new().await;
    let environment = EnvironmentId::parse("env_01A").unwrap();
    let value = json!({"id": "env_01A"});
    let (created_at, id) = (Timestamp(1), environment.as_str());
    let new = New { id, parent: None, key: None, created_at, value: &value };
    server.app.spaces.default.create(ENVIRONMENT, new).await.unwrap();
    (server, environment)
}

async fn need(server: &TestServer, environment: &EnvironmentId, session: &str) {
    let session = SessionId::parse(session).unwrap();
    needed(&server.app.spaces.default, environment, &session).await.unwrap();
}

fn path(rest: &str) -> String {
    format!("/v1/environments/env_01A/work{rest}")
}

/// Polls, and takes nothing away from another worker, however long that one took by now.
async fn poll(server: &TestServer, query: &str) -> Value {
    poll_again(server, &format!("?reclaim_older_than_ms=86400000{query}")).await
}

async fn poll_again(server: &TestServer, query: &str) -> Value {
    let (status, answer) = server.get(&path(&format!("/poll{query}"))).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

fn id(work: &Value) -> String {
    work["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_item_goes_from_the_queue_to_its_end() {
    let (server, environment) = server().await;
    assert_eq!(poll(&server, "").await, Value::Null);
    need(&server, &environment, SESSION).await;
    need(&server, &environment, SESSION).await;
    let work = poll(&server, "&block_ms=10").await;
    assert_eq!(work["data"], json!({"type": "session", "id": SESSION}));
    assert_eq!(poll(&server, "").await, Value::Null);
    let item = path(&format!("/{}", id(&work)));
    let do_ = async |what: &str, body: Value| server.post(&format!("{item}/{what}"), body).await;
    assert_eq!(do_("ack", Value::Null).await.1["state"], "starting");
    let first = do_("heartbeat?expected_last_heartbeat=NO_HEARTBEAT", Value::Null).await.1;
    assert_eq!((&first["state"], &first["lease_extended"]), (&json!("active"), &json!(true)));
    let again = do_("heartbeat?expected_last_heartbeat=NO_HEARTBEAT", Value::Null).await;
    assert_eq!(again.0, 412);
    assert_eq!(again.1["error"]["details"]["current_state"]["state"], "active");
    need(&server, &environment, SESSION).await;
    assert_eq!(do_("stop", json!({})).await.1["state"], "stopping");
    let told = do_("heartbeat", Value::Null).await.1;
    assert_eq!((&told["state"], &told["lease_extended"]), (&json!("stopping"), &json!(false)));
    assert_eq!(do_("stop", json!({"force": true})).await.1["state"], "stopped");
    assert_eq!(server.get(&item).await.1["state"], "stopped");
    let stop = format!("{item}/stop");
    let (status, headers, _) = server.ask(Method::POST, &stop, Body::empty()).await;
    assert_eq!((status, headers["x-should-retry"].as_bytes()), (409, &b"false"[..]));
    let noted = server.post(&item, json!({"metadata": {"a": "1"}})).await.1;
    assert_eq!((&noted["metadata"], &noted["state"]), (&json!({"a": "1"}), &json!("stopped")));
    let listed = server.get(&path("?limit=1")).await.1;
    assert_eq!((&listed["data"][0]["id"], &listed["next_page"]), (&work["id"], &Value::Null));
}

#[tokio::test]
async fn a_poll_that_waits_is_told_at_once() {
    let (server, environment) = server().await;
    // Longer than the test may take: it is told, or never comes back.
    let asked = PollWork { block_ms: 3_600_000, reclaim_ms: 5_000 };
    let poll = queue::wait(&server.app.spaces.default, environment.as_str(), asked);
    let later = async {
        // Mostly it has found nothing by then, and waits; it is found either way.
        tokio::time::sleep(Duration::from_millis(50)).await;
        need(&server, &environment, SESSION).await;
    };
    let (work, ()) = tokio::join!(poll, later);
    assert_eq!(work.unwrap().unwrap().session_id.as_str(), SESSION);
}

#[tokio::test]
async fn of_many_that_poll_at_once_each_item_is_one_workers() {
    let (server, environment) = server().await;
    for number in 0..8 {
        need(&server, &environment, &format!("sesn_0{number}")).await;
    }
    let server = Arc::new(server);
    let polls = (0..24).map(|_| {
        let server = server.clone();
        tokio::spawn(async move { poll(&server, "&block_ms=20").await })
    });
    let found = futures::future::join_all(polls).await.into_iter().map(Result::unwrap);
    let mut ids: Vec<_> = found.filter(|work| !work.is_null()).map(|work| id(&work)).collect();
    assert_eq!(ids.len(), 8);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 8);
}

#[tokio::test]
async fn the_queue_is_counted_with_who_polls() {
    let (mut server, environment) = server().await;
    need(&server, &environment, SESSION).await;
    need(&server, &environment, "sesn_01B").await;
    server.header(WORKER_ID, "one");
    poll(&server, "").await;
    poll_again(&server, "?reclaim_older_than_ms=0").await;
    let stats = server.get(&path("/stats")).await.1;
    assert_eq!((&stats["depth"], &stats["pending"]), (&json!(1), &json!(1)));
    assert_eq!(stats["workers_polling"], 1);
    let nowhere = server.get("/v1/environments/env_01B/work/stats").await;
    assert_eq!(nowhere.0, 404);
    assert_eq!(nowhere.1["error"]["details"]["error_code"], "environment_not_found");
}

#[tokio::test]
async fn a_token_opens_what_its_item_is_for_until_that_is_over() {
    let (mut server, environment) = server().await;
    need(&server, &environment, SESSION).await;
    need(&server, &environment, "sesn_01B").await;
    let (work, other) = (poll(&server, "").await, poll(&server, "").await);
    let secret = URL_SAFE_NO_PAD.decode(work["secret"].as_str().unwrap()).unwrap();
    let secret: Value = serde_json::from_slice(&secret).unwrap();
    let token = format!("Bearer {}", secret["sessions_token"].as_str().unwrap());
    server.header("authorization", &token);
    let mine = format!("/v1/sessions/{}", work["data"]["id"].as_str().unwrap());
    let theirs = format!("/v1/sessions/{}", other["data"]["id"].as_str().unwrap());
    let skill = "/v1/skills/skill_01A/versions/latest";
    let status = async |path: &str| server.ask(Method::GET, path, Body::empty()).await.0;
    // There is no such session; what matters is who may ask.
    assert_eq!(status(&mine).await, 404);
    assert_ne!(status(skill).await, 403);
    for denied in [&theirs, "/v1/agents", "/v1/memory_stores/memstore_01A", &path("/poll")] {
        assert_eq!(status(denied).await, 403, "{denied}");
    }
    let (own, foreign) = (path(&format!("/{}", id(&work))), path(&format!("/{}", id(&other))));
    assert_eq!(server.post(&format!("{foreign}/ack"), Value::Null).await.0, 403);
    assert_eq!(server.post(&own, json!({"metadata": {}})).await.0, 403);
    assert_eq!(server.post(&format!("{own}/ack"), Value::Null).await.0, 200);
    let force = json!({"force": true});
    assert_eq!(server.post(&format!("{own}/stop"), force.clone()).await.0, 200);
    assert_eq!(server.post(&format!("{own}/stop"), force).await.0, 409);
    assert_eq!(status(&mine).await, 403);
}
