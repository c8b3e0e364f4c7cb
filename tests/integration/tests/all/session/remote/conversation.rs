//! A conversation with refusals, a cut stream, thinking and parallel calls: from the first
//! request to the same event log, over HTTP and out of a recording.

use std::fs::{self, File};

use lucid_core::{Event, IdleReason, Session, ThreadId, TokenUsage};
use lucid_runtime::{Pace, RunOptions, Runtime, SessionEnd, Transports, World};
use lucid_tests::{Missions, log};
use serde_json::{Value, json};

use super::server::{Reply, Seen, Server};
use super::wire::{Answer, Format};
use super::{KEY, Log, count, errors, options, said, usage};

/// Signatures as providers make them.
const SIGNATURES: [&str; 2] = ["EqQBCgIYAhIM1gbcDa9GJwZA2b3h+/==", "ErUBCkYIBBgCIkDx0c/Zz+A="];
const REDACTED: &str = "EmwKAhgBEgy3va3pzix/LafPsn4=";
const LAST: &str = "They say four and five.";

/// Requests of one run.
const REQUESTS: usize = 6;

/// An event as it is compared: its number, type and thread, and all that it says.
type Line = (u32, String, Option<ThreadId>, Value);

fn inputs() -> [Value; 5] {
    let path = |name: &str| format!("/workspace/{name}");
    let write = |name: &str, content: &str| json!({"file_path": path(name), "content": content});
    let read = |name: &str| json!({"file_path": path(name)});
    [
        write("a.txt", "four — 4\n"),
        write("b.txt", "five — 5\n"),
        read("b.txt"),
        read("a.txt"),
        read("c.txt"),
    ]
}

fn answers(format: Format) -> [Answer; 3] {
    let [write_a, write_b, read_b, read_a, read_c] = inputs();
    [
        Answer {
            thinks: Some(("Two files — I write both at once.", SIGNATURES[0])),
            text: "I write both.",
            calls: vec![("write", write_a), ("write", write_b)],
            tokens: (412, 380, 96),
            ..Answer::default()
        },
        Answer {
            thinks: Some(("Then I read them, naïvely.", SIGNATURES[1])),
            redacted: (format == Format::Anthropic).then_some(REDACTED),
            text: "I read both.",
            calls: vec![("read", read_b), ("read", read_a), ("read", read_c)],
            tokens: (20, 800, 50),
        },
        Answer { text: LAST, tokens: (30, 900, 12), ..Answer::default() },
    ]
}

/// What one run gets: two refusals before the first answer, and half a second one.
fn script(format: Format) -> Vec<Reply> {
    let [first, second, last] = answers(format);
    let stream = format.stream(&second);
    // Inside of a call: thoughts and text were there already.
    let at = stream.len() / 4 * 3;
    let half = String::from_utf8_lossy(&stream.as_bytes()[..at]).into_owned();
    assert!(half.contains("I read") && half.contains("provider_0"), "{half}");
    vec![
        format.overloaded(),
        format.rate_limited("0"),
        format.says(&first),
        Reply::cut(&stream, at),
        Reply::stream(&stream),
        format.says(&last),
    ]
}

/// Runs the mission in a state folder of its own.
async fn run(
    missions: &Missions,
    state: &str,
    world: &World,
    transports: Transports,
) -> (Runtime, Session, SessionEnd) {
    // Where it is loaded is kept: its plugin is compiled once.
    let options = options(missions, "loading", transports);
    let (_, mission) = Runtime::open_for(options, &missions.mission()).await.unwrap();
    let runtime = Runtime::open(Missions::options(&missions.root().join(state))).unwrap();
    let run = runtime.run_once(&mission, 1, world, &RunOptions::default()).await;
    let (session, end) = run.unwrap();
    (runtime, session, end)
}

/// A log to compare. How a connection breaks is said by whoever broke it, in its own words.
fn lines(log: &Log) -> Vec<Line> {
    fn plain(value: &mut Value) {
        match value {
            Value::Object(fields) => fields.values_mut().for_each(plain),
            Value::Array(items) => items.iter_mut().for_each(plain),
            Value::String(text) if text.contains("broke") => *text = "it broke".to_owned(),
            _ => {}
        }
    }
    let line = |(seq, record, _): &(u32, lucid_core::EventRecord, Event)| {
        let mut body = serde_json::from_str(&record.body).unwrap();
        plain(&mut body);
        (*seq, record.kind.clone(), record.thread_id.clone(), body)
    };
    log.iter().map(line).collect()
}

