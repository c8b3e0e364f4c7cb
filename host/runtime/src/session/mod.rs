//! Sessions: a team at work over one shared folder, all of it in one event log.
//!
//! A session goes in *steps*. In each step every thread that can go on does one thing (asks
//! its model, or runs the tool calls of its turn, all at the same time); what they are about
//! to do is on disk before they do it, and what came of it is written in the threads' order
//! when all are done. So threads run at once and the log is still the same every time.

mod conversation;
mod disk;
mod outcome;
mod platform;
mod run;
mod step;
mod team;
mod thread;
mod toolbox;
mod workspace;
mod writer;

pub use run::SessionEnd;
pub(crate) use run::{SessionPlan, run};
pub(crate) use workspace::MemoryMount;
pub use workspace::Workspace;
pub(crate) use writer::EventWriter;
