//! Environment variables: those that were asked for and granted, by name, and no others.

use lucid_policy::Capabilities;
use wasmtime_wasi::WasiCtxBuilder;

/// Gives a call the variables its plugin may see.
pub(crate) fn grant(
    wasi: &mut WasiCtxBuilder,
    capabilities: &Capabilities,
    variables: &[(String, String)],
) {
    for (name, value) in variables {
        if capabilities.environment.contains(name) {
            wasi.env(name, value);
        }
    }
}
