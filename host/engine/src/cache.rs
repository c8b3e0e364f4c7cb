//! Compiled components, kept between runs.
//!
//! A file is named by the component's hash and the engine's, and sealed with a MAC under a
//! key that lies beside it, for the owner only. A file that is not whole, not ours or for
//! another engine is compiled again, never loaded.

#![allow(clippy::disallowed_methods, reason = "the cache names its own files; no guest does")]

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use hmac::{Hmac, KeyInit, Mac};
use lucid_core::Entropy;
use sha2::Sha256;
use wasmtime::component::Component;

use crate::config::CacheFolder;

const SEAL_BYTES: usize = 32;
const KEY_BYTES: usize = 32;

/// A folder of compiled components; nothing is written before something was compiled.
pub(crate) struct Cache {
    folder: PathBuf,
    entropy: Arc<dyn Entropy>,
    engine_hash: u64,
    /// None where the folder cannot be used: then every load compiles.
    key: OnceLock<Option<[u8; KEY_BYTES]>>,
}

impl Cache {
    pub(crate) fn new(options: CacheFolder, engine: &wasmtime::Engine) -> Self {
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        let CacheFolder { folder, entropy } = options;
        Self { folder, entropy, engine_hash: hasher.finish(), key: OnceLock::new() }
    }

    fn key(&self) -> Option<&[u8; KEY_BYTES]> {
        let open = || {
            make_private_folder(&self.folder).ok()?;
            read_or_make_key(&self.folder, self.entropy.as_ref()).ok()
        };
        self.key.get_or_init(open).as_ref()
    }

    /// The compiled form of a component, from the cache or made now.
    pub(crate) fn component(
        &self,
        engine: &wasmtime::Engine,
        digest: &str,
        bytes: &[u8],
    ) -> wasmtime::Result<Component> {
        let file = self.folder.join(format!("{digest}-{:016x}.cwasm", self.engine_hash));
        if let Some(sealed) = self.read(&file)
            && let Ok(component) = crate::cache_unsafe::load(engine, &sealed)
        {
            return Ok(component);
        }
        let component = Component::new(engine, bytes)?;
        // A cache that cannot be written costs time, not the call.
        let _ = self.write(&file, &component.serialize()?);
        Ok(component)
    }

    fn seal(&self, file: &Path, bytes: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key()?).ok()?;
        // The name is part of it: a sealed file under another name is another component.
        mac.update(file.file_name()?.as_encoded_bytes());
        mac.update(bytes);
        Some(mac)
    }

    fn read(&self, file: &Path) -> Option<Vec<u8>> {
        let mut bytes = std::fs::read(file).ok()?;
        let split = bytes.len().checked_sub(SEAL_BYTES)?;
        let seal = bytes.split_off(split);
        self.seal(file, &bytes)?.verify_slice(&seal).ok()?;
        Some(bytes)
    }

    fn write(&self, file: &Path, bytes: &[u8]) -> std::io::Result<()> {
        let Some(mac) = self.seal(file, bytes) else { return Ok(()) };
        let temporary = file.with_extension(format!("{}.tmp", std::process::id()));
        let mut writer = private_file(&temporary)?;
        writer.write_all(bytes)?;
        writer.write_all(&mac.finalize().into_bytes())?;
        writer.sync_all()?;
        std::fs::rename(&temporary, file)
    }
}

fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn private_file(file: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}

fn read_or_make_key(folder: &Path, entropy: &dyn Entropy) -> std::io::Result<[u8; KEY_BYTES]> {
    let file = folder.join("key");
    if let Ok(bytes) = std::fs::read(&file)
        && let Ok(key) = bytes.try_into()
    {
        return Ok(key);
    }
    let mut key = [0; KEY_BYTES];
    for chunk in key.chunks_mut(8) {
        chunk.copy_from_slice(&entropy.next_u64().to_le_bytes());
    }
    let temporary = folder.join(format!("key.{}.tmp", std::process::id()));
    private_file(&temporary)?.write_all(&key)?;
    std::fs::rename(&temporary, &file)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lucid_core::SeededEntropy;

    fn cache(folder: &Path) -> Cache {
        let engine = wasmtime::Engine::default();
        let entropy = Arc::new(SeededEntropy::new(1));
        Cache::new(CacheFolder { folder: folder.to_owned(), entropy }, &engine)
    }

    #[test]
    fn a_file_with_any_byte_changed_is_never_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path());
        let file = folder.path().join("a.cwasm");
        cache.write(&file, b"compiled").unwrap();
        assert_eq!(cache.read(&file).as_deref(), Some(&b"compiled"[..]));
        let whole = std::fs::read(&file).unwrap();
        for index in 0..whole.len() {
            let mut changed = whole.clone();
            changed[index] ^= 1;
            std::fs::write(&file, &changed).unwrap();
            assert_eq!(cache.read(&file), None, "byte {index}");
        }
        let other = folder.path().join("b.cwasm");
        std::fs::write(&other, &whole).unwrap();
        assert_eq!(cache.read(&other), None, "another name");
    }
}
