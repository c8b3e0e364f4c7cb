//! Sessions whose work is done by others: workers, and agents of a roster.

use futures::future::join_all;

use super::*;

#[tokio::test]
async fn a_worker_is_called_for_what_only_it_can_run() {
    let call = Answer::Call(vec![("bash", json!({"command": "ls"}))]);
    let server = server(vec![call, Answer::Say("one file")]).await;
    let environment = environment(&server, "self_hosted").await;
    let agent = agent(&server, "coder", json!([{"type": "agent_toolset_20260401"}])).await;
    let file = json!([{"type": "file", "file_id": "file_1"}]);
    let body = json!({"agent": agent, "environment_id": environment});
    let mut wrong = body.clone();
    wrong["resources"] = file;
    refused(server.post("/v1/sessions", wrong).await, 400, "memory stores only");
    let session = id(&ok(server.post("/v1/sessions", body).await));
    ok(send(&server, &session, json!([say("list")])).await);
    let events = at_rest(&server, &session).await;
    let call = of(&events, "agent.tool_use")[0];
    assert_eq!((&call["name"], &call["evaluated_permission"]), (&"bash".into(), &"allow".into()));
    let mut work = Value::Null;
    for _ in 0..LOOKS {
        let path = format!("/v1/environments/{environment}/work");
        work = ok(server.get(&path).await)["data"][0].clone();
        if !work.is_null() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(work["data"], json!({"type": "session", "id": session}));
    let result = json!({"type": "user.tool_result", "tool_use_id": call["id"],
        "content": [{"type": "text", "text": "a.txt"}]});
    ok(send(&server, &session, json!([result])).await);
    for _ in 0..LOOKS {
        if !of(&at_rest(&server, &session).await, "agent.message").is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("nobody went on");
}

#[tokio::test]
async fn a_roster_works_in_threads_of_its_own() {
    let order = json!({"agent_name": "reader", "message": "read it"});
    let server = server(vec![
        Answer::Call(vec![("send_to_agent", order)]),
        Answer::Say("I wait."),
        Answer::Say("It is fine."),
        Answer::Say("All is fine."),
    ])
    .await;
    let reader = agent(&server, "reader", json!([])).await;
    let others = json!({"type": "coordinator", "agents": [reader]});
    let lead = json!({"name": "lead", "model": MODEL, "multiagent": others});
    let lead = id(&ok(server.post("/v1/agents", lead).await));
    let environment = environment(&server, "cloud").await;
    let body = json!({"agent": lead, "environment_id": environment,
        "initial_events": [say("go")]});
    let session = id(&ok(server.post("/v1/sessions", body).await));
    let events = at_rest(&server, &session).await;
    let created = of(&events, "session.thread_created");
    assert_eq!((created.len(), &created[0]["agent_name"]), (1, &"reader".into()));
    let threads = ok(server.get(&format!("/v1/sessions/{session}/threads")).await);
    let child = &threads["data"][1];
    assert_eq!((&child["agent"]["id"], &child["status"]), (&reader.into(), &"idle".into()));
    assert_eq!(child["parent_thread_id"], threads["data"][0]["id"]);
    let path = format!("/v1/sessions/{session}/threads/{}", id(child));
    let own = ok(server.get(&format!("{path}/events")).await);
    let own = own["data"].as_array().unwrap();
    assert_eq!(of(own, "agent.thread_message_received").len(), 1);
    assert_eq!(of(own, "agent.thread_message_sent").len(), 1);
    // Of the child only its statuses are told to everybody.
    assert!(of(&events, "session.thread_status_idle").len() > 1);
    // Of many at once one puts it away, and the others find it so.
    let archive = format!("{path}/archive");
    let archived = join_all((0..4).map(|_| server.post(&archive, Value::Null))).await;
    for archived in archived.into_iter().map(ok) {
        assert_eq!(archived["status"], "terminated");
        assert!(archived["archived_at"].is_string());
    }
    let events = super::events(&server, &session, "").await;
    assert_eq!(of(&events, "session.thread_status_terminated").len(), 1);
}
