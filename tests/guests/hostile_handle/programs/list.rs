//! Polls a list of five thousand, all of them the same.

use hostile_kit::wasi::clocks::monotonic_clock::subscribe_duration;
use hostile_kit::wasi::io::poll::poll;

fn list(_input: &str) -> String {
    let pollable = subscribe_duration(0);
    poll(&vec![&pollable; 5_000]).len().to_string()
}

hostile_kit::attack!(list);
