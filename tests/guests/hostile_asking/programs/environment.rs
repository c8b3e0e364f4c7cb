//! Asks for a variable that holds a secret, and tells all it can see.

fn environment(_input: &str) -> String {
    format!("{:?}", hostile_kit::wasi::cli::environment::get_environment())
}

hostile_kit::attack!(environment);
