//! Talking to a model: about nothing much, and in ways that make no sense.

use lucid_core::{Block, Completion, CompletionRequest, Message, Role, StopReason, ToolOffer};
use serde_json::Value;

use super::Check;
use super::bench::{Bench, count};

/// The longest message, in bytes.
const LONG_BYTES: usize = 512 << 10;

const HINT: &str = "answer with a `model-error`: a trap ends the session of whoever asked";

/// The checks of a model.
pub(super) async fn checks(bench: &Bench) -> Vec<Check> {
    let mut findings = Vec::new();
    let (mut answers, mut errors) = (0, 0);
    for (what, request) in conversations() {
        let report = bench.plugin.complete(bench.call(), &request).await;
        let stopped = bench.note(what, &report);
        match &report.result {
            Ok(answer) => {
                answers += 1;
                findings.extend(contradiction(answer).map(|why| format!("{what}: {why}")));
            }
            Err(_) => errors += 1,
        }
        findings.extend(stopped);
    }
    let answers = count(answers, "conversation");
    let well = format!("{answers} continued, {errors} refused with an error");
    let skipped = "a model may say other things each time";
    vec![
        Check::of_findings("conversation", &findings, well, HINT),
        Check::skipped("deterministic", skipped),
    ]
}

fn contradiction(answer: &Completion) -> Option<String> {
    let calls = answer.content.iter().filter_map(|block| match block {
        Block::ToolUse { name, input_json, .. } => Some((name, input_json)),
        _ => None,
    });
    let calls: Vec<_> = calls.collect();
    if answer.stop_reason == StopReason::ToolUse && calls.is_empty() {
        return Some("it waits for a tool and calls none".to_owned());
    }
    let is_object =
        |text: &str| serde_json::from_str::<Value>(text).is_ok_and(|value| value.is_object());
    let wrong = calls.iter().find(|(_, input)| !is_object(input));
    wrong.map(|_| "it calls a tool with an input that is no JSON object".to_owned())
}

fn says(role: Role, content: Vec<Block>) -> Message {
    Message { role, content }
}

fn text(text: impl Into<String>) -> Block {
    Block::Text { text: text.into() }
}

fn offer(input_schema: &str) -> ToolOffer {
    ToolOffer {
        name: "look".to_owned(),
        description: "Looks at a place.".to_owned(),
        input_schema: input_schema.to_owned(),
    }
}

/// A call of a tool and its result.
fn used(name: &str, result_of: &str) -> Vec<Message> {
    let call = Block::ToolUse {
        id: "call_1".to_owned(),
        name: name.to_owned(),
        input_json: r#"{"place": "here"}"#.to_owned(),
    };
    let result = Block::ToolResult {
        tool_use_id: result_of.to_owned(),
        text: "failed: nothing is there".to_owned(),
        is_error: true,
        attachments: Vec::new(),
    };
    vec![
        says(Role::User, vec![text("What is there?")]),
        says(Role::Assistant, vec![text("I look."), call]),
        says(Role::User, vec![result]),
    ]
}

/// What the model is asked, each with what it is.
fn conversations() -> Vec<(&'static str, CompletionRequest)> {
    let schema = r#"{"type": "object", "properties": {"place": {"type": "string"}}}"#;
    let hello = || vec![says(Role::User, vec![text("Hello. Who are you?")])];
    let plain = |messages| CompletionRequest {
        system: "You are one of several agents.".to_owned(),
        messages,
        tools: vec![offer(schema)],
        max_tokens: 1_000,
    };
    let image = Block::Image { media_type: "image/png".to_owned(), data: vec![0x89; 64] };
    vec![
        ("a greeting", plain(hello())),
        ("the same greeting", plain(hello())),
        ("a result", plain(used("look", "call_1"))),
        ("an empty conversation", plain(Vec::new())),
        ("an empty message", plain(vec![says(Role::User, Vec::new())])),
        ("a tool that is not on offer", plain(used("no_such_tool", "call_1"))),
        ("a result of a call that never was", plain(used("look", "call_9"))),
        ("its own words last", plain(vec![says(Role::Assistant, vec![text("Well.")])])),
        ("an image", plain(vec![says(Role::User, vec![image])])),
        ("a message of 512 KiB", plain(vec![says(Role::User, vec![text("x".repeat(LONG_BYTES))])])),
        ("no tokens to answer with", CompletionRequest { max_tokens: 0, ..plain(hello()) }),
        (
            "a tool whose schema is not JSON",
            CompletionRequest { tools: vec![offer("{")], ..plain(hello()) },
        ),
    ]
}

#[cfg(test)]
mod tests {
    use lucid_core::TokenUsage;

    use super::*;

    fn answer(stop_reason: StopReason, input_json: Option<&str>) -> Completion {
        let call = |input: &str| Block::ToolUse {
            id: "1".to_owned(),
            name: "look".to_owned(),
            input_json: input.to_owned(),
        };
        let content = input_json.map(call).into_iter().collect();
        Completion { content, stop_reason, usage: TokenUsage::default() }
    }

    #[test]
    fn a_model_that_waits_for_a_tool_has_called_one_with_an_object() {
        assert_eq!(contradiction(&answer(StopReason::ToolUse, Some("{}"))), None);
        assert_eq!(contradiction(&answer(StopReason::EndTurn, None)), None);
        assert!(contradiction(&answer(StopReason::ToolUse, None)).is_some());
        assert!(contradiction(&answer(StopReason::ToolUse, Some("[1]"))).is_some());
    }
}
