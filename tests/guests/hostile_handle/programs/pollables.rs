//! Waits for a thing in a thousand ways and lets go of none.

use hostile_kit::wasi::clocks::monotonic_clock::subscribe_duration;

fn pollables(_input: &str) -> String {
    for nanoseconds in 0..100_000 {
        std::mem::forget(subscribe_duration(nanoseconds));
    }
    "100,000 pollables".to_owned()
}

hostile_kit::attack!(pollables);
