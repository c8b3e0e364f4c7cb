//! Writes a gigabyte to its standard output.

use hostile_kit::wasi::cli::stdout::get_stdout;

const BYTES: usize = 1 << 30;

fn stdout(_input: &str) -> String {
    let (stream, block) = (get_stdout(), vec![b'x'; 1 << 16]);
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

hostile_kit::attack!(stdout);
