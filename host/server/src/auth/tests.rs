//! Who may ask what.

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::Method;
use axum::routing::get;
use lucid_core::{EnvironmentId, SessionId, WorkId};
use serde_json::{Value, json};

use crate::answer::{Answer, answer};
use crate::app::App;
use crate::documents::{Kind, New};
use crate::keys::{self, NewKey};
use crate::space::Caller;
use crate::testing::TestServer;

const KIND: Kind = Kind { name: "agent", prefix: "agent_", what: "agent" };

async fn who(caller: Caller) -> Answer {
    answer(json!({"who": format!("{:?}", caller.who), "space": caller.space.id}))
}

async fn read(caller: Caller, Path(id): Path<String>) -> Answer {
    answer(caller.space.get::<Value>(KIND, &id).await?.value)
}

async fn server() -> TestServer {
    let mut server = TestServer::new().await;
    let routes = Router::<App>::new()
        .route("/v1/who", get(who))
        .route("/v1/agents/{id}", get(read))
        .route("/v1/sessions/{session_id}", get(who))
        .route("/v1/environments/{environment_id}/work/poll", get(who));
    server.routes(routes);
    server
}

/// Makes a key; gives its text and its workspace.
async fn key(server: &TestServer, workspace: Option<&str>) -> (String, String) {
    let new = NewKey { workspace: workspace.map(str::to_owned), ..NewKey::default() };
    let state = &server.app.options.state;
    let made = keys::create(&server.app.spaces.default.runtime, state, new).await;
    let (key, text) = made.unwrap();
    (text, key.workspace_id.to_string())
}

async fn put(server: &TestServer, kind: Kind, id: &str, value: Value) {
    let space = &server.app.spaces.default;
    let created_at = space.clock.now();
    let new = New { id, parent: None, key: None, created_at, value: &value };
    space.create(kind, new).await.unwrap();
}

#[tokio::test]
async fn without_any_key_this_machine_may_ask_everything() {
    let mut server = server().await;
    assert_eq!(server.get("/v1/who").await.1["who"], "Local");
    // Clients send some key always.
    server.header("x-api-key", "sk-ant-something");
    assert_eq!(server.get("/v1/who").await.1["who"], "Local");
    for (name, value) in [("host", "evil.example"), ("origin", "http://evil.example")] {
        server.header(name, value);
        let (status, error) = server.get("/v1/who").await;
        assert_eq!((status, &error["error"]["type"]), (403, &json!("permission_error")), "{name}");
        server.header("host", "localhost");
    }
}

#[tokio::test]
async fn once_there_is_a_key_a_right_one_is_needed() {
    let mut server = server().await;
    let (text, _) = key(&server, None).await;
    let (status, error) = server.get("/v1/who").await;
    assert_eq!((status, &error["error"]["type"]), (401, &json!("authentication_error")));
    for (name, value) in [
        ("x-api-key", "lucid_wrong".to_owned()),
        ("authorization", format!("Basic {text}")),
        ("authorization", "Bearer".to_owned()),
        ("authorization", format!("Bearer {text}x")),
    ] {
        server.header(name, &value);
        assert_eq!(server.get("/v1/who").await.0, 401, "{name}: {value}");
        server.header(name, "");
    }
    for (name, value) in [("x-api-key", text.clone()), ("authorization", format!("bearer {text}"))]
    {
        server.header(name, &value).header("host", "agents.example");
        let (status, found) = server.get("/v1/who").await;
        assert_eq!(status, 200, "{name}");
        assert!(found["who"].as_str().unwrap().contains("apikey_"), "{found}");
        server.header(name, "");
    }
}

#[tokio::test]
async fn where_others_reach_the_server_only_whether_it_is_well_needs_no_key() {
    let mut server = TestServer::with(|options| options.loopback = false).await;
    let ask = async |server: &TestServer, path: &str| {
        server.ask(Method::GET, path, Body::empty()).await.0
    };
    for (path, status) in [("/healthz", 200), ("/metrics", 401), ("/v1/x", 401), ("/", 401)] {
        assert_eq!(ask(&server, path).await, status, "{path}");
    }
    let (text, _) = key(&server, None).await;
    server.header("x-api-key", &text);
    for (path, status) in [("/healthz", 200), ("/metrics", 200), ("/v1/x", 404)] {
        assert_eq!(ask(&server, path).await, status, "{path}");
    }
}

#[tokio::test]
async fn what_is_in_another_workspace_is_not_there() {
    let mut server = server().await;
    put(&server, KIND, "agent_01A", json!({"name": "a"})).await;
    let ((own, home), (other, team)) = (key(&server, None).await, key(&server, Some("team")).await);
    server.header("x-api-key", &own);
    assert_eq!(server.get("/v1/agents/agent_01A").await.0, 200);
    assert_eq!(server.get("/v1/agents/env_01A").await.0, 404);
    server.header("x-api-key", &other);
    assert_eq!(server.get("/v1/agents/agent_01A").await.0, 404);
    assert_eq!(server.get("/v1/who").await.1["space"], team.as_str());
    server.header("anthropic-workspace-id", &home);
    let (status, error) = server.get("/v1/agents/agent_01A").await;
    assert_eq!((status, &error["error"]["type"]), (403, &json!("permission_error")));
    server.header("anthropic-workspace-id", &team);
    assert_eq!(server.get("/v1/agents/agent_01A").await.0, 404);
}

