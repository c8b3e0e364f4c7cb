//! Sessions that are killed, again and again, and end as if nobody had killed them.

mod killed;
mod peer;
mod process;
mod report;
mod rows;
mod verdict;

use std::fs;
use std::path::Path;

use lucid_core::{Entropy as _, SeededEntropy, derive_seed};
use tempfile::TempDir;

/// A number that a longer run gives in the environment.
fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |number| number.parse().expect("a number"))
}

/// Random numbers that follow from a seed.
struct Random(SeededEntropy);

impl Random {
    fn new(seed: u64, name: &str) -> Self {
        Self(SeededEntropy::new(derive_seed(seed, name)))
    }

    /// A number from 0 to one below the bound.
    fn below(&mut self, bound: u64) -> u64 {
        self.0.next_u64() % bound.max(1)
    }
}

/// A folder for the state of one run: in memory where there is such a place. A process that
/// is killed takes nothing along that it gave to the system, wherever its files are.
fn scratch() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Copies the compiled plugins of one state folder into another, which need not be there.
fn copy_cache(from: &Path, to: &Path) {
    let (from, to) = (from.join("cache"), to.join("cache"));
    let mut private = fs::DirBuilder::new();
    private.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut private, 0o700);
    private.create(&to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        // With its permissions.
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
