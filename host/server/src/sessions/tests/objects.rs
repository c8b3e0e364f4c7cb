//! Sessions as objects: made, changed, listed.

use lucid_core::{Event, EventId, EventRecord, Session, SessionId, ThreadId, Timestamp};

use super::*;
use crate::files::{NewFile, put_bytes};

#[tokio::test]
async fn what_a_session_is_made_of_is_there_and_usable() {
    let server = server(vec![]).await;
    let agent = agent(&server, "coder", json!([])).await;
    let environment = environment(&server, "cloud").await;
    let make = async |more: Value| {
        let mut body = json!({"agent": agent, "environment_id": environment});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        server.post("/v1/sessions", body).await
    };
    let made = ok(make(json!({"metadata": {"k": "v"}})).await);
    assert_eq!((&made["status"], &made["title"]), (&"idle".into(), &Value::Null));
    assert_eq!(made["agent"]["model"]["id"], MODEL);
    assert_eq!(made["environment_id"], environment);
    assert_eq!(ok(server.get(&format!("/v1/sessions/{}", id(&made))).await)["id"], made["id"]);
    refused(make(json!({"agent": "agent_none"})).await, 404, "agent");
    refused(make(json!({"environment_id": "env_none"})).await, 404, "environment");
    refused(make(json!({"vault_ids": ["vlt_none"]})).await, 404, "vault");
    let file = json!([{"type": "file", "file_id": "file_none"}]);
    refused(make(json!({"resources": file})).await, 404, "file");
    let clone = json!([{"type": "github_repository", "url": "https://a.b/c"}]);
    refused(make(json!({"resources": clone})).await, 501, "repositories");
    let money = json!({"amount": "100", "currency": "USD"});
    let budget = json!({"type": "limit", "max_list_cost": money});
    let (status, body) = make(json!({ "budget": budget })).await;
    let code = &body["error"]["details"]["error_code"];
    assert_eq!((status, code), (400, &"model_not_budgetable".into()));
    let server_tools = json!({"type": "agent_with_overrides", "id": agent,
        "mcp_servers": [{"type": "url", "name": "n", "url": "https://a.b"}],
        "tools": [{"type": "mcp_toolset", "mcp_server_name": "n"}]});
    refused(make(json!({ "agent": server_tools })).await, 501, "network");
    let nothing = json!({"type": "agent_with_overrides", "id": agent, "model": "plugin:none"});
    refused(make(json!({ "agent": nothing })).await, 400, "plugin");
    // What could not be made left nothing.
    assert_eq!(ok(server.get("/v1/sessions").await)["data"].as_array().unwrap().len(), 1);
    ok(server.post(&format!("/v1/environments/{environment}/archive"), Value::Null).await);
    let (status, body) = make(json!({})).await;
    let code = &body["error"]["details"]["error_code"];
    assert_eq!((status, code), (400, &"environment_archived".into()));
}

#[tokio::test]
async fn a_change_is_told_with_what_changed() {
    let server = server(vec![]).await;
    let session = session(&server, json!([]), json!({"title": "a", "metadata": {"k": "v"}})).await;
    let path = format!("/v1/sessions/{session}");
    let changed = ok(server.post(&path, json!({"title": "b", "metadata": {"k": null}})).await);
    assert_eq!((&changed["title"], &changed["metadata"]), (&"b".into(), &json!({})));
    ok(server.post(&path, json!({"title": "b"})).await);
    let tool = json!({"type": "custom", "name": "ask", "description": "Asks.",
        "input_schema": {"type": "object"}});
    let changed = ok(server.post(&path, json!({"agent": {"tools": [tool]}})).await);
    assert_eq!(changed["agent"]["tools"][0]["name"], "ask");
    let events = events(&server, &session, "?types[]=session.updated").await;
    assert_eq!(events.len(), 2);
    assert_eq!((&events[0]["title"], &events[0]["metadata"]), (&"b".into(), &json!({})));
    assert!(events[0].get("agent").is_none() && events[1]["agent"]["name"] == "coder");
    refused(server.post(&path, json!({"vault_ids": []})).await, 400, "vault_ids");
    let money = json!({"amount": "100", "currency": "USD"});
    let budget = json!({"budget": {"type": "limit", "max_list_cost": money}});
    refused(server.post(&path, budget).await, 400, "budget_create_only");
    refused(server.post(&path, json!({"colour": 1})).await, 400, "colour");
}

#[tokio::test]
async fn files_come_and_go_and_a_session_has_copies_of_its_own() {
    let server = server(vec![]).await;
    let space = server.app.spaces.default.clone();
    let new = NewFile { filename: "a.csv".into(), ..NewFile::default() };
    let file = put_bytes(&space, new, &b"a,b"[..]).await.unwrap();
    let resources = json!([{"type": "file", "file_id": file.id, "mount_path": "data/a.csv"}]);
    let session = session(&server, json!([]), json!({ "resources": resources })).await;
    let path = format!("/v1/sessions/{session}/resources");
    let listed = ok(server.get(&path).await);
    let own = &listed["data"][0];
    assert_eq!(own["mount_path"], "/mnt/session/uploads/data/a.csv");
    assert_ne!(own["file_id"], file.id);
    let add = json!({"type": "file", "file_id": file.id});
    let added = ok(server.post(&path, add.clone()).await);
    assert_eq!(added["mount_path"], format!("/mnt/session/uploads/{}", file.id));
    refused(server.post(&path, add).await, 409, "there is a file");
    let one = format!("{path}/{}", id(&added));
    assert_eq!(ok(server.get(&one).await), added);
    let token = json!({"authorization_token": "x"});
    refused(server.post(&one, token).await, 400, "github_repository");
    let page = ok(server.get(&format!("{path}?limit=1")).await);
    let next = page["next_page"].as_str().unwrap();
    let rest = ok(server.get(&format!("{path}?limit=1&page={next}")).await);
    assert_eq!((&rest["data"][0], &rest["next_page"]), (&added, &Value::Null));
    let scoped = ok(server.get(&format!("/v1/files?scope_id={session}")).await);
    assert_eq!(scoped["data"].as_array().unwrap().len(), 2);
    let gone = ok(server.delete(&one).await);
    assert_eq!(gone["type"], "session_resource_deleted");
    assert_eq!(server.get(&one).await.0, 404);
    ok(server.delete(&format!("/v1/sessions/{session}")).await);
    let scoped = ok(server.get(&format!("/v1/files?scope_id={session}")).await);
    assert_eq!(scoped["data"], json!([]));
    ok(server.get(&format!("/v1/files/{}", file.id)).await);
}

