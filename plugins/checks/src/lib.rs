//! A grader that only runs what it can prove: the machine checks of a rubric.
//!
//! A rubric is ordinary Markdown. Its list items are criteria, and one may end in a check in
//! CEL, over the files of the outputs folder:
//!
//! ```markdown
//! - Every site is within two units.
//!   `check: json('report.json').sites.all(s, s.v <= 2.0)`
//! - The report explains the method.
//! ```
//!
//! The same outputs always get the same evaluation, byte for byte. What has no check is
//! reported as not gradable, and then the evaluation is never `satisfied`. A check that takes
//! more than [`budget`] allows is stopped, and so is its criterion alone.

pub mod arithmetic;
pub mod budget;
pub mod check;
pub mod data;
pub mod documents;
pub mod evaluate;
pub mod explain;
pub mod folder;
pub mod functions;
pub mod glob;
pub mod library;
pub mod metered;
pub mod pattern;
pub mod place;
pub mod resolve;
pub mod shelf;
pub mod summary;
pub mod text;
pub mod weight;

pub use lucid_rubric as rubric;

use lucid_sdk::grader::{Evaluation, GradeError, Grader, Request, RubricMistake};
use std::path::Path;

/// The grader.
pub struct Checks;

impl Grader for Checks {
    fn check_rubric(rubric: &str) -> Result<(), RubricMistake> {
        evaluate::read(rubric).map(|_| ())
    }

    fn grade(request: &Request) -> Result<Evaluation, GradeError> {
        let rubric = evaluate::read(&request.rubric).map_err(GradeError::InvalidRubric)?;
        Ok(rubric.judge(Path::new(&request.outputs_path)))
    }
}

lucid_sdk::export_grader!(Checks);

fn mistake(line: u32, message: String) -> RubricMistake {
    RubricMistake { line, message }
}
