//! Asks where links lead, and whatever else could say where the view lies on the host.

use hostile_kit::wasi::cli::environment::{get_arguments, get_environment, initial_cwd};
use hostile_kit::wasi::io::streams::StreamError;
use hostile_paths::{first, open};

/// `input` names links.
fn told(input: &str) -> String {
    let folder = first();
    let mut told = Vec::new();
    for link in input.split(' ') {
        let lead = folder.readlink_at(link).unwrap_or_else(|code| code.name().to_owned());
        told.push(format!("{link}: {lead}"));
        // An error has a text of its own.
        for path in [link.to_owned(), format!("{link}/x"), format!("{link}\0")] {
            told.extend(open(&folder, &path).err().map(|code| format!("{code:?}")));
            let std = std::fs::read(format!("/workspace/{path}"));
            told.extend(std.err().map(|error| format!("{error} {error:?}")));
        }
    }
    // A stream's error is a text of the host's making.
    let Ok(file) = open(&folder, "file.txt") else { return "no file".to_owned() };
    if let Ok(stream) = file.write_via_stream(0) {
        told.push(fault(stream.blocking_write_and_flush(b"b")));
    }
    if let Ok(stream) = file.read_via_stream(u64::MAX) {
        told.push(fault(stream.blocking_read(1)));
    }
    told.push(format!("{:?} {:?} {:?}", get_arguments(), get_environment(), initial_cwd()));
    told.push(format!("{:?}", std::env::current_dir()));
    told.push(format!("{:?}", std::fs::canonicalize("/workspace/file.txt")));
    told.join("\n")
}

/// The host's own words.
fn fault<T>(done: Result<T, StreamError>) -> String {
    match done {
        Ok(_) => "done".to_owned(),
        Err(StreamError::Closed) => "closed".to_owned(),
        Err(StreamError::LastOperationFailed(error)) => error.to_debug_string(),
    }
}

hostile_kit::attack!(told);
