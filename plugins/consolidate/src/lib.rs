//! `consolidate`: the deterministic dream.
//!
//! It needs no model and knows no domain. Each session becomes a digest (`digest`), which the
//! host keeps, so that the next dream reads new sessions only; digests are folded one after
//! the other (`fold`). From what is folded and the entries of the store follows the plan:
//!
//! - entries that say the same are merged (`duplicates`), and the newer of two values of one
//!   attribute replaces the older (`facts`);
//! - rules about what goes with success (`contrast`, `rules`), failures with what mended them
//!   (`fixes`), frequent sequences of calls (`sequences`) and what people stated (`themes`)
//!   are added, ranked under a budget (`rank`).
//!
//! The same inputs and the same seed give the same operations, byte for byte, whatever the
//! order in which sessions and entries are listed.
//!
//! Of the instructions it understands a few phrases and the words of a theme
//! (`instructions`).
//!
//! `shore` is the glue to the SDK; everything else is plain Rust on plain types.

mod cite;
mod contrast;
mod digest;
mod duplicates;
mod facts;
mod fixes;
mod fold;
mod hash;
mod instructions;
#[cfg(test)]
mod made;
mod model;
mod plan;
mod rank;
mod rules;
mod sequences;
#[cfg(test)]
mod sessions_tests;
mod shore;
mod stats;
mod text;
mod themes;
#[cfg(test)]
mod trials;

use lucid_sdk::dream::{Dream, DreamError, Request, Summary};

/// The strategy.
pub struct Consolidate;

lucid_sdk::export_dream!(Consolidate);

impl Dream for Consolidate {
    fn dream(request: &Request) -> Result<Summary, DreamError> {
        shore::dream(request)
    }
}
