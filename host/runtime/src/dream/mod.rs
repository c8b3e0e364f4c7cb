//! Dreams: a strategy reads a memory store and past sessions and proposes operations; the
//! host verifies each, keeps the ledger and builds a new store of what is accepted. The input
//! is never touched.
//!
//! A dream is a job with a session of its own. What it takes to run it is in the store, so
//! that any process can run it, stop it, go on with it, or do it again without something that
//! was taken away.

mod asked;
mod deleted;
mod desk;
mod digests;
mod echoes;
mod ended;
mod evaluate;
mod forget;
mod freed;
mod guest;
mod host;
mod imported;
mod inputs;
mod job;
mod origins;
mod output;
mod queue;
mod quotes;
mod review;
mod running;
mod runs;
mod strategy;
mod studied;
mod why;

pub use asked::DreamAsked;
pub use evaluate::{EvaluateOptions, Evaluated};
pub use forget::{Forgetting, Forgotten, ForgottenDream};
pub(crate) use guest::entry_for_guest;
pub(crate) use inputs::DreamInput;
pub use inputs::SessionChoice;
pub(crate) use output::{first_versions, make_store};
pub use queue::{Waiting, WaitsFor};
pub use review::{Chosen, DiffOf};
pub(crate) use running::Dreaming;
pub use runs::DreamRun;
pub(crate) use studied::{DreamEnd, DreamStudied};
pub use why::{EntryStanding, Why};
