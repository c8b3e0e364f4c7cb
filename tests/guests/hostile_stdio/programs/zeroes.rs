//! Has the host write as many zeroes as there are numbers.

use hostile_kit::wasi::cli::stdout::get_stdout;

fn zeroes(_input: &str) -> String {
    format!("{:?}", get_stdout().write_zeroes(u64::MAX))
}

hostile_kit::attack!(zeroes);
