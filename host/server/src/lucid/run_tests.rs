//! Missions that the command line asks a server to run.

use std::net::TcpListener;
use std::path::PathBuf;

use lucid_core::{MemoryStoreId, ReviewPolicy, Schedule, ScheduleId};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::keys::{self, NewKey};
use crate::testing::TestServer;

/// What is there as long as a server with missions: their folder, and who listens as their
/// model and never answers.
struct Held {
    _folder: TempDir,
    _model: TcpListener,
}

/// A server with two missions, of which `broken` does not load and the other never ends; and
/// where they lie.
async fn server() -> (TestServer, PathBuf, Held) {
    let folder = tempfile::tempdir().unwrap();
    let model = TcpListener::bind("127.0.0.1:0").unwrap();
    let fly = format!(
        "name = \"fly\"\nlead = \"lead\"\nmessage = \"Go.\"\n\
         [agents.lead]\nmodel = \"openai:mute\"\nsystem = \"Fly.\"\n\
         [models.\"openai:mute\"]\nbase_url = \"http://{}\"\n",
        model.local_addr().unwrap()
    );
    for (name, text) in [("fly", fly.as_str()), ("broken", "name = 1\n")] {
        let mission = folder.path().join(name);
        #[expect(clippy::disallowed_methods, reason = "a test writes files")]
        std::fs::create_dir_all(&mission).unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test writes files")]
        std::fs::write(mission.join("mission.toml"), text).unwrap();
    }
    let server = TestServer::with(|options| {
        options.sections = "[missions]\nfly = \"fly\"\nbroken = \"broken\"\n".to_owned();
        options.folder = folder.path().to_owned();
    })
    .await;
    let lies = folder.path().canonicalize().unwrap();
    (server, lies, Held { _folder: folder, _model: model })
}

async fn asked(server: &TestServer, verb: &str, body: Value) -> (u16, Value) {
    server.post(&format!("/v1/lucid/{verb}"), body).await
}

fn run(mission: &str) -> Value {
    let asked = json!({"seed": null, "held_out": null, "training": null, "shuffle_labels": false,
        "plots": false, "deterministic": false, "resume": false});
    json!({"mission": mission, "asked": asked, "later": false})
}

