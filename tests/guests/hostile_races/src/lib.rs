//! What the programs share that race with the host: when it changes things, and when not.

use hostile_paths::{Descriptor, make, read};

/// Does the work while the host changes things.
///
/// The host begins when there is a file `go`, and ends when there is one `done`; it says so
/// by a file `quiet`.
#[must_use]
pub fn while_it_changes(folder: &Descriptor, work: impl FnOnce() -> String) -> String {
    let _ = make(folder, "go");
    let said = work();
    let _ = make(folder, "done");
    while read(folder, "quiet").is_err() {}
    said
}
