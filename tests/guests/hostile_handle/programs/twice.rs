//! Lets go of one handle twice.
#![allow(unsafe_code, reason = "a handle is made of a number")]

use hostile_kit::wasi::clocks::monotonic_clock::subscribe_duration;
use hostile_kit::wasi::io::poll::Pollable;

fn twice(_input: &str) -> String {
    let pollable = subscribe_duration(0);
    drop(unsafe { Pollable::from_handle(pollable.handle()) });
    drop(pollable);
    "twice".to_owned()
}

hostile_kit::attack!(twice);
