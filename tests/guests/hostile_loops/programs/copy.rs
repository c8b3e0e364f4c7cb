//! Copies half of its memory into the other half again and again.

use std::hint::black_box;

fn copy(_input: &str) -> String {
    const HALF: usize = 24 << 20;
    let mut block = vec![0_u8; 2 * HALF];
    loop {
        black_box(&mut block).copy_within(..HALF, HALF);
        black_box(&mut block).copy_within(HALF.., 0);
    }
}

hostile_kit::attack!(copy);
