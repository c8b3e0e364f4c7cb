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
mod place;
mod reach;
mod show;

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

use crate::args::Args;
use crate::failure::Stop;

fn main() -> ExitCode {
    let (command, args) = match parse() {
        Ok(parsed) => parsed,
        Err(error) => return failure::usage(&error),
    };
    args.color.apply();
    let ended = reach::check(&command, args.state.is_some(), &args.server)
        .map_err(Stop::from)
        .and_then(|anywhere| runtime()?.block_on(commands::run(args, anywhere)));
    match ended {
        Ok(code) => code.into(),
        Err(Stop::BrokenPipe) => ExitCode::SUCCESS,
        Err(Stop::Failure(failure)) => failure::report(&failure),
    }
}

/// The command that was typed, by its words, and what it was given.
fn parse() -> Result<(String, Args), clap::Error> {
    let mut command = Args::command();
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    let args = Args::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
    Ok((reach::typed(&matches), args))
}

fn runtime() -> Result<tokio::runtime::Runtime, Stop> {
    // One thread could not run a guest and answer its deadline.
    let threads = std::thread::available_parallelism().map_or(2, |threads| threads.get().max(2));
    let built =
        tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    built.map_err(|error| lucid_core::Failure::failed(format!("no threads: {error}")).into())
}
