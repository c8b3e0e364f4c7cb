//! Rubrics: Markdown that says what done looks like.
//!
//! [`parse`] finds the criteria and keeps their text, [`lint`] says which of them nobody could
//! judge or meet, and [`Draft`] proposes a rubric from a result that is known to be good.
//!
//! ```
//! let rubric = "# Done\n\n- There is a report. (weight 2) `check: exists('report.md')`\n";
//! let criterion = &lucid_rubric::parse(rubric).unwrap()[0];
//! assert_eq!((criterion.text.as_str(), criterion.weight), ("There is a report.", 2.0));
//! assert_eq!(criterion.check.as_ref().unwrap().text, "exists('report.md')");
//! ```
//!
//! Nothing here reads a file or runs a check: graders use it inside of their sandbox, and the
//! command line outside of it.
#![forbid(unsafe_code)]

pub mod check;
mod draft;
mod lint;
mod parse;
mod text;

pub use draft::{Draft, LeftOut, MAX_DRAFTED_FILE, MAX_DRAFTED_FILES};
pub use lint::{Checker, Code, Finding, Severity, VAGUE, lint};
pub use parse::{Criterion, MAX_CRITERIA, MAX_RUBRIC, Mistake, Source, parse};

#[cfg(test)]
mod property;
