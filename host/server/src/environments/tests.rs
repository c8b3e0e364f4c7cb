use serde_json::{Value, json};

use super::*;
use crate::testing::TestServer;

async fn made(server: &TestServer, name: &str) -> Value {
    let (status, environment) = server.post("/v1/environments", json!({"name": name})).await;
    assert_eq!(status, 200, "{environment}");
    environment
}

fn path(environment: &Value) -> String {
    format!("/v1/environments/{}", environment["id"].as_str().unwrap())
}

fn code(error: &Value) -> &Value {
    &error["error"]["details"]["error_code"]
}

#[tokio::test]
async fn a_name_is_taken_until_its_environment_is_archived() {
    let server = TestServer::new().await;
    let (first, other) = (made(&server, "dev").await, made(&server, "ops").await);
    assert_eq!(server.post("/v1/environments", json!({"name": "dev"})).await.0, 409);
    assert_eq!(server.post(&path(&other), json!({"name": "dev"})).await.0, 409);
    assert_eq!(server.post(&path(&first), json!({"name": "dev"})).await, (200, first.clone()));
    let (status, archived) = server.post(&format!("{}/archive", path(&first)), json!(null)).await;
    assert_eq!((status, archived["archived_at"].is_string()), (200, true));
    made(&server, "dev").await;
    let (status, error) = server.post(&path(&first), json!({"name": "x"})).await;
    assert_eq!((status, code(&error)), (400, &json!("environment_archived")));
    let again = server.post(&format!("{}/archive", path(&first)), json!(null)).await;
    assert_eq!(again, (200, archived));
    let (_, page) = server.get("/v1/environments").await;
    assert_eq!(page["data"].as_array().unwrap().len(), 2);
    let (_, page) = server.get("/v1/environments?include_archived=true&limit=1000").await;
    assert_eq!(page["data"].as_array().unwrap().len(), 3);
    assert_eq!(server.get("/v1/environments?limit=1001").await.0, 400);
}

#[tokio::test]
async fn an_environment_is_changed_in_part() {
    let server = TestServer::new().await;
    let environment = made(&server, "dev").await;
    let path = path(&environment);
    let (status, after) = server.post(&path, json!({"description": "d"})).await;
    assert_eq!((status, &after["description"]), (200, &json!("d")));
    assert_eq!(server.get(&path).await, (200, after));
    let (status, error) = server.post(&path, json!({"config": {"type": "self_hosted"}})).await;
    assert_eq!((status, code(&error)), (400, &json!("invalid_config_type_change")));
    let (status, error) = server.post(&path, json!({"metadata": {"a": 1}})).await;
    assert_eq!((status, code(&error)), (400, &json!("invalid_metadata")));
    for missing in ["/v1/environments/env_none", "/v1/environments/agent_x"] {
        let (status, error) = server.get(missing).await;
        assert_eq!((status, code(&error)), (404, &json!("environment_not_found")));
        assert_eq!(server.post(missing, json!({})).await.0, 404);
        assert_eq!(server.delete(missing).await.0, 404);
    }
}

#[tokio::test]
async fn an_environment_with_a_session_is_not_deleted() {
    let server = TestServer::new().await;
    let environment = made(&server, "dev").await;
    let kind = Kind { name: SESSION, prefix: "sesn_", what: "session" };
    let (parent, created_at) = (environment["id"].as_str(), lucid_core::Timestamp(1));
    let new = New { id: "sesn_1", parent, key: None, created_at, value: &json!({}) };
    let space = &server.app.spaces.default;
    space.create(kind, new).await.unwrap();
    let path = path(&environment);
    let (status, error) = server.delete(&path).await;
    assert_eq!((status, &error["error"]["type"]), (409, &json!("conflict_error")));
    space.remove(kind, "sesn_1").await.unwrap();
    let gone = json!({"id": environment["id"], "type": "environment_deleted"});
    assert_eq!(server.delete(&path).await, (200, gone));
    assert_eq!(server.get(&path).await.0, 404);
    made(&server, "dev").await;
}

#[tokio::test]
async fn an_environment_is_not_deleted_under_a_session_that_begins_in_it() {
    let server = TestServer::new().await;
    let environment = made(&server, "dev").await;
    let (space, path) = (server.app.spaces.default.clone(), path(&environment));
    let begins = space.sessions.begins.read().await;
    let mut deleting = Box::pin(server.delete(&path));
    let soon = std::time::Duration::from_millis(200);
    assert!(tokio::time::timeout(soon, &mut deleting).await.is_err());
    let new = New {
        id: "sesn_01A",
        parent: environment["id"].as_str(),
        key: None,
        created_at: space.clock.now(),
        value: &json!({}),
    };
    let session = Kind { name: SESSION, prefix: "sesn_", what: "session" };
    space.create(session, new).await.unwrap();
    drop(begins);
    assert_eq!(deleting.await.0, 409);
    assert_eq!(server.get(&path).await.0, 200);
}
