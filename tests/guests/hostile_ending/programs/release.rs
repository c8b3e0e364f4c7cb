//! Traps after it has answered, when it frees its answer.
#![allow(unsafe_code, reason = "an allocator is")]

use std::alloc::{GlobalAlloc, Layout, System};

/// The length of the answer, and of nothing else.
const ANSWER_BYTES: usize = 4_242;

struct Release;

unsafe impl GlobalAlloc for Release {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if layout.size() == ANSWER_BYTES {
            core::arch::wasm32::unreachable();
        }
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static RELEASE: Release = Release;

fn release(_input: &str) -> String {
    "x".repeat(ANSWER_BYTES)
}

hostile_kit::attack!(release);
