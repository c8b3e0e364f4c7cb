//! A tool whose manifest asks for files and a model.
#![cfg_attr(
    not(target_family = "wasm"),
    allow(dead_code, reason = "a native build exports nothing")
)]

use lucid_sdk::tool::{Tool, ToolError};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Nothing {}

fn gather(_: Nothing) -> Result<String, ToolError> {
    Ok("more".to_owned())
}

lucid_sdk::export_tools![Tool::new("gather", "Gathers.", gather)];
