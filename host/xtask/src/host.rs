//! The host: building the `lucid` binary and running it.

use std::path::PathBuf;
use std::process::Command;

use crate::failure::Failure;
use crate::process;
use crate::workspace::Workspace;

/// Builds the `lucid` binary.
pub(crate) fn build(workspace: &Workspace) -> Result<(), Failure> {
    process::say("building the host");
    let mut cargo = process::cargo(&workspace.root);
    // Not `--package lucid`: cargo unites the features of the packages it is asked for, so
    // that would be another cranelift and wasmtime than the tests', and build both twice.
    cargo.args(["build", "--release", "--workspace", "--bin", "lucid"]);
    process::run(&mut cargo, "building the host", "the compiler's first error is the one to mend")
}

/// Runs a mission with the binary that was built, and takes on its exit code.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    let mut lucid = Command::new(binary(workspace));
    lucid.arg("run").args(arguments);
    become_program(&mut lucid)
}

/// Where the `lucid` binary is.
pub(crate) fn binary(workspace: &Workspace) -> PathBuf {
    workspace.release().join(format!("lucid{}", std::env::consts::EXE_SUFFIX))
}

/// Replaces this process, so that signals and the terminal are the program's own.
#[cfg(unix)]
fn become_program(command: &mut Command) -> Result<(), Failure> {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(Failure::new(format!("lucid could not be started: {error}"), "run `cargo xtask build`"))
}

/// Runs the program; its message has been shown, so only its exit code is passed on.
#[cfg(not(unix))]
fn become_program(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().map_err(|error| {
        let message = format!("lucid could not be started: {error}");
        Failure::new(message, "run `cargo xtask build`")
    })?;
    std::process::exit(status.code().unwrap_or(1))
}