/// Each verb that names a mission, naming this one.
fn naming(mission: &str) -> [(&'static str, Value); 4] {
    let proof = json!({"n": 2, "seed": null, "margin": null, "accept": true});
    let dream = json!({"memory": "latest", "sessions": {"last": 1}, "strategy": null,
        "instructions": null, "policy": null, "seed": 0, "model": null, "mission": mission,
        "run": true});
    let schedule = json!({"memory": "latest", "cron": null, "time_zone": null,
        "own_time_zone": "UTC", "strategy": null, "instructions": null, "policy": null,
        "mission": mission, "last_n": null, "min_new": null, "jitter_ms": 0});
    [
        ("start_run", run(mission)),
        ("start_proof", json!({"dream": "latest", "mission": mission, "asked": proof})),
        ("start_dream", dream),
        ("add_schedule", schedule),
    ]
}

#[tokio::test]
async fn a_mission_is_run_by_its_name_alone_and_where_it_lies_is_told_to_nobody() {
    let (server, lies, _held) = server().await;
    let whole = lies.join("fly").display().to_string();
    for mission in [whole.as_str(), "./fly", "fly/mission.toml", "../fly", "", "land", "broken"] {
        for (verb, body) in naming(mission) {
            let (status, error) = asked(&server, verb, body).await;
            let told = &error["error"]["lucid"];
            assert_eq!((status, &told["kind"]), (400, &json!("invalid")), "{verb}: {error}");
            let hint = told["hint"].as_str().unwrap();
            match mission {
                "broken" => assert!(hint.contains("log says why"), "{verb}: {error}"),
                _ => assert!(hint.contains("broken, fly"), "{verb}: {error}"),
            }
            assert!(!error.to_string().contains(lies.to_str().unwrap()), "{verb}: {error}");
        }
    }
    // Nothing of it was begun.
    assert_eq!(asked(&server, "list_sessions", json!({})).await, (200, json!([])));
    assert_eq!(asked(&server, "watch_run", watch("latest", 0)).await.0, 400);
}

#[tokio::test]
async fn without_a_mission_in_the_configuration_none_is_run() {
    let server = TestServer::new().await;
    for (verb, body) in naming("fly") {
        let (status, error) = asked(&server, verb, body).await;
        assert_eq!(status, 400, "{verb}: {error}");
        let hint = error["error"]["lucid"]["hint"].as_str().unwrap();
        assert!(hint.contains("[missions]"), "{verb}: {error}");
    }
}

#[tokio::test]
async fn what_needs_a_study_is_refused_before_anything_runs() {
    let (server, _, _held) = server().await;
    let mut body = run("fly");
    body["asked"]["held_out"] = json!(3);
    let (status, error) = asked(&server, "start_run", body.clone()).await;
    assert_eq!(status, 400, "{error}");
    assert!(error["error"]["message"].as_str().unwrap().contains("--held-out"), "{error}");
    body["asked"]["held_out"] = json!(u32::MAX);
    let (_, error) = asked(&server, "start_run", body).await;
    assert_eq!(error["error"]["lucid"]["kind"], "exceeded", "{error}");
    let (_, error) = asked(&server, "start_dream", naming("fly")[2].1.clone()).await;
    assert!(error["error"]["message"].as_str().unwrap().contains("[dream]"), "{error}");
}

fn watch(id: &str, wait_ms: u32) -> Value {
    json!({"id": id, "after": 0, "wait_ms": wait_ms})
}

/// Begins a run, and waits until its session began.
async fn begun(server: &TestServer) -> String {
    let (status, began) = asked(server, "start_run", run("fly")).await;
    assert_eq!((status, &began["kind"]), (200, &json!("session")), "{began}");
    let id = began["id"].as_str().unwrap().to_owned();
    let (status, seen) = asked(server, "watch_run", watch(&id, 20_000)).await;
    assert_eq!(status, 200, "{seen}");
    assert!(seen["notes"][0]["session_began"]["id"].is_string(), "{seen}");
    id
}

/// What became of a run, when it ended.
async fn ended(server: &TestServer, id: &str) -> Value {
    let mut seen = json!({"at": 0});
    while seen["ended"].is_null() {
        let body = json!({"id": id, "after": seen["at"], "wait_ms": 20_000});
        (_, seen) = asked(server, "watch_run", body).await;
    }
    seen
}

/// Makes a key of a workspace, and sends it from now on.
async fn key(server: &mut TestServer, workspace: Option<&str>) {
    let new = NewKey { workspace: workspace.map(str::to_owned), ..NewKey::default() };
    let runtime = &server.app.spaces.default.runtime;
    let (_, text) = keys::create(runtime, &server.app.options.state, new).await.unwrap();
    server.header("x-api-key", &text);
}

#[tokio::test]
async fn a_run_is_seen_and_stopped_in_its_own_workspace_alone() {
    let (mut server, _, _held) = server().await;
    let id = begun(&server).await;
    key(&mut server, Some("team")).await;
    for wanted in [id.as_str(), "latest", "mrun_"] {
        assert_eq!(asked(&server, "watch_run", watch(wanted, 0)).await.0, 400, "{wanted}");
    }
    assert_eq!(asked(&server, "cancel_run", json!({"id": id})).await.0, 400);
    assert_eq!(asked(&server, "list_sessions", json!({})).await, (200, json!([])));
    key(&mut server, None).await;
    assert_eq!(asked(&server, "cancel_run", json!({"id": id})).await, (200, json!(true)));
    let seen = ended(&server, &id).await;
    let failure = &seen["ended"]["failed"];
    assert!(failure["message"].as_str().unwrap().contains("canceled"), "{seen}");
    assert!(failure["hint"].as_str().unwrap().contains("lucid run fly --resume"), "{seen}");
}

#[tokio::test]
async fn runs_end_with_the_server_and_say_how_they_are_gone_on_with() {
    let (server, _, _held) = server().await;
    let id = begun(&server).await;
    server.app.spaces.stop().await;
    let (_, seen) = asked(&server, "watch_run", watch(&id, 0)).await;
    let failure = &seen["ended"]["failed"];
    assert!(failure["message"].as_str().unwrap().contains("stopped"), "{seen}");
    assert!(failure["hint"].as_str().unwrap().contains("--resume"), "{seen}");
}

#[tokio::test]
async fn what_the_server_could_not_do_in_a_run_is_for_its_log() {
    let (server, _, _held) = server().await;
    let state = server.app.options.state.clone();
    // No session finds room for its folders.
    #[expect(clippy::disallowed_methods, reason = "a test writes files")]
    std::fs::write(state.join("sessions"), "in the way").unwrap();
    let (_, began) = asked(&server, "start_run", run("fly")).await;
    let seen = ended(&server, began["id"].as_str().unwrap()).await;
    let failure = &seen["ended"]["failed"];
    assert_eq!(failure["kind"], "failed", "{seen}");
    let message = "the server could not run mission `fly` to its end";
    assert_eq!(
        (&failure["message"], &failure["hint"]),
        (&json!(message), &json!("its log says why"))
    );
    assert!(!seen.to_string().contains(state.to_str().unwrap()), "{seen}");
}

#[tokio::test]
async fn a_schedule_says_the_name_of_its_mission_and_not_where_that_lies() {
    let (server, lies, _held) = server().await;
    let schedule = |id: &str, mission: PathBuf, strategy: &str| Schedule {
        id: ScheduleId::parse(id).unwrap(),
        memory_store: MemoryStoreId::parse("memstore_01a").unwrap(),
        strategy: strategy.to_owned(),
        instructions: String::new(),
        cron: "@nightly".to_owned(),
        time_zone: "UTC".to_owned(),
        policy: ReviewPolicy::Review,
        mission: Some(mission.display().to_string()),
        last_n: None,
        min_new: 1,
        paused: false,
        jitter_ms: 0,
        last_run_at: None,
        next_run_at: None,
    };
    let own = lies.join("own.wasm").display().to_string();
    let store = &server.app.spaces.default.runtime.store;
    for schedule in [
        schedule("dsch_01a", lies.join("fly"), "consolidate"),
        schedule("dsch_01b", lies.join("elsewhere"), &own),
    ] {
        store.put_schedule(&schedule).await.unwrap();
    }
    let (_, listed) = asked(&server, "list_schedules", json!({})).await;
    assert_eq!(listed[0]["schedule"]["mission"], "fly", "{listed}");
    assert_eq!(listed[1]["schedule"]["strategy"], "own.wasm", "{listed}");
    assert!(!listed.to_string().contains(lies.to_str().unwrap()), "{listed}");
    let pause = json!({"id": "dsch_01b", "paused": true});
    let (status, paused) = asked(&server, "pause_schedule", pause).await;
    assert_eq!(status, 200, "{paused}");
    assert!(!paused.to_string().contains(lies.to_str().unwrap()), "{paused}");
}
