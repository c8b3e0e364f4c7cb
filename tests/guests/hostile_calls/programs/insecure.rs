//! Asks for more of the cheaper random numbers than there is memory in the world.

use hostile_kit::wasi::random::insecure::get_insecure_random_bytes;

fn insecure(_input: &str) -> String {
    get_insecure_random_bytes(u64::MAX).len().to_string()
}

hostile_kit::attack!(insecure);
