//! Tools that misbehave, one way each, and one that does not.
#![cfg_attr(
    not(target_family = "wasm"),
    allow(dead_code, reason = "a native build exports nothing")
)]
#![allow(
    clippy::exit,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "misbehaving is what they are for"
)]

mod files;
mod outside;
mod resources;
mod talk;

use lucid_sdk::tool::{Tool, ToolError};
use schemars::JsonSchema;
use serde::Deserialize;

/// A tool that needs no input.
#[derive(Deserialize, JsonSchema)]
struct Nothing {}

#[derive(Deserialize, JsonSchema)]
struct Text {
    /// What to say.
    text: String,
}

fn fine(input: Text) -> Result<String, ToolError> {
    Ok(input.text)
}

/// What it says is said by a stranger.
fn rumour(input: Text) -> Result<String, ToolError> {
    Ok(input.text)
}

fn panic(input: Text) -> Result<String, ToolError> {
    panic!("{}", input.text)
}

#[derive(Deserialize, JsonSchema)]
struct Exit {
    code: i32,
}

fn exit(input: Exit) -> Result<String, ToolError> {
    std::process::exit(input.code)
}

lucid_sdk::export_tools![
    Tool::new("fine", "Says the text.", fine).read_only(),
    Tool::new("rumour", "Says a text from outside.", rumour).open_world(),
    Tool::new("panic", "Panics.", panic),
    Tool::new("exit", "Exits.", exit),
    Tool::new("spin", "Loops forever.", resources::spin),
    Tool::new("nap", "Sleeps.", resources::nap),
    Tool::new("hoard", "Allocates without end.", resources::hoard),
    Tool::new("recurse", "Recurses without end.", resources::recurse),
    Tool::new("open", "Opens a file often and closes none.", resources::open),
    Tool::new("random", "Asks for random bytes at once.", resources::random),
    Tool::new("give", "Returns so many bytes.", talk::give),
    Tool::new("print", "Writes so many bytes to a standard stream.", talk::print),
    Tool::new("log", "Logs messages of so many bytes, so often.", talk::log),
    Tool::new("read", "Reads a file.", files::read),
    Tool::new("read_below", "Reads a path below the first folder, as it is.", files::read_below),
    Tool::new("link", "Links to a path, as it is, and reads the link.", files::link),
    Tool::new("change", "Tries to change a file in every way.", files::change),
    Tool::new("environment", "Tells its environment.", outside::environment),
    Tool::new("connect", "Tries to reach an address.", outside::connect),
];
