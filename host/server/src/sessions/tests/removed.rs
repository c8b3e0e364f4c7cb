//! Sessions of which something is left, or was never here.

use std::collections::BTreeMap;

use lucid_core::{
    Event, EventId, EventRecord, SeededEntropy, Session, SessionId, SessionStatus, StepClock,
    Timestamp,
};
use lucid_runtime::Unattended;

use super::*;

#[tokio::test]
async fn what_a_delete_left_of_a_session_can_be_deleted() {
    let server = server(Vec::new()).await;
    let session = session(&server, json!([]), json!({})).await;
    let (path, id) = (format!("/v1/sessions/{session}"), SessionId::parse(&session).unwrap());
    let runtime = &server.app.spaces.default.runtime;
    // As a process leaves it that dies behind this.
    runtime.forget_session(&id).await.unwrap();
    assert!(runtime.store.document(&session).await.unwrap().is_some());
    assert_eq!(server.get(&path).await.0, 404);
    assert_eq!(server.delete(&path).await.0, 200);
    assert_eq!(runtime.store.document(&session).await.unwrap(), None);
    assert_eq!(server.delete(&path).await.0, 404);
}

#[tokio::test]
async fn an_imported_log_that_says_it_runs_is_left_as_it_is_and_can_be_deleted() {
    let server = server(Vec::new()).await;
    let runtime = &server.app.spaces.default.runtime;
    let (clock, entropy) = (StepClock::starting_at(Timestamp(1_000)), SeededEntropy::new(1));
    let id = SessionId::parse("sesn_01forged").unwrap();
    let start = json!({"mission": format!("/elsewhere/sessions/{id}/mission"), "digest": "d",
        "variables": {}, "memory": []});
    let events = [
        Event::SessionStarted { start, agent_name: Some("lead".to_owned()) },
        Event::StatusRunning {},
    ];
    let record = |event: &Event| {
        EventRecord::new(EventId::new(&clock, &entropy), event, None, true, Timestamp(1_000))
    };
    let log: Vec<_> = events.iter().map(|event| record(event).unwrap()).collect();
    let session = Session {
        id: id.clone(),
        title: String::new(),
        agent: "lead".to_owned(),
        metadata: BTreeMap::new(),
        created_at: Timestamp(1_000),
    };
    runtime.store.import_sessions(vec![(session, log)]).await.unwrap();
    let summary = runtime.store.session_summary(&id).await.unwrap().unwrap();
    assert_eq!(summary.status, SessionStatus::Running);
    let mut looked = BTreeMap::new();
    let left = runtime.newly_unattended(&mut looked).await.unwrap();
    assert_eq!(left, Unattended::default());
    assert_eq!(looked, BTreeMap::from([(id, 2)]), "it is not read again either");
    // Nobody works on it: it can be deleted, whatever it says.
    let path = "/v1/sessions/sesn_01forged";
    assert_eq!(ok(server.get(path).await)["status"], "running");
    assert_eq!(server.post(&format!("{path}/archive"), Value::Null).await.0, 409);
    assert_eq!(server.delete(path).await.0, 200);
    assert_eq!(server.get(path).await.0, 404);
}

#[tokio::test]
async fn what_waits_for_a_worker_goes_with_its_session() {
    let call = || Answer::Call(vec![("bash", json!({"command": "ls"}))]);
    let server = server(vec![call(), call()]).await;
    let environment = environment(&server, "self_hosted").await;
    let agent = agent(&server, "coder", json!([{"type": "agent_toolset_20260401"}])).await;
    let body = json!({"agent": agent, "environment_id": environment,
        "initial_events": [say("go")]});
    let path = format!("/v1/environments/{environment}/work");
    let mut sessions = Vec::new();
    for _ in 0..2 {
        sessions.push(id(&ok(server.post("/v1/sessions", body.clone()).await)));
    }
    let waiting = async |count: usize| {
        for _ in 0..LOOKS {
            let listed = ok(server.get(&path).await)["data"].as_array().unwrap().clone();
            if listed.len() == count {
                return listed;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("there are never {count} items");
    };
    waiting(2).await;
    at_rest(&server, &sessions[0]).await;
    ok(server.delete(&format!("/v1/sessions/{}", sessions[0])).await);
    // The other's stays.
    let left = waiting(1).await;
    assert_eq!(left[0]["data"]["id"], sessions[1]);
    assert_eq!(ok(server.get(&format!("{path}/stats")).await)["depth"], 1);
}
