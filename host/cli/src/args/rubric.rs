//! The arguments of `lucid rubric`.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum RubricCommand {
    /// Say what is wrong with a rubric: what is vague, double or contradictory, which checks say
    /// nothing, and what no machine can judge
    Lint {
        /// The rubric, in Markdown
        file: PathBuf,
    },
    /// Propose a rubric from a result that is known to be good, and print it
    Draft {
        /// The folder with the result's outputs
        #[arg(long, value_name = "DIR")]
        from: PathBuf,
    },
}
