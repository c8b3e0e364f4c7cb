use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use lucid_api::ApiError;
use lucid_api::deployment::{Deployment, PausedReason, Run, RunErrorKind, STALE_MS};
use lucid_core::Timestamp;
use lucid_store::{Document, DocumentChange};
use serde_json::{Value, json};

use super::run::Start;
use super::scheduler;
use super::{DEPLOYMENT, RUN, change};
use crate::documents::New;
use crate::space::Space;
use crate::testing::TestServer;
use crate::webhooks::fake::{self, FakeClock};

/// Starts nothing, and remembers what it was to start.
#[derive(Default)]
struct Pretends {
    started: Mutex<Vec<Value>>,
    fails: Option<ApiError>,
}

#[async_trait]
impl Start for Pretends {
    async fn start(
        &self,
        _: &Arc<Space>,
        params: Value,
        deployment: &str,
    ) -> Result<Value, ApiError> {
        // Long enough that others meet it.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        assert!(deployment.starts_with("depl_"));
        self.started.lock().unwrap().push(params);
        self.fails.clone().map_or(Ok(json!({"id": "sesn_1"})), Err)
    }
}

/// A document of another part of the API, as far as deployments look at it.
async fn put(space: &Space, kind: &str, id: &str, archived: bool) {
    let document = Document {
        id: id.to_owned(),
        kind: kind.to_owned(),
        parent: None,
        key: None,
        created_at: Timestamp(1),
        archived_at: archived.then_some(Timestamp(2)),
        version: 1,
        revision: 1,
        body: "{}".to_owned(),
    };
    let changes = vec![DocumentChange::Create(document)];
    space.runtime.store.write_documents(changes).await.unwrap();
}

/// Runs every Monday at nine; made on Saturday, 21 November 2026.
async fn scheduled() -> (Arc<Space>, Arc<FakeClock>, tempfile::TempDir) {
    let (space, clock, state) = fake::space("2026-11-21T00:00:00Z");
    put(&space, "agent", "agent_1", false).await;
    put(&space, "environment", "env_1", false).await;
    let params = lucid_api::value(asked()).unwrap();
    let asked = lucid_api::deployment::AgentAsked { id: "agent_1".to_owned(), version: None };
    let agent = super::agent::resolve(&space, &asked);
    let now = space.clock.now();
    let made = Deployment::new("depl_1".to_owned(), params, agent.await.unwrap(), now);
    let parent = Some("agent_1");
    let new = New { id: "depl_1", parent, key: None, created_at: now, value: &made };
    space.create(DEPLOYMENT, new).await.unwrap();
    (space, clock, state)
}

fn asked() -> Value {
    json!({
        "name": "weekly", "agent": "agent_1", "environment_id": "env_1",
        "initial_events": [{"type": "user.message", "content": [{"type": "text", "text": "go"}]}],
        "schedule": {"type": "cron", "expression": "0 9 * * 1", "timezone": "UTC"},
    })
}

async fn look(space: &Arc<Space>, start: &Pretends) {
    let stopping = tokio_util::sync::CancellationToken::new();
    let said = super::said::Said::default();
    scheduler::look(space, start, false, &stopping, &said).await;
}

async fn deployment(space: &Space) -> Deployment {
    space.get::<Deployment>(DEPLOYMENT, "depl_1").await.unwrap().value
}

async fn runs(space: &Space) -> Vec<Run> {
    let found = space.list::<Run>(&RUN.filter()).await.unwrap();
    found.into_iter().map(|found| found.value).collect()
}

#[tokio::test]
async fn a_deployment_runs_when_its_time_has_come_and_once() {
    let (space, clock, _state) = scheduled().await;
    let start = Pretends::default();
    look(&space, &start).await;
    assert!(runs(&space).await.is_empty());
    // Nine minutes is the longest it waits behind its time.
    clock.set("2026-11-23T09:09:00Z");
    for _ in 0..3 {
        look(&space, &start).await;
    }
    let ran = runs(&space).await;
    assert_eq!(ran.len(), 1);
    let run = serde_json::to_value(&ran[0]).unwrap();
    assert_eq!((&run["session_id"], &run["error"]), (&json!("sesn_1"), &Value::Null));
    assert_eq!(run["trigger_context"]["scheduled_at"], "2026-11-23T09:00:00.000Z");
    let after = deployment(&space).await;
    assert_eq!(after.schedule.unwrap().last_run_at, Some(space.clock.now()));
    let params = start.started.lock().unwrap()[0].clone();
    assert_eq!(params["agent"], json!({"type": "agent", "id": "agent_1", "version": 1}));
    assert_eq!(params["initial_events"], asked()["initial_events"]);
}

#[tokio::test]
async fn however_many_times_were_missed_it_runs_once() {
    let (space, clock, _state) = scheduled().await;
    clock.set("2026-12-30T00:00:00Z");
    let start = Pretends::default();
    for _ in 0..3 {
        look(&space, &start).await;
    }
    assert_eq!(runs(&space).await.len(), 1);
    assert_eq!(deployment(&space).await.upcoming(space.clock.now(), 1).len(), 1);
}

