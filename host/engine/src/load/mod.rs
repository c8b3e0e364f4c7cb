//! From a component's bytes to something that can be instantiated: each is looked at
//! before it is compiled, compiled once, and linked with what it was granted.

mod expansion;
pub(crate) mod exports;
mod flight;
mod link;
mod slots;
pub(crate) mod structure;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicU64, Ordering};

use lucid_core::{Failure, Result};
use lucid_policy::Capabilities;
use lucid_policy::manifest::Kind;
use wasmtime::component::{Component, Linker};

use self::flight::Flights;
use self::slots::Slots;
use crate::cache::Cache;
use crate::cache_unsafe;
use crate::compile::{Compiling, one_line};
use crate::config::Engine;
use crate::options::EngineOptions;
use crate::plugin::Entry;
use crate::state::State;

/// Compiles and links the components of one engine.
pub(crate) struct Loader {
    engine: wasmtime::Engine,
    cache: Option<Cache>,
    compiling: Compiling,
    flights: Flights<Component>,
    slots: Slots,
    base: Linker<State>,
    compiled: AtomicU64,
}

impl Loader {
    /// Links what every plugin has; nothing is read or written yet.
    ///
    /// # Errors
    /// A bug, when the host's functions do not fit together.
    pub(crate) fn new(options: &EngineOptions, engine: &wasmtime::Engine) -> Result<Self> {
        let base = link::base(engine).map_err(|error| {
            Failure::bug(format!("the host's functions do not link: {error:#}"))
        })?;
        // Each compiles on many threads itself; more of them would only take memory.
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            engine: engine.clone(),
            cache: options.cache.clone().map(|cache| Cache::new(cache, engine)),
            compiling: Compiling::new(options),
            flights: Flights::default(),
            slots: Slots::new(cores),
            base,
            compiled: AtomicU64::new(0),
        })
    }

    /// The compiled form of a plugin's component: from the cache, or compiled now.
    ///
    /// This blocks, for as long as compiling takes. Many who ask for the same bytes at once
    /// share one compilation, and its failure.
    ///
    /// # Errors
    /// Those of [`Compiling::code`].
    pub(crate) fn component(&self, plugin: &str, digest: &str, bytes: &[u8]) -> Result<Component> {
        self.flights.once(digest, || {
            if let Some(component) = self.cached(digest) {
                return Ok(component);
            }
            let _slot = self.slots.take();
            self.compiled.fetch_add(1, Ordering::Relaxed);
            let code = self.compiling.code(&self.engine, plugin, bytes)?;
            let component = cache_unsafe::load(&self.engine, &code)
                .map_err(|error| not_loaded(plugin, &error))?;
            // Only what loads is kept.
            if let Some(cache) = &self.cache {
                cache.write(digest, &code);
            }
            Ok(component)
        })
    }

    fn cached(&self, digest: &str) -> Option<Component> {
        let cache = self.cache.as_ref()?;
        let mapped = cache_unsafe::map(&self.engine, &cache.file(digest)?);
        mapped.or_else(|| cache_unsafe::load(&self.engine, &cache.read(digest)?).ok())
    }

    /// Links a component with what it was granted and nothing else.
    ///
    /// # Errors
    /// When it does not export what its kind does, or imports what was not linked.
    pub(crate) fn link(
        &self,
        component: &Component,
        kind: Kind,
        capabilities: &Capabilities,
    ) -> Result<Entry, link::LinkError> {
        link::entry(self.base.clone(), component, kind, capabilities)
    }
}

/// Why compiled code is not taken: it needs more than the pool has for one component, or it
/// was made for another engine.
fn not_loaded(plugin: &str, error: &wasmtime::Error) -> Failure {
    let text = one_line(&format!("{error:#}"));
    if text.contains("exceeds the") {
        return Failure::exceeded(format!(
            "plugin `{plugin}` takes more than one component is given: {text}"
        ))
        .hint("its author has to make do with fewer memories, tables or instances");
    }
    Failure::failed(format!("the compiler gave code for another engine: {text}"))
        .hint("the program that compiles has to be of this very version of Lucid")
}

impl Engine {
    /// Why compiled plugins are not kept, where they should be and could not be so far:
    /// each load compiles them again then.
    #[must_use]
    pub fn cache_problem(&self) -> Option<String> {
        self.loader.cache.as_ref()?.problem()
    }
}
