//! Recordings of what passes between Lucid and models: made, and played.

use lucid_core::{Failure, Result};
use lucid_runtime::{Pace, Transports};

use crate::args::{ReplayPace, RunArgs};

/// How models on the network are reached: over it, or by way of a recording.
pub(super) fn transports(args: &RunArgs) -> Result<Transports> {
    if let Some(file) = &args.record {
        // What was recorded cost money: it is never written over.
        let mut open = std::fs::OpenOptions::new();
        open.write(true).create_new(true);
        // Prompts and answers are in it: nobody else reads it.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
        let opened = open.open(file).map_err(|error| {
            Failure::failed(format!("recording {}: {error}", file.display()))
                .hint("give a file that is not there yet")
        })?;
        return Ok(Transports::record(opened));
    }
    let Some(file) = &args.replay else { return Ok(Transports::default()) };
    let text = std::fs::read_to_string(file).map_err(|error| {
        Failure::invalid(format!("recording {}: {error}", file.display()))
            .hint("give a file that `lucid run --record FILE` wrote")
    })?;
    let pace = match args.pace {
        ReplayPace::AsRecorded => Pace::AsRecorded,
        ReplayPace::AtOnce => Pace::AtOnce,
    };
    Transports::replay(&text, pace).map_err(|failure| failure.about(file.display()))
}
