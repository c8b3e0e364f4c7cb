//! Uses the handle of a stream as one of another type.
#![allow(unsafe_code, reason = "a handle is made of a number")]

use hostile_kit::wasi::cli::stdout::get_stdout;
use hostile_kit::wasi::io::poll::Pollable;

fn mixed(_input: &str) -> String {
    let pollable = unsafe { Pollable::from_handle(get_stdout().take_handle()) };
    pollable.ready().to_string()
}

hostile_kit::attack!(mixed);
