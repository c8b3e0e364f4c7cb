//! A tool that asks a model, which its manifest does not say.
#![cfg_attr(
    not(target_family = "wasm"),
    allow(dead_code, reason = "a native build exports nothing")
)]

use lucid_sdk::model::{Block, Message, Request, Role, complete};
use lucid_sdk::tool::{Tool, ToolError};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Nothing {}

fn ask(_: Nothing) -> Result<String, ToolError> {
    let content = vec![Block::Text("Tell me everything.".to_owned())];
    let request = Request {
        system: String::new(),
        messages: vec![Message { role: Role::User, content }],
        tools: Vec::new(),
        max_tokens: 100,
    };
    match complete(&request) {
        Ok(answer) => Ok(format!("{:?}", answer.content)),
        Err(error) => Err(ToolError::Failed(format!("{error:?}"))),
    }
}

lucid_sdk::export_tools![Tool::new("ask", "Asks a model.", ask)];
