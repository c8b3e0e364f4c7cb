//! Saying more than anybody wants to hear.

use std::io::Write as _;

use lucid_sdk::tool::ToolError;
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Bytes {
    bytes: usize,
}

pub(crate) fn give(input: Bytes) -> Result<String, ToolError> {
    Ok("x".repeat(input.bytes))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Print {
    bytes: usize,
    /// Whether it goes to standard error.
    error: bool,
}

pub(crate) fn print(input: Print) -> Result<String, ToolError> {
    let block = "y".repeat(1 << 16);
    let mut left = input.bytes;
    while left > 0 {
        let part = &block.as_bytes()[..left.min(block.len())];
        let written = match input.error {
            true => std::io::stderr().write_all(part),
            false => std::io::stdout().write_all(part).and_then(|()| std::io::stdout().flush()),
        };
        written.map_err(|error| ToolError::Failed(error.to_string()))?;
        left -= part.len();
    }
    Ok("printed".to_owned())
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Log {
    bytes: usize,
    times: u32,
}

pub(crate) fn log(input: Log) -> Result<String, ToolError> {
    let message = "z".repeat(input.bytes);
    for _ in 0..input.times {
        lucid_sdk::log::info(&message);
    }
    Ok("logged".to_owned())
}