#[tokio::test]
async fn two_servers_start_one_session() {
    let (space, clock, _state) = scheduled().await;
    clock.set("2026-11-23T09:09:00Z");
    let start = Pretends::default();
    let looks = (0..8).map(|_| look(&space, &start));
    futures::future::join_all(looks).await;
    assert_eq!(start.started.lock().unwrap().len(), 1);
    assert_eq!(runs(&space).await.len(), 1);
}

#[tokio::test]
async fn a_run_that_fails_is_written_down_and_pauses_for_good_reasons_only() {
    let (space, clock, _state) = scheduled().await;
    clock.set("2026-11-23T09:09:00Z");
    let busy = Pretends { fails: Some(ApiError::too_many("too many")), ..Default::default() };
    look(&space, &busy).await;
    assert_eq!(deployment(&space).await.paused_reason, None);
    clock.set("2026-11-30T09:09:00Z");
    let gone = ApiError::not_found("file", "file_1");
    let missing = Pretends { fails: Some(gone), ..Default::default() };
    look(&space, &missing).await;
    let kinds: Vec<_> = runs(&space).await.iter().map(|r| r.error.clone().unwrap().kind).collect();
    assert_eq!(kinds, [RunErrorKind::FileNotFound, RunErrorKind::SessionRateLimited]);
    let paused = deployment(&space).await;
    assert!(matches!(paused.paused_reason, Some(PausedReason::Error { error })
        if error.kind == RunErrorKind::FileNotFound));
    clock.set("2027-01-30T09:09:00Z");
    look(&space, &Pretends::default()).await;
    assert_eq!(runs(&space).await.len(), 2);
}

#[tokio::test]
async fn what_a_deployment_names_is_looked_up_before_each_run() {
    let (space, clock, _state) = scheduled().await;
    put(&space, "environment", "env_2", true).await;
    change(&space, "depl_1", |before| {
        Ok(Deployment { environment_id: "env_2".to_owned(), ..before.clone() })
    })
    .await
    .unwrap();
    clock.set("2026-11-23T09:09:00Z");
    let start = Pretends::default();
    look(&space, &start).await;
    assert!(start.started.lock().unwrap().is_empty());
    let error = runs(&space).await[0].error.clone().unwrap();
    assert_eq!(error.kind, RunErrorKind::EnvironmentArchived);
}

#[tokio::test]
async fn a_deployment_whose_agent_is_gone_is_archived_without_a_run() {
    let (space, clock, _state) = scheduled().await;
    change(&space, "depl_1", |before| {
        let mut after = before.clone();
        after.agent.id = "agent_gone".to_owned();
        Ok(after)
    })
    .await
    .unwrap();
    clock.set("2026-11-23T09:09:00Z");
    look(&space, &Pretends::default()).await;
    assert!(deployment(&space).await.archived_at.is_some());
    assert!(runs(&space).await.is_empty());
}

#[tokio::test]
async fn a_run_whose_server_ended_is_written_down_as_failed() {
    let (space, clock, _state) = scheduled().await;
    clock.set("2026-11-23T09:09:00Z");
    let now = space.clock.now();
    let taken = |before: &Deployment| Ok(before.claimed("drun_1".to_owned(), now).unwrap());
    change(&space, "depl_1", taken).await.unwrap();
    let start = Pretends::default();
    look(&space, &start).await;
    assert!(runs(&space).await.is_empty(), "it may still be at it");
    clock.pass(STALE_MS);
    for _ in 0..2 {
        look(&space, &start).await;
    }
    let lost = runs(&space).await;
    assert_eq!(lost.len(), 1);
    assert_eq!(
        (lost[0].id.as_str(), lost[0].error.clone().unwrap().kind),
        ("drun_1", RunErrorKind::Unknown)
    );
    let after = deployment(&space).await;
    assert_eq!((after.firing, after.paused_reason), (None, None));
    assert!(start.started.lock().unwrap().is_empty());
}

async fn server() -> TestServer {
    let server = TestServer::new().await;
    let space = &server.app.spaces.default;
    put(space, "agent", "agent_1", false).await;
    put(space, "agent", "agent_2", true).await;
    put(space, "environment", "env_1", false).await;
    server
}