#[tokio::test]
async fn this_machine_selects_a_workspace() {
    let mut server = server().await;
    let runtime = &server.app.spaces.default.runtime;
    let team = keys::workspace(runtime, "team").await.unwrap().id.to_string();
    server.header("anthropic-workspace-id", &team);
    assert_eq!(server.get("/v1/who").await.1["space"], team.as_str());
    for (id, status) in [("wrkspc_01none", 404), ("team", 400)] {
        server.header("anthropic-workspace-id", id);
        assert_eq!(server.get("/v1/who").await.0, status, "{id}");
    }
}

#[tokio::test]
async fn an_environments_key_is_for_its_own_work() {
    let mut server = server().await;
    let environment = Kind { name: "environment", prefix: "env_", what: "environment" };
    put(&server, environment, "env_01A", json!({})).await;
    let new = NewKey { environment: Some("env_01A".to_owned()), ..NewKey::default() };
    let (runtime, state) = (&server.app.spaces.default.runtime, &server.app.options.state);
    let (_, text) = keys::create(runtime, state, new).await.unwrap();
    assert!(text.starts_with("sk-lucid-env_"));
    server.header("authorization", &format!("Bearer {text}"));
    assert_eq!(server.get("/v1/environments/env_01A/work/poll").await.0, 200);
    for path in ["/v1/environments/env_01B/work/poll", "/v1/who", "/v1/agents/agent_01A"] {
        assert_eq!(server.get(path).await.0, 403, "{path}");
    }
}

#[tokio::test]
async fn a_work_token_is_for_one_session_and_as_long_as_its_item_goes_on() {
    let mut server = server().await;
    let work = Kind { name: "work", prefix: "work_", what: "work item" };
    let space = server.app.spaces.default.clone();
    let environment = EnvironmentId::parse("env_01A").unwrap();
    let session = SessionId::parse("sesn_01A").unwrap();
    crate::work::needed(&space, &environment, &session).await.unwrap();
    let item = space.list::<Value>(&work.filter()).await.unwrap()[0].document.id.clone();
    let id = WorkId::parse(&item).unwrap();
    let text = super::work_token(&space, &environment, &id, &session).unwrap();
    // Also where no key was ever made.
    server.header("authorization", &format!("Bearer {text}"));
    let (status, found) = server.get("/v1/sessions/sesn_01A").await;
    assert_eq!(status, 200, "{found}");
    assert!(found["who"].as_str().unwrap().starts_with("Work"), "{found}");
    for path in ["/v1/sessions/sesn_01B", "/v1/environments/env_01A/work/poll", "/v1/who"] {
        assert_eq!(server.get(path).await.0, 403, "{path}");
    }
    let gone = async |server: &TestServer| server.get("/v1/sessions/sesn_01A").await.0;
    space.remove(work, &item).await.unwrap();
    assert_eq!(gone(&server).await, 403);
    key(&server, None).await;
    let mut changed = text.into_bytes();
    let last = changed.len() - 8;
    changed[last] ^= 1;
    let changed = String::from_utf8(changed).unwrap();
    server.header("authorization", &format!("Bearer {changed}"));
    assert_eq!(gone(&server).await, 401);
}

#[tokio::test]
async fn behind_a_proxy_everybody_needs_a_key() {
    let mut server = server().await;
    server.header("x-forwarded-for", "203.0.113.7");
    for path in ["/v1/who", "/healthz", "/metrics"] {
        let (status, error) = server.get(path).await;
        assert_eq!((status, &error["error"]["type"]), (403, &json!("permission_error")), "{path}");
        let message = error["error"]["message"].as_str().unwrap();
        assert!(message.contains("lucid key create"), "{message}");
    }
    let (text, _) = key(&server, None).await;
    assert_eq!(server.get("/v1/who").await.0, 401);
    assert_eq!(server.ask(Method::GET, "/healthz", Body::empty()).await.0, 200);
    server.header("x-api-key", &text);
    assert_eq!(server.get("/v1/who").await.0, 200);
}

#[tokio::test]
async fn what_the_server_counts_needs_a_key_once_there_is_one() {
    let mut server = server().await;
    let ask =
        async |server: &TestServer| server.ask(Method::GET, "/metrics", Body::empty()).await.0;
    assert_eq!(ask(&server).await, 200);
    let (text, _) = key(&server, None).await;
    assert_eq!(ask(&server).await, 401);
    server.header("x-api-key", &text);
    assert_eq!(ask(&server).await, 200);
}
