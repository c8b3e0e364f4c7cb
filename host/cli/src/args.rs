//! The arguments: what people can type.

mod plugin;

use std::path::PathBuf;

use clap::{Args as Group, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(crate) use plugin::{
    BuildArgs, CallArgs, DevArgs, NewArgs, PackArgs, PluginBenchArgs, PluginCommand,
};

/// Runs agents, tools, graders and dreams as sandboxed components.
#[derive(Debug, Parser)]
#[command(name = "lucid", version, arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Folder of state [default: LUCID_HOME, else the platform's data folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
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
    /// Look into sessions
    #[command(subcommand)]
    Session(SessionCommand),
    /// Look into memory stores
    #[command(subcommand)]
    Memory(MemoryCommand),
    /// Look into dreams
    #[command(subcommand)]
    Dream(DreamCommand),
    /// Make plugins, look into them, and try them out
    #[command(subcommand)]
    Plugin(PluginCommand),
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
    /// The mission's folder, or its `mission.toml`
    pub(crate) mission: PathBuf,
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
}

#[derive(Debug, Subcommand)]
pub(crate) enum SessionCommand {
    /// List sessions, newest first
    List {
        /// How many at most
        #[arg(long, value_name = "N", default_value_t = 20)]
        limit: u32,
    },
    /// Show a session: its threads, outcome and cost
    Show {
        /// An id, the unique start of one, or `latest`
        id: String,
    },
    /// Show a session's events
    Events {
        /// An id, the unique start of one, or `latest`
        id: String,
        /// Only those behind this number
        #[arg(long, value_name = "N")]
        after: Option<u32>,
    },
    /// List the files that a session's calls changed, each with who changed it last
    Files {
        /// An id, the unique start of one, or `latest`
        id: String,
    },
    /// Write a session as JSON lines: the session, then its events as they were stored
    Export {
        /// An id, the unique start of one, or `latest`
        id: String,
        /// The file, else standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum MemoryCommand {
    /// List memory stores, newest first
    List,
    /// Print a store's memories, or one
    Show {
        /// A store: an id, the unique start of one, or `latest`
        store: String,
        /// A memory, such as `/notes.md`
        path: Option<String>,
    },
    /// Write a store's memories as files
    Export {
        /// A store: an id, the unique start of one, or `latest`
        store: String,
        /// A folder that is not there yet
        dir: PathBuf,
    },
    /// List the versions of a store's memories, newest first
    Versions {
        /// A store: an id, the unique start of one, or `latest`
        store: String,
        /// Only those of one memory
        path: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum DreamCommand {
    /// List dreams, newest first
    List,
    /// Show a dream: its operations, rules and ledger
    Show {
        /// An id, the unique start of one, or `latest`
        id: String,
    },
    /// Show what a dream changed in the memory
    Diff {
        /// An id, the unique start of one, or `latest`
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum BenchCommand {
    /// Measure calls beside bare wasmtime and a process, loading, memory, deadlines and files
    ///
    /// Files are measured in the folder for temporary files; TMPDIR names another.
    Engine(BenchArgs),
    /// Measure what one plugin costs: its size, loading, the first call and later ones
    Plugin(PluginBenchArgs),
}

#[derive(Debug, Group)]
pub(crate) struct BenchArgs {
    /// Calls of each kind
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = one_to(1_000_000))]
    pub(crate) calls: u32,
    /// Numbers of instances that are alive at once, each measured by itself
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_values_t = [1_000, 10_000])]
    #[arg(value_parser = one_to(1_000_000))]
    pub(crate) live: Vec<u32>,
    /// Calls that run into their deadline
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = one_to(1_000_000))]
    pub(crate) deadline_calls: u32,
    /// Only one part
    #[arg(long, value_name = "PART")]
    pub(crate) only: Option<BenchPart>,
    /// A folder that is there; live instances are then measured in this very process
    #[arg(long, value_name = "DIR", hide = true)]
    pub(crate) scratch: Option<PathBuf>,
}

fn one_to(most: i64) -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=most)
}

/// One part of a benchmark.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum BenchPart {
    /// Memory of many live instances
    Live,
    /// Loading with a cold and a warm cache
    Load,
    /// Calls, and calls per second
    Calls,
    /// By how much deadlines are overshot
    Deadline,
    /// Memory after 1,000 killed calls
    Kills,
    /// Files in a guest and natively
    Files,
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
    fn global_options_stand_before_or_behind_the_command() {
        for line in ["lucid --json session list", "lucid session list --json"] {
            let args = Args::try_parse_from(line.split(' ')).unwrap();
            assert!(args.json, "{line}");
        }
    }
}
