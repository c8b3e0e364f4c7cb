//! The `lucid` command line: arguments, terminal and exit codes.
//!
//! The one crate of the host that reads the environment, the home folder and the terminal;
//! what the rest needs to know of them is passed in.
#![forbid(unsafe_code)]
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the command line is where people name files and where output goes"
)]

mod args;
mod commands;
mod failure;
mod grants;
mod home;
mod show;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::Args;
use crate::failure::Stop;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return failure::usage(&error),
    };
    args.color.apply();
    let ended = runtime().and_then(|runtime| runtime.block_on(commands::run(args)));
    match ended {
        Ok(code) => code.into(),
        Err(Stop::BrokenPipe) => ExitCode::SUCCESS,
        Err(Stop::Failure(failure)) => failure::report(&failure),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Stop> {
    // One thread could not run a guest and answer its deadline.
    let threads = std::thread::available_parallelism().map_or(2, |threads| threads.get().max(2));
    let built =
        tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    built.map_err(|error| lucid_core::Failure::failed(format!("no threads: {error}")).into())
}
