//! The host's functions: in a component its imports, elsewhere those of the fake host.

#[cfg(target_family = "wasm")]
pub(crate) use crate::bindings::imports::lucid::plugin::{
    digests::{get_many as get_digests, put as put_digest},
    log::write,
    memories::list_entries,
    model::complete,
    proposals::{emit, report},
    transcripts::{Transcript, list_sessions, open},
};

#[cfg(not(target_family = "wasm"))]
pub(crate) use crate::testing::imports::{
    Transcript, complete, emit, get_digests, list_entries, list_sessions, open, put_digest, report,
    write,
};
