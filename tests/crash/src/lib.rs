//! What the store is tested with where disks fail: a layer between a program and its files,
//! the journal it writes, the disks that a power cut could have left, and what was asked of
//! the store.
//!
//! `faults/faults.c` is the layer. `lucid-crash-append` is the program: it appends the events
//! of a [`Workload`] and says what it was told. A [`Layer`] starts it.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]
#![forbid(unsafe_code)]

mod disk;
mod journal;
mod layer;
mod random;
mod said;
mod store;
mod workload;

pub use disk::{Disk, Loss};
pub use journal::{Act, journal};
pub use layer::{Fault, How, Kind, Layer, Program, Ran, When};
pub use random::Random;
pub use said::{Acknowledged, Said, said};
pub use store::{Found, Wrong, check, found};
pub use workload::{Expected, Workload};

/// The database's file in its folder.
pub const DATABASE: &str = "lucid.db";

/// A folder for one test: in memory where there is such a place, because nothing here has to
/// wait for a real disk.
///
/// # Panics
/// When there is no room for one.
#[must_use]
pub fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}
