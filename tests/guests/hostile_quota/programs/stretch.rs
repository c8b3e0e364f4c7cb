//! Makes a file long without writing to it, or by writing one byte far behind its end.

use hostile_kit::wasi::filesystem::types::Filesize;
use hostile_paths::{first, make};

/// `input` says how, and how far.
fn stretch(input: &str) -> String {
    let Some((way, far)) = input.split_once(' ') else { return "how?".to_owned() };
    let far = far.parse::<Filesize>().unwrap_or(0);
    let Ok(file) = make(&first(), "sparse") else { return "not made".to_owned() };
    let done = match way {
        "size" => file.set_size(far).is_ok(),
        "write" => file.write(b"b", far).is_ok(),
        "zeroes" => {
            let stream = file.write_via_stream(far);
            stream.is_ok_and(|stream| stream.blocking_write_zeroes_and_flush(4_096).is_ok())
        }
        _ => {
            let stream = file.write_via_stream(far);
            stream.is_ok_and(|stream| stream.blocking_write_and_flush(b"b").is_ok())
        }
    };
    done.to_string()
}

hostile_kit::attack!(stretch);
