use std::sync::Mutex;

use lucid_core::{Block, StopReason, TokenUsage};
use serde_json::{Value, json};

use super::*;

fn event(data: &Value) -> sse::Event {
    sse::Event { name: data["type"].as_str().unwrap().into(), data: data.to_string() }
}

/// Feeds events until one ends the answer; gives the answer and the text that was heard.
fn read(events: &[sse::Event]) -> Result<(Completion, String), Fault> {
    let heard = Mutex::new(String::new());
    let said = |text: &str| heard.lock().unwrap().push_str(text);
    let mut answer = Box::new(Answer::default());
    for event in events {
        if answer.event(event, &said)? == ControlFlow::Break(()) {
            break;
        }
    }
    let completion = answer.finish()?;
    let heard = heard.into_inner().unwrap();
    Ok((completion, heard))
}

fn read_all(events: &[Value]) -> Result<(Completion, String), Fault> {
    read(&events.iter().map(event).collect::<Vec<_>>())
}

fn start() -> Value {
    json!({"type": "message_start", "message": {
        "id": "msg_1", "type": "message", "role": "assistant", "content": [],
        "model": "claude-sonnet-5", "stop_reason": null, "stop_sequence": null,
        "usage": {"input_tokens": 12, "output_tokens": 1, "cache_read_input_tokens": 3_000,
                  "cache_creation_input_tokens": 40, "service_tier": "standard"},
    }})
}

fn begun(index: u64, block: Value) -> Value {
    json!({"type": "content_block_start", "index": index, "content_block": block})
}

fn delta(index: u64, delta: Value) -> Value {
    json!({"type": "content_block_delta", "index": index, "delta": delta})
}

fn text(index: u64, text: &str) -> Value {
    delta(index, json!({"type": "text_delta", "text": text}))
}

fn input(index: u64, part: &str) -> Value {
    delta(index, json!({"type": "input_json_delta", "partial_json": part}))
}

fn tool(index: u64, id: &str) -> Value {
    begun(index, json!({"type": "tool_use", "id": id, "name": "look", "input": {}}))
}

fn stop(index: u64) -> Value {
    json!({"type": "content_block_stop", "index": index})
}

fn end(reason: &str) -> [Value; 2] {
    [
        json!({"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": null},
               "usage": {"output_tokens": 89}}),
        json!({"type": "message_stop"}),
    ]
}

/// An answer of one text block, ended for a reason.
fn ended(reason: &str) -> Result<(Completion, String), Fault> {
    let mut events = vec![start(), begun(0, json!({"type": "text", "text": ""})), text(0, "hi")];
    events.push(stop(0));
    events.extend(end(reason));
    read_all(&events)
}

#[test]
fn an_answer_with_thinking_text_and_parallel_calls_is_put_together() {
    let mut events = vec![
        start(),
        begun(0, json!({"type": "thinking", "thinking": "", "signature": ""})),
        json!({"type": "ping"}),
        delta(0, json!({"type": "thinking_delta", "thinking": "let me "})),
        delta(0, json!({"type": "thinking_delta", "thinking": "look"})),
        delta(0, json!({"type": "signature_delta", "signature": "EqQBCgIYAg=="})),
        stop(0),
        begun(1, json!({"type": "redacted_thinking", "data": "EmwKAhgB"})),
        stop(1),
        begun(2, json!({"type": "text", "text": ""})),
        text(2, "I look "),
        text(2, "at both."),
        stop(2),
        tool(3, "toolu_1"),
        input(3, ""),
        input(3, "{\"path\": \"a"),
        input(3, ".md\"}"),
        stop(3),
        tool(4, "toolu_2"),
        input(4, ""),
        stop(4),
    ];
    events.extend(end("tool_use"));
    let (completion, heard) = read_all(&events).unwrap();
    assert_eq!(heard, "I look at both.");
    let call = |id: &str, input_json: &str| Block::ToolUse {
        id: id.into(),
        name: "look".into(),
        input_json: input_json.into(),
    };
    assert_eq!(
        completion.content,
        [
            Block::Thinking { text: "let me look".into(), signature: Some("EqQBCgIYAg==".into()) },
            Block::RedactedThinking { data: "EmwKAhgB".into() },
            Block::Text { text: "I look at both.".into() },
            call("toolu_1", "{\"path\": \"a.md\"}"),
            call("toolu_2", "{}"),
        ]
    );
    assert_eq!(completion.stop_reason, StopReason::ToolUse);
    assert_eq!(
        completion.usage,
        TokenUsage {
            input_tokens: 12,
            output_tokens: 89,
            cache_read_tokens: 3_000,
            cache_write_tokens: 40,
        }
    );
}

