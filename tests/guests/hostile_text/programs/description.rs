//! Describes its tool in two megabytes.

use hostile_kit::{Answer, Program, Tool};

struct Description;

impl Program for Description {
    fn list_tools() -> Vec<Tool> {
        vec![hostile_kit::tool("attack", &"x".repeat(2 << 20))]
    }

    fn call_tool(_name: &str, _input: &str) -> Answer {
        Ok(Vec::new())
    }
}

hostile_kit::export!(Description);
