//! Writes a quarter of a gigabyte to its standard error.

use hostile_kit::wasi::cli::stderr::get_stderr;

const BYTES: usize = 1 << 28;

fn stderr(_input: &str) -> String {
    let (stream, block) = (get_stderr(), vec![b'x'; 1 << 16]);
    let mut written = 0;
    while written < BYTES {
        let Ok(room) = stream.check_write() else { break };
        let part = usize::try_from(room).unwrap_or(usize::MAX).min(block.len());
        if stream.write(&block[..part]).is_err() {
            break;
        }
        written += part;
    }
    written.to_string()
}

hostile_kit::attack!(stderr);
