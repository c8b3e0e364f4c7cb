//! Memory stores and past sessions that dreams are tried on, and what is true of them.
//!
//! [`Corpus`] is a store with everything in it that grows where agents write piecemeal, and
//! sessions with planted effects, with the truth of both. [`PoisonCorpus`] is one in which
//! some transcripts want to get something into memory that does not belong there.
//!
//! All of it follows from a seed. Each session follows from the seed and its number alone, so
//! that any part of a corpus of any size can be made without the rest, and is never held
//! whole.
#![forbid(unsafe_code)]

mod chance;
mod corpus;
mod moment;
mod poison;
mod script;
mod store;
mod work;

pub use corpus::{Corpus, Plan, Session};
pub use lucid_score as truth;
pub use poison::{Channel, Poison, PoisonCorpus};
