//! Panics with a message of many lines.
#![expect(clippy::panic, reason = "that is the point")]

fn fall(_input: &str) -> String {
    panic!("{}the sky is falling", "line\n".repeat(10_000))
}

hostile_kit::attack!(fall);
