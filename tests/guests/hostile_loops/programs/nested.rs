//! Loops inside of loops, each of which ends, but not within a lifetime.

use std::hint::black_box;

fn nested(_input: &str) -> String {
    let mut sum = 0_u64;
    for a in 0..hostile_kit::unknown(u64::MAX) {
        for b in 0..hostile_kit::unknown(a) {
            for c in 0..hostile_kit::unknown(b) {
                sum = black_box(sum.wrapping_add(a ^ b ^ c));
            }
        }
    }
    sum.to_string()
}

hostile_kit::attack!(nested);