#[test]
fn every_stop_reason_has_its_meaning() {
    let reason = |text: &str| ended(text).map(|(completion, _)| completion.stop_reason);
    assert_eq!(reason("end_turn"), Ok(StopReason::EndTurn));
    assert_eq!(reason("stop_sequence"), Ok(StopReason::EndTurn));
    assert_eq!(reason("pause_turn"), Ok(StopReason::EndTurn));
    assert_eq!(reason("some_later_reason"), Ok(StopReason::EndTurn));
    assert_eq!(reason("max_tokens"), Ok(StopReason::MaxTokens));
    assert_eq!(reason("refusal"), Ok(StopReason::Refusal));
    let too_long = reason("model_context_window_exceeded").unwrap_err();
    assert_eq!(too_long.kind, ModelErrorKind::TooLong);
}

#[test]
fn thinking_that_is_not_shown_keeps_its_signature() {
    let mut events = vec![
        start(),
        begun(0, json!({"type": "thinking", "thinking": "", "signature": ""})),
        delta(0, json!({"type": "signature_delta", "signature": "EqQB"})),
        stop(0),
    ];
    events.extend(end("end_turn"));
    let (completion, _) = read_all(&events).unwrap();
    let kept = Block::Thinking { text: String::new(), signature: Some("EqQB".into()) };
    assert_eq!(completion.content, [kept]);
}

#[test]
fn events_blocks_and_deltas_that_are_not_known_are_passed_over() {
    let mut events = vec![
        start(),
        json!({"type": "message_weather", "sun": true}),
        begun(0, json!({"type": "hologram", "mesh": [1]})),
        delta(0, json!({"type": "mesh_delta", "mesh": [2]})),
        stop(0),
        begun(1, json!({"type": "text", "text": ""})),
        delta(1, json!({"type": "citations_delta", "citation": {"type": "page"}})),
        text(1, "hi"),
        stop(1),
    ];
    events.extend(end("end_turn"));
    let mut events: Vec<_> = events.iter().map(event).collect();
    events.insert(2, sse::Event { name: "noise".into(), data: "not json".into() });
    let (completion, heard) = read(&events).unwrap();
    assert_eq!(completion.content, [Block::Text { text: "hi".into() }]);
    assert_eq!(heard, "hi");
}

#[test]
fn broken_input_is_passed_on_as_the_text_it_is() {
    let mut events = vec![start(), tool(0, "toolu_1"), input(0, "{\"path\": "), stop(0)];
    events.extend(end("tool_use"));
    let (completion, _) = read_all(&events).unwrap();
    let [Block::ToolUse { input_json, .. }] = completion.content.as_slice() else { panic!() };
    assert_eq!(input_json, "{\"path\": ");
    assert_eq!(completion.stop_reason, StopReason::ToolUse);
}

