//! What can go wrong in a statement, before it is known which database it was.

use std::path::Path;

use lucid_core::Failure;
use rusqlite::ErrorCode;

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

    pub(super) fn is_constraint(&self) -> bool {
        let Self::Sql(error) = self else { return false };
        error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
    }
}

/// Says what it means that a row is there already.
pub(super) fn or_exists(outcome: rusqlite::Result<usize>, exists: Failure) -> Outcome<()> {
    match outcome.map_err(Error::from) {
        Ok(_) => Ok(()),
        Err(error) if error.is_constraint() => Err(Error::Refused(exists)),
        Err(error) => Err(error),
    }
}
