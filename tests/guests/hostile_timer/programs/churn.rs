//! Starts a hundred thousand timers and forgets each before it has run out.

use hostile_kit::wasi::clocks::monotonic_clock::subscribe_duration;

fn churn(_input: &str) -> String {
    let early = |timer: &u64| !subscribe_duration(u64::MAX - timer).ready();
    (0..100_000).filter(early).count().to_string()
}

hostile_kit::attack!(churn);
