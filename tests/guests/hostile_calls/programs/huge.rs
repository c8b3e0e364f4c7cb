//! Asks for 64 megabytes of random numbers at once.

use hostile_kit::wasi::random::random::get_random_bytes;

fn huge(_input: &str) -> String {
    get_random_bytes(64 << 20).len().to_string()
}

hostile_kit::attack!(huge);
