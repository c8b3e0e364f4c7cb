//! Writes most of a megabyte at once, without asking first how much may be written.

use hostile_kit::wasi::cli::stdout::get_stdout;

fn unchecked(_input: &str) -> String {
    let block = vec![b'x'; 1_000_000];
    format!("{:?}", get_stdout().write(&block))
}

hostile_kit::attack!(unchecked);
