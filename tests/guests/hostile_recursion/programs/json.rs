//! Answers with JSON that is nested a hundred thousand deep.

use hostile_kit::{Answer, Content, Program, Tool, ToolError};

const DEPTH: usize = 100_000;

struct Json;

fn deep() -> String {
    "[".repeat(DEPTH) + &"]".repeat(DEPTH)
}

impl Program for Json {
    fn list_tools() -> Vec<Tool> {
        let mut tool = hostile_kit::tool("attack", "For tests: answers with deep JSON.");
        tool.input_schema = deep();
        tool.output_schema = Some(deep());
        vec![tool]
    }

    fn call_tool(_name: &str, input: &str) -> Answer {
        match input {
            "json" => Ok(vec![Content::Json(deep())]),
            "text" => Ok(vec![Content::Text(deep())]),
            _ => Err(ToolError::InvalidInput(deep())),
        }
    }
}

hostile_kit::export!(Json);
