//! Counts.

use std::hint::black_box;

fn tight(_input: &str) -> String {
    let mut turns = 0_u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

hostile_kit::attack!(tight);
