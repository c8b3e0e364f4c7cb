//! What the entries, the verifier, the new store and the diff promise.
#![expect(clippy::panic, reason = "a test that cannot go on has failed")]

mod apply;
mod diff;
mod entries;
mod form;
mod generate;
mod kit;
mod verify;
