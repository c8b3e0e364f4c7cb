//! The arguments: what people can type.

mod bench;
mod dream;
mod grading;
mod key;
mod memory;
mod plugin;
mod rubric;
mod serve;
mod server;
mod session;

use std::path::PathBuf;

use clap::{Args as Group, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(crate) use bench::{BenchArgs, BenchCommand, BenchPart, SessionBenchArgs, StoreBenchArgs};
pub(crate) use dream::{
    AddArgs, ChosenArgs, DreamCommand, EvaluateArgs, ScheduleCommand, SessionsArgs, StartArgs,
};
pub(crate) use grading::{GradeArgs, OutcomeCommand};
pub(crate) use key::KeyCommand;
pub(crate) use memory::MemoryCommand;
pub(crate) use plugin::{
    BuildArgs, CallArgs, DevArgs, NewArgs, PackArgs, PluginBenchArgs, PluginCommand,
};
pub(crate) use rubric::RubricCommand;
pub(crate) use serve::ServeArgs;
pub(crate) use server::ServerArgs;
pub(crate) use session::{Decision, ExportArgs, GoOnArgs, SessionCommand};

/// Runs agents, tools, graders and dreams as sandboxed components.
#[derive(Debug, Parser)]
#[command(name = "lucid", version, arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Folder of state [default: LUCID_HOME, else the platform's data folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// Print one JSON document (or JSON lines) on standard output, and nothing else
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal that has it, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Color {
    /// Makes it so for everything that is printed.
    pub(crate) fn apply(self) {
        let choice = match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a mission: once, or as a study where it has one
    Run(RunArgs),
    /// Look into sessions, write to them, and go on with them
    #[command(subcommand)]
    Session(SessionCommand),
    /// Check rubrics, and draft them
    #[command(subcommand)]
    Rubric(RubricCommand),
    /// Judge a folder by a rubric
    Grade(GradeArgs),
    /// Look into what became of outcomes
    #[command(subcommand)]
    Outcome(OutcomeCommand),
    /// Make memory stores, look into them, and see where their entries come from
    #[command(subcommand)]
    Memory(MemoryCommand),
    /// Dream: make better memory of past sessions, review it and prove it
    #[command(subcommand)]
    Dream(DreamCommand),
    /// Make plugins, look into them, and try them out
    #[command(subcommand)]
    Plugin(PluginCommand),
    /// Serve the Managed Agents API over HTTP
    Serve(ServeArgs),
    /// Make, list and revoke the keys of `lucid serve`
    #[command(subcommand)]
    Key(KeyCommand),
    /// Measure what Lucid costs on this machine
    #[command(subcommand)]
    Bench(BenchCommand),
    /// Check that everything Lucid needs is there
    Doctor,
    /// Compile a component from standard input to standard output; Lucid itself runs this
    #[command(hide = true)]
    Compile {
        /// The most memory this process may take
        memory_bytes: u64,
        /// How long it may take
        deadline_ms: u64,
    },
    /// Print a completion script for a shell
    Completion {
        /// The shell
        shell: Shell,
    },
}

#[derive(Debug, Group)]
pub(crate) struct RunArgs {
    /// The mission's folder, or its `mission.toml`; over a server the name that it has there
    #[arg(required_unless_present = "watch")]
    pub(crate) mission: Option<PathBuf>,
    /// Another seed: every task and session changes
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Study: another number of held-out tasks
    #[arg(long, value_name = "N")]
    pub(crate) held_out: Option<u32>,
    /// Study: another number of training sessions
    #[arg(long, value_name = "N")]
    pub(crate) training: Option<u32>,
    /// Study: shuffle the outcomes among the training sessions, as a control
    #[arg(long)]
    pub(crate) shuffle_labels: bool,
    /// Let ids and times follow from the seed; needs a state folder of its own
    #[arg(long)]
    pub(crate) deterministic: bool,
    /// Write the result as one JSON document
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Study: write the plots as SVG files
    #[arg(long, value_name = "DIR")]
    pub(crate) plots: Option<PathBuf>,
    /// Change a limit of every call, such as `deadline_ms=10s`; wins over the mission
    #[arg(long = "limit", value_name = "NAME=VALUE")]
    pub(crate) limits: Vec<String>,
    /// Go on with the newest run of this mission with the same options; what it finished is
    /// not repeated
    #[arg(long)]
    pub(crate) resume: bool,
    /// Leave calls that need permission waiting: without it they are shown and asked about on a
    /// terminal, and denied where there is none
    #[arg(long)]
    pub(crate) later: bool,
    /// Record what passes between Lucid and models on the network, keys left out
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    pub(crate) record: Option<PathBuf>,
    /// Answer models on the network from a recording; nothing is sent
    #[arg(long, value_name = "FILE")]
    pub(crate) replay: Option<PathBuf>,
    /// With --replay: how fast
    #[arg(long, value_name = "PACE", default_value = "at-once", requires = "replay")]
    pub(crate) pace: ReplayPace,
    /// Over a server: wait for a run that goes on there, and show what it came to; its id, the
    /// unique start of one, or `latest`
    #[arg(long, value_name = "ID", conflicts_with_all = [
        "mission", "seed", "held_out", "training", "shuffle_labels", "deterministic", "limits",
        "resume", "record", "replay",
    ])]
    pub(crate) watch: Option<String>,
}

/// How fast a recording answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReplayPace {
    /// With the pauses that there were
    AsRecorded,
    /// Without pauses
    AtOnce,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_fit_together() {
        Args::command().debug_assert();
    }

    #[test]
    fn options_that_make_no_sense_alone_are_refused() {
        for line in [
            "run m --pace at-once",
            "run m --record a --replay b",
            "run",
            "run m --watch latest",
            "run --watch latest --seed 7",
            "session export",
            "session export --all x",
            "session export x --mission m",
            "session send latest hello --queue --later",
            "session confirm latest call maybe",
        ] {
            let words = std::iter::once("lucid").chain(line.split(' '));
            assert!(Args::try_parse_from(words).is_err(), "{line}");
        }
        let export = "lucid session export --all --mission m --out f";
        assert!(Args::try_parse_from(export.split(' ')).is_ok());
    }

    #[test]
    fn global_options_stand_before_or_behind_the_command() {
        for line in ["lucid --json session list", "lucid session list --json"] {
            let args = Args::try_parse_from(line.split(' ')).unwrap();
            assert!(args.json, "{line}");
        }
    }
}
