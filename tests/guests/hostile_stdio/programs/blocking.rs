//! Writes more at once than a write that waits may.

use hostile_kit::wasi::cli::stdout::get_stdout;

fn blocking(_input: &str) -> String {
    format!("{:?}", get_stdout().blocking_write_and_flush(&[b'x'; 8_192]))
}

hostile_kit::attack!(blocking);
