//! Writes to one file without end.

use hostile_paths::{first, make};

/// `input` says how: `write`, `stream` or `append`.
fn grow(input: &str) -> String {
    let Ok(file) = make(&first(), "large") else { return "not made".to_owned() };
    let chunk = [b'x'; 4_096];
    let stream = match input {
        "stream" => file.write_via_stream(0),
        "append" => file.append_via_stream(),
        _ => {
            let mut offset = 0;
            while let Ok(written) = file.write(&chunk, offset) {
                offset += written;
            }
            return format!("stopped at {offset}");
        }
    };
    let Ok(stream) = stream else { return "no stream".to_owned() };
    while stream.blocking_write_and_flush(&chunk).is_ok() {}
    "stopped".to_owned()
}

hostile_kit::attack!(grow);
