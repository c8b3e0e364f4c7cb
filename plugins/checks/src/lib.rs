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
//! The same outputs always get the same verdicts. What has no check is reported as not
//! gradable, and then the evaluation is never `satisfied`.

pub mod check;
pub mod data;
pub mod evaluate;
pub mod explain;
pub mod functions;
pub mod library;
pub mod resolve;
pub mod rubric;
pub mod text;

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
