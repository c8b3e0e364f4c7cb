//! Aborts.

fn abort(_input: &str) -> String {
    std::process::abort()
}

hostile_kit::attack!(abort);
