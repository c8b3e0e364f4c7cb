//! Sessions: a team at work over one shared folder, all of it in one event log.
//!
//! The log is the truth. [`lucid_core::SessionState`] folds it; the driver looks at that
//! state, writes down what it is about to do, does it, and writes down what came of it. A
//! session that another process left is gone on with in the same way.

mod answers;
mod approval;
mod calls;
mod close;
mod disk;
mod driver;
mod effects;
mod gaps;
mod log;
mod meter;
mod outcome;
mod platform;
mod preview;
mod recover;
mod remember;
mod run;
mod start;
mod team;
mod toolbox;
mod turn;
mod workspace;

pub use approval::{Approval, Approver, Ask, NobodyAsks};
pub(crate) use close::has_work;
pub(crate) use gaps::are_gaps;
pub(crate) use log::SessionLog;
pub use preview::Heard;
pub(crate) use remember::{Remembered, forget_text, hidden};
pub use run::SessionEnd;
pub(crate) use run::{SessionPlan, run};
pub(crate) use start::{Fixed, Start};
pub(crate) use workspace::MemoryMount;
pub use workspace::Workspace;
