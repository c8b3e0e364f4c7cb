//! The arguments of `lucid dream`.

use std::path::PathBuf;

use clap::{Args as Group, Subcommand};
use lucid_core::ReviewPolicy;

/// What a dream is named by.
const DREAM: &str = "A dream: an id, the unique start of one, or `latest`";

#[derive(Debug, Subcommand)]
pub(crate) enum DreamCommand {
    /// Dream: read a memory store and past sessions, and propose a better store
    Start(StartArgs),
    /// Draw a dream as it goes: which session is read, and each operation as it comes
    Watch {
        #[arg(help = DREAM)]
        id: String,
    },
    /// List dreams, newest first
    List {
        /// How many at most
        #[arg(long, value_name = "N", default_value_t = 20)]
        limit: u32,
    },
    /// Show a dream: its operations, the numbers behind rules, the ledger and the proof
    Show {
        #[arg(help = DREAM)]
        id: String,
        /// Score it by what is known to be true of its corpus, a JSON file
        #[arg(long, value_name = "FILE")]
        score: Option<PathBuf>,
    },
    /// Show what a dream changes, memory by memory, with why and with quotes
    Diff {
        #[arg(help = DREAM)]
        id: String,
    },
    /// List the dreams whose operations wait for a person or for a proof
    Queue,
    /// Take operations of a dream into its store
    Accept(ChosenArgs),
    /// Refuse operations of a dream that wait
    Reject(ChosenArgs),
    /// Take operations of a dream out of its store again, exactly
    Undo(ChosenArgs),
    /// Stop a dream; the store it read stays as it was
    Cancel {
        #[arg(help = DREAM)]
        id: String,
    },
    /// Prove a dream: the same held-out tasks with the old and with the new memory
    Evaluate(EvaluateArgs),
    /// Dream of a store again and again
    #[command(subcommand)]
    Schedule(ScheduleCommand),
    /// Run the schedules of the state folder until you press ctrl-c, where no server does
    Scheduler {
        /// Run what is due now, and end
        #[arg(long)]
        once: bool,
    },
    /// Run a dream that waits to run, or whose process ended before it did
    Resume {
        #[arg(help = DREAM)]
        id: String,
    },
}

#[derive(Debug, Group)]
pub(crate) struct StartArgs {
    /// The memory store: an id, the unique start of one, or `latest`
    #[arg(long, value_name = "ID")]
    pub(crate) memory: String,
    #[command(flatten)]
    pub(crate) sessions: SessionsArgs,
    /// A bundled strategy, or the file of one [default: that of the mission, else `consolidate`]
    #[arg(long, value_name = "NAME")]
    pub(crate) strategy: Option<String>,
    /// What the dream is to look for and how its memory is to be ordered: 1 to 4,096 characters
    #[arg(long, value_name = "TEXT", value_parser = instructions)]
    pub(crate) instructions: Option<String>,
    /// The model that a strategy may ask, such as `claude-sonnet-5`
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    /// The mission whose `[dream]` counts, over a server the name that it has there: what is not
    /// said here is as it says, and nothing mined is taken before the proof that it asks for
    #[arg(long, value_name = "MISSION")]
    pub(crate) mission: Option<PathBuf>,
    /// Fixes what a strategy leaves to chance
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Print the id and go; the dream goes on in a process of its own
    #[arg(long)]
    pub(crate) detach: bool,
    /// Score the dream by what is known to be true of its corpus, a JSON file
    #[arg(long, value_name = "FILE", conflicts_with = "detach")]
    pub(crate) score: Option<PathBuf>,
}

/// Who decides about what a dream proposes.
#[derive(Debug, Group)]
pub(crate) struct PolicyArgs {
    /// Take at once what is the same said twice, and newer facts in place of older; rules wait
    #[arg(long, conflicts_with = "review")]
    auto: bool,
    /// Take nothing: every operation waits for a person or for a proof [default: what the mission
    /// says, else this]
    #[arg(long)]
    review: bool,
}

impl PolicyArgs {
    /// Who decides, by the flags; none where they say nothing.
    pub(crate) fn said(&self) -> Option<ReviewPolicy> {
        match (self.auto, self.review) {
            (true, _) => Some(ReviewPolicy::Auto),
            (_, true) => Some(ReviewPolicy::Review),
            (false, false) => None,
        }
    }
}

