//! Studies: a mission tried out on numbered tasks, before and after a dream.
//!
//! Train, show, dream, show again, and prove the change on held-out tasks that nothing was
//! learned from, in pairs: the same task, the same session seed, the old and the new memory.

mod measure;
mod report;
mod run;
mod tasks;

pub use measure::Curve;
pub use report::{DreamReport, HeldOutReport, PhaseReport, StudyReport, StudyResult, TaskReport};
pub use run::StudyOptions;
