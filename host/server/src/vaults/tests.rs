use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::routing::post;
use cap_std::fs::Dir;
use serde_json::{Value, json};

use crate::log::Log;
use crate::space::open_folder;
use crate::testing::TestServer;

const LATER: &str = "2126-11-22T10:00:00Z";

async fn vault(server: &TestServer) -> String {
    let (status, vault) = server.post("/v1/vaults", json!({"display_name": "ops"})).await;
    assert_eq!(status, 200, "{vault}");
    vault["id"].as_str().unwrap().to_owned()
}

fn bearer(url: &str, token: &str) -> Value {
    json!({"auth": {"type": "static_bearer", "mcp_server_url": url, "token": token}})
}

fn variable(name: &str, value: &str) -> Value {
    json!({"auth": {"type": "environment_variable", "secret_name": name, "secret_value": value,
        "networking": {"type": "unrestricted"}}})
}

fn oauth(url: &str, token_endpoint: &str) -> Value {
    json!({"auth": {"type": "mcp_oauth", "mcp_server_url": url, "access_token": "canary-old",
        "expires_at": LATER, "refresh": {
            "refresh_token": "canary-refresh", "token_endpoint": token_endpoint, "client_id": "me",
            "token_endpoint_auth":
                {"type": "client_secret_post", "client_secret": "canary-se/cret"}}}})
}

async fn credential(server: &TestServer, vault: &str, body: Value) -> String {
    let (status, made) = server.post(&format!("/v1/vaults/{vault}/credentials"), body).await;
    assert_eq!(status, 200, "{made}");
    format!("/v1/vaults/{vault}/credentials/{}", made["id"].as_str().unwrap())
}

fn kind(error: &Value) -> &str {
    error["error"]["type"].as_str().unwrap()
}

#[tokio::test]
async fn a_vault_takes_its_credentials_along() {
    let server = TestServer::new().await;
    let id = vault(&server).await;
    let path = format!("/v1/vaults/{id}");
    let one = credential(&server, &id, bearer("https://a.test", "x")).await;
    let (_, changed) = server.post(&path, json!({"metadata": {"team": "a"}})).await;
    assert_eq!(
        (&changed["display_name"], &changed["metadata"]["team"]),
        (&json!("ops"), &json!("a"))
    );
    let (_, archived) = server.post(&format!("{path}/archive"), Value::Null).await;
    assert!(archived["archived_at"].is_string());
    assert_eq!(server.post(&format!("{path}/archive"), Value::Null).await.1, archived);
    assert!(server.get(&one).await.1["archived_at"].is_string());
    for (route, body) in [
        (path.clone(), json!({"display_name": "x"})),
        (one.clone(), json!({"display_name": "x"})),
        (format!("{path}/credentials"), bearer("https://b.test", "x")),
    ] {
        let (status, error) = server.post(&route, body).await;
        assert_eq!((status, kind(&error)), (400, "invalid_request_error"), "{route}");
    }
    let ids = |page: &Value| page["data"].as_array().unwrap().len();
    assert_eq!(ids(&server.get("/v1/vaults").await.1), 0);
    assert_eq!(ids(&server.get("/v1/vaults?include_archived=true").await.1), 1);
    let all = format!("{path}/credentials?include_archived=true");
    assert_eq!(ids(&server.get(&all).await.1), 1);
    let (_, gone) = server.delete(&path).await;
    assert_eq!(gone, json!({"id": id, "type": "vault_deleted"}));
    for path in [path, one, all] {
        assert_eq!(server.get(&path).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn a_vault_has_one_credential_for_a_server_and_twenty_in_all() {
    let server = TestServer::new().await;
    let id = vault(&server).await;
    let path = format!("/v1/vaults/{id}/credentials");
    let first = credential(&server, &id, bearer("https://A.test/mcp", "x")).await;
    let (status, error) = server.post(&path, bearer("https://a.test:443/mcp/", "y")).await;
    assert_eq!((status, kind(&error)), (409, "conflict_error"), "{error}");
    // Archived, it leaves its place; deleted, another one, too.
    server.post(&format!("{first}/archive"), Value::Null).await;
    let second = credential(&server, &id, bearer("https://a.test/mcp", "y")).await;
    let (_, gone) = server.delete(&second).await;
    assert_eq!(gone["type"], "vault_credential_deleted");
    for number in 0..20 {
        credential(&server, &id, variable(&format!("KEY_{number}"), "x")).await;
    }
    assert_eq!(server.post(&path, variable("KEY_20", "x")).await.0, 400);
    let other = vault(&server).await;
    let elsewhere = first.replace(&id, &other);
    for (status, _) in [
        server.get(&elsewhere).await,
        server.post(&elsewhere, json!({})).await,
        server.post(&format!("{elsewhere}/archive"), Value::Null).await,
        server.delete(&elsewhere).await,
        server.get("/v1/vaults/vlt_none/credentials").await,
    ] {
        assert_eq!(status, 404);
    }
    let (_, page) = server.get(&format!("{path}?limit=15")).await;
    let next = page["next_page"].as_str().unwrap();
    let (_, rest) = server.get(&format!("{path}?limit=15&page={next}")).await;
    assert_eq!(rest["data"].as_array().unwrap().len(), 5);
    assert_eq!(rest["next_page"], Value::Null);
}

/// The bytes of all files of a folder and those in it.
fn bytes_of(folder: &Dir) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in folder.entries().unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            bytes.extend(bytes_of(&entry.open_dir().unwrap()));
        } else {
            bytes.extend(folder.read(entry.file_name()).unwrap_or_default());
        }
    }
    bytes
}