/// Which sessions are read: one of these has to be said.
#[derive(Debug, Group)]
#[group(required = true, multiple = false)]
pub(crate) struct SessionsArgs {
    /// These sessions: ids, or unique starts of ids
    #[arg(long, value_name = "ID", num_args = 1..)]
    pub(crate) sessions: Vec<String>,
    /// The newest sessions, without those of dreams
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) last: Option<u32>,
    /// The sessions of a file of JSON lines, which are taken in first; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) import: Option<PathBuf>,
}

/// Operations of a dream.
#[derive(Debug, Group)]
pub(crate) struct ChosenArgs {
    #[arg(help = DREAM)]
    pub(crate) id: String,
    /// Operations, such as `dop_3`, `3` or `3-7`
    #[arg(value_name = "OP", required_unless_present = "all", conflicts_with = "all")]
    pub(crate) operations: Vec<String>,
    /// All of them
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Group)]
pub(crate) struct EvaluateArgs {
    #[arg(help = DREAM)]
    pub(crate) id: String,
    /// The mission's folder, or its `mission.toml`, over a server the name that it has there; it
    /// has to have a study
    #[arg(long, value_name = "MISSION")]
    pub(crate) mission: PathBuf,
    /// Held-out tasks, each run with the old and with the new memory
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) n: u32,
    /// By what share of the tasks the new memory has to be better for certain, such as 0.05
    /// [default: what the mission says, else 0]
    #[arg(long, value_name = "SHARE", value_parser = share, allow_negative_numbers = true)]
    pub(crate) margin: Option<f64>,
    /// Another seed than the mission's: other tasks
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Only measure: what waits goes on waiting, also when the proof holds
    #[arg(long)]
    pub(crate) no_accept: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ScheduleCommand {
    /// Dream of a store again and again; a server runs it, or `lucid dream scheduler`
    Add(AddArgs),
    /// List schedules, with when each runs next
    List,
    /// Leave a schedule out until it is resumed
    Pause {
        /// A schedule: an id, the unique start of one, or `latest`
        id: String,
    },
    /// Go on with a schedule from its next time on; what was left out is not made up for
    Resume {
        /// A schedule: an id, the unique start of one, or `latest`
        id: String,
    },
    /// Remove a schedule; its dreams stay
    Remove {
        /// A schedule: an id, the unique start of one, or `latest`
        id: String,
    },
}

#[derive(Debug, Group)]
pub(crate) struct AddArgs {
    /// The memory store: an id, the unique start of one, or `latest`
    #[arg(long, value_name = "ID")]
    pub(crate) memory: String,
    /// When: `@hourly`, `@nightly`, `@weekly`, or five fields of cron, such as `30 2 * * 1-5`
    /// [default: what the mission says, else `@nightly`]
    #[arg(long, value_name = "WHEN")]
    pub(crate) cron: Option<String>,
    /// The wall clock of which place, such as `Europe/Berlin` [default: what the mission says,
    /// else this machine's]
    #[arg(long, value_name = "ZONE")]
    pub(crate) time_zone: Option<String>,
    /// A bundled strategy, or the file of one [default: that of the mission, else `consolidate`]
    #[arg(long, value_name = "NAME")]
    pub(crate) strategy: Option<String>,
    /// What the dream is to look for and how its memory is to be ordered: 1 to 4,096 characters
    #[arg(long, value_name = "TEXT", value_parser = instructions)]
    pub(crate) instructions: Option<String>,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    /// The mission whose `[dream]` counts, over a server the name that it has there; what is not
    /// said here is as it says
    #[arg(long, value_name = "MISSION")]
    pub(crate) mission: Option<PathBuf>,
    /// Read at most the newest N sessions
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) last: Option<u32>,
    /// Dream only when there are so many sessions that no dream of the store has read
    /// [default: what the mission says, else 1]
    #[arg(long, value_name = "N")]
    pub(crate) min_new: Option<u32>,
    /// Begin up to so much later, to spread the work: `0`, `30s`, `5min`; at most an hour
    #[arg(long, value_name = "TIME", default_value = "5min", value_parser = time_ms)]
    pub(crate) jitter: u64,
}

fn instructions(text: &str) -> Result<String, String> {
    match text.chars().count() {
        1..=4_096 => Ok(text.to_owned()),
        0 => Err("say something, or leave it out".to_owned()),
        count => Err(format!("{count} characters; at most 4,096 are read")),
    }
}

