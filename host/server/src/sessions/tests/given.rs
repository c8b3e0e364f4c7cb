//! How much a request may bring into a session, and a page of its events bring back.

use lucid_api::event::SentEvent;
use lucid_core::{EventId, EventRecord, SessionId};

use super::*;
use crate::events::PAGE_BYTES_MAX;
use crate::files::{FILE, NewFile, put_bytes};
use crate::sessions::send_to;

/// Uploads a file of so many mebibytes, and takes its bytes away: nobody reads them.
async fn large(server: &TestServer, mebibytes: u64) -> String {
    use std::io::Read as _;
    let space = server.app.spaces.default.clone();
    let new = NewFile { filename: "a.txt".into(), ..NewFile::default() };
    let bytes = std::io::repeat(b'a').take(mebibytes << 20);
    let file = put_bytes(&space, new, bytes).await.unwrap();
    space.files.remove_file(&file.id).unwrap();
    file.id
}

fn named(file: &str, times: usize) -> Value {
    let block = json!({"type": "document", "source": {"type": "file", "file_id": file}});
    json!({"type": "user.message", "content": vec![block; times]})
}

#[track_caller]
fn too_large((status, body): (u16, Value)) {
    assert_eq!((status, &body["error"]["type"]), (413, &json!("request_too_large")), "{body}");
}

#[tokio::test]
async fn a_file_that_is_named_too_often_is_refused_before_it_is_read() {
    let server = server(vec![]).await;
    let file = large(&server, 12).await;
    let session = session(&server, json!([]), json!({})).await;
    too_large(send(&server, &session, json!([named(&file, 3)])).await);
    too_large(send(&server, &session, json!([named(&file, 1000)])).await);
    too_large(send(&server, &session, json!([named(&file, 2), named(&file, 1)])).await);
    assert!(of(&events(&server, &session, "").await, "user.message").is_empty());
    let found = ok(server.get(&format!("/v1/sessions/{session}")).await);
    let body = json!({"agent": found["agent"]["id"], "environment_id": found["environment_id"],
        "initial_events": [named(&file, 3)]});
    too_large(server.post("/v1/sessions", body).await);
    assert_eq!(ok(server.get("/v1/sessions").await)["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn copies_of_a_file_are_bounded_together_before_any_is_made() {
    let server = server(vec![]).await;
    let file = large(&server, 1).await;
    let space = server.app.spaces.default.clone();
    // As if it were a large one.
    let said = |document: &lucid_store::Document, mut value: lucid_api::file::FileObject| {
        value.size_bytes = 300 << 20;
        let (key, archived_at) = (document.key.clone(), document.archived_at);
        Ok(crate::documents::Change::Put { value, key, archived_at, version: document.version })
    };
    space.change(FILE, &file, said).await.unwrap();
    let agent = agent(&server, "coder", json!([])).await;
    let environment = environment(&server, "cloud").await;
    let resource = |path: &str| json!({"type": "file", "file_id": file, "mount_path": path});
    let body = json!({"agent": agent, "environment_id": environment,
        "resources": [resource("a"), resource("b")]});
    too_large(server.post("/v1/sessions", body).await);
    assert!(ok(server.get("/v1/sessions").await)["data"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_page_of_large_events_ends_early_and_pages_together_have_them_all() {
    let server = server(vec![]).await;
    let session = session(&server, json!([]), json!({})).await;
    let (space, id_of) = (server.app.spaces.default.clone(), SessionId::parse(&session).unwrap());
    // Two of them fit a page, and three do not.
    let large = say(&"a".repeat(PAGE_BYTES_MAX / 5 * 2));
    for _ in 0..3 {
        let events: Vec<SentEvent> = lucid_api::value(json!([large])).unwrap();
        send_to(&space, &id_of, false, &events).await.unwrap();
    }
    for order in ["asc", "desc"] {
        let path = format!("/v1/sessions/{session}/events?types[]=user.message&order={order}");
        let first = ok(server.get(&path).await);
        let next = first["next_page"].as_str().unwrap();
        let second = ok(server.get(&format!("{path}&page={next}")).await);
        let ids =
            |page: &Value| page["data"].as_array().unwrap().iter().map(id).collect::<Vec<_>>();
        let (first, rest) = (ids(&first), ids(&second));
        assert_eq!((first.len(), rest.len(), &second["next_page"]), (2, 1, &Value::Null));
        assert!(!first.contains(&rest[0]) && first[0] != first[1]);
    }
}

#[tokio::test]
async fn a_log_that_is_full_takes_what_ends_its_work_and_nothing_more() {
    let call = Answer::Call(vec![("bash", json!({"command": "ls"}))]);
    let most = |options: &mut RuntimeOptions| options.log_bytes_max = 1 << 20;
    let server = server_over(most, vec![call, Answer::Say("done")]).await;
    let environment = environment(&server, "self_hosted").await;
    let ask = json!({"permission_policy": {"type": "always_ask"}});
    let tools = json!([{"type": "agent_toolset_20260401", "default_config": ask}]);
    let agent = agent(&server, "coder", tools).await;
    let body = json!({"agent": agent, "environment_id": environment,
        "initial_events": [say("go")]});
    let session = id(&ok(server.post("/v1/sessions", body).await));
    let path = format!("/v1/sessions/{session}");
    let call = id(of(&at_rest(&server, &session).await, "agent.tool_use")[0]);
    let space = server.app.spaces.default.clone();
    let record = EventRecord {
        id: space.new_id(EventId::new),
        kind: "x.large".to_owned(),
        thread_id: None,
        created_at: space.clock.now(),
        body: "x".repeat(1 << 20),
    };
    let parsed = SessionId::parse(&session).unwrap();
    space.runtime.store.post_events(&parsed, vec![record]).await.unwrap();
    too_large(server.post(&path, json!({"title": "x"})).await);
    let deny = json!({"type": "user.tool_confirmation", "tool_use_id": call, "result": "deny"});
    ok(send(&server, &session, json!([deny])).await);
    let events = at_rest(&server, &session).await;
    assert_eq!(events.last().unwrap()["stop_reason"]["type"], "end_turn");
    let full = send(&server, &session, json!([say("more")])).await;
    let told = full.1["error"]["message"].as_str().unwrap_or_default().to_owned();
    too_large(full);
    assert!(told.contains("1 MiB") && told.contains("begin another session"), "{told}");
    let interrupt = json!({"type": "user.interrupt"});
    too_large(send(&server, &session, json!([interrupt, say("more")])).await);
    ok(send(&server, &session, json!([interrupt])).await);
    ok(server.delete(&path).await);
}
