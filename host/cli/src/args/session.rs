//! The arguments of `lucid session`.

use std::path::PathBuf;

use clap::{Args as Group, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum SessionCommand {
    /// List sessions, newest first
    List {
        /// How many at most
        #[arg(long, value_name = "N", default_value_t = 20)]
        limit: u32,
    },
    /// Draw a session: who did what, when and why; then what it used and wrote
    Show {
        /// An id, the unique start of one, or `latest`
        id: String,
        /// Go on drawing what happens, until the session is archived or you press ctrl-c
        #[arg(long)]
        follow: bool,
    },
    /// Show a session's events
    Events {
        /// An id, the unique start of one, or `latest`
        id: String,
        /// Only those behind this number
        #[arg(long, value_name = "N")]
        after: Option<u32>,
        /// Go on with those that come, until the session is archived or you press ctrl-c
        #[arg(long)]
        follow: bool,
    },
    /// List the files that a session's calls changed, each with who changed it last
    Files {
        /// An id, the unique start of one, or `latest`
        id: String,
    },
    /// Say something to a session; where nobody runs it, it goes on here
    Send {
        /// An id, the unique start of one, or `latest`
        id: String,
        /// What to say
        text: String,
        #[command(flatten)]
        going_on: GoOnArgs,
    },
    /// Say what a session is to achieve next; where nobody runs it, it goes on here
    Outcome {
        /// An id, the unique start of one, or `latest`
        id: String,
        /// What the outcome is, in a sentence or two
        description: String,
        /// What done means: a Markdown file
        #[arg(long, value_name = "FILE")]
        rubric: std::path::PathBuf,
        /// How often the result is evaluated at most
        #[arg(long, value_name = "N", default_value_t = 3)]
        max_iterations: u32,
        #[command(flatten)]
        going_on: GoOnArgs,
    },
    /// Stop the turn of one thread, or of all
    Interrupt {
        /// An id, the unique start of one, or `latest`
        id: String,
        /// A thread: its name as `lucid session show` has it, its id, or the unique start of one
        #[arg(long)]
        thread: Option<String>,
    },
    /// Decide on a call that waits; where nobody runs the session, it goes on here
    Confirm {
        /// An id, the unique start of one, or `latest`
        id: String,
        /// The call's event: its id, or the unique start of one
        call: String,
        /// What is decided
        decision: Decision,
        /// Deny: what the agent is told
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        #[command(flatten)]
        going_on: GoOnArgs,
    },
    /// Go on with a session that was left in the middle, or with all of them
    Resume {
        /// An id, the unique start of one, or `latest`
        #[arg(required_unless_present = "all")]
        id: Option<String>,
        /// Go on with every session whose process ended while it worked, side by side
        #[arg(long, conflicts_with = "id")]
        all: bool,
        /// Leave calls that need permission waiting, instead of asking or denying
        #[arg(long)]
        later: bool,
    },
    /// Put a session away: it can be read, and nothing is added to it any more
    Archive {
        /// An id, the unique start of one, or `latest`
        id: String,
    },
    /// Remove a session, its events and its files, and what dreams made of it
    Delete {
        /// An id, the unique start of one, or `latest`
        id: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Write sessions as JSON lines: each session, then its events as they were stored
    Export(ExportArgs),
    /// Take in sessions from JSON lines, all of them or none, and print their ids
    Import {
        /// The file, or `-` for standard input
        file: PathBuf,
    },
}

/// What follows when something was posted into a session.
#[derive(Debug, Clone, Copy, Group)]
pub(crate) struct GoOnArgs {
    /// Only write it down: the session goes on when somebody runs it
    #[arg(long)]
    pub(crate) queue: bool,
    /// Leave calls that need permission waiting, instead of asking or denying
    #[arg(long, conflicts_with = "queue")]
    pub(crate) later: bool,
}

#[derive(Debug, Group)]
pub(crate) struct ExportArgs {
    /// Ids, unique starts of ids, or `latest`
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub(crate) ids: Vec<String>,
    /// All sessions, oldest first
    #[arg(long)]
    pub(crate) all: bool,
    /// With --all: only those of one mission
    #[arg(long, value_name = "NAME", requires = "all", conflicts_with = "ids")]
    pub(crate) mission: Option<String>,
    /// The file, else standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// What is decided about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Decision {
    /// It may run
    Allow,
    /// It may not
    Deny,
}
