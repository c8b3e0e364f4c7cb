//! Ends its program as if all were well.

fn leave(_input: &str) -> String {
    hostile_kit::wasi::cli::exit::exit(Ok(()));
    "still here".to_owned()
}

hostile_kit::attack!(leave);
