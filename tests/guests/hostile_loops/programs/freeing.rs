//! Loops after it has answered, when it frees its answer.
#![allow(unsafe_code, reason = "an allocator is")]

use std::alloc::{GlobalAlloc, Layout, System};

/// The length of the answer, and of nothing else.
const ANSWER_BYTES: usize = 4_242;

struct Freeing;

unsafe impl GlobalAlloc for Freeing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        while layout.size() == ANSWER_BYTES {
            std::hint::spin_loop();
        }
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static FREEING: Freeing = Freeing;

fn freeing(_input: &str) -> String {
    "x".repeat(ANSWER_BYTES)
}

hostile_kit::attack!(freeing);
