//! The one file with `unsafe` in it: loading a compiled component from the cache.

use wasmtime::Engine;
use wasmtime::component::Component;

/// Loads a component that this machine compiled before.
///
/// The caller has checked the seal over these very bytes.
#[expect(unsafe_code, reason = "wasmtime cannot check that compiled code is its own")]
#[expect(clippy::disallowed_methods, reason = "the one place that may")]
pub(crate) fn load(engine: &Engine, sealed: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: `Cache::read` has checked a MAC over all of `sealed` under a key that only the
    // owner of the cache folder can read, so these bytes are what `Component::serialize` of
    // an engine with the same compatibility hash gave.
    unsafe { Component::deserialize(engine, sealed) }
}
