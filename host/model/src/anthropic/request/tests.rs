use serde_json::{Value, json};

use super::*;
use crate::name::ModelName;

fn settings(model: &str) -> RemoteSettings {
    RemoteSettings::new(ModelName::Anthropic(model.into()))
}

fn said(text: &str) -> Block {
    Block::Text { text: text.into() }
}

fn user(content: Vec<Block>) -> Message {
    Message { role: Role::User, content }
}

fn assistant(content: Vec<Block>) -> Message {
    Message { role: Role::Assistant, content }
}

fn result(id: &str, text: &str, attachments: Vec<Block>) -> Block {
    let (tool_use_id, text) = (id.into(), text.into());
    Block::ToolResult { tool_use_id, text, is_error: false, attachments }
}

fn call(id: &str, input_json: &str) -> Block {
    Block::ToolUse { id: id.into(), name: "look".into(), input_json: input_json.into() }
}

fn conversation(messages: Vec<Message>) -> CompletionRequest {
    CompletionRequest { system: String::new(), messages, tools: Vec::new(), max_tokens: 5_000 }
}

fn written(request: &CompletionRequest) -> Value {
    serde_json::from_str(&body(&settings("claude-sonnet-5"), request).unwrap()).unwrap()
}

/// What becomes of one block of the user.
fn written_block(block: Block) -> Value {
    let mut body = written(&conversation(vec![user(vec![said("first"), block])]));
    let mut content = body["messages"][0]["content"].take();
    let mut blocks = content.as_array_mut().unwrap().drain(..);
    let mut block = blocks.find(|block| block["text"] != "first").unwrap();
    block.as_object_mut().unwrap().remove("cache_control");
    block
}

