//! Asks a model with JSON that is nested a hundred thousand deep.

use hostile_kit::model::complete;
use hostile_kit::model_types::{Block, Message, Request, Role, ToolDefinition, ToolUse};

const DEPTH: usize = 100_000;

fn ask(_input: &str) -> String {
    let deep = "{\"a\":".repeat(DEPTH) + "1" + &"}".repeat(DEPTH);
    let call = ToolUse { id: "1".to_owned(), name: "t".to_owned(), input_json: deep.clone() };
    let request = Request {
        system: String::new(),
        messages: vec![Message { role: Role::User, content: vec![Block::ToolUse(call)] }],
        tools: vec![ToolDefinition {
            name: "t".to_owned(),
            description: String::new(),
            // Together they stay under what may cross at once.
            input_schema: "[".repeat(DEPTH),
        }],
        max_tokens: 1,
    };
    match complete(&request) {
        Ok(completion) => format!("{} tokens", completion.usage.output_tokens),
        Err(error) => format!("{error:?}"),
    }
}

hostile_kit::attack!(ask);