/// A share, as missions write it.
fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| format!("`{text}` is no number"))?;
    match (-1.0..=1.0).contains(&share) {
        true => Ok(share),
        false => Err("give a share of all tasks, -1 to 1".to_owned()),
    }
}

/// A time in milliseconds.
fn time_ms(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "ms" => 1,
        "" if digits == "0" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        _ => return Err("give a number with `ms`, `s`, `min` or `h`".to_owned()),
    };
    let number: u64 = digits.trim_end().parse().map_err(|_| format!("`{digits}` is no number"))?;
    match number.saturating_mul(factor) {
        ms @ 0..=3_600_000 => Ok(ms),
        _ => Err("at most an hour".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{Args, Command};

    fn parse(line: &str) -> Result<Args, clap::Error> {
        Args::try_parse_from(line.split(' '))
    }

    #[test]
    fn a_dream_reads_sessions_that_are_said_in_one_way() {
        for line in [
            "lucid dream start --memory m",
            "lucid dream start --sessions a",
            "lucid dream start --memory m --sessions a --last 3",
            "lucid dream start --memory m --last 0",
            "lucid dream start --memory m --last 3 --import f",
            "lucid dream start --memory m --sessions",
            "lucid dream start --memory m --last 3 --auto --review",
            "lucid dream start --memory m --last 3 --detach --score f",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
        let args = parse("lucid dream start --memory m --sessions a b --auto").unwrap();
        let Command::Dream(DreamCommand::Start(start)) = args.command else { unreachable!() };
        assert_eq!(start.sessions.sessions, ["a", "b"]);
        assert_eq!((start.policy.said(), start.strategy), (Some(ReviewPolicy::Auto), None));
    }

    #[test]
    fn operations_are_named_or_all_of_them() {
        for verb in ["accept", "reject", "undo"] {
            for rest in ["latest", "latest 3 --all", ""] {
                assert!(parse(&format!("lucid dream {verb} {rest}")).is_err(), "{verb} {rest}");
            }
            for rest in ["latest --all", "latest 3 dop_4 5-7"] {
                assert!(parse(&format!("lucid dream {verb} {rest}")).is_ok(), "{verb} {rest}");
            }
        }
    }

    #[test]
    fn nobody_decides_by_flags_that_are_not_there() {
        assert_eq!(PolicyArgs { auto: false, review: false }.said(), None);
        assert_eq!(PolicyArgs { auto: true, review: false }.said(), Some(ReviewPolicy::Auto));
        assert_eq!(PolicyArgs { auto: false, review: true }.said(), Some(ReviewPolicy::Review));
    }

    #[test]
    fn instructions_are_one_to_4096_characters() {
        assert!(instructions("").is_err());
        assert!(instructions(&"é".repeat(4_096)).is_ok());
        assert!(instructions(&"é".repeat(4_097)).is_err());
    }

    #[test]
    fn margins_are_shares_and_times_have_units() {
        assert_eq!([share("0.05"), share("-1")], [Ok(0.05), Ok(-1.0)]);
        for wrong in ["5", "-1.1", "x", "NaN", ""] {
            assert!(share(wrong).is_err(), "{wrong}");
        }
        let times = ["0", "30s", "5min", "1h", "250ms"].map(|text| time_ms(text).unwrap());
        assert_eq!(times, [0, 30_000, 300_000, 3_600_000, 250]);
        for wrong in ["5", "2h", "-1s", "min", "5 weeks", ""] {
            assert!(time_ms(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_proof_needs_a_mission_and_a_number_of_tasks() {
        assert!(parse("lucid dream evaluate latest --mission m").is_err());
        assert!(parse("lucid dream evaluate latest --n 20").is_err());
        assert!(parse("lucid dream evaluate latest --mission m --n 0").is_err());
        for margin in ["0.05", "-0.02"] {
            let line = format!("lucid dream evaluate latest --mission m --n 20 --margin {margin}");
            assert!(parse(&line).is_ok(), "{line}");
        }
    }

    #[test]
    fn a_schedule_needs_no_more_than_its_store() {
        let args = parse("lucid dream schedule add --memory m").unwrap();
        let Command::Dream(DreamCommand::Schedule(ScheduleCommand::Add(add))) = args.command else {
            unreachable!()
        };
        assert_eq!((add.cron, add.min_new, add.jitter), (None, None, 300_000));
        assert!(parse("lucid dream schedule add --memory m --last 0").is_err());
    }
}
