//! Builds, runs and tests Lucid on a fresh machine: `cargo xtask build|run|test|peers|tidy|docs`.
//!
//! It depends on nothing but the standard library, `lucid-policy` and `wit-parser`, so that
//! it is built in seconds and can then say what else is missing. It is a developer's tool,
//! so unlike the host it reads the environment, starts processes and prints as it likes.
#![forbid(unsafe_code)]
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a build tool works on the machine it runs on"
)]

mod args;
mod docs;
mod failure;
mod foreign;
mod guests;
mod host;
mod installed;
mod peers;
mod process;
mod test;
mod tidy;
mod toolchains;
mod wasm_std;
mod workspace;

use std::process::ExitCode;

use args::Command;
use failure::Failure;
use workspace::Workspace;

fn main() -> ExitCode {
    let outcome = args::parse(std::env::args().skip(1)).and_then(execute);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(failure.code)
        }
    }
}

fn execute(command: Command) -> Result<(), Failure> {
    let workspace = Workspace::find()?;
    match command {
        Command::Help => {
            println!("{}", args::USAGE);
            Ok(())
        }
        Command::Build => build(&workspace),
        Command::Guests => guests::build(&workspace),
        Command::Plugins => {
            host::build(&workspace)?;
            foreign::build_all(&workspace, &toolchains::Toolchains::ensure(&workspace)?)
        }
        Command::Run(arguments) => {
            build(&workspace)?;
            foreign::build_named(&workspace, &arguments)?;
            host::run(&workspace, &arguments)
        }
        Command::Test(arguments) => test::run(&workspace, &arguments),
        Command::Peers(peer, arguments) => peers::run(&workspace, peer, &arguments),
        Command::Tidy => tidy::run(&workspace.root),
        Command::Docs(check_only) => docs::run(&workspace.root, check_only),
    }
}

/// Builds all there is: the guests first, because the host's tests and missions use them.
fn build(workspace: &Workspace) -> Result<(), Failure> {
    guests::build(workspace)?;
    host::build(workspace)
}
