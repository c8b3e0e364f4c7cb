//! Asks for its environment without end.

use hostile_kit::wasi::cli::environment::{get_arguments, get_environment, initial_cwd};

fn environment(_input: &str) -> String {
    loop {
        std::hint::black_box((get_environment(), get_arguments(), initial_cwd()));
    }
}

hostile_kit::attack!(environment);
