//! Sleeps for as long as can be said.

use hostile_kit::wasi::clocks::monotonic_clock::subscribe_duration;

fn forever(_input: &str) -> String {
    subscribe_duration(u64::MAX).block();
    "awake".to_owned()
}

hostile_kit::attack!(forever);
