//! Tools that do one plain thing each, so that what a call of them costs is what the engine
//! costs. `lucid bench engine` calls them.
#![cfg_attr(
    not(target_family = "wasm"),
    allow(dead_code, reason = "a native build exports nothing")
)]

mod input;
mod schema;

use std::hint::black_box;
use std::time::Duration;

use lucid_sdk::tool::{Content, Tool, ToolError};

use input::Input;

type Answer = Result<Vec<Content>, ToolError>;

fn text(text: String) -> Vec<Content> {
    vec![Content::Text(text)]
}

fn echo(input: &str) -> Answer {
    Ok(text(Input::new(input)?.text("text")?.to_owned()))
}

fn spin(_: &str) -> Answer {
    let mut turns = 0_u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

fn nap(input: &str) -> Answer {
    let milliseconds = Input::new(input)?.number("milliseconds")?;
    std::thread::sleep(Duration::from_millis(milliseconds));
    Ok(text("awake".to_owned()))
}

lucid_sdk::export_tools![
    Tool::raw("echo", "Says the text back.", schema::ECHO, echo).read_only().idempotent(),
    Tool::raw("spin", "Loops for ever.", schema::NOTHING, spin).read_only(),
    Tool::raw("nap", "Sleeps.", schema::NAP, nap).read_only().idempotent(),
];
