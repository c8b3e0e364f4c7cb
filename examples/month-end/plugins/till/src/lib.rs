//! The till of a chain of shops: what it exports of one branch's month.
//!
//! Everything in an export follows from a seed and the number of a branch. The mission grants
//! both, so no agent can choose an easier month.

pub mod draw;
pub mod export;
pub mod month;

lucid_sdk::export_tools![export::export];
