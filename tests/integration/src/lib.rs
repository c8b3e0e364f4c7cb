//! What the tests share: test guests, folders to compare, a bench for hostile tools, and
//! missions that are written for one test.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

mod author;
mod bench;
mod corpus;
mod doors;
mod folders;
mod missions;
pub mod pages;

pub use author::{Author, Said};
pub use bench::{Bench, text};
pub use corpus::{
    Attack, CANARY, Corpus, Ground, all_it_asks, alone, component, engine, refused, resident_bytes,
    runtime, with_manifest, with_module, within_ms,
};
pub use doors::{dream_of_doors, say_the_door};
pub use folders::{Found, tree};
pub use missions::{Missions, log};

use std::path::PathBuf;

/// The folder of release builds, from which this test runs.
#[must_use]
pub fn release() -> PathBuf {
    let here = std::env::current_exe().unwrap();
    here.ancestors().nth(2).unwrap().to_owned()
}

/// The repository.
#[must_use]
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A test guest, as `cargo xtask guests` packed it.
#[must_use]
pub fn guest(name: &str) -> Vec<u8> {
    let file = release().join("test-guests").join(format!("{name}.wasm"));
    std::fs::read(&file).expect("the test guests are built: `cargo xtask guests`")
}
