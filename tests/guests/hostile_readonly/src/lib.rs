//! What the programs share that write where they may only read.

use hostile_paths::{Descriptor, folders};

/// The folder that may only be read, and one beside it that may be written to, where there is
/// one.
#[must_use]
pub fn fixed_and_free() -> (Descriptor, Descriptor) {
    let mut folders = folders();
    let free = folders.pop();
    (folders.remove(0), free.unwrap_or_else(hostile_paths::first))
}

/// `0 of N` where none of these ways worked, and which did otherwise.
#[must_use]
pub fn tally(ways: &[(&str, bool)]) -> String {
    let worked: Vec<&str> = ways.iter().filter(|(_, done)| *done).map(|(way, _)| *way).collect();
    format!("{} of {}: {}", worked.len(), ways.len(), worked.join(", "))
}