#[test]
fn input_that_comes_whole_is_taken_whole() {
    let block = json!({"type": "tool_use", "id": "a", "name": "look", "input": {"b": 1, "a": 2}});
    let mut events = vec![start(), begun(0, block), stop(0)];
    events.extend(end("end_turn"));
    let (completion, _) = read_all(&events).unwrap();
    let [Block::ToolUse { input_json, .. }] = completion.content.as_slice() else { panic!() };
    assert_eq!(input_json, r#"{"b":1,"a":2}"#);
    // An answer with calls waits for them, whatever the server says.
    assert_eq!(completion.stop_reason, StopReason::ToolUse);
}

#[test]
fn a_call_in_whose_middle_the_answer_ended_is_left_out() {
    for (parts, left) in [(&["{\"a\": 1}"][..], 2), (&["{\"a\": "], 1), (&[], 1)] {
        let mut events = vec![start(), tool(0, "whole"), input(0, "{}"), stop(0), tool(1, "cut")];
        events.extend(parts.iter().map(|part| input(1, part)));
        events.push(stop(1));
        events.extend(end("max_tokens"));
        let (completion, _) = read_all(&events).unwrap();
        assert_eq!(completion.content.len(), left, "{parts:?}");
        assert_eq!(completion.stop_reason, StopReason::MaxTokens);
    }
}

#[test]
fn a_stream_cut_anywhere_is_unavailable() {
    let mut events = vec![start(), begun(0, json!({"type": "text", "text": ""})), text(0, "hi")];
    events.push(stop(0));
    events.extend(end("end_turn"));
    assert!(read_all(&events).is_ok());
    for length in 0..events.len() {
        let fault = read_all(&events[..length]).unwrap_err();
        assert_eq!(fault.kind, ModelErrorKind::Unavailable, "after {length} events");
        assert!(fault.what.contains("broke off"), "{}", fault.what);
    }
}

#[test]
fn an_error_inside_the_stream_has_its_kind() {
    let check = |name: &str, kind| {
        let error = json!({"type": "error", "request_id": "req_7",
                           "error": {"type": name, "message": "not now"}});
        let fault = read_all(&[start(), error]).unwrap_err();
        assert_eq!(fault.kind, kind, "{name}");
        for words in [name, "not now", "req_7"] {
            assert!(fault.what.contains(words), "{}", fault.what);
        }
    };
    check("overloaded_error", ModelErrorKind::Overloaded);
    check("rate_limit_error", ModelErrorKind::RateLimited);
    check("api_error", ModelErrorKind::Unavailable);
    check("timeout_error", ModelErrorKind::Unavailable);
    check("authentication_error", ModelErrorKind::Unauthorized);
    check("billing_error", ModelErrorKind::Billing);
    check("invalid_request_error", ModelErrorKind::Rejected);
    check("some_later_error", ModelErrorKind::Unavailable);
    for data in ["{}", "no json", "", "{\"type\":\"error\"}"] {
        let error = sse::Event { name: "error".into(), data: data.into() };
        let fault = read(&[event(&start()), error]).unwrap_err();
        assert_eq!(fault.kind, ModelErrorKind::Unavailable, "{data}");
    }
}

#[test]
fn an_event_that_is_known_and_cannot_be_read_breaks_the_answer() {
    let known = |name: &str, data: &str| sse::Event { name: name.into(), data: data.into() };
    for broken in [
        known("content_block_delta", "{\"type\":\"content_block_delta\",\"index\":0,"),
        known("content_block_delta", "{\"type\":\"content_block_delta\",\"index\":\"zero\"}"),
        known("message_delta", "[]"),
        event(&text(4, "of no block")),
        event(&begun(0, json!({"type": "text", "text": "again"}))),
    ] {
        let first = begun(0, json!({"type": "text", "text": ""}));
        let fault = read(&[event(&start()), event(&first), broken.clone()]).unwrap_err();
        assert_eq!(fault.kind, ModelErrorKind::Unavailable, "{broken:?}");
    }
}

#[test]
fn usage_counts_up_and_survives_servers_that_leave_numbers_out() {
    let mut events = vec![start(), begun(0, json!({"type": "text", "text": "hi"})), stop(0)];
    events.push(json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"},
                       "usage": {"input_tokens": 15, "output_tokens": 20,
                                 "cache_read_input_tokens": null,
                                 "cache_creation_input_tokens": 0}}));
    events.push(json!({"type": "message_delta", "delta": {}, "usage": null}));
    events.push(json!({"type": "message_stop"}));
    let (completion, _) = read_all(&events).unwrap();
    assert_eq!(completion.stop_reason, StopReason::EndTurn);
    assert_eq!(completion.usage.total(), 15 + 20 + 3_000 + 40);
}
