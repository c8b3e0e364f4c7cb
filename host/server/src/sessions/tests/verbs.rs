//! Sessions that the command line talks to over the server.

use lucid_verbs::WAIT_MS_MAX;

use super::*;

/// Asks a verb, which is answered.
async fn asked(server: &TestServer, verb: &str, body: Value) -> Value {
    ok(server.post(&format!("/v1/lucid/{verb}"), body).await)
}

/// Waits as the command line does until nobody works on a session.
async fn awaited(server: &TestServer, session: &str) {
    let body = json!({"id": session, "wait_ms": WAIT_MS_MAX});
    while asked(server, "await_rest", body.clone()).await != json!(true) {}
}

#[tokio::test]
async fn the_server_works_on_what_is_said_by_a_verb() {
    let server = server(vec![Answer::Say("There is one file.")]).await;
    let session = session(&server, json!([]), json!({})).await;
    let body = json!({"id": session, "text": "list the files"});
    let said = asked(&server, "send_message", body).await;
    assert_eq!(said, json!({"is_running": false}));
    awaited(&server, &session).await;
    let events = at_rest(&server, &session).await;
    assert_eq!(of(&events, "user.message").len(), 1);
    assert_eq!(of(&events, "agent.message")[0]["content"][0]["text"], "There is one file.");
    // Going on with one that rests changes nothing.
    assert_eq!(asked(&server, "resume_session", json!({"id": session})).await, json!(true));
    awaited(&server, &session).await;
    assert_eq!(at_rest(&server, &session).await, events);
}

#[tokio::test]
async fn what_is_only_written_down_wakes_nobody() {
    let server = server(Vec::new()).await;
    let session = session(&server, json!([]), json!({})).await;
    let body = json!({"id": session, "text": "later", "queue": true});
    assert_eq!(asked(&server, "send_message", body).await, json!({"is_running": false}));
    let id = lucid_core::SessionId::parse(&session).unwrap();
    assert!(!server.app.spaces.default.live.is_working(&id));
    awaited(&server, &session).await;
    let events = events(&server, &session, "").await;
    assert!(of(&events, "session.status_running").is_empty(), "{events:?}");
}
