//! Asks for four gigabytes at once, and for more than there can be.

use core::arch::wasm32::memory_grow;

fn leap(_input: &str) -> String {
    let refused = [65_535, 1 << 16, usize::MAX].map(|pages| memory_grow::<0>(pages) == usize::MAX);
    format!("{refused:?}")
}

hostile_kit::attack!(leap);
