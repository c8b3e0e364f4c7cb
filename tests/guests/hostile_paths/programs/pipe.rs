//! Opens a pipe that nobody writes to: whoever opens one waits for the other end.

use hostile_paths::{BOTH, FOLLOW, PLAIN, READ, first, word};

/// `input` is what to open.
fn pipe(input: &str) -> String {
    let folder = first();
    let reads = folder.open_at(FOLLOW, input, PLAIN, READ);
    let writes = folder.open_at(FOLLOW, input, PLAIN, BOTH);
    format!("{} {}", word(&reads), word(&writes))
}

hostile_kit::attack!(pipe);