#[test]
fn a_conversation_is_written_as_the_api_has_it() {
    let offer = |name: &str| ToolOffer {
        name: name.into(),
        description: format!("Does {name}"),
        input_schema: r#"{"type":"object","properties":{"z":{},"a":{}}}"#.into(),
    };
    let request = CompletionRequest {
        system: "Be brief.".into(),
        tools: vec![offer("look"), offer("write")],
        ..conversation(vec![
            user(vec![said("Look at b")]),
            assistant(vec![
                Block::Thinking { text: "hm".into(), signature: Some("EqQB".into()) },
                Block::RedactedThinking { data: "EmwK".into() },
                said("I look"),
                call("toolu_1", r#"{"b":1, "a":1.0}"#),
            ]),
            user(vec![result("toolu_1", "nothing", vec![])]),
        ])
    };
    let mark = json!({"type": "ephemeral"});
    let schema = json!({"type": "object", "properties": {"z": {}, "a": {}}});
    let expected = json!({
        "model": "claude-sonnet-5",
        "max_tokens": 5_000,
        "stream": true,
        "tools": [
            {"name": "look", "description": "Does look", "input_schema": schema},
            {"name": "write", "description": "Does write", "input_schema": schema,
             "cache_control": mark},
        ],
        "system": [{"type": "text", "text": "Be brief.", "cache_control": mark}],
        "messages": [
            {"role": "user",
             "content": [{"type": "text", "text": "Look at b", "cache_control": mark}]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "hm", "signature": "EqQB"},
                {"type": "redacted_thinking", "data": "EmwK"},
                {"type": "text", "text": "I look"},
                {"type": "tool_use", "id": "toolu_1", "name": "look",
                 "input": {"b": 1, "a": 1.0}},
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1",
                 "content": [{"type": "text", "text": "nothing"}], "cache_control": mark},
            ]},
        ],
    });
    assert_eq!(written(&request), expected);
    // Letter by letter: the order of keys and the form of numbers are the model's.
    let text = body(&settings("claude-sonnet-5"), &request).unwrap();
    assert!(text.contains(r#""input":{"b":1, "a":1.0}"#), "{text}");
    assert!(text.contains(r#""properties":{"z":{},"a":{}}"#), "{text}");
}

#[test]
fn there_are_at_most_four_cache_marks_and_the_last_is_on_what_is_new() {
    let turns = (0..40).flat_map(|turn| {
        [user(vec![said(&format!("ask {turn}")), said("more")]), assistant(vec![said("tell")])]
    });
    let request = CompletionRequest {
        system: "s".into(),
        tools: vec![ToolOffer {
            name: "t".into(),
            description: String::new(),
            input_schema: "{}".into(),
        }],
        ..conversation(turns.collect())
    };
    let text = body(&settings("claude-sonnet-5"), &request).unwrap();
    assert_eq!(text.matches("cache_control").count(), 4);
    let body = written(&request);
    for (message, marked) in [(74, false), (76, true), (77, false), (78, true), (79, false)] {
        let last = body["messages"][message]["content"].as_array().unwrap().last().unwrap();
        assert_eq!(last.get("cache_control").is_some(), marked, "{message}");
    }
}

#[test]
fn what_was_sent_is_sent_again_unchanged_but_for_the_marks() {
    fn unmarked(mut value: Value) -> Value {
        match &mut value {
            Value::Object(fields) => {
                fields.shift_remove("cache_control");
                fields.values_mut().for_each(|field| *field = unmarked(field.take()));
            }
            Value::Array(items) => {
                items.iter_mut().for_each(|item| *item = unmarked(item.take()));
            }
            _ => {}
        }
        value
    }
    let mut request = conversation(vec![user(vec![said("one")])]);
    let mut before: Vec<Value> = Vec::new();
    for turn in 0..5 {
        let now = unmarked(written(&request))["messages"].take();
        let now = now.as_array().unwrap();
        assert_eq!(now[..before.len()], before, "turn {turn}");
        before.clone_from(now);
        let id = format!("toolu_{turn}");
        request.messages.push(assistant(vec![
            Block::Thinking { text: String::new(), signature: Some(format!("sig{turn}")) },
            call(&id, "{}"),
        ]));
        request.messages.push(user(vec![result(&id, "done", vec![])]));
    }
}

#[test]
fn results_come_first_in_a_message_of_the_user() {
    let message = user(vec![said("and this"), result("a", "1", vec![]), result("b", "2", vec![])]);
    let body = written(&conversation(vec![message]));
    let ids: Vec<_> = body["messages"][0]["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|block| block["tool_use_id"].as_str().unwrap_or("text").to_owned())
        .collect();
    assert_eq!(ids, ["a", "b", "text"]);
}

#[test]
fn a_result_says_that_it_failed_and_carries_images_and_documents() {
    let image = Block::Image { media_type: "image/png".into(), data: vec![1, 2, 3] };
    let pdf = Block::Document {
        media_type: "application/pdf".into(),
        data: b"%PDF".to_vec(),
        title: Some("Plan".into()),
    };
    assert_eq!(
        written_block(result("a", "", vec![image, pdf])),
        json!({"type": "tool_result", "tool_use_id": "a", "content": [
            {"type": "image",
             "source": {"type": "base64", "media_type": "image/png", "data": "AQID"}},
            {"type": "document", "title": "Plan",
             "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERg=="}},
        ]})
    );
    let failed = Block::ToolResult {
        tool_use_id: "a".into(),
        text: "no such file".into(),
        is_error: true,
        attachments: Vec::new(),
    };
    assert_eq!(written_block(failed)["is_error"], true);
    assert_eq!(
        written_block(result("a", "", vec![])),
        json!({"type": "tool_result", "tool_use_id": "a"})
    );
}

#[test]
fn text_documents_go_as_text_and_what_the_api_does_not_take_as_a_note() {
    let document = |media_type: &str, data: &[u8]| {
        let (media_type, data) = (media_type.into(), data.to_vec());
        written_block(Block::Document { media_type, data, title: None })
    };
    assert_eq!(
        document("text/markdown", b"# A"),
        json!({"type": "document",
               "source": {"type": "text", "media_type": "text/plain", "data": "# A"}})
    );
    for (media_type, data) in
        [("application/zip", b"PK".as_slice()), ("text/plain", b"\xFF"), ("text/plain", b" ")]
    {
        let note = document(media_type, data);
        assert_eq!(note["type"], "text", "{note}");
        assert!(note["text"].as_str().unwrap().contains(media_type), "{note}");
    }
    let image = Block::Image { media_type: "image/tiff".into(), data: vec![0] };
    assert_eq!(
        written_block(image)["text"],
        "[image of type image/tiff, 1 bytes: cannot be shown]"
    );
}

#[test]
fn what_the_api_refuses_and_nobody_misses_is_left_out() {
    let body = written(&conversation(vec![
        user(vec![said("hello"), said("  \n")]),
        assistant(vec![Block::Thinking { text: "unsigned".into(), signature: None }]),
        user(vec![said("")]),
        assistant(vec![said(""), said("yes")]),
    ]));
    let messages = body["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 2, "{body}");
    assert_eq!(messages[0]["content"].as_array().unwrap().len(), 1);
    assert_eq!(messages[1]["content"], json!([{"type": "text", "text": "yes"}]));
    assert!(body.get("system").is_none() && body.get("tools").is_none(), "{body}");
}

#[test]
fn broken_input_of_an_earlier_call_is_wrapped_into_an_object() {
    let input = |text: &str| {
        let messages = vec![user(vec![said("go")]), assistant(vec![call("a", text)])];
        written(&conversation(messages))["messages"][1]["content"][0]["input"].take()
    };
    assert_eq!(input(""), json!({}));
    assert_eq!(input(" {\"a\":1} "), json!({"a": 1}));
    for broken in ["{\"path\": \"a", "[1]", "3", "null"] {
        assert_eq!(input(broken), json!({"not_an_object": broken}));
    }
}

#[test]
fn a_request_that_cannot_be_said_is_rejected_with_its_reason() {
    let check = |request: &CompletionRequest, words: &str| {
        let fault = body(&settings("claude-sonnet-5"), request).unwrap_err();
        assert_eq!(fault.kind, ModelErrorKind::Rejected);
        assert!(fault.what.contains(words), "{}", fault.what);
    };
    check(&conversation(vec![]), "no message");
    check(&conversation(vec![user(vec![said(" ")])]), "no message");
    for schema in ["", "nonsense", "true", "[]"] {
        let (name, description) = ("look".into(), String::new());
        let tools = vec![ToolOffer { name, description, input_schema: schema.into() }];
        let request = CompletionRequest { tools, ..conversation(vec![user(vec![said("hi")])]) };
        check(&request, "`look`");
    }
}

#[test]
fn a_model_is_let_think_as_its_version_takes_it() {
    let check = |model: &str, max_tokens: u32, expected: Value| {
        let mut settings = settings(model);
        settings.thinking_tokens = Some(2_048);
        let mut request = conversation(vec![user(vec![said("hi")])]);
        request.max_tokens = max_tokens;
        let body: Value = serde_json::from_str(&body(&settings, &request).unwrap()).unwrap();
        assert_eq!(body["thinking"], expected, "{model}");
    };
    let enabled = |tokens: u32| json!({"type": "enabled", "budget_tokens": tokens});
    for model in ["claude-haiku-4-5-20251001", "claude-opus-4-20250514", "claude-3-7-sonnet-latest"]
    {
        check(model, 5_000, enabled(2_048));
        // Something is left for the answer; and too little to think with is none.
        check(model, 2_048, enabled(1_024));
        check(model, 2_000, Value::Null);
    }
    for model in ["claude-opus-4-6", "claude-sonnet-5", "claude-fable-5-1", "claude-mythos-preview"]
    {
        check(model, 5_000, json!({"type": "adaptive"}));
    }
}

#[test]
fn an_answer_is_no_longer_than_the_settings_and_the_request_allow() {
    let check = |setting, asked, expected: u32| {
        let mut settings = settings("claude-sonnet-5");
        settings.max_output_tokens = setting;
        let mut request = conversation(vec![user(vec![said("hi")])]);
        request.max_tokens = asked;
        let body: Value = serde_json::from_str(&body(&settings, &request).unwrap()).unwrap();
        assert_eq!(body["max_tokens"], expected);
    };
    check(None, 900, 900);
    check(Some(100), 900, 100);
    check(Some(9_000), 900, 900);
    check(None, 0, 1);
}
