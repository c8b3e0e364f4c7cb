//! One command, one module.

mod ask;
mod bench;
mod compile;
mod doctor;
mod dream;
mod grade;
mod interrupt;
mod key;
mod memory;
mod outcome;
mod pick;
mod plugin;
mod rubric;
mod run;
mod serve;
mod session;

use clap::CommandFactory as _;
use lucid_core::{Failure, Result};
use lucid_runtime::{Runtime, RuntimeOptions};

use crate::args::{Args, Command};
use crate::failure::Ended;

/// Runs a command.
pub(crate) async fn run(args: Args) -> crate::failure::Result {
    if let Command::Completion { shell } = args.command {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Args::command(), "lucid", &mut script);
        crate::show::print(&String::from_utf8_lossy(&script))?;
        return Ok(Ended::Done);
    }
    // Before anything of this machine is looked at: this process needs none of it.
    if let Command::Compile { memory_bytes, deadline_ms } = args.command {
        return compile::run(memory_bytes, deadline_ms);
    }
    let options = crate::home::options(args.state)?;
    let json = args.json;
    match args.command {
        Command::Run(run) => run::run(options, run, json).await,
        Command::Session(command) => session::run(options, command, json).await,
        Command::Rubric(command) => rubric::run(&options, &command, json).await,
        Command::Grade(args) => grade::run(options, args, json).await,
        Command::Outcome(command) => outcome::run(&open(options)?, command, json).await,
        Command::Memory(command) => memory::run(options, command, json).await,
        Command::Dream(command) => dream::run(options, command, json).await,
        Command::Plugin(command) => plugin::run(options, command, json).await,
        Command::Serve(args) => Box::pin(serve::run(options, args, json)).await,
        Command::Key(command) => key::run(options, command, json).await,
        Command::Bench(command) => bench::run(options, command, json).await,
        Command::Doctor => doctor::run(options, json).await,
        Command::Compile { .. } | Command::Completion { .. } => Ok(Ended::Done),
    }
}

/// Opens the state there is. Looking at things never makes a state folder.
fn open(options: RuntimeOptions) -> Result<Runtime> {
    check_state(&options)?;
    Runtime::open(options)
}

/// Checks that there is state.
fn check_state(options: &RuntimeOptions) -> Result<()> {
    if options.state.join("lucid.db").exists() {
        return Ok(());
    }
    Err(Failure::invalid(format!("no state in {}", options.state.display()))
        .hint("run a mission first, or give the right folder with `--state DIR`"))
}
