//! Sessions asked over HTTP, with a model that says what a test wrote.

mod at_once;
mod changed;
mod given;
mod model;
mod objects;
mod outputs;
mod removed;
mod revoked;
mod slow;
mod talk;
mod team;
mod verbs;

use std::time::Duration;

use axum::body::Body;
use axum::http::Method;
use lucid_api::event::grammar::follows_the_grammar;
use lucid_runtime::RuntimeOptions;
use serde_json::{Value, json};

use crate::testing::TestServer;

use model::{Answer, Model};

/// How often a test looks for what is about to come, 25 ms apart: for longer than anything takes
/// here, also where much else is done.
const LOOKS: usize = 1_600;

/// The name of the model that a test plays.
const MODEL: &str = "openai:played";

/// A server with a model that gives these answers, one after the other.
async fn server(answers: Vec<Answer>) -> TestServer {
    server_over(|_| (), answers).await
}

/// The same, over another runtime.
async fn server_over(below: impl FnOnce(&mut RuntimeOptions), answers: Vec<Answer>) -> TestServer {
    let model = Model::playing(answers).await;
    let sections = format!("[models.\"{MODEL}\"]\nbase_url = \"{}\"\n", model.base_url);
    TestServer::over(below, |options| options.sections = sections).await
}

/// What was asked, with nothing wrong about it.
#[track_caller]
fn ok((status, body): (u16, Value)) -> Value {
    assert_eq!(status, 200, "{body}");
    body
}

#[track_caller]
fn refused((status, body): (u16, Value), expected: u16, part: &str) {
    let message = body["error"]["message"].as_str().unwrap_or_default();
    assert_eq!(status, expected, "{body}");
    assert!(message.contains(part), "{message}");
}

fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

/// Makes an agent with some tools.
async fn agent(server: &TestServer, name: &str, tools: Value) -> String {
    let body = json!({"name": name, "model": MODEL, "tools": tools});
    id(&ok(server.post("/v1/agents", body).await))
}

/// Makes an environment of a type.
async fn environment(server: &TestServer, kind: &str) -> String {
    let body = json!({"name": kind, "config": {"type": kind}});
    id(&ok(server.post("/v1/environments", body).await))
}

/// Makes a session of an agent in the server's own environment.
async fn session(server: &TestServer, tools: Value, more: Value) -> String {
    let agent = agent(server, "coder", tools).await;
    let listed = ok(server.get("/v1/environments").await);
    let environment = match listed["data"].get(0) {
        Some(environment) => id(environment),
        None => environment(server, "cloud").await,
    };
    let mut body = json!({"agent": agent, "environment_id": environment});
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    id(&ok(server.post("/v1/sessions", body).await))
}

fn say(text: &str) -> Value {
    json!({"type": "user.message", "content": [{"type": "text", "text": text}]})
}

async fn send(server: &TestServer, session: &str, events: Value) -> (u16, Value) {
    server.post(&format!("/v1/sessions/{session}/events"), json!({ "events": events })).await
}

/// Waits until a session is idle, and gives its events; they follow the grammar.
async fn at_rest(server: &TestServer, session: &str) -> Vec<Value> {
    for _ in 0..LOOKS {
        let found = ok(server.get(&format!("/v1/sessions/{session}")).await);
        if found["status"] == "idle" {
            let events = events(server, session, "").await;
            follows_the_grammar(&events).unwrap();
            return events;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("session {session} does not rest: {:?}", events(server, session, "").await);
}

async fn events(server: &TestServer, session: &str, query: &str) -> Vec<Value> {
    let page = ok(server.get(&format!("/v1/sessions/{session}/events{query}")).await);
    page["data"].as_array().unwrap().clone()
}

fn of<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["type"] == kind).collect()
}

/// The events in the frames of a stream.
fn told(stream: &str) -> Vec<Value> {
    let mut events = Vec::new();
    for frame in stream.split("\n\n").filter(|frame| !frame.is_empty() && !frame.starts_with(':')) {
        let (name, data) = frame.split_once('\n').unwrap();
        let event: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(name.strip_prefix("event: "), event["type"].as_str());
        events.push(event);
    }
    events
}
