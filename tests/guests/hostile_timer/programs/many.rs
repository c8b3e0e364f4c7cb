//! Sleeps a hundred thousand times at once, each time for ever.

use hostile_kit::wasi::clocks::monotonic_clock::subscribe_duration;
use hostile_kit::wasi::io::poll::{Pollable, poll};

fn many(_input: &str) -> String {
    let timers: Vec<Pollable> =
        (0..100_000).map(|early| subscribe_duration(u64::MAX - early)).collect();
    let timers: Vec<&Pollable> = timers.iter().collect();
    poll(&timers).len().to_string()
}

hostile_kit::attack!(many);
