//! What a component is linked with: what every plugin has, and what this one was granted.

use lucid_policy::Capabilities;
use lucid_policy::manifest::Kind;
use wasmtime::component::{Component, Linker};

use crate::bindings;
use crate::capability;
use crate::plugin::Entry;
use crate::state::State;

/// Links what every plugin has. It takes longer than all the rest of a load from the cache,
/// so it is done once, and each plugin gets a copy.
pub(super) fn base(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker: Linker<State> = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    capability::log::link(&mut linker)?;
    // Lucid's own functions in the place of those of wasmtime-wasi.
    linker.allow_shadowing(true);
    capability::files::link(&mut linker)?;
    capability::sockets::link(&mut linker)?;
    linker.allow_shadowing(false);
    Ok(linker)
}

/// Links what was granted, and checks the exports against the kind.
pub(super) fn entry(
    mut linker: Linker<State>,
    component: &Component,
    kind: Kind,
    capabilities: &Capabilities,
) -> wasmtime::Result<Entry> {
    if capabilities.model {
        capability::model::link(&mut linker)?;
    }
    if !capabilities.http.is_empty() {
        capability::http::link(&mut linker)?;
    }
    capability::dream::link(&mut linker, capabilities)?;
    let instance = linker.instantiate_pre(component)?;
    Ok(match kind {
        Kind::Tool => Entry::Tool(bindings::tool::ToolPre::new(instance)?),
        Kind::Model => Entry::Model(bindings::model::ProviderPre::new(instance)?),
        Kind::Grader => Entry::Grader(bindings::grader::GraderPre::new(instance)?),
        Kind::Dream => Entry::Dream(bindings::dream::DreamPre::new(instance)?),
    })
}
