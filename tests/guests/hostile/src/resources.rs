//! Using more than is given: time, memory, stack, handles, random numbers.

use std::fs::File;
use std::hint::black_box;
use std::time::Duration;

use lucid_sdk::tool::ToolError;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Nothing;

pub(crate) fn spin(_: Nothing) -> Result<String, ToolError> {
    let mut turns = 0_u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Nap {
    milliseconds: u64,
}

pub(crate) fn nap(input: Nap) -> Result<String, ToolError> {
    std::thread::sleep(Duration::from_millis(input.milliseconds));
    Ok("awake".to_owned())
}

pub(crate) fn hoard(_: Nothing) -> Result<String, ToolError> {
    let mut blocks = Vec::new();
    loop {
        blocks.push(black_box(vec![1_u8; 1 << 20]));
    }
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Recurse {
    /// Whether each step has much on the stack in memory too.
    wide: bool,
}

pub(crate) fn recurse(input: Recurse) -> Result<String, ToolError> {
    Ok(if input.wide { wider(0) } else { deeper(0) }.to_string())
}

#[expect(unconditional_recursion, reason = "that is the point")]
fn deeper(step: u64) -> u64 {
    black_box(deeper(black_box(step.wrapping_add(1)))).wrapping_add(1)
}

#[expect(unconditional_recursion, reason = "that is the point")]
fn wider(step: u64) -> u64 {
    let block = black_box([step; 8_192]);
    black_box(wider(step.wrapping_add(1))).wrapping_add(block[0])
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Open {
    path: String,
    times: u32,
}

pub(crate) fn open(input: Open) -> Result<String, ToolError> {
    let mut files = Vec::new();
    for _ in 0..input.times {
        files.push(File::open(&input.path).map_err(|error| ToolError::Failed(error.to_string()))?);
    }
    Ok(files.len().to_string())
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Random {
    bytes: u64,
}

pub(crate) fn random(input: Random) -> Result<String, ToolError> {
    Ok(random_bytes(input.bytes).len().to_string())
}

#[cfg(target_os = "wasi")]
fn random_bytes(bytes: u64) -> Vec<u8> {
    wasip2::random::random::get_random_bytes(bytes)
}

#[cfg(not(target_os = "wasi"))]
fn random_bytes(_bytes: u64) -> Vec<u8> {
    Vec::new()
}
