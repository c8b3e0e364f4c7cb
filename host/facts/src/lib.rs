//! What texts of a memory say, as far as it can be decided without a model.
//!
//! Whoever proposes a change to a memory and whoever checks it have to mean the same by "says
//! the same", "is newer" and "is a secret", so both use this crate: the host to check, and
//! strategies, in their sandbox, to propose.
//!
//! - [`normal`], [`tokens`] and [`subsumes`] say when two texts are one.
//! - [`facts`] and [`same_key`] say when one text may replace another, and [`frame`] says what
//!   a text is about beside its own words.
//! - [`day`] writes a moment as [`facts`] reads a date.
//! - [`mask`] takes out what must not become memory, [`instructs`] finds what must not become
//!   a rule.
//!
//! Every function is blunt on purpose: it rather leaves a duplicate, a stale value or a
//! legitimate hint alone than merge two things that only look alike. All are pure, and take
//! time in proportion to the text.
//!
//! ```
//! use lucid_facts::{facts, normal, same_key, subsumes};
//! assert_eq!(normal("- **Deploys** are on friday."), normal("Deploys are on Friday"));
//! assert!(!subsumes("PR #260 fixed the login test", "PR #480 fixed the login test"));
//! let old = facts("Deploy day: Friday", &[], 1);
//! let new = facts("The deploy day is now Monday.", &[], 2);
//! assert!(same_key(&old[0], &new[0]) && old[0].value != new[0].value);
//! ```
#![forbid(unsafe_code)]

mod dates;
mod fact;
mod guards;
mod instructs;
mod key;
mod letters;
mod lists;
mod mask;
mod sentences;
mod standing;
mod statements;
mod words;

pub use dates::day;
pub use fact::{Fact, Standing, facts, only_fact, same_key, same_key_in_memory};
pub use guards::subsumes;
pub use instructs::instructs;
pub use key::frame;
pub use mask::{KINDS, Masked, mask};
pub use words::{normal, tokens};

#[cfg(test)]
mod properties;
