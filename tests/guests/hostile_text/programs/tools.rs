//! Has a hundred thousand tools.

use hostile_kit::{Answer, Program, Tool};

struct Tools;

impl Program for Tools {
    fn list_tools() -> Vec<Tool> {
        (0..100_000).map(|number| hostile_kit::tool(&number.to_string(), "")).collect()
    }

    fn call_tool(_name: &str, _input: &str) -> Answer {
        Ok(Vec::new())
    }
}

hostile_kit::export!(Tools);
