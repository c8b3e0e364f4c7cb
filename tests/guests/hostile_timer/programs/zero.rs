//! Sleeps for no time, without end.

use hostile_kit::wasi::clocks::monotonic_clock::subscribe_duration;

fn zero(_input: &str) -> String {
    loop {
        subscribe_duration(0).block();
    }
}

hostile_kit::attack!(zero);
