//! Reads its standard input in every way, and says how many bytes there were.

use hostile_kit::wasi::cli::stdin::get_stdin;

fn stdin(_input: &str) -> String {
    let stream = get_stdin();
    let mut read = 0;
    for _ in 0..1_000 {
        read += stream.read(u64::MAX).map_or(0, |bytes| bytes.len());
        read += stream.blocking_read(u64::MAX).map_or(0, |bytes| bytes.len());
        read += stream.skip(u64::MAX).map_or(0, |bytes| usize::try_from(bytes).unwrap_or(1));
    }
    read.to_string()
}

hostile_kit::attack!(stdin);
