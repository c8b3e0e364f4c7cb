//! What several ask of one session at once, and what nobody was woken for.

use std::collections::BTreeMap;

use futures::future::join_all;
use lucid_core::SessionId;

use super::*;
use crate::sessions::{Looked, send_to, wake_all};

fn custom(name: &str) -> Value {
    json!([{"type": "custom", "name": name, "description": "Asks.",
        "input_schema": {"type": "object"}}])
}

#[tokio::test]
async fn of_many_changes_at_once_the_mission_is_that_of_the_last() {
    let server = server(vec![]).await;
    let session = session(&server, json!([]), json!({})).await;
    let path = format!("/v1/sessions/{session}");
    let changes = (0..8).map(|n| {
        let body = json!({"agent": {"tools": custom(&format!("tool_{n}"))},
            "metadata": {format!("k{n}"): "v"}});
        server.post(&path, body)
    });
    for answered in join_all(changes).await {
        ok(answered);
    }
    let found = ok(server.get(&path).await);
    assert_eq!(found["metadata"].as_object().unwrap().len(), 8);
    let tool = found["agent"]["tools"][0]["name"].as_str().unwrap();
    let folder = server.app.options.state.join("sessions").join(&session);
    #[expect(clippy::disallowed_methods, reason = "looks at what the server wrote")]
    let mission = std::fs::read_to_string(folder.join("mission/mission.toml")).unwrap();
    assert!(mission.contains(tool), "{tool} is not in {mission}");
}

#[tokio::test]
async fn of_many_results_of_one_call_at_once_the_log_has_one() {
    let call = Answer::Call(vec![("ask", json!({}))]);
    let server = server(vec![call, Answer::Say("done")]).await;
    let more = json!({"initial_events": [say("go")]});
    let session = session(&server, custom("ask"), more).await;
    let events = at_rest(&server, &session).await;
    let call = id(of(&events, "agent.custom_tool_use")[0]);
    let result = json!([{"type": "user.custom_tool_result", "custom_tool_use_id": call}]);
    let sent = join_all((0..8).map(|_| send(&server, &session, result.clone()))).await;
    let taken = sent.iter().filter(|(status, _)| *status == 200).count();
    let refused = sent.iter().filter(|(status, _)| *status == 400).count();
    assert_eq!((taken, refused), (1, 7), "{sent:?}");
    let query = "?types[]=user.custom_tool_result";
    assert_eq!(super::events(&server, &session, query).await.len(), 1);
}

#[tokio::test]
async fn a_message_that_nobody_was_woken_for_is_found() {
    let server = server(vec![Answer::Say("here")]).await;
    let session = session(&server, json!([]), json!({})).await;
    let (space, id) = (server.app.spaces.default.clone(), SessionId::parse(&session).unwrap());
    let mut looked = Looked::default();
    assert_eq!(wake_all(&space, &mut looked).await.unwrap(), 0);
    let events = lucid_api::value(json!([say("anybody?")])).unwrap();
    let events: Vec<lucid_api::event::SentEvent> = events;
    send_to(&space, &id, false, &events).await.unwrap();
    assert_eq!(wake_all(&space, &mut looked).await.unwrap(), 1);
    for _ in 0..LOOKS {
        let events = super::events(&server, &session, "").await;
        if !of(&events, "agent.message").is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("nobody answers");
}

#[tokio::test]
async fn a_session_that_has_nothing_to_do_is_read_once() {
    let server = server(vec![]).await;
    let session = session(&server, json!([]), json!({})).await;
    let (space, id) = (server.app.spaces.default.clone(), SessionId::parse(&session).unwrap());
    ok(server.post(&format!("/v1/sessions/{session}"), json!({"title": "t"})).await);
    let head = space.runtime.store.head(&id).await.unwrap().unwrap();
    let mut looked = BTreeMap::new();
    let nobody = lucid_runtime::Unattended::default();
    assert_eq!(space.runtime.newly_unattended(&mut looked).await.unwrap(), nobody);
    assert_eq!(looked, BTreeMap::from([(id.clone(), head)]));
    // One that says it was read is believed, until it has more.
    let events = lucid_api::value(json!([say("anybody?")])).unwrap();
    let events: Vec<lucid_api::event::SentEvent> = events;
    send_to(&space, &id, false, &events).await.unwrap();
    let mut all = BTreeMap::from([(id.clone(), head + 1)]);
    assert_eq!(space.runtime.newly_unattended(&mut all).await.unwrap(), nobody);
    let left = space.runtime.newly_unattended(&mut looked).await.unwrap();
    assert_eq!((left.sessions, left.unread), (vec![id], None));
    assert!(looked.is_empty());
}
