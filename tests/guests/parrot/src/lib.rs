//! A model that does what its system prompt says, then says all it was given.
//!
//! Lines `call TOOL {…}` of the system prompt are its first answer, all at once; every later
//! answer is a dump of the request. Lines `again TOOL {…}` are every answer, without end.
#![cfg_attr(
    not(target_family = "wasm"),
    allow(dead_code, reason = "a native build exports nothing")
)]

use lucid_sdk::model::{Block, Completion, Message, Model, ModelError, Request, Role};

struct Parrot;

impl Model for Parrot {
    fn complete(request: &Request) -> Result<Completion, ModelError> {
        let first = !request.messages.iter().any(|message| message.role == Role::Assistant);
        let lines = |word| request.system.lines().filter_map(move |line| call(word, line));
        let again: Vec<_> = lines("again ").collect();
        if !again.is_empty() {
            return Ok(Completion::calls(again).estimating_usage(request));
        }
        let calls: Vec<_> = lines("call ").collect();
        if first && !calls.is_empty() {
            return Ok(Completion::calls(calls).estimating_usage(request));
        }
        Ok(Completion::text(dump(request)).estimating_usage(request))
    }
}

fn call<'a>(word: &str, line: &'a str) -> Option<(&'a str, serde_json::Value)> {
    let (name, input) = line.trim().strip_prefix(word)?.split_once(' ')?;
    Some((name, serde_json::from_str(input).ok()?))
}

fn dump(request: &Request) -> String {
    let tools: Vec<_> = request.tools.iter().map(|tool| tool.name.as_str()).collect();
    let mut text = format!("SYSTEM {}\nTOOLS {}", request.system, tools.join(" "));
    for Message { role, content } in &request.messages {
        for block in content {
            let said = match block {
                Block::Text(said) | Block::Thinking(said) => said.clone(),
                Block::ToolUse(call) => format!("CALL {} {}", call.name, call.input_json),
                Block::ToolResult(result) => format!("RESULT {}", result.text),
                Block::Image(image) => format!("IMAGE {}", image.media_type),
            };
            text.push_str(&format!("\n{role:?} {said}"));
        }
    }
    text
}

lucid_sdk::export_model!(Parrot);