#[tokio::test]
async fn deployments_are_made_changed_paused_and_archived() {
    let server = server().await;
    let (status, made) = server.post("/v1/deployments", asked()).await;
    assert_eq!(status, 200, "{made}");
    assert_eq!(made["agent"], json!({"type": "agent", "id": "agent_1", "version": 1}));
    assert_eq!(made["schedule"]["upcoming_runs_at"].as_array().unwrap().len(), 5);
    let one = format!("/v1/deployments/{}", made["id"].as_str().unwrap());
    assert_eq!(server.get(&one).await.1["name"], "weekly");
    let (_, changed) = server.post(&one, json!({"name": "n", "schedule": null})).await;
    assert_eq!((&changed["name"], &changed["schedule"]), (&json!("n"), &Value::Null));
    let act = async |what: &str| server.post(&format!("{one}/{what}"), Value::Null).await;
    let (_, paused) = act("pause").await;
    assert_eq!(
        (&paused["status"], &paused["paused_reason"]),
        (&json!("paused"), &json!({"type": "manual"}))
    );
    let (_, found) = server.get("/v1/deployments?status=paused&agent_id=agent_1").await;
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
    let (_, found) = server.get("/v1/deployments?status=active").await;
    assert_eq!(found, json!({"data": [], "next_page": null}));
    assert_eq!(act("unpause").await.1["status"], "active");
    let (_, archived) = act("archive").await;
    assert!(archived["archived_at"].is_string() && archived["status"] == "active");
    for what in ["pause", "unpause", "run"] {
        assert_eq!(act(what).await.0, 400, "{what}");
    }
    assert_eq!(server.get("/v1/deployments").await.1["data"], json!([]));
    let (_, found) = server.get("/v1/deployments?include_archived=true").await;
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
    assert_eq!(server.get("/v1/deployments?include_archived=true&status=active").await.0, 400);
}

#[tokio::test]
async fn what_is_not_there_or_archived_is_refused_when_a_deployment_is_made() {
    let server = server().await;
    let wrong = [
        ("agent", json!("agent_9"), 404),
        ("agent", json!("agent_2"), 400),
        ("agent", json!({"type": "agent", "id": "agent_1", "version": 2}), 404),
        ("environment_id", json!("env_9"), 404),
        ("vault_ids", json!(["vlt_9"]), 404),
        ("schedule", json!({"type": "cron", "expression": "@daily", "timezone": "UTC"}), 400),
    ];
    for (field, value, expected) in wrong {
        let mut body = asked();
        body[field] = value.clone();
        assert_eq!(server.post("/v1/deployments", body).await.0, expected, "{field} {value}");
    }
    assert_eq!(server.get("/v1/deployments/depl_9").await.0, 404);
    assert_eq!(server.post("/v1/deployments/depl_9", json!({"name": "n"})).await.0, 404);
}

#[tokio::test]
async fn a_run_by_hand_is_written_down_whatever_becomes_of_it() {
    let server = server().await;
    let (_, made) = server.post("/v1/deployments", asked()).await;
    let id = made["id"].as_str().unwrap();
    let (status, run) = server.post(&format!("/v1/deployments/{id}/run"), Value::Null).await;
    assert_eq!(status, 200, "{run}");
    assert_eq!(run["trigger_context"], json!({"type": "manual"}));
    assert_ne!(run["session_id"].is_null(), run["error"].is_null());
    let has_error = !run["error"].is_null();
    let all = format!("/v1/deployment_runs?deployment_id={id}&trigger_type=manual");
    assert_eq!(server.get(&all).await.1, json!({"data": [run], "next_page": null}));
    let fits = server.get(&format!("{all}&has_error={has_error}")).await.1;
    assert_eq!(fits["data"].as_array().unwrap().len(), 1);
    let other = server.get(&format!("{all}&has_error={}", !has_error)).await.1;
    assert_eq!(other["data"], json!([]));
    let (_, found) = server.get("/v1/deployment_runs?deployment_id=depl_9").await;
    assert_eq!(found["data"], json!([]));
    let one = format!("/v1/deployment_runs/{}", run["id"].as_str().unwrap());
    assert_eq!(server.get(&one).await.1, run);
    assert_eq!(server.get("/v1/deployment_runs?page=x").await.0, 400);
    let (_, paused) = server.get(&format!("/v1/deployments/{id}")).await;
    assert_eq!(paused["status"], "active");
}

#[tokio::test]
async fn a_deployment_does_not_run_with_a_roster_of_which_one_is_archived() {
    let server = server().await;
    let agent = async |body: Value| {
        let (status, made) = server.post("/v1/agents", body).await;
        assert_eq!(status, 200, "{made}");
        made["id"].as_str().unwrap().to_owned()
    };
    let helper = agent(json!({"name": "helper", "model": "m"})).await;
    let roster = json!({"type": "coordinator", "agents": [helper, {"type": "self"}]});
    let lead = agent(json!({"name": "lead", "model": "m", "multiagent": roster})).await;
    let mut body = asked();
    body["agent"] = lead.into();
    let (_, made) = server.post("/v1/deployments", body).await;
    let run = format!("/v1/deployments/{}/run", made["id"].as_str().unwrap());
    let kind = async || server.post(&run, Value::Null).await.1["error"]["type"].clone();
    assert_ne!(kind().await, "agent_archived_error");
    server.post(&format!("/v1/agents/{helper}/archive"), Value::Null).await;
    assert_eq!(kind().await, "agent_archived_error");
}
