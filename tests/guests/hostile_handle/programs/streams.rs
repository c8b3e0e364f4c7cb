//! Opens its standard output a hundred thousand times and lets go of none.

use hostile_kit::wasi::cli::stdout::get_stdout;

fn streams(_input: &str) -> String {
    for _ in 0..100_000 {
        std::mem::forget(get_stdout());
    }
    "100,000 streams".to_owned()
}

hostile_kit::attack!(streams);
