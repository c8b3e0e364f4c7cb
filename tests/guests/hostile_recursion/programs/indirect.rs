//! Calls itself without end through a table of functions.

use std::hint::black_box;

type Step = fn(usize) -> usize;

static STEPS: [Step; 3] = [first, second, third];

fn indirect(_input: &str) -> String {
    first(0).to_string()
}

fn next(step: usize) -> usize {
    black_box(STEPS)[black_box(step) % 3](step.wrapping_add(1))
}

fn first(step: usize) -> usize {
    black_box(next(step)).wrapping_add(1)
}

fn second(step: usize) -> usize {
    black_box(next(step)).wrapping_add(2)
}

fn third(step: usize) -> usize {
    black_box(next(step)).wrapping_add(3)
}

hostile_kit::attack!(indirect);
