//! Loading a plugin: form, manifest, kind, imports against grants, compilation, links.

use std::sync::Arc;

use lucid_core::{Failure, Result, sha256_hex};
use lucid_policy::manifest::{Kind, Manifest, SECTION};
use lucid_policy::{Capabilities, Grants};

use crate::bindings;
use crate::config::Engine;
use crate::load::exports;
use crate::load::structure::{self, Interface};
use crate::state::State;

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
        refuse_precompiled(bytes)?;
        let section = lucid_policy::section::find(bytes, SECTION)
            .map_err(|error| Failure::invalid(format!("not a WebAssembly component: {error}")))?
            .ok_or_else(|| {
                Failure::invalid("a component without a manifest")
                    .hint("its build has to embed `plugin.toml` as section `lucid:manifest`")
            })?;
        let text = std::str::from_utf8(section)
            .map_err(|_| Failure::invalid("a manifest that is not UTF-8"))?;
        Manifest::parse(text)
            .map_err(|error| Failure::invalid(format!("manifest: {error}")).hint(error.hint))
    }

    /// Reads the names of a component's imports and exports. Nothing is compiled.
    ///
    /// # Errors
    /// Invalid, when the bytes are no component; exceeded, when it is larger or made of more
    /// than is ever loaded.
    pub fn interface_of(engine: &Engine, bytes: &[u8]) -> Result<Interface> {
        refuse_precompiled(bytes)?;
        check_size(engine, bytes)?;
        structure::read(bytes)
    }

    /// Loads a plugin of a kind with the grants it was given.
    ///
    /// What can be refused is refused before anything is compiled. This blocks its thread:
    /// for under a millisecond when the component was compiled before, else for as long as
    /// compiling takes.
    ///
    /// # Errors
    /// Invalid, when the bytes are no component of this kind; denied, when it asks for more
    /// than it was granted; exceeded, when it is too large, or takes too much to compile;
    /// failed, when the process that compiles does not start. Nothing of it has run then.
    pub fn load(engine: &Engine, bytes: &[u8], kind: Kind, grants: &Grants) -> Result<Self> {
        refuse_precompiled(bytes)?;
        check_size(engine, bytes)?;
        let manifest = Self::manifest_of(bytes)?;
        let name = &manifest.name;
        if manifest.kind != kind {
            return Err(Failure::invalid(format!(
                "plugin `{name}` is a {}, and a {kind} is needed here",
                manifest.kind
            ))
            .hint(format!("name a plugin of kind {kind}")));
        }
        let interface =
            structure::read(bytes).map_err(|failure| failure.about(format!("plugin `{name}`")))?;
        let capabilities = lucid_policy::check(&manifest, &interface.imports, grants)?;
        exports::check(name, kind, &interface)?;
        let digest = sha256_hex(bytes);
        let component = engine.loader.component(name, &digest, bytes)?;
        let entry = engine
            .loader
            .link(&component, kind, &capabilities)
            .map_err(|error| exports::not_linked(name, kind, &error))?;
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
}

fn check_size(engine: &Engine, bytes: &[u8]) -> Result<()> {
    let max = engine.options.component_bytes_max;
    if bytes.len() > max {
        return Err(Failure::exceeded(format!(
            "a component of {} bytes, and {max} is the most",
            bytes.len()
        ))
        .hint("build it smaller: optimised, and without names and debugging information"));
    }
    Ok(())
}

/// Machine code could do anything, and nothing in it says who made it. What wasmtime
/// compiles is an ELF file on every system, as programs are on some.
fn refuse_precompiled(bytes: &[u8]) -> Result<()> {
    if bytes.starts_with(b"\x7fELF") {
        return Err(Failure::invalid("compiled code, and plugins are components")
            .hint("give the `.wasm` file it was compiled from: Lucid compiles it itself"));
    }
    Ok(())
}
