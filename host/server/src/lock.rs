//! One server for each state folder.
//!
//! What is more than one document is changed in turns, and tokens are renewed once for all who
//! ask: both are known to one process alone. A second server on the same folder would break them
//! without a word, so it does not start. Commands of the line may work beside a server: they
//! claim the sessions that they go on with.

#![allow(clippy::disallowed_methods, reason = "locks a file in the state folder, no guest's")]

use std::fs::{File, TryLockError};
use std::path::Path;

use lucid_core::{Failure, Result};

/// The file that is locked. It stays when nobody serves the folder any more.
const NAME: &str = "server.lock";

/// The right to serve a state folder, as long as this is there. The system takes it back when
/// the process ends, however it ends; programs that the process starts do not have it.
#[derive(Debug)]
pub(crate) struct StateLock {
    _locked: File,
}

impl StateLock {
    /// Takes the right to serve a state folder, which is there.
    ///
    /// # Errors
    /// Failed, when another server has it, or the folder cannot be used.
    pub(crate) fn take(state: &Path) -> Result<Self> {
        let path = state.join(NAME);
        let failed =
            |error: std::io::Error| Failure::failed(format!("file {}: {error}", path.display()));
        let open = File::options().create(true).truncate(false).write(true).open(&path);
        let file = open.map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _locked: file }),
            Err(TryLockError::WouldBlock) => {
                let why = format!("another server serves the state folder {}", state.display());
                Err(Failure::failed(why)
                    .hint("stop that one first, or serve another folder with `--state DIR`"))
            }
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_served_by_one_at_a_time_and_by_the_next_at_once() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let held = StateLock::take(one.path()).unwrap();
        let refused = StateLock::take(one.path()).unwrap_err();
        assert!(refused.message.contains(&one.path().display().to_string()), "{refused:?}");
        assert!(refused.hint.unwrap().contains("--state"));
        // Whoever was refused has taken nothing away.
        StateLock::take(one.path()).unwrap_err();
        StateLock::take(other.path()).unwrap();
        drop(held);
        StateLock::take(one.path()).unwrap();
    }
}
