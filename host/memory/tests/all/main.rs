//! What the entries, the verifier, the new store and the diff promise.

mod apply;
mod diff;
mod entries;
mod generate;
mod kit;
mod verify;
