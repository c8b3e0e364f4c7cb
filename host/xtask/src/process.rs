//! Starting other programs, always the same way: output shown, failure with its exit code.

use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::failure::Failure;

/// How often a program with a deadline is looked at.
const POLL: Duration = Duration::from_millis(50);

/// Prints one line of progress.
pub(crate) fn say(line: &str) {
    eprintln!("xtask: {line}");
}

/// The cargo that started us, to be called in a folder.
pub(crate) fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder);
    command
}

/// Runs a program to its end with its output shown.
pub(crate) fn run(command: &mut Command, what: &str, hint: &str) -> Result<(), Failure> {
    let status = command.status().map_err(|error| not_started(what, &error))?;
    check(status, what, hint)
}

/// Runs a program to its end and gives what it printed on standard output.
pub(crate) fn output(command: &mut Command, what: &str, hint: &str) -> Result<String, Failure> {
    command.stderr(Stdio::inherit());
    let output = command.output().map_err(|error| not_started(what, &error))?;
    check(output.status, what, hint)?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether a program starts and succeeds; its output is not shown.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Runs a program with its output shown and stops it at a deadline: `None` if it had to be
/// stopped or could not be started.
pub(crate) fn run_within(command: &mut Command, limit: Duration) -> Option<ExitStatus> {
    let started = Instant::now();
    let mut child = command.stdin(Stdio::null()).spawn().ok()?;
    while started.elapsed() < limit {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        std::thread::sleep(POLL);
    }
    // It may have ended just now; either way there is nothing left to be done about it.
    let _ = child.kill();
    let _ = child.wait();
    None
}

fn not_started(what: &str, error: &std::io::Error) -> Failure {
    Failure::new(format!("{what} could not be started: {error}"), "install it, or check PATH")
}

fn check(status: ExitStatus, what: &str, hint: &str) -> Result<(), Failure> {
    if status.success() {
        return Ok(());
    }
    // A program that a signal ended has no code of its own.
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Err(Failure::new(format!("{what} failed ({status})"), hint).with_code(code))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_of_the_failing_step_is_passed_on() {
        let failure = run(Command::new("sh").args(["-c", "exit 7"]), "a step", "x").unwrap_err();
        assert_eq!(failure.code, 7);
    }

    #[test]
    fn a_program_is_stopped_at_its_deadline() {
        let started = Instant::now();
        let status = run_within(Command::new("sleep").arg("30"), Duration::from_millis(100));
        assert!(status.is_none());
        assert!(started.elapsed() < Duration::from_secs(10));
    }
}
