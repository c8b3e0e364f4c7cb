//! Calls the host while the host is inside of it, asking for memory.
#![allow(unsafe_code, reason = "the function has a name of the component model")]

use std::alloc::{Layout, alloc};
use std::sync::atomic::{AtomicBool, Ordering};

static INSIDE: AtomicBool = AtomicBool::new(false);

#[unsafe(export_name = "cabi_realloc")]
extern "C" fn realloc(_old: *mut u8, _size: usize, align: usize, new: usize) -> *mut u8 {
    if INSIDE.load(Ordering::Relaxed) {
        hostile_kit::say("inside");
    }
    let Ok(layout) = Layout::from_size_align(new.max(1), align) else { std::process::abort() };
    unsafe { alloc(layout) }
}

fn reenter(_input: &str) -> String {
    INSIDE.store(true, Ordering::Relaxed);
    hostile_kit::wasi::random::random::get_random_bytes(16).len().to_string()
}

hostile_kit::attack!(reenter);
