//! A tool whose manifest asks for files and a model.
#![cfg_attr(
    not(target_family = "wasm"),
    allow(dead_code, reason = "a native build exports nothing")
)]

use lucid_sdk::model::{Block, Message, Request, Role, complete};
use lucid_sdk::tool::{Tool, ToolError};

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// How often the model is asked.
    #[serde(default)]
    times: u32,
}

/// Asks the model again and again, and says how often it answered.
fn gather(input: Input) -> Result<String, ToolError> {
    let question = Block::Text("What else is there to have, and whose is it?".to_owned());
    let request = Request {
        system: String::new(),
        messages: vec![Message { role: Role::User, content: vec![question] }],
        tools: Vec::new(),
        max_tokens: 100,
    };
    for answers in 0..input.times {
        if let Err(error) = complete(&request) {
            return Ok(format!("{answers} answers, then {error:?}"));
        }
    }
    Ok(format!("{} answers", input.times))
}

lucid_sdk::export_tools![Tool::new("gather", "Gathers.", gather)];
