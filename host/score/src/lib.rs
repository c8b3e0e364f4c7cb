//! What a dream came to, against a corpus whose truth is known.
//!
//! [`score`] takes a dream as `lucid dream show --json` prints it, the store it read, the
//! store it would leave, and a [`Truth`]. It shares no code with what it scores: a text that
//! a strategy and its verifier both misread would otherwise be misread here too. So it looks
//! at exact texts, of which the truth has every one that matters.
//!
//! A corpus with its truth is made by `tests/dream-corpus`; README.md there has the form of
//! `truth.json`.
#![forbid(unsafe_code)]

mod dream;
mod ledger;
mod rules;
mod score;
#[cfg(test)]
mod tests;
mod text;
mod truth;

pub use rules::is_stated;
pub use score::{Score, StoreEntry, Stores, score};
pub use truth::{
    Condition, Conflict, Distinct, DuplicateKind, Duplicates, Fact, FactKind, Rates, Rule,
    RuleClass, Truth,
};

/// Why nothing could be scored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScoreError {
    /// The dream is not of the form that `lucid dream show --json` has.
    #[error("the dream cannot be read: {0}")]
    Dream(String),
    /// The truth is not of its form.
    #[error("the truth cannot be read: {0}")]
    Truth(String),
    /// The store that the dream read is not the one that the truth is of.
    #[error("the truth is of another store: {0}")]
    OtherStore(String),
}
