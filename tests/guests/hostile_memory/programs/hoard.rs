//! Takes memory in small pieces and keeps them all.

use std::hint::black_box;

fn hoard(_input: &str) -> String {
    let mut kept = Vec::new();
    loop {
        kept.push(black_box(Box::new([1_u8; 24])));
    }
}

hostile_kit::attack!(hoard);
