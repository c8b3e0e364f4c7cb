//! Promises that take more than one crate: what hostile guests can do to the engine, and
//! what whole missions come to.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

mod crash;
mod dream;
mod engine;
mod examples;
mod grading;
mod hostile;
mod languages;
mod mission;
mod places;
mod plugin;
mod reference;
mod serve;
mod session;
mod tutorials;