#[tokio::test]
async fn no_secret_is_in_an_answer_in_the_log_or_on_disk() {
    let lines = Arc::new(Mutex::new(String::new()));
    let told = lines.clone();
    let log = Log::new(move |_, line| told.lock().unwrap().push_str(line));
    let server = TestServer::with(|options| options.log = log).await;
    let id = vault(&server).await;
    let path = format!("/v1/vaults/{id}/credentials");
    let mut answers = Vec::new();
    for body in [
        bearer("https://a.test", "canary-token"),
        variable("KEY", "canary-value"),
        oauth("https://b.test", "https://b.test/token"),
        oauth("https://b.test", "https://b.test/token"),
        json!({"auth": "canary-wrong"}),
        json!({"auth": {"type": "static_bearer", "mcp_server_url": "https://c.test",
            "token": {"in": "canary-wrong"}}}),
    ] {
        answers.push(server.post(&path, body).await.1);
    }
    let one = format!("{path}/{}", answers[0]["id"].as_str().unwrap());
    let auth = json!({"auth": {"type": "static_bearer", "token": "canary-next"}});
    answers.push(server.post(&one, auth).await.1);
    answers.push(server.get(&one).await.1);
    answers.push(server.get(&path).await.1);
    let space = server.app.spaces.default.clone();
    let stored = async || space.runtime.store.document(answers_id(&one)).await.unwrap().unwrap();
    let body: Value = serde_json::from_str(&stored().await.body).unwrap();
    assert!(body["sealed"]["token"].is_string(), "{body}");
    answers.push(server.post(&format!("{one}/archive"), Value::Null).await.1);
    let body: Value = serde_json::from_str(&stored().await.body).unwrap();
    assert_eq!(body["sealed"], json!({}));
    let shown = serde_json::to_string(&answers).unwrap();
    assert!(!shown.contains("canary"), "{shown}");
    assert!(!lines.lock().unwrap().contains("canary"));
    let disk = bytes_of(&open_folder(&server.app.options.state).unwrap());
    let has = |text: &[u8]| disk.windows(text.len()).any(|bytes| bytes == text);
    assert!(has(b"https://b.test"), "the database was read");
    assert!(!has(b"canary"));
}

