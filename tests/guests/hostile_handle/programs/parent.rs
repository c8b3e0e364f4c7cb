//! Lets go of a stream while something made of it is still held.

use hostile_kit::wasi::cli::stdout::get_stdout;

fn parent(_input: &str) -> String {
    let stdout = get_stdout();
    let child = stdout.subscribe();
    drop(stdout);
    child.ready().to_string()
}

hostile_kit::attack!(parent);
