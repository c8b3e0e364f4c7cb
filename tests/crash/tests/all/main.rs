//! What the store keeps of its word where power is cut, disks fail and files rot.
#![cfg(target_os = "linux")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

mod failing;
mod power;
mod rot;

use lucid_crash::Layer;

/// The layer, with the program that appends.
fn layer() -> Layer {
    Layer::new(env!("CARGO_BIN_EXE_lucid-crash-append"))
}

/// A number that a longer run gives in the environment.
fn number(variable: &str, default: usize) -> usize {
    std::env::var(variable).map_or(default, |number| number.parse().expect("a number"))
}
