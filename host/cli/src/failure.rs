//! How the program ends: exit codes, and the one sentence with its hint.

use std::io;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use lucid_core::{Failure, FailureKind};

use crate::show::plain;

/// How a command ends when nothing failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// All is well.
    Done,
    /// Something that was looked at failed; what it was has been shown.
    Failed,
    /// A budget was used up before the work was done.
    Exceeded,
    /// There is a result, and it does not satisfy.
    NotSatisfied,
}

impl Ended {
    fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Exceeded => 4,
            Self::NotSatisfied => 6,
        }
    }
}

impl From<Ended> for ExitCode {
    fn from(ended: Ended) -> Self {
        Self::from(ended.code())
    }
}

/// Why a command stopped.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Something failed.
    Failure(Failure),
    /// Nobody reads the output any more: no failure, and nobody to tell.
    BrokenPipe,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<io::Error> for Stop {
    /// A failure of writing to standard output.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::Failure(Failure::failed(format!("standard output: {error}"))),
        }
    }
}

/// What a command ends in.
pub(crate) type Result<T = Ended> = std::result::Result<T, Stop>;

fn code(kind: FailureKind) -> u8 {
    match kind {
        FailureKind::Failed | FailureKind::Bug => 1,
        FailureKind::Invalid => 2,
        FailureKind::Denied => 3,
        FailureKind::Exceeded => 4,
        FailureKind::Trap => 5,
    }
}

/// Says what failed, on standard error.
pub(crate) fn report(failure: &Failure) -> ExitCode {
    let (error, hint) = (AnsiColor::Red.on_default().bold(), Style::new().bold());
    anstream::eprintln!("{error}error{error:#}: {}", plain(&failure.message));
    if let Some(next) = &failure.hint {
        anstream::eprintln!("{hint}hint{hint:#}: {}", plain(next));
    }
    ExitCode::from(code(failure.kind))
}

/// Shows what clap has to say: help and version are no failures.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    // Nobody to tell when the terminal is gone.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { code(FailureKind::Invalid) } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_failure_has_its_exit_code() {
        let codes = [
            (FailureKind::Failed, 1),
            (FailureKind::Bug, 1),
            (FailureKind::Invalid, 2),
            (FailureKind::Denied, 3),
            (FailureKind::Exceeded, 4),
            (FailureKind::Trap, 5),
        ];
        for (kind, expected) in codes {
            assert_eq!(code(kind), expected, "{kind}");
        }
        let ended = [Ended::Done, Ended::Failed, Ended::Exceeded, Ended::NotSatisfied];
        assert_eq!(ended.map(Ended::code), [0, 1, 4, 6]);
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        let gone = io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(matches!(Stop::from(gone), Stop::BrokenPipe));
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert!(matches!(Stop::from(full), Stop::Failure(_)));
    }

    #[test]
    fn a_message_cannot_move_the_cursor() {
        assert_eq!(plain("a\u{1b}[2Jb\nc"), "a\u{fffd}[2Jb\nc");
    }
}
