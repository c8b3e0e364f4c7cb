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
async fn an_imported_log_that_says_it_runs_is_left_as_it_is() {
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
}
