//! Has the host make random numbers without end, as many at once as it may.

use hostile_kit::wasi::random::random::get_random_bytes;

fn random(_input: &str) -> String {
    loop {
        std::hint::black_box(get_random_bytes(65_536));
    }
}

hostile_kit::attack!(random);
