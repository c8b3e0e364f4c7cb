//! Dreams that the command line asks a server for.

use lucid_core::{Dream, DreamId, MemoryStoreId, ReviewPolicy, SessionId, Timestamp};
use lucid_store::{DreamJob, StrategySource};
use serde_json::{Value, json};

use crate::testing::TestServer;

/// A dream that nobody has begun, of a strategy that is not there.
async fn pending(server: &TestServer, id: &str) {
    let id = DreamId::parse(id).unwrap();
    let store = MemoryStoreId::parse("memstore_01in").unwrap();
    let sessions = vec![SessionId::parse("sesn_01in").unwrap()];
    let dream = Dream {
        policy: ReviewPolicy::Auto,
        ..Dream::pending(id, "consolidate", store, sessions, Timestamp(5))
    };
    let source = StrategySource::Named { strategy: dream.strategy.clone(), model: None };
    let job = DreamJob::new(source, "", 0);
    server.app.spaces.default.runtime.store.create_dream(&dream, &job).await.unwrap();
}

async fn asked(server: &TestServer, verb: &str, body: Value) -> (u16, Value) {
    server.post(&format!("/v1/lucid/{verb}"), body).await
}

async fn look(server: &TestServer, id: &str) -> Value {
    let look = json!({"id": id, "after": null, "show": "events", "who": true});
    let (status, seen) = asked(server, "look_at_dream", look).await;
    assert_eq!(status, 200, "{seen}");
    seen
}

#[tokio::test]
async fn a_dream_is_run_by_the_server_and_is_gone_on_with_by_whoever_starts_next() {
    let server = TestServer::new().await;
    pending(&server, "drm_01a").await;
    let before = look(&server, "drm_01a").await;
    assert_eq!((&before["here"], &before["runs"]), (&json!(false), &json!(false)));
    let (status, resumed) = asked(&server, "resume_dream", json!({"id": "drm_01a"})).await;
    assert_eq!((status, &resumed["started"]), (200, &json!(true)), "{resumed}");
    // What is noted is what a server that starts goes on with.
    let space = &server.app.spaces.default;
    assert!(space.runtime.store.document("drm_01a").await.unwrap().is_some());
    let mut seen = look(&server, "drm_01a").await;
    while seen["here"] == true {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        seen = look(&server, "drm_01a").await;
    }
    // It has no strategy, and says so in the dream: it was run to its end.
    assert_eq!((&seen["status"], &seen["failure"]), (&json!("failed"), &Value::Null));
    let (status, error) = asked(&server, "resume_dream", json!({"id": "drm_01a"})).await;
    assert_eq!(status, 400);
    assert!(error["error"]["lucid"]["message"].as_str().unwrap().contains("failed already"));
}

/// What asks for a dream, with something else in it.
fn start(more: Value) -> Value {
    let mut body = json!({
        "memory": "latest", "sessions": {"last": 1}, "strategy": null, "instructions": null,
        "policy": null, "seed": 0, "model": null, "mission": null, "run": true});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// A memory store.
async fn store(server: &TestServer) -> String {
    let (status, store) = server.post("/v1/memory_stores", json!({"name": "Notes"})).await;
    assert_eq!(status, 200, "{store}");
    store["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn one_dream_reads_no_more_sessions_than_over_the_api() {
    let server = TestServer::new().await;
    store(&server).await;
    let line = |number: usize| {
        let id = format!("sesn_01x{number}");
        let agent = json!({"name": "a"});
        let created_at = "2026-01-01T00:00:00.000Z";
        json!({"type": "session", "id": id, "title": "t", "created_at": created_at, "agent": agent})
            .to_string()
    };
    let text: Vec<String> = (0..101).map(line).collect();
    for sessions in [
        json!({"last": 101}),
        json!({"named": vec!["sesn"; 101]}),
        json!({"import": {"name": "a.jsonl", "text": text.join("\n")}}),
    ] {
        let (status, error) =
            asked(&server, "start_dream", start(json!({"sessions": sessions}))).await;
        let message = error["error"]["lucid"]["message"].as_str().unwrap_or_default();
        assert_eq!(status, 400, "{error}");
        assert!(message.contains("100 at most"), "{error}");
    }
    assert_eq!(asked(&server, "list_sessions", json!({})).await, (200, json!([])));
}

#[tokio::test]
async fn a_dream_decides_no_more_than_whoever_runs_the_server_lets_it() {
    let careful = "[dreams]\npolicy = \"review\"\n".to_owned();
    let server = TestServer::with(|options| options.sections = careful).await;
    store(&server).await;
    let refused = async |verb: &str, body: Value| {
        let (status, error) = asked(&server, verb, body).await;
        assert_eq!((status, &error["error"]["lucid"]["kind"]), (403, &json!("denied")), "{error}");
    };
    refused("start_dream", start(json!({"policy": "auto"}))).await;
    let schedule = json!({"memory": "latest", "cron": null, "time_zone": null,
        "own_time_zone": "UTC", "strategy": null, "instructions": null, "policy": "auto",
        "mission": null, "last_n": null, "min_new": null, "jitter_ms": 0});
    refused("add_schedule", schedule).await;
    // Less can always be asked for: what is wrong then is that there are no sessions.
    for policy in [json!("review"), Value::Null] {
        let (status, _) = asked(&server, "start_dream", start(json!({"policy": policy}))).await;
        assert_eq!(status, 400, "{policy}");
    }
    // There is no word for what `policy = "all"` lets happen.
    let all = asked(&server, "start_dream", start(json!({"policy": "all"}))).await;
    assert_eq!(all.0, 400);
}

#[tokio::test]
async fn a_store_that_is_archived_is_not_dreamt_of() {
    let server = TestServer::new().await;
    let store = store(&server).await;
    let archive = format!("/v1/memory_stores/{store}/archive");
    assert_eq!(server.post(&archive, Value::Null).await.0, 200);
    let (status, error) = asked(&server, "start_dream", start(json!({}))).await;
    assert_eq!(status, 400, "{error}");
    assert!(error["error"]["lucid"]["message"].as_str().unwrap().contains("archived"), "{error}");
}

#[tokio::test]
async fn nothing_of_another_machine_is_dreamt_with() {
    let server = TestServer::new().await;
    for more in [
        json!({"strategy": "/tmp/own.wasm"}),
        json!({"mission": "/tmp/mission"}),
        json!({"model": "plugin:../own"}),
    ] {
        let (status, error) = asked(&server, "start_dream", start(more.clone())).await;
        let told = &error["error"]["lucid"];
        assert_eq!((status, &told["kind"]), (400, &json!("invalid")), "{more}: {error}");
        assert!(told["message"].as_str().unwrap().contains("over a server"), "{more}: {error}");
    }
}

#[tokio::test]
async fn why_a_dream_could_not_be_run_is_for_the_servers_log() {
    use lucid_core::Failure;
    use lucid_verbs::Dreams as _;

    let server = TestServer::new().await;
    let space = server.app.spaces.default.clone();
    let id = DreamId::parse("drm_01a").unwrap();
    let turn = space.dreams.started.begin(&id).unwrap();
    let serving = super::Serving::new(space.clone());
    assert!(serving.has(&id) && serving.failure(&id).is_none());
    turn.end(Some(Failure::failed("disk /secret/place is full")));
    let told = serving.failure(&id).unwrap();
    assert!(!serving.has(&id) && told.hint.is_some());
    assert!(!told.message.contains("secret"), "{told}");
}
