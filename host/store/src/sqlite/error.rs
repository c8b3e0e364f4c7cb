//! What can go wrong in a statement, before it is known which database it was.

use std::path::Path;

use lucid_core::Failure;
use rusqlite::{ErrorCode, ffi};

pub(super) type Outcome<T> = Result<T, Error>;

#[derive(Debug)]
pub(super) enum Error {
    /// The statement was fine, and what was asked for is refused.
    Refused(Failure),
    /// The statement failed.
    Sql(rusqlite::Error),
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::Refused(failure)
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl Error {
    pub(super) fn into_failure(self, path: &Path) -> Failure {
        match self {
            Self::Refused(failure) => failure,
            Self::Sql(error) => {
                let failure =
                    Failure::failed(format!("database {} failed: {error}", path.display()));
                match error.sqlite_error_code() {
                    Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                        failure.hint("end the other program that is using it")
                    }
                    Some(ErrorCode::DiskFull) => failure.hint("make room on the disk"),
                    _ => failure,
                }
            }
        }
    }

    pub(super) fn is_busy(&self) -> bool {
        let Self::Sql(error) = self else { return false };
        let busy = [ErrorCode::DatabaseBusy, ErrorCode::DatabaseLocked];
        error.sqlite_error_code().is_some_and(|code| busy.contains(&code))
    }

    /// Whether a row with such a key is there already; no other constraint is meant by that.
    pub(super) fn is_duplicate(&self) -> bool {
        let Self::Sql(error) = self else { return false };
        let keys = [ffi::SQLITE_CONSTRAINT_PRIMARYKEY, ffi::SQLITE_CONSTRAINT_UNIQUE];
        error.sqlite_error().is_some_and(|error| keys.contains(&error.extended_code))
    }
}

/// Says what it means that a row is there already.
pub(super) fn or_exists(outcome: rusqlite::Result<usize>, exists: Failure) -> Outcome<()> {
    match outcome.map_err(Error::from) {
        Ok(_) => Ok(()),
        Err(error) if error.is_duplicate() => Err(Error::Refused(exists)),
        Err(error) => Err(error),
    }
}
