//! One kind of plugin, one module: its calls, and its types to and from WIT.

pub(crate) mod dream;
pub(crate) mod grader;
pub(crate) mod model;
pub(crate) mod tool;

use lucid_core::Failure;

use crate::plugin::Plugin;

/// A call of the wrong kind is the host's mistake: kinds are checked when loading.
fn wrong_kind(plugin: &Plugin) -> wasmtime::Error {
    wasmtime::Error::from(Failure::bug(format!(
        "plugin `{}` was called as another kind than {}",
        plugin.manifest().name,
        plugin.manifest().kind
    )))
}
