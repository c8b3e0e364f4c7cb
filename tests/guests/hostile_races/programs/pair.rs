//! Appends lines to a file to which another appends at the same time.

use hostile_paths::{first, make, read};

/// `input` is a letter and the number of lines.
fn pair(input: &str) -> String {
    let folder = first();
    let Some((letter, count)) = input.split_once(' ') else { return "no letter".to_owned() };
    let count = count.parse::<u32>().unwrap_or(0);
    // Neither begins before the other is there.
    let other = if letter == "a" { "ready-b" } else { "ready-a" };
    let _ = make(&folder, &format!("ready-{letter}"));
    while read(&folder, other).is_err() {}
    let Ok(file) = make(&folder, "shared.txt") else { return "no file".to_owned() };
    for number in 0..count {
        let line = format!("{letter}{number:06}{}\n", letter.repeat(100));
        let Ok(stream) = file.append_via_stream() else { return "no stream".to_owned() };
        if stream.blocking_write_and_flush(line.as_bytes()).is_err() {
            return "not written".to_owned();
        }
    }
    "done".to_owned()
}

hostile_kit::attack!(pair);
