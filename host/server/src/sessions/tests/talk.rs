//! Talking to a session.

use futures::StreamExt as _;

use super::*;

fn custom() -> Value {
    let schema = json!({"type": "object", "properties": {"q": {"type": "string"}}});
    json!([{"type": "custom", "name": "ask", "description": "Asks.", "input_schema": schema}])
}

#[tokio::test]
async fn what_is_said_is_answered_and_told_to_who_listens() {
    let server = server(vec![Answer::Say("There is one file.")]).await;
    let session = session(&server, json!([]), json!({"title": "t"})).await;
    let path = format!("/v1/sessions/{session}");
    let stream = format!("{path}/events/stream?event_deltas[]=agent.message");
    // The stream is open before anything is said.
    let mut stream = server.open(&stream).await.into_data_stream();
    let sent = ok(send(&server, &session, json!([say("list the files")])).await);
    assert_eq!(sent["data"][0]["type"], "user.message");
    assert_eq!(sent["data"].as_array().unwrap().len(), 1);
    let events = at_rest(&server, &session).await;
    // Who listens is told of the rest before the session goes.
    let mut heard = String::new();
    while !heard.contains("event: session.status_idle\n") {
        let frame = stream.next().await.expect("the stream goes on").unwrap();
        heard.push_str(std::str::from_utf8(&frame).unwrap());
    }
    let deleted = ok(server.delete(&path).await);
    assert_eq!(deleted, json!({"id": session, "type": "session_deleted"}));
    while let Some(frame) = stream.next().await {
        heard.push_str(std::str::from_utf8(&frame.unwrap()).unwrap());
    }
    let mut told = told(&heard);
    assert_eq!(of(&events, "agent.message")[0]["content"][0]["text"], "There is one file.");
    assert_eq!(told.pop().unwrap()["type"], "session.deleted");
    let (deltas, told): (Vec<_>, Vec<_>) =
        told.into_iter().partition(|event| event["type"].as_str().unwrap().starts_with("event_"));
    assert_eq!(told, events);
    let text = |event: &Value| event.pointer("/delta/content/text")?.as_str().map(str::to_owned);
    let along: String = deltas.iter().filter_map(text).collect();
    assert!("There is one file.".starts_with(&along), "{along}");
    assert_eq!(server.get(&path).await.0, 404);
}

#[tokio::test]
async fn a_session_that_begins_with_a_message_runs_at_once() {
    let server = server(vec![Answer::Say("one"), Answer::Say("two")]).await;
    let more = json!({"initial_events": [say("go")], "metadata": {"a": "b"}});
    let agent = agent(&server, "coder", json!([])).await;
    let environment = environment(&server, "cloud").await;
    let mut body = json!({"agent": agent, "environment_id": environment});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let made = ok(server.post("/v1/sessions", body).await);
    assert_eq!(made["status"], "running");
    let session = id(&made);
    at_rest(&server, &session).await;
    ok(send(&server, &session, json!([say("on")])).await);
    let events = at_rest(&server, &session).await;
    assert_eq!(of(&events, "session.status_running").len(), 2);
    let found = ok(server.get(&format!("/v1/sessions/{session}")).await);
    assert_eq!(found["usage"]["input_tokens"], 200);
    assert_eq!(found["usage"]["output_tokens"], 14);
    assert!(found["stats"]["active_seconds"].is_number());
    let threads = ok(server.get(&format!("/v1/sessions/{session}/threads")).await);
    let primary = &threads["data"][0];
    assert_eq!(
        (&primary["parent_thread_id"], &primary["agent"]["name"]),
        (&Value::Null, &"coder".into())
    );
    assert_eq!(primary["usage"]["output_tokens"], 14);
    let path = format!("/v1/sessions/{session}/threads/{}", id(primary));
    let own = ok(server.get(&format!("{path}/events")).await);
    assert_eq!(own["data"].as_array().unwrap(), &events);
    refused(server.post(&format!("{path}/archive"), Value::Null).await, 400, "primary");
    assert_eq!(server.get(&format!("{path}/events/stream")).await.0, 404);
}

