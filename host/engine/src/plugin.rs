//! Loading a plugin: manifest, kind, imports against grants, compilation.

use std::sync::Arc;

use lucid_core::{Failure, Result, sha256_hex};
use lucid_policy::manifest::{Kind, Manifest};
use lucid_policy::{Capabilities, Grants};
use wasmtime::component::{Component, Linker};

use crate::bindings;
use crate::capability;
use crate::config::Engine;
use crate::state::State;

/// The largest component that is looked at. Python's are 18 MiB.
const COMPONENT_BYTES_MAX: usize = 64 << 20;

/// The custom section that holds the manifest.
const MANIFEST_SECTION: &str = "lucid:manifest";

/// A loaded plugin. Cheap to clone.
#[derive(Clone)]
pub struct Plugin {
    pub(crate) engine: Engine,
    loaded: Arc<Loaded>,
}

struct Loaded {
    manifest: Manifest,
    capabilities: Capabilities,
    digest: String,
    entry: Entry,
}

/// A component whose imports are linked, by kind.
pub(crate) enum Entry {
    Tool(bindings::tool::ToolPre<State>),
    Model(bindings::model::ProviderPre<State>),
    Grader(bindings::grader::GraderPre<State>),
    Dream(bindings::dream::DreamPre<State>),
}

impl Plugin {
    /// Reads the manifest of a component, without loading it.
    ///
    /// # Errors
    /// Invalid, when the bytes are no component with a manifest.
    pub fn manifest_of(bytes: &[u8]) -> Result<Manifest> {
        if bytes.len() > COMPONENT_BYTES_MAX {
            return Err(Failure::invalid(format!(
                "a component of {} bytes, and {COMPONENT_BYTES_MAX} is the most",
                bytes.len()
            )));
        }
        let section = lucid_policy::section::find(bytes, MANIFEST_SECTION)
            .map_err(|error| Failure::invalid(format!("not a WebAssembly component: {error}")))?
            .ok_or_else(|| {
                Failure::invalid("a component without a manifest")
                    .hint("its build has to embed `plugin.toml` as section `lucid:manifest`")
            })?;
        let text = std::str::from_utf8(section)
            .map_err(|_| Failure::invalid("a manifest that is not UTF-8"))?;
        Manifest::parse(text).map_err(|error| Failure::invalid(format!("manifest: {error}")))
    }

    /// Loads a plugin of a kind with the grants it was given.
    ///
    /// # Errors
    /// Invalid, when the bytes are no component of this kind; denied, when it asks for more
    /// than it was granted. Nothing of it has run then.
    pub fn load(engine: &Engine, bytes: &[u8], kind: Kind, grants: &Grants) -> Result<Self> {
        let manifest = Self::manifest_of(bytes)?;
        let name = manifest.name.clone();
        if manifest.kind != kind {
            return Err(Failure::invalid(format!(
                "plugin `{name}` is a {}, and a {kind} is needed here",
                manifest.kind
            ))
            .hint(format!("name a plugin of kind {kind}")));
        }
        let digest = sha256_hex(bytes);
        let compiled = match &engine.cache {
            Some(cache) => cache.component(&engine.wasmtime, &digest, bytes),
            None => Component::new(&engine.wasmtime, bytes),
        };
        let component = compiled.map_err(|error| {
            Failure::invalid(format!("plugin `{name}` does not compile: {error:#}"))
                .hint("rebuild it; `lucid plugin inspect` shows what it is")
        })?;
        let kind_of = component.component_type();
        let imports: Vec<String> =
            kind_of.imports(&engine.wasmtime).map(|(name, _)| name.to_owned()).collect();
        let capabilities = lucid_policy::check(&manifest, &imports, grants)?;
        let entry = link(engine, &component, kind, &capabilities).map_err(|error| {
            let interface = lucid_policy::exported_interface(kind);
            Failure::invalid(format!("plugin `{name}` is no {kind}: {error:#}"))
                .hint(format!("a {kind} exports `{interface}`, as `wit/` has it"))
        })?;
        let loaded = Arc::new(Loaded { manifest, capabilities, digest, entry });
        Ok(Self { engine: engine.clone(), loaded })
    }

    /// The plugin's manifest.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.loaded.manifest
    }

    /// What it was given.
    #[must_use]
    pub fn capabilities(&self) -> &Capabilities {
        &self.loaded.capabilities
    }

    /// SHA-256 of the component.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.loaded.digest
    }

    pub(crate) fn entry(&self) -> &Entry {
        &self.loaded.entry
    }

    /// The imports and exports of a component, by name.
    ///
    /// # Errors
    /// Invalid, when the bytes are no component.
    pub fn interface_of(engine: &Engine, bytes: &[u8]) -> Result<(Vec<String>, Vec<String>)> {
        let component = Component::new(&engine.wasmtime, bytes)
            .map_err(|error| Failure::invalid(format!("not a component: {error:#}")))?;
        let kind = component.component_type();
        let names = |(name, _): (&str, _)| name.to_owned();
        let imports = kind.imports(&engine.wasmtime).map(|item| names((item.0, ()))).collect();
        let exports = kind.exports(&engine.wasmtime).map(|item| names((item.0, ()))).collect();
        Ok((imports, exports))
    }
}

/// Links what was granted, and nothing else, and checks the exports against the kind.
fn link(
    engine: &Engine,
    component: &Component,
    kind: Kind,
    capabilities: &Capabilities,
) -> wasmtime::Result<Entry> {
    let mut linker: Linker<State> = Linker::new(&engine.wasmtime);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    capability::log::link(&mut linker)?;
    if capabilities.model {
        capability::model::link(&mut linker)?;
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
