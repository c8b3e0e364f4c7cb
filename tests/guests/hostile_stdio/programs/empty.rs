//! Writes nothing, a million times.

use hostile_kit::wasi::cli::stdout::get_stdout;

fn empty(_input: &str) -> String {
    let stream = get_stdout();
    (0..1_000_000).filter(|_| stream.write(&[]).is_ok()).count().to_string()
}

hostile_kit::attack!(empty);
