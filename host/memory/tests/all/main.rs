//! What the entries, the verifier, review, the new store, its history and the diff promise.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod apply;
mod class;
mod diff;
mod dreams;
mod entries;
mod form;
mod generate;
mod history;
mod kit;
mod origins;
mod review;
mod verify;
mod world;
