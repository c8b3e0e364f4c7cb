//! Uses a handle that it was never given.
#![allow(unsafe_code, reason = "a handle is made of a number")]

use hostile_kit::wasi::io::poll::Pollable;

fn forged(_input: &str) -> String {
    let pollable = unsafe { Pollable::from_handle(4_000) };
    pollable.ready().to_string()
}

hostile_kit::attack!(forged);
