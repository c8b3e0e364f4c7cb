//! Memory entries, dream operations, their verification, the ledger, review, diff, apply,
//! intervals and provenance; all pure: no file, no clock, no network.
//!
//! A dream never writes. It proposes operations on the entries of an input store (a
//! [`Snapshot`]); a [`Verifier`] checks each one, says what [class](class_of) it is, and
//! keeps the [`ledger`]; [`apply`] builds a new store from those a person (or policy)
//! accepted, whichever they are; [`diff_dream`] shows what that changes and why;
//! [`intervals`] says when what was superseded held; [`why`] leads an entry back to quotes.
#![forbid(unsafe_code)]

mod apply;
mod class;
mod diff;
mod diff_dream;
mod entry;
mod index;
mod interval;
mod ledger;
mod line;
mod review;
mod seam;
mod snapshot;
mod split;
mod verify;
mod why;
mod wording;

pub use apply::{apply, apply_changes, apply_proposed};
pub use class::class_of;
pub use diff::{DiffLine, DiffTag, FileDiff, FileStatus, diff};
pub use diff_dream::{MemoryDiff, diff_dream};
pub use entry::{Document, Entry, EntryKind};
pub use interval::intervals;
pub use ledger::ledger;
pub use review::{Decision, accept_earned, decide};
pub use snapshot::{MemoryText, Snapshot};
pub use verify::{Bounds, Outcome, Quotes, Verifier, check_path};
pub use why::{WhyStep, why};
