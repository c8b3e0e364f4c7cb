//! Calls itself with much on the stack that it keeps in its own memory.

use std::hint::black_box;

fn wide(_input: &str) -> String {
    wider(0).to_string()
}

#[expect(unconditional_recursion, reason = "that is the point")]
fn wider(step: u64) -> u64 {
    let block = black_box([step; 8_192]);
    black_box(wider(step.wrapping_add(1))).wrapping_add(block[0])
}

hostile_kit::attack!(wide);
