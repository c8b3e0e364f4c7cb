//! Polls a list with nothing in it.

use hostile_kit::wasi::io::poll::poll;

fn none(_input: &str) -> String {
    poll(&[]).len().to_string()
}

hostile_kit::attack!(none);
