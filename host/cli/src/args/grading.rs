//! The arguments of `lucid grade` and `lucid outcome`.

use std::path::PathBuf;

use clap::{Args as Group, Subcommand};

/// What is judged, by what, and by whom.
#[derive(Debug, Group)]
pub(crate) struct GradeArgs {
    /// The rubric, a Markdown file [default: that of the mission]
    #[arg(long, value_name = "FILE", required_unless_present = "mission")]
    pub(crate) rubric: Option<PathBuf>,
    /// The folder with what is to be judged
    #[arg(long, value_name = "DIR")]
    pub(crate) outputs: PathBuf,
    /// The graders and the rubric of this mission
    #[arg(long, value_name = "MISSION", conflicts_with_all = ["grader", "member", "rule", "model"])]
    pub(crate) mission: Option<PathBuf>,
    /// A bundled grader, or the file of one
    #[arg(long, value_name = "NAME", default_value = crate::home::GRADER)]
    pub(crate) grader: String,
    /// A grader that this one may ask, as a name or a file; again for more
    #[arg(long, value_name = "NAME[=WEIGHT]", value_parser = member)]
    pub(crate) member: Vec<(String, f64)>,
    /// How a panel decides: `all`, `majority` or `weighted`
    #[arg(long, value_name = "RULE", requires = "member")]
    pub(crate) rule: Option<String>,
    /// The model that graders may ask, such as `claude-sonnet-5`
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// Change a limit of every grader, such as `deadline_ms=10min`; wins over the mission
    #[arg(long = "limit", value_name = "NAME=VALUE")]
    pub(crate) limits: Vec<String>,
}

/// A member, with how much its verdict counts.
fn member(written: &str) -> Result<(String, f64), String> {
    let Some((name, weight)) = written.rsplit_once('=') else {
        return Ok((written.to_owned(), 1.0));
    };
    let weight: f64 = weight.parse().map_err(|_| format!("`{weight}` is no number"))?;
    Ok((name.to_owned(), weight))
}

/// What `lucid outcome` does.
#[derive(Debug, Subcommand)]
pub(crate) enum OutcomeCommand {
    /// What became of past outcomes: by criterion, what was mended, and what it cost
    Report {
        /// Only sessions of this mission
        #[arg(long, value_name = "NAME")]
        mission: Option<String>,
    },
}
