//! Answers with a million texts that are empty.

use hostile_kit::{Answer, Content, Program};

struct Empties;

impl Program for Empties {
    fn call_tool(_name: &str, _input: &str) -> Answer {
        Ok((0..1_000_000).map(|_| Content::Text(String::new())).collect())
    }
}

hostile_kit::export!(Empties);
