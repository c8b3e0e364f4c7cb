//! A tool that copies a file: what an agent does with what it finds in its memory.
#![cfg_attr(
    not(target_family = "wasm"),
    allow(dead_code, reason = "a native build exports nothing")
)]

use lucid_sdk::tool::{Tool, ToolError};
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Copy {
    /// The file that is there.
    from: String,
    /// The file that is made.
    to: String,
}

fn copy(input: Copy) -> Result<String, ToolError> {
    let text = std::fs::read_to_string(&input.from)?;
    std::fs::write(&input.to, &text)?;
    Ok(format!("{} bytes", text.len()))
}

lucid_sdk::export_tools![Tool::new("copy", "Copies a file.", copy)];
