//! Sleeps until the end of time.

use hostile_kit::wasi::clocks::monotonic_clock::subscribe_instant;

fn instant(_input: &str) -> String {
    subscribe_instant(u64::MAX).block();
    "awake".to_owned()
}

hostile_kit::attack!(instant);