#[tokio::test]
async fn a_custom_tool_is_answered_by_the_client() {
    let call = Answer::Call(vec![("ask", json!({"q": "1"})), ("ask", json!({"q": "2"}))]);
    let server = server(vec![call, Answer::Say("done")]).await;
    let session = session(&server, custom(), json!({"initial_events": [say("go")]})).await;
    let events = at_rest(&server, &session).await;
    let calls: Vec<_> = of(&events, "agent.custom_tool_use").into_iter().map(id).collect();
    assert_eq!(calls.len(), 2);
    let waits = events.last().unwrap();
    assert_eq!(waits["stop_reason"], json!({"type": "requires_action", "event_ids": calls}));
    refused(send(&server, &session, json!([say("and?")])).await, 400, "settle them first");
    let result = |call: &str| {
        json!({"type": "user.custom_tool_result",
        "custom_tool_use_id": call, "content": [{"type": "text", "text": "4"}]})
    };
    let wrong = json!({"type": "user.tool_result", "tool_use_id": calls[0]});
    refused(send(&server, &session, json!([wrong])).await, 400, "self_hosted");
    ok(send(&server, &session, json!([result(&calls[0])])).await);
    // One that is left is told of again.
    let mut left = Vec::new();
    for _ in 0..LOOKS {
        left = events_idle(&server, &session).await;
        if left == [calls[1].clone()] {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(left, [calls[1].clone()]);
    refused(send(&server, &session, json!([result(&calls[0])])).await, 400, "result already");
    let sent = ok(send(&server, &session, json!([result(&calls[1])])).await);
    assert!(sent["data"][0]["processed_at"].is_string());
    for _ in 0..LOOKS {
        if !of(&at_rest(&server, &session).await, "agent.message").is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let events = at_rest(&server, &session).await;
    assert_eq!(events.last().unwrap()["stop_reason"]["type"], "end_turn");
    assert_eq!(of(&events, "user.custom_tool_result").len(), 2);
    let only = super::events(&server, &session, "?types[]=agent.custom_tool_use&limit=1").await;
    assert_eq!(only.len(), 1);
    refused(server.get(&format!("/v1/sessions/{session}/events?types[]=x")).await, 400, "types");
}

/// The calls that the last rest of a session names.
async fn events_idle(server: &TestServer, session: &str) -> Vec<String> {
    let query = "?types[]=session.status_idle&order=desc&limit=1";
    let last = events(server, session, query).await;
    let ids = last[0]["stop_reason"]["event_ids"].as_array().cloned().unwrap_or_default();
    ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_works_is_interrupted_before_it_is_put_away() {
    let server = server(vec![Answer::Wait]).await;
    let session = session(&server, json!([]), json!({"initial_events": [say("go")]})).await;
    let path = format!("/v1/sessions/{session}");
    refused(server.post(&format!("{path}/archive"), Value::Null).await, 409, "interrupt");
    refused(server.delete(&path).await, 409, "interrupt");
    for _ in 0..LOOKS {
        if !of(&events(&server, &session, "").await, "span.model_request_start").is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    ok(send(&server, &session, json!([{"type": "user.interrupt"}])).await);
    let events = at_rest(&server, &session).await;
    assert_eq!(events.last().unwrap()["stop_reason"]["type"], "end_turn");
    let archived = ok(server.post(&format!("{path}/archive"), Value::Null).await);
    assert_eq!(archived["status"], "terminated");
    assert!(archived["archived_at"].is_string());
    assert_eq!(ok(server.post(&format!("{path}/archive"), Value::Null).await)["id"], session);
    refused(send(&server, &session, json!([say("more")])).await, 409, "over");
    refused(server.post(&path, json!({"title": "x"})).await, 409, "over");
    let left = ok(server.get("/v1/sessions").await);
    assert_eq!(left["data"], json!([]));
    let all = ok(server.get("/v1/sessions?include_archived=true").await);
    assert_eq!(all["data"][0]["id"], session);
    ok(server.delete(&path).await);
}

#[tokio::test]
async fn pages_of_events_are_the_whole_log_in_both_orders() {
    let server = server(vec![Answer::Say("one")]).await;
    let session = session(&server, json!([]), json!({"initial_events": [say("go")]})).await;
    let whole = at_rest(&server, &session).await;
    for order in ["asc", "desc"] {
        let (mut read, mut page) = (Vec::new(), String::new());
        loop {
            let query = format!("?limit=3&order={order}{page}");
            let path = format!("/v1/sessions/{session}/events{query}");
            let found = ok(server.get(&path).await);
            read.extend(found["data"].as_array().unwrap().clone());
            let Some(next) = found["next_page"].as_str() else { break };
            page = format!("&page={next}");
        }
        if order == "desc" {
            read.reverse();
        }
        assert_eq!(read, whole, "{order}");
    }
    let none = "?created_at[lt]=2000-01-01T00:00:00Z";
    assert!(events(&server, &session, none).await.is_empty());
    refused(
        server.get(&format!("/v1/sessions/{session}/events/stream?event_deltas[]=x")).await,
        400,
        "event_deltas",
    );
}