fn answers_id(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

/// A server of MCP with a token endpoint: it takes `canary-new` alone, and repeats what it was
/// sent.
async fn mcp() -> String {
    let ask = async |headers: HeaderMap| {
        let sent = headers["authorization"].to_str().unwrap().to_owned();
        let status = match sent.as_str() {
            "Bearer canary-new" => StatusCode::OK,
            "Bearer canary-broken" => StatusCode::BAD_GATEWAY,
            _ => StatusCode::UNAUTHORIZED,
        };
        (status, sent)
    };
    let fresh = async |form: String| {
        assert!(form.contains("grant_type=refresh_token"), "{form}");
        json!({"access_token": "canary-new", "expires_in": 60}).to_string()
    };
    let refuse = async |form: String| (StatusCode::BAD_REQUEST, form);
    let routes = Router::new()
        .route("/mcp", post(ask))
        .route("/token", post(fresh))
        .route("/refuse", post(refuse));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}")
}

#[tokio::test]
async fn a_credential_is_tried_out_at_its_server() {
    let server = TestServer::new().await;
    let origin = mcp().await;
    let mcp = format!("{origin}/mcp");
    let validate = async |body: Value| {
        let path = credential(&server, &vault(&server).await, body).await;
        let (status, found) = server.post(&format!("{path}/mcp_oauth_validate"), Value::Null).await;
        assert!(!found.to_string().contains("canary"), "{found}");
        (status, found, path)
    };
    let with = |token: &str, refresh: bool| {
        let mut body = oauth(&mcp, &format!("{origin}/refuse"));
        body["auth"]["access_token"] = json!(token);
        if !refresh {
            body["auth"].as_object_mut().unwrap().remove("refresh");
        }
        body
    };
    let (_, found, path) = validate(with("canary-new", true)).await;
    assert_eq!((&found["status"], &found["has_refresh_token"]), (&json!("valid"), &json!(true)));
    assert_eq!((&found["mcp_probe"], &found["refresh"]), (&Value::Null, &Value::Null));
    assert_eq!(found["credential_id"], answers_id(&path));

    let (_, found, _) = validate(with("canary-old", false)).await;
    assert_eq!(found["status"], "invalid");
    assert_eq!(found["refresh"], json!({"status": "no_refresh_token", "http_response": null}));
    assert_eq!(found["mcp_probe"]["http_response"]["status_code"], 401);

    let (_, found, _) = validate(with("canary-old", true)).await;
    assert_eq!(
        (&found["status"], &found["refresh"]["status"]),
        (&json!("invalid"), &json!("failed"))
    );

    let (_, found, _) = validate(with("canary-broken", true)).await;
    assert_eq!((&found["status"], &found["refresh"]), (&json!("unknown"), &Value::Null));

    let (_, found, path) = validate(oauth(&mcp, &format!("{origin}/token"))).await;
    assert_eq!(
        (&found["status"], &found["refresh"]["status"]),
        (&json!("valid"), &json!("succeeded"))
    );
    // The new token was kept.
    let (_, again) = server.post(&format!("{path}/mcp_oauth_validate"), Value::Null).await;
    assert_eq!((&again["status"], &again["refresh"]), (&json!("valid"), &Value::Null));
    assert_ne!(server.get(&path).await.1["auth"]["expires_at"], LATER);

    for nowhere in ["http://127.0.0.1:1/", "http://93.184.216.34/", "plugin:web-fetch"] {
        let (status, found, _) = validate(oauth(nowhere, "https://b.test/token")).await;
        assert_eq!((status, &found["status"]), (200, &json!("unknown")), "{nowhere}");
        assert_eq!(found["mcp_probe"].is_null(), nowhere.starts_with("plugin:"));
    }
    assert_eq!(validate(bearer("https://a.test", "x")).await.0, 400);
}

#[tokio::test]
async fn a_conflict_says_that_trying_again_is_useless() {
    let server = TestServer::new().await;
    let id = vault(&server).await;
    credential(&server, &id, variable("KEY", "x")).await;
    let body = Body::from(variable("KEY", "y").to_string());
    let path = format!("/v1/vaults/{id}/credentials");
    let (status, headers, _) = server.ask(Method::POST, &path, body).await;
    assert_eq!((status, headers["x-should-retry"].to_str().unwrap()), (409, "false"));
}