/// As `assert_eq`, but shows the first difference alone.
fn assert_same(one: &[Line], other: &[Line]) {
    for (line, other) in one.iter().zip(other) {
        assert_eq!(line, other);
    }
    assert_eq!(one.len(), other.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_of_the_messages_api_gives_the_same_log_live_and_from_a_recording() {
    conversation(Format::Anthropic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_of_chat_completions_gives_the_same_log_live_and_from_a_recording() {
    conversation(Format::OpenAi).await;
}

async fn conversation(format: Format) {
    let server = Server::start(script(format)).await;
    let thinking = if format == Format::Anthropic { "thinking_tokens = 2_048" } else { "" };
    let mission = format.mission(&server.url, thinking);
    let missions = Missions::new(&[("mission.toml", &mission)], &[]);
    let file = missions.root().join("cassette.jsonl");
    let tape = Transports::record(File::create(&file).unwrap());
    let world = || World::deterministic(7);
    let (runtime, session, end) = run(&missions, "first", &world(), tape).await;
    assert_eq!((end.idle, end.last_text.as_str()), (IdleReason::EndTurn, LAST));
    let first = log(&runtime, &session.id).await;
    check_log(format, &first);
    let total = TokenUsage {
        input_tokens: 412 + 20 + 30,
        cache_read_tokens: 380 + 800 + 900,
        output_tokens: 96 + 50 + 12,
        cache_write_tokens: 0,
    };
    assert_eq!(usage(&runtime, &session.id).await, total);
    let seen = server.seen();
    check_requests(format, &seen);

    server.script(script(format));
    let (runtime, session, _) = run(&missions, "second", &world(), Transports::default()).await;
    assert_same(&lines(&first), &lines(&log(&runtime, &session.id).await));
    let bodies = |seen: &[Seen]| seen.iter().map(|seen| seen.body.clone()).collect::<Vec<_>>();
    let all = server.seen();
    assert_eq!(bodies(&all[REQUESTS..]), bodies(&seen));

    let cassette = fs::read_to_string(&file).unwrap();
    assert!(!cassette.contains(KEY));
    assert_eq!(cassette.lines().count(), 1 + REQUESTS);
    let replay = || Transports::replay(&cassette, Pace::AtOnce).unwrap();
    let (runtime, session, _) = run(&missions, "replayed", &world(), replay()).await;
    assert_same(&lines(&first), &lines(&log(&runtime, &session.id).await));

    // What a model is sent holds no id and no time of its run, so a recording plays for a run
    // with others too.
    let (runtime, session, end) = run(&missions, "other", &World::real(), replay()).await;
    assert_eq!((end.idle, end.last_text.as_str()), (IdleReason::EndTurn, LAST));
    let other = log(&runtime, &session.id).await;
    check_log(format, &other);
    assert_ne!(lines(&first), lines(&other));
    assert_eq!(server.seen().len(), 2 * REQUESTS, "a recording asks nobody");
}

/// Every refusal is an event, nothing of the half answer is there, and whole answers alone
/// cost something.
fn check_log(format: Format, log: &Log) {
    let retrying = ["overloaded_error", "rate_limited_error", "request_failed_error"]
        .map(|kind| (format!("model_{kind}"), "retrying".to_owned()));
    assert_eq!(errors(log), retrying);
    assert_eq!(count(log, "session.status_rescheduled"), 3);
    assert_eq!(count(log, "session.thread_status_rescheduled"), 3);
    assert_eq!(said(log), ["I write both.", "I read both.", LAST]);
    let calls = log.iter().filter_map(|(_, _, event)| match event {
        Event::ToolUse { input, .. } => Some(input.clone()),
        _ => None,
    });
    assert_eq!(calls.collect::<Vec<_>>(), inputs());
    let thoughts = log.iter().filter_map(|(_, _, event)| match event {
        Event::AgentThinking { lucid } => Some(lucid.as_ref().map(|thought| {
            let kept = thought.signature.clone().or(thought.redacted.clone());
            kept.unwrap()
        })),
        _ => None,
    });
    let thoughts: Vec<_> = thoughts.collect();
    match format {
        Format::Anthropic => {
            let kept = [SIGNATURES[0], SIGNATURES[1], REDACTED];
            assert_eq!(thoughts, kept.map(|kept| Some(kept.to_owned())));
        }
        // Nobody wants these back: that there were some is enough.
        Format::OpenAi => assert_eq!(thoughts, [None, None]),
    }
    let ends = log.iter().filter_map(|(_, _, event)| match event {
        Event::ModelRequestEnd { is_error, model_usage, .. } => {
            Some((*is_error, TokenUsage::from(*model_usage).total()))
        }
        _ => None,
    });
    let cost = [(true, 0), (true, 0), (false, 888), (true, 0), (false, 870), (false, 942)];
    assert_eq!(ends.collect::<Vec<_>>(), cost);
    let failed = log.iter().filter_map(|(_, _, event)| match event {
        Event::ToolResult { is_error, .. } => Some(*is_error),
        _ => None,
    });
    // Files are written one after the other; they are read at the same time.
    let mut failed: Vec<_> = failed.collect();
    failed[2..].sort_unstable();
    assert_eq!(failed, [false, false, false, false, true]);
}

/// What was sent: the same again after a failure, and all that was said before it, unchanged.
fn check_requests(format: Format, seen: &[Seen]) {
    assert_eq!(seen.len(), REQUESTS);
    let (path, header, key) = match format {
        Format::Anthropic => ("/v1/messages", "x-api-key", KEY.to_owned()),
        Format::OpenAi => ("/v1/chat/completions", "authorization", format!("Bearer {KEY}")),
    };
    for request in seen {
        assert_eq!(request.line, format!("POST {path} HTTP/1.1"));
        assert_eq!(request.header(header), Some(key.as_str()));
        assert_eq!(request.body["stream"], true);
        format.assert_paired(&request.body);
    }
    for (one, again) in [(0, 1), (0, 2), (3, 4)] {
        assert_eq!(seen[one].body, seen[again].body, "{one} and {again}");
    }
    let tools = seen[0].body["tools"].as_array().unwrap().iter();
    let names = tools.map(|tool| match format {
        Format::Anthropic => tool["name"].as_str().unwrap(),
        Format::OpenAi => tool["function"]["name"].as_str().unwrap(),
    });
    let names: Vec<_> = names.collect();
    assert!(["read", "write", "glob"].iter().all(|name| names.contains(name)), "{names:?}");
    match format {
        Format::Anthropic => check_messages(&seen[5].body),
        Format::OpenAi => check_chat(&seen[5].body),
    }
}

/// The last request of the Messages API.
fn check_messages(body: &Value) {
    assert_eq!(body["thinking"], json!({"type": "enabled", "budget_tokens": 2_048}));
    let mark = json!({"type": "ephemeral"});
    let messages = body["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 5, "{body:#}");
    // Four places say what to keep: the tools, the system prompt, and the last two messages
    // of the user, each at its end.
    assert_eq!(body.to_string().matches("cache_control").count(), 4);
    assert_eq!(body["tools"].as_array().unwrap().last().unwrap()["cache_control"], mark);
    let system = json!([{"type": "text", "text": "You compare files.", "cache_control": mark}]);
    assert_eq!(body["system"], system);
    for message in [2, 4] {
        let blocks = messages[message]["content"].as_array().unwrap();
        assert_eq!(blocks.last().unwrap()["cache_control"], mark, "{message}");
    }
    let [write_a, write_b, read_b, read_a, read_c] = inputs();
    let call = |number: u32, name: &str, input: Value| {
        let id = format!("toolu_{number}");
        json!({"type": "tool_use", "id": id, "name": name, "input": input})
    };
    let thinking = |text: &str, signed: &str| {
        let kind = "thinking";
        json!({"type": kind, "thinking": text, "signature": signed})
    };
    let said = |text: &str| json!({"type": "text", "text": text});
    assert_eq!(messages[0]["content"], json!([said("What do the files say?")]));
    let first = json!([
        thinking("Two files — I write both at once.", SIGNATURES[0]),
        said("I write both."),
        call(0, "write", write_a),
        call(1, "write", write_b),
    ]);
    assert_eq!(messages[1], json!({"role": "assistant", "content": first}));
    let second = json!([
        thinking("Then I read them, naïvely.", SIGNATURES[1]),
        {"type": "redacted_thinking", "data": REDACTED},
        said("I read both."),
        call(2, "read", read_b),
        call(3, "read", read_a),
        call(4, "read", read_c),
    ]);
    assert_eq!(messages[3], json!({"role": "assistant", "content": second}));
    let result = |number: usize, text: &str| {
        let result = &messages[4]["content"][number];
        assert_eq!(result["content"], json!([said(text)]));
        assert!(result.get("is_error").is_none(), "{result}");
    };
    result(0, "five — 5\n");
    result(1, "four — 4\n");
    assert_eq!(messages[4]["content"][2]["is_error"], true);
}

/// The last request of chat completions.
fn check_chat(body: &Value) {
    let messages = body["messages"].as_array().unwrap();
    let roles: Vec<_> = messages.iter().map(|one| one["role"].as_str().unwrap()).collect();
    let turn = |calls: usize| [vec!["assistant"], vec!["tool"; calls]].concat();
    assert_eq!(roles, [vec!["system", "user"], turn(2), turn(3)].concat());
    assert_eq!(messages[0]["content"], "You compare files.");
    assert_eq!(messages[1]["content"], "What do the files say?");
    assert_eq!(messages[2]["content"], "I write both.");
    assert_eq!(messages[5]["content"], "I read both.");
    let calls = [&messages[2], &messages[5]].map(|one| one["tool_calls"].as_array().unwrap());
    let inputs_sent = calls.into_iter().flatten().map(|call| {
        let arguments = call["function"]["arguments"].as_str().unwrap();
        serde_json::from_str::<Value>(arguments).unwrap()
    });
    assert_eq!(inputs_sent.collect::<Vec<_>>(), inputs());
    assert_eq!(messages[6]["content"], "five — 5\n");
    assert_eq!(messages[7]["content"], "four — 4\n");
    assert!(messages[8]["content"].as_str().unwrap().starts_with("The call failed: "));
    assert!(!body.to_string().contains("naïvely"), "reasoning is not sent back");
}
