//! Takes half of its memory and writes to all of it again and again, in single instructions
//! that take long.

use std::hint::black_box;

fn fill(_input: &str) -> String {
    let mut block = vec![0_u8; 32 << 20];
    for byte in (0..=u8::MAX).cycle() {
        black_box(&mut block).fill(byte);
    }
    String::new()
}

hostile_kit::attack!(fill);
