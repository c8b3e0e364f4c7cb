//! Memory entries, dream operations, their verification, the ledger, diff and apply; all
//! pure: no file, no clock, no network.
//!
//! A dream never writes. It proposes operations on the entries of an input store (a
//! [`Snapshot`]); a [`Verifier`] checks each one and keeps the ledger; [`apply`] builds a
//! new store from those a person (or policy) accepted, whichever they are; [`diff`] shows
//! what that changes.
#![forbid(unsafe_code)]

mod apply;
mod diff;
mod entry;
mod line;
mod seam;
mod snapshot;
mod split;
mod verify;

pub use apply::apply;
pub use diff::{DiffLine, DiffTag, FileDiff, FileStatus, diff};
pub use entry::{Document, Entry, EntryKind};
pub use snapshot::{MemoryText, Snapshot};
pub use verify::{Bounds, Outcome, Quotes, Verifier, check_path};
