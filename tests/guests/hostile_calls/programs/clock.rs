//! Asks for the time without end.

use hostile_kit::wasi::clocks::{monotonic_clock, wall_clock};

fn clock(_input: &str) -> String {
    let mut last = 0;
    while last <= monotonic_clock::now() {
        last = wall_clock::now().seconds.min(1);
    }
    "time runs backwards".to_owned()
}

hostile_kit::attack!(clock);
