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

/// Why a component is not linked.
pub(crate) enum LinkError {
    /// It imports what is not there.
    Import(wasmtime::Error),
    /// It exports something else than its kind does.
    Export(wasmtime::Error),
}

/// Links what was granted, and checks the exports against the kind.
pub(super) fn entry(
    mut linker: Linker<State>,
    component: &Component,
    kind: Kind,
    capabilities: &Capabilities,
) -> Result<Entry, LinkError> {
    granted(&mut linker, capabilities).map_err(LinkError::Import)?;
    let instance = linker.instantiate_pre(component).map_err(LinkError::Import)?;
    let entry = match kind {
        Kind::Tool => bindings::tool::ToolPre::new(instance).map(Entry::Tool),
        Kind::Model => bindings::model::ProviderPre::new(instance).map(Entry::Model),
        Kind::Grader => bindings::grader::GraderPre::new(instance).map(Entry::Grader),
        Kind::Dream => bindings::dream::DreamPre::new(instance).map(Entry::Dream),
    };
    entry.map_err(LinkError::Export)
}

fn granted(linker: &mut Linker<State>, capabilities: &Capabilities) -> wasmtime::Result<()> {
    if capabilities.model {
        capability::model::link(linker)?;
    }
    if capabilities.graders {
        capability::graders::link(linker)?;
    }
    if !capabilities.http.is_empty() {
        capability::http::link(linker)?;
    }
    capability::dream::link(linker, capabilities)
}
