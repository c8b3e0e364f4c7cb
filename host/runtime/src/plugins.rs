//! Finding plugins: a mission's own files, and those bundled with Lucid.

#![allow(clippy::disallowed_methods, reason = "works on folders that people name, no guest does")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use lucid_core::{Failure, Result, sha256_hex};
use lucid_engine::{Engine, Plugin};
use lucid_policy::Grants;
use lucid_policy::manifest::Kind;

/// Plugins that are kept loaded at most.
const LOADED_MAX: usize = 64;

/// Plugins that were loaded, each once for the same bytes and grants: sessions that have the
/// same plugin share its code.
#[derive(Clone, Default)]
pub(crate) struct Loaded(Arc<Mutex<BTreeMap<String, Plugin>>>);

impl Loaded {
    /// Loads a plugin, or takes one that was loaded before; on a thread of its own: compiling
    /// may take seconds, and the runtime's threads have deadlines to keep.
    pub(crate) async fn load(
        &self,
        engine: Engine,
        bytes: Vec<u8>,
        kind: Kind,
        grants: Grants,
    ) -> Result<Plugin> {
        let loaded = self.0.clone();
        let load = move || {
            let key = format!("{kind} {grants:?} {}", sha256_hex(&bytes));
            let there = || loaded.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(plugin) = there().get(&key) {
                return Ok(plugin.clone());
            }
            // Two that load the same at once do it twice, and one is kept.
            let plugin = Plugin::load(&engine, &bytes, kind, &grants)?;
            let mut all = there();
            if all.len() >= LOADED_MAX {
                all.pop_first();
            }
            all.insert(key, plugin.clone());
            Ok(plugin)
        };
        let loaded = tokio::task::spawn_blocking(load).await;
        loaded.map_err(|error| Failure::bug(format!("loading a plugin: {error}")))?
    }
}

/// Where bundled plugins are.
#[derive(Debug, Clone)]
pub struct Bundled {
    folders: Vec<PathBuf>,
}

impl Bundled {
    /// Looks in these folders, in order.
    #[must_use]
    pub fn new(folders: Vec<PathBuf>) -> Self {
        Self { folders }
    }

    /// Reads a bundled plugin by name.
    ///
    /// # Errors
    /// Invalid, when no folder has it; the hint lists those there are.
    pub fn read(&self, name: &str) -> Result<Vec<u8>> {
        let plain = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if plain {
            for folder in &self.folders {
                let file = folder.join(format!("{name}.wasm"));
                if file.is_file() {
                    return read_file(&file);
                }
            }
        }
        let names = self.names();
        let hint = if names.is_empty() {
            "no bundled plugins were found; `cargo xtask build` makes them".to_owned()
        } else {
            format!("bundled are {}; a mission's own have `file = \"…\"`", names.join(", "))
        };
        Err(Failure::invalid(format!("no such plugin: `{name}`")).hint(hint))
    }

    /// The names of the bundled plugins.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for folder in &self.folders {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.extension().is_some_and(|extension| extension == "wasm")
                    && let Some(name) = path.file_stem().and_then(|name| name.to_str())
                {
                    names.push(name.to_owned());
                }
            }
        }
        names.sort();
        names.dedup();
        names
    }
}

/// Reads a file that a person named.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Failure::invalid(format!("no such file: {}", path.display()))
        }
        _ => Failure::failed(format!("{}: {error}", path.display())),
    })
}