#[tokio::test]
async fn pages_of_sessions_go_on_and_back_whatever_is_deleted() {
    let server = server(vec![]).await;
    let mut made = Vec::new();
    for title in ["a", "b", "c", "d", "e"] {
        made.push(session(&server, json!([]), json!({ "title": title })).await);
        crate::testing::another_moment().await;
    }
    let titles = |page: &Value| -> String {
        let sessions = page["data"].as_array().unwrap().iter();
        sessions.map(|session| session["title"].as_str().unwrap()).collect()
    };
    let get = async |query: &str| ok(server.get(&format!("/v1/sessions?limit=2{query}")).await);
    let go = async |page: &Value, which: &str| {
        let cursor = page[which].as_str().unwrap();
        get(&format!("&page={cursor}")).await
    };
    let first = get("").await;
    assert_eq!((titles(&first).as_str(), &first["prev_page"]), ("ed", &Value::Null));
    let second = go(&first, "next_page").await;
    assert_eq!(titles(&second), "cb");
    let third = go(&second, "next_page").await;
    assert_eq!((titles(&third).as_str(), &third["next_page"]), ("a", &Value::Null));
    assert_eq!(titles(&go(&third, "prev_page").await), "cb");
    let back = go(&second, "prev_page").await;
    assert_eq!((titles(&back).as_str(), &back["prev_page"]), ("ed", &Value::Null));
    assert_eq!(titles(&go(&back, "next_page").await), "cb");
    // The sessions that cursors stand at go.
    ok(server.delete(&format!("/v1/sessions/{}", made[3])).await);
    ok(server.delete(&format!("/v1/sessions/{}", made[1])).await);
    assert_eq!(titles(&go(&first, "next_page").await), "ca");
    assert_eq!(titles(&go(&third, "prev_page").await), "ec");
    let next = first["next_page"].as_str().unwrap();
    let wrong = server.get(&format!("/v1/sessions?order=asc&page={next}")).await;
    refused(wrong, 400, "page");
    assert_eq!(titles(&get("&order=asc").await), "ac");
    assert_eq!(titles(&get("&statuses[]=running").await), "");
    assert_eq!(titles(&get("&agent_id=agent_1").await), "");
}

#[tokio::test]
async fn sessions_of_missions_are_read_as_far_as_they_are_known() {
    let server = server(vec![]).await;
    let space = server.app.spaces.default.clone();
    let session = Session {
        id: SessionId::parse("sesn_01mission").unwrap(),
        title: "a mission".into(),
        agent: "editor".into(),
        metadata: [("lucid.mission".to_owned(), "m".to_owned())].into(),
        created_at: Timestamp(1_000),
    };
    space.runtime.store.create_session(&session).await.unwrap();
    let (thread, agent_name) = (ThreadId::parse("sthr_1").unwrap(), "editor".to_owned());
    let running = Event::ThreadRunning { session_thread_id: thread.clone(), agent_name };
    let id = space.new_id(EventId::new);
    let record = EventRecord::new(id, &running, Some(thread), false, Timestamp(2_000)).unwrap();
    space.runtime.store.append_events(&session.id, 0, vec![record]).await.unwrap();
    let found = ok(server.get("/v1/sessions/sesn_01mission").await);
    assert_eq!(found["environment_id"], "env_local");
    assert_eq!(found["agent"]["name"], "editor");
    assert_eq!(found["agent"]["model"]["id"], "plugin:unknown");
    let listed = ok(server.get("/v1/sessions").await);
    assert_eq!(listed["data"][0]["id"], "sesn_01mission");
    let threads = ok(server.get("/v1/sessions/sesn_01mission/threads").await);
    assert_eq!(threads["data"][0]["status"], "running");
    let changed = ok(server.post("/v1/sessions/sesn_01mission", json!({"title": "n"})).await);
    assert_eq!(changed["title"], "n");
    let file = json!({"type": "file", "file_id": "file_1"});
    let path = "/v1/sessions/sesn_01mission/resources";
    refused(server.post(path, file).await, 400, "mission");
}

#[tokio::test]
async fn a_list_reads_no_log_of_a_session_that_it_does_not_have() {
    let server = server(vec![]).await;
    let session = session(&server, json!([]), json!({})).await;
    let sessions = &server.app.spaces.default.sessions;
    let parsed = SessionId::parse(&session).unwrap();
    sessions.forget(&parsed);
    let none = ok(server.get("/v1/sessions?deployment_id=depl_none").await);
    assert_eq!(none["data"], json!([]));
    assert!(sessions.kept().is_empty());
    let all = ok(server.get("/v1/sessions").await);
    assert_eq!(all["data"][0]["id"], session);
    assert!(sessions.kept().contains_key(&parsed));
}
