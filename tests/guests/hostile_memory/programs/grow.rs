//! Grows its memory page by page until it is refused, and says how far it came.

use core::arch::wasm32::{memory_grow, memory_size};

fn grow(_input: &str) -> String {
    while memory_grow::<0>(1) != usize::MAX {}
    memory_size::<0>().to_string()
}

hostile_kit::attack!(grow);
