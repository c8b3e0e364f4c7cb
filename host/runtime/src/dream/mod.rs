//! Dreams: a strategy reads a memory store and past sessions and proposes operations; the
//! host verifies each, keeps the ledger and builds a new store. The input is never touched.

mod host;
mod job;
mod quotes;

pub(crate) use host::entry_for_guest;
pub(crate) use job::{
    DreamEnd, DreamInput, DreamPlanned, completed, first_versions, make_store, run,
};
