//! Models behind a network, asked by the real HTTP client: a small server on this machine
//! answers from the cassettes beside these tests.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod conversations;
mod failures;
mod network;
mod recording;
mod scene;
mod server;
mod splits;
