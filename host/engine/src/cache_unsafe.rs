//! The one file with `unsafe` in it: loading machine code.
//!
//! The code has to be what wasmtime's own compiler gave, unchanged. wasmtime itself checks
//! that it is of this version and configuration of wasmtime.

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::cache::SealedFile;
use crate::compile::Code;

/// Loads a copy of machine code.
#[expect(unsafe_code, reason = "wasmtime cannot check that compiled code is its own")]
#[expect(clippy::disallowed_methods, reason = "one of the two places that may")]
pub(crate) fn load(engine: &Engine, code: &Code) -> wasmtime::Result<Component> {
    // SAFETY: `Code` is made in three places. `compile::here` has the bytes from the compiler
    // itself. `compile::process` has them over a pipe from a process of our own program,
    // which ran the compiler and nothing of the guest, and ended well. `Cache::read` has
    // checked a MAC over all of them, under a key that only the cache's owner can read and
    // that seals nothing but the first two.
    unsafe { Component::deserialize(engine, code.bytes()) }
}

/// Loads a file of machine code without copying it: four times faster, and processes share
/// its pages.
///
/// It cannot where files are not executable or have no such path; `load` can.
#[expect(unsafe_code, reason = "wasmtime cannot check that compiled code is its own")]
#[expect(clippy::disallowed_methods, reason = "one of the two places that may")]
pub(crate) fn map(engine: &Engine, file: &SealedFile) -> Option<Component> {
    let path = file.path()?;
    // SAFETY: `Cache::file` has checked the same MAC over this very file, which the path
    // leads to by its descriptor. It does not change while it is mapped: only its owner can
    // write to it or to its folder, the cache never writes to a file that has its name, and
    // one that is removed lasts as long as the mapping.
    unsafe { Component::deserialize_file(engine, path) }.ok()
}
