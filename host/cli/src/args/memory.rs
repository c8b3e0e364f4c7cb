//! The arguments of `lucid memory`.

use std::path::PathBuf;

use clap::Subcommand;

/// What a memory store is named by.
const STORE: &str = "A store: an id, the unique start of one, or `latest`";

#[derive(Debug, Subcommand)]
pub(crate) enum MemoryCommand {
    /// List memory stores, newest first
    List,
    /// Print a store's memories, or one
    Show {
        #[arg(help = STORE)]
        store: String,
        /// A memory, such as `/notes.md`
        path: Option<String>,
    },
    /// Make a store from the Markdown files of a folder, and print its id
    Import {
        /// The folder
        dir: PathBuf,
        /// The store's name
        #[arg(long)]
        name: String,
        /// What it is for; agents see it
        #[arg(long, value_name = "TEXT", default_value = "")]
        description: String,
    },
    /// Write a store's memories as files
    Export {
        #[arg(help = STORE)]
        store: String,
        /// A folder that is not there yet
        dir: PathBuf,
    },
    /// List the versions of a store's memories, newest first
    Versions {
        #[arg(help = STORE)]
        store: String,
        /// Only those of one memory
        path: Option<String>,
    },
    /// Show what a store held and holds no more: each entry, from when until when, and what
    /// took its place
    History {
        #[arg(help = STORE)]
        store: String,
        /// Only entries of one memory
        path: Option<String>,
    },
    /// Show where an entry comes from, back to the quotes
    Why {
        /// The entry: its id, the unique start of one, or words that stand in it and in no other
        entry: String,
        /// The store it is in: an id, the unique start of one, or `latest`
        #[arg(long, value_name = "STORE", default_value = "latest")]
        memory: String,
    },
    /// Take the text out of a version for good; what dreams derived from it is looked at again
    Redact {
        /// The version: its id, or the unique start of one
        version: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use crate::args::Args;

    #[test]
    fn a_store_that_is_made_has_a_name() {
        let parse = |line: &str| Args::try_parse_from(line.split(' '));
        assert!(parse("lucid memory import notes").is_err());
        assert!(parse("lucid memory import notes --name notes --json").is_ok());
        assert!(parse("lucid memory why").is_err());
        assert!(parse("lucid memory why ent_1 --memory latest").is_ok());
    }
}
