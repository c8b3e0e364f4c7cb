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
mod plugin;
mod rubric;
mod run;
mod serve;
mod session;

pub(crate) use session::read::state as session_state;

use clap::CommandFactory as _;
use lucid_core::Result;
use lucid_runtime::{Runtime, RuntimeOptions};

use crate::args::{Args, Command};
use crate::failure::Ended;
use crate::place::{Site, check_state};

/// Runs a command. `anywhere` says whether it can ask a server.
pub(crate) async fn run(args: Args, anywhere: bool) -> crate::failure::Result {
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
    let site = Site::choose(args.state, args.server, anywhere)?;
    let json = args.json;
    match args.command {
        Command::Run(run) => run::run(site, run, json).await,
        Command::Session(command) => session::run(site, command, json).await,
        Command::Rubric(command) => rubric::run(&site.here()?, &command, json).await,
        Command::Grade(args) => grade::run(site.here()?, args, json).await,
        Command::Outcome(command) => outcome::run(site, command, json).await,
        Command::Memory(command) => memory::run(site, command, json).await,
        Command::Dream(command) => dream::run(site, command, json).await,
        Command::Plugin(command) => plugin::run(site.here()?, command, json).await,
        Command::Serve(args) => Box::pin(serve::run(site.here()?, args, json)).await,
        Command::Key(command) => key::run(site.here()?, command, json).await,
        Command::Bench(command) => bench::run(site.here()?, command, json).await,
        Command::Doctor => doctor::run(site.here()?, json).await,
        Command::Compile { .. } | Command::Completion { .. } => Ok(Ended::Done),
    }
}

/// Opens the state there is. Looking at things never makes a state folder.
fn open(options: RuntimeOptions) -> Result<Runtime> {
    check_state(&options)?;
    Runtime::open(options)
}
