//! The corpus is what it says: the same each time, and its truth is true of its text.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

mod poison;
mod read;
mod score;
mod sessions;
mod store;
