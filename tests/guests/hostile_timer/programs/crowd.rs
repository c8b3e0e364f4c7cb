//! Waits for two hundred timers at once that all run out in the same moment, and does so
//! until it is stopped.

use hostile_kit::wasi::clocks::monotonic_clock::{now, subscribe_instant};
use hostile_kit::wasi::io::poll::{Pollable, poll};

fn crowd(_input: &str) -> String {
    loop {
        let moment = now() + 1_000_000;
        let timers: Vec<Pollable> = (0..100).map(|_| subscribe_instant(moment)).collect();
        let timers: Vec<&Pollable> = timers.iter().collect();
        poll(&timers);
    }
}

hostile_kit::attack!(crowd);
