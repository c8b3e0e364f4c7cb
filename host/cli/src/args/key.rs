//! The arguments of `lucid key`.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key for `lucid serve`, and print it: it is shown this once
    Create {
        /// What to call it
        #[arg(long, default_value = "")]
        name: String,
        /// The workspace it opens, by name or id; made when there is none of that name
        #[arg(long, value_name = "NAME")]
        workspace: Option<String>,
        /// Make a worker's key: it takes work from this environment's queue, and nothing else
        #[arg(long, value_name = "ID")]
        environment: Option<String>,
    },
    /// List keys, newest first; never their text
    List,
    /// Revoke a key: it opens nothing from now on
    Revoke {
        /// Its id, or the unique start of one
        key: String,
    },
    /// Make a workspace and print its id; without a name, list them
    Workspace {
        /// Its name
        name: Option<String>,
    },
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use crate::args::Args;

    #[test]
    fn a_key_is_made_for_a_workspace_or_an_environment() {
        let parse = |line: &str| Args::try_parse_from(line.split(' '));
        assert!(parse("lucid key create --json").is_ok());
        assert!(parse("lucid key create --name ci --workspace team --environment env_1").is_ok());
        assert!(parse("lucid key revoke").is_err());
        assert!(parse("lucid key workspace").is_ok());
    }
}
