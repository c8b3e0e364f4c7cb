//! Fails with a reason of two megabytes.

use hostile_kit::{Answer, Program, ToolError};

struct Failure;

impl Program for Failure {
    fn call_tool(_name: &str, _input: &str) -> Answer {
        Err(ToolError::Failed("x".repeat(2 << 20)))
    }
}

hostile_kit::export!(Failure);
