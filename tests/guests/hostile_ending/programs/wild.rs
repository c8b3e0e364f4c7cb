//! Tells the host to write where there is no memory.
#![allow(unsafe_code, reason = "the function has a name of the component model")]

use std::alloc::{Layout, alloc};
use std::sync::atomic::{AtomicBool, Ordering};

static WILD: AtomicBool = AtomicBool::new(false);

#[unsafe(export_name = "cabi_realloc")]
extern "C" fn realloc(_old: *mut u8, _size: usize, align: usize, new: usize) -> *mut u8 {
    if WILD.load(Ordering::Relaxed) {
        return core::ptr::with_exposed_provenance_mut(0xffff_fff0);
    }
    let Ok(layout) = Layout::from_size_align(new.max(1), align) else { std::process::abort() };
    unsafe { alloc(layout) }
}

fn wild(_input: &str) -> String {
    WILD.store(true, Ordering::Relaxed);
    hostile_kit::wasi::random::random::get_random_bytes(4_096).len().to_string()
}

hostile_kit::attack!(wild);
