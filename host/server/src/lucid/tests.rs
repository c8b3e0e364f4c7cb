//! Who may ask what over HTTP, and what becomes of failures.

use axum::body::Body;
use axum::http::Method;
use lucid_core::{Session, SessionId, Timestamp};
use serde_json::{Value, json};

use crate::keys::{self, NewKey};
use crate::testing::TestServer;

/// Asks a verb.
async fn ask(server: &TestServer, verb: &str, body: Value) -> (u16, Value) {
    server.post(&format!("/v1/lucid/{verb}"), body).await
}

/// Writes a session into the default workspace, as a mission would.
async fn local(server: &TestServer) -> SessionId {
    let space = &server.app.spaces.default;
    let session = Session {
        id: space.new_id(SessionId::new),
        title: "a title".to_owned(),
        agent: "lead".to_owned(),
        metadata: std::collections::BTreeMap::new(),
        created_at: Timestamp(1_000),
    };
    space.runtime.store.create_session(&session).await.unwrap();
    session.id
}

/// Makes a key, and sends it from now on.
async fn key(server: &mut TestServer, workspace: Option<&str>, environment: Option<&str>) {
    let text = |text: &str| text.to_owned();
    let (workspace, environment) = (workspace.map(text), environment.map(text));
    let new = NewKey { workspace, environment, ..NewKey::default() };
    let runtime = &server.app.spaces.default.runtime;
    let made = keys::create(runtime, &server.app.options.state, new).await;
    let (_, text) = made.unwrap();
    server.header("x-api-key", &text);
}

#[tokio::test]
async fn a_verb_is_answered_as_json_with_the_servers_version() {
    let server = TestServer::new().await;
    let (status, headers, body) =
        server.ask(Method::POST, "/v1/lucid/list_sessions", Body::empty()).await;
    assert_eq!((status, body.as_slice()), (200, b"[]".as_slice()));
    assert_eq!(headers["lucid-version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(headers["content-type"], "application/json");
    let (status, _) = server.get("/v1/lucid/list_sessions").await;
    assert_eq!(status, 405);
}

#[tokio::test]
async fn a_verb_that_is_not_there_is_told_with_the_servers_version() {
    let server = TestServer::new().await;
    let (status, error) = ask(&server, "fly", json!({})).await;
    assert_eq!((status, &error["error"]["type"]), (404, &json!("not_found_error")));
    assert_eq!(error["error"]["lucid"], json!({"version": env!("CARGO_PKG_VERSION")}));
}

#[tokio::test]
async fn a_failure_keeps_its_kind_and_its_hint_unless_it_is_the_servers_own() {
    let server = TestServer::new().await;
    let (status, error) = ask(&server, "list_sessions", json!({"limit": "x"})).await;
    assert_eq!((status, &error["error"]["lucid"]["kind"]), (400, &json!("invalid")));
    assert!(error["error"]["lucid"]["hint"].as_str().unwrap().contains("same version"));
    let failed = lucid_core::Failure::failed("disk /secret/place is full").hint("see /secret");
    let told = super::refused(failed);
    assert_eq!(told.status, 500);
    let body = told.to_body("req_1");
    assert_eq!(body["error"]["lucid"]["kind"], "failed");
    assert!(!body.to_string().contains("secret"), "{body}");
}

#[tokio::test]
async fn a_key_sees_the_sessions_of_its_own_workspace_alone() {
    let mut server = TestServer::new().await;
    let id = local(&server).await;
    key(&mut server, Some("team"), None).await;
    assert_eq!(ask(&server, "list_sessions", json!({})).await, (200, json!([])));
    let (status, _) = ask(&server, "find_session", json!({"wanted": id})).await;
    assert_eq!(status, 400);
    let (_, read) = ask(&server, "session_events", json!({"id": id})).await;
    assert_eq!(read["events"], json!([]));
    key(&mut server, None, None).await;
    let (_, found) = ask(&server, "find_session", json!({"wanted": id})).await;
    assert_eq!(found["session"]["id"], json!(id));
}

#[tokio::test]
async fn a_worker_can_ask_no_verb() {
    let mut server = TestServer::new().await;
    let body = json!({"name": "e", "config": {"type": "self_hosted"}});
    let (status, environment) = server.post("/v1/environments", body).await;
    assert_eq!(status, 200, "{environment}");
    key(&mut server, None, environment["id"].as_str()).await;
    for verb in lucid_verbs::NAMES {
        let (status, error) = ask(&server, verb, json!({})).await;
        assert_eq!((status, &error["error"]["type"]), (403, &json!("permission_error")), "{verb}");
    }
    server.header("x-api-key", "");
    assert_eq!(ask(&server, "list_sessions", json!({})).await.0, 401);
}

#[test]
fn only_a_verb_that_changes_nothing_ends_with_its_client() {
    assert!(super::only_reads("/v1/lucid/await_events"));
    for path in ["/v1/lucid/send_message", "/v1/lucid/fly", "/v1/lucid/", "/v1/sessions"] {
        assert!(!super::only_reads(path), "{path}");
    }
}

#[tokio::test]
async fn nobody_waits_for_news_of_a_server_that_stops() {
    let server = TestServer::new().await;
    let id = local(&server).await;
    let waits = ask(&server, "await_events", json!({"id": id, "wait_ms": 20_000}));
    let ((status, _), ()) = tokio::join!(waits, async { server.app.stopping.cancel() });
    assert_eq!(status, 503);
}

#[tokio::test]
async fn what_the_api_keeps_of_a_session_goes_with_it() {
    let model = "openai:played";
    let sections = format!("[models.\"{model}\"]\nbase_url = \"http://127.0.0.1:9\"\n");
    let server = TestServer::with(|options| options.sections = sections).await;
    let made = async |path: &str, body: Value| {
        let (status, object) = server.post(path, body).await;
        assert_eq!(status, 200, "{path}: {object}");
        object["id"].as_str().unwrap().to_owned()
    };
    let agent = made("/v1/agents", json!({"name": "a", "model": model})).await;
    let cloud = json!({"name": "c", "config": {"type": "cloud"}});
    let environment = made("/v1/environments", cloud).await;
    let body = json!({"agent": agent, "environment_id": environment});
    let id = made("/v1/sessions", body).await;
    let one = format!("/v1/sessions/{id}");
    assert_eq!(ask(&server, "archive_session", json!({"id": id})).await, (200, Value::Null));
    assert!(server.get(&one).await.1["archived_at"].is_string());
    let (status, forgotten) = ask(&server, "delete_session", json!({"id": id})).await;
    assert_eq!((status, forgotten), (200, json!({"dreams": []})));
    assert_eq!(server.get(&one).await.0, 404);
    let store = &server.app.spaces.default.runtime.store;
    assert_eq!(store.document(&id).await.unwrap(), None);
}

#[tokio::test]
async fn nothing_is_written_into_a_session_that_nobody_can_talk_to() {
    let server = TestServer::new().await;
    // As that of a dream: nobody began it to be talked to.
    let id = local(&server).await;
    for queue in [true, false] {
        let body = json!({"id": id, "text": "go on", "queue": queue});
        let (status, error) = ask(&server, "send_message", body).await;
        assert_eq!((status, &error["error"]["lucid"]["kind"]), (400, &json!("invalid")));
    }
    let store = &server.app.spaces.default.runtime.store;
    assert!(store.events(&id, None, 1).await.unwrap().is_empty());
}
