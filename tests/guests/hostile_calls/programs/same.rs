//! Polls the same thing a hundred thousand times.

use hostile_kit::wasi::clocks::monotonic_clock::subscribe_duration;
use hostile_kit::wasi::io::poll::poll;

fn same(_input: &str) -> String {
    let pollable = subscribe_duration(0);
    pollable.block();
    (0..100_000).map(|_| poll(&[&pollable]).len()).sum::<usize>().to_string()
}

hostile_kit::attack!(same);
