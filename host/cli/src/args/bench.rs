//! The arguments of `lucid bench`.

use std::path::PathBuf;

use clap::{Args as Group, Subcommand, ValueEnum};

use super::PluginBenchArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum BenchCommand {
    /// Measure calls beside bare wasmtime and a process, loading, memory, deadlines and files
    ///
    /// Files are measured in the folder for temporary files; TMPDIR names another.
    Engine(BenchArgs),
    /// Measure what one plugin costs: its size, loading, the first call and later ones
    Plugin(PluginBenchArgs),
    /// Measure appends of 25 sessions at once that wait for the disk, beside a bare loop of SQL
    ///
    /// Both write into a new folder inside the folder of state, which is removed afterwards;
    /// --state names a folder on another disk.
    Store(StoreBenchArgs),
    /// Measure a turn's time outside of its model, and the memory of threads that wait
    ///
    /// A turn is one model request and one tool call. Models answer from memory; nothing is
    /// sent. The sessions run in a new folder inside the folder of state, which is removed
    /// afterwards; --state names a folder on another disk.
    Session(SessionBenchArgs),
}

#[derive(Debug, Group)]
pub(crate) struct StoreBenchArgs {
    /// Rounds of 1,000 events each way
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = one_to(10_000))]
    pub(crate) rounds: u32,
}

#[derive(Debug, Group)]
pub(crate) struct SessionBenchArgs {
    /// Turns of each kind, 50 in a session
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = one_to(1_000_000))]
    pub(crate) turns: u32,
    /// Threads of one session that wait for a slow model at the same moment
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = one_to(1_000))]
    pub(crate) threads: u32,
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
    use clap::Parser as _;

    use crate::args::Args;

    #[test]
    fn numbers_that_cannot_be_measured_are_refused() {
        let read = |line: &str| Args::try_parse_from(line.split(' '));
        for option in ["store --rounds 0", "session --turns 0", "session --threads 1001"] {
            let line = format!("lucid bench {option}");
            assert!(read(&line).is_err(), "{line}");
        }
        assert!(read("lucid bench session --threads 1000 --turns 1 --json").is_ok());
    }
}
