//! Studies: a mission tried out on numbered tasks, before and after a dream.
//!
//! Train, show, dream, show again, and prove the change on held-out tasks that nothing was
//! learned from, in pairs: the same task, the same session seed, the old and the new memory.
//!
//! What the revisions of an outcome are worth is found out in the same way, without a dream:
//! in pairs of sessions with one evaluation and with all of them.

mod measure;
mod outcome;
mod pairs;
mod report;
mod run;
mod tasks;
mod trials;

pub use measure::Curve;
pub use outcome::{CriterionReport, OutcomeStudyReport};
pub(crate) use pairs::held_out_pairs;
pub use report::{DreamReport, HeldOutReport, PhaseReport, StudyReport, StudyResult, TaskReport};
pub use run::StudyOptions;
