//! Calls itself without end.

use std::hint::black_box;

fn plain(_input: &str) -> String {
    deeper(0).to_string()
}

#[expect(unconditional_recursion, reason = "that is the point")]
fn deeper(step: u64) -> u64 {
    black_box(deeper(black_box(step.wrapping_add(1)))).wrapping_add(1)
}

hostile_kit::attack!(plain);
