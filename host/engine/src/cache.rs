//! Compiled components, kept between runs.
//!
//! A file is named by the component's hash and the engine's, and sealed with a MAC under a
//! key that lies beside it, for the owner only. A file that is not whole, not ours or for
//! another engine is compiled again, never loaded. The folder does not grow without end.

#![allow(clippy::disallowed_methods, reason = "the cache names its own files; no guest does")]

mod key;
mod private;
mod room;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::fs::File;
use std::hash::{Hash, Hasher};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use lucid_core::Entropy;
use sha2::{Digest, Sha256};

use self::key::Key;
use crate::compile::Code;
use crate::options::CacheFolder;

const SEAL_BYTES: usize = 32;

/// What is sealed: another use of the key would have another word.
const PURPOSE: &[u8] = b"lucid compiled component 1\0";

/// The largest file that is read or written, with its seal.
const FILE_BYTES_MAX: u64 = (1 << 30) + SEAL_BYTES as u64;

/// How much of a file is looked at at once: it stays in the processor's cache.
const PIECE_BYTES: usize = 64 << 10;

/// The end of the name of a compiled component.
const EXTENSION: &str = "cwasm";

/// A folder of compiled components; nothing is written before something was compiled.
pub(crate) struct Cache {
    folder: PathBuf,
    entropy: Arc<dyn Entropy>,
    /// Which engine the files are for, as part of their names.
    engine: String,
    /// None where the folder cannot be used: then every load compiles.
    key: OnceLock<Option<Key>>,
    problem: Mutex<Option<String>>,
}

impl Cache {
    pub(crate) fn new(options: CacheFolder, engine: &wasmtime::Engine) -> Self {
        let mut hasher = StableHasher(Sha256::new());
        engine.precompile_compatibility_hash().hash(&mut hasher);
        let CacheFolder { folder, entropy } = options;
        Self {
            folder,
            entropy,
            engine: hasher.name(),
            key: OnceLock::new(),
            problem: Mutex::new(None),
        }
    }

    /// Why compiled components are not kept, if that is so.
    pub(crate) fn problem(&self) -> Option<String> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The file that was kept for a component, if it is as it was written.
    ///
    /// It is looked at once, in small pieces, and not taken into memory.
    pub(crate) fn file(&self, digest: &str) -> Option<SealedFile> {
        let name = self.name(digest);
        let (file, bytes) = private::open(&self.folder.join(&name), FILE_BYTES_MAX).ok()?;
        let code_bytes = bytes.checked_sub(SEAL_BYTES as u64)?;
        let mut mac = self.mac(&name)?;
        let mut piece = vec![0; PIECE_BYTES];
        let mut left = code_bytes;
        while left > 0 {
            let most = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let piece = piece.get_mut(..most)?;
            (&file).read_exact(piece).ok()?;
            mac.update(piece);
            left -= most as u64;
        }
        let mut seal = [0; SEAL_BYTES];
        (&file).read_exact(&mut seal).ok()?;
        mac.verify_slice(&seal).ok()?;
        Some(SealedFile(file))
    }

    /// What was kept for a component, if it is as it was written, in memory.
    pub(crate) fn read(&self, digest: &str) -> Option<Code> {
        let name = self.name(digest);
        let mut bytes = private::read(&self.folder.join(&name), FILE_BYTES_MAX).ok()?;
        let code_bytes = bytes.len().checked_sub(SEAL_BYTES)?;
        let (code, seal) = bytes.split_at(code_bytes);
        let mut mac = self.mac(&name)?;
        mac.update(code);
        mac.verify_slice(seal).ok()?;
        bytes.truncate(code_bytes);
        Some(Code::vouched_for(bytes))
    }

    /// Keeps what a component was compiled to.
    ///
    /// A cache that cannot be written costs time, not the call; [`Cache::problem`] says why.
    pub(crate) fn write(&self, digest: &str, code: &Code) {
        if code.bytes().len() as u64 > FILE_BYTES_MAX - SEAL_BYTES as u64 {
            return;
        }
        // The key has a problem of its own to tell.
        let name = self.name(digest);
        let Some(mut mac) = self.mac(&name) else { return };
        mac.update(code.bytes());
        match self.write_sealed(&name, code.bytes(), &mac.finalize().into_bytes()) {
            Ok(()) => room::make(&self.folder, &name, room::BYTES_MAX),
            Err(error) => self.has(error),
        }
    }

    fn name(&self, digest: &str) -> String {
        format!("{digest}-{}.{EXTENSION}", self.engine)
    }

    /// The beginning of the seal over a file: the name is part of it, since a sealed file
    /// under another name is another component.
    fn mac(&self, name: &str) -> Option<Hmac<Sha256>> {
        let open = || match key::open(&self.folder, self.entropy.as_ref()) {
            Ok(key) => Some(key),
            Err(error) => {
                self.has(error);
                None
            }
        };
        let key = self.key.get_or_init(open).as_ref()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
        mac.update(PURPOSE);
        mac.update(&(name.len() as u64).to_le_bytes());
        mac.update(name.as_bytes());
        Some(mac)
    }

    /// A file that was cut off by a crash does not have its seal, so none has to wait for
    /// the disk.
    fn write_sealed(&self, name: &str, code: &[u8], seal: &[u8]) -> io::Result<()> {
        let temporary = temporary(&self.folder, self.entropy.as_ref());
        let mut file = private::create(&temporary)?;
        let written = file
            .write_all(code)
            .and_then(|()| file.write_all(seal))
            .and_then(|()| std::fs::rename(&temporary, self.folder.join(name)));
        if written.is_err() {
            let _ = std::fs::remove_file(&temporary);
        }
        written
    }

    fn has(&self, error: io::Error) {
        let problem = format!("{}: {error}", self.folder.display());
        *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = Some(problem);
    }
}

/// A file of the cache whose seal was checked.
///
/// Only its owner could have changed it since, and its owner could as well change this
/// process: files are never written in place, and are no one else's.
pub(crate) struct SealedFile(File);

impl SealedFile {
    /// A path that leads to this very file, whatever its name has come to mean.
    #[cfg(target_os = "linux")]
    pub(crate) fn path(&self) -> Option<PathBuf> {
        use std::os::fd::AsRawFd as _;

        Some(PathBuf::from(format!("/proc/self/fd/{}", self.0.as_raw_fd())))
    }

    /// Elsewhere there is no such path.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn path(&self) -> Option<PathBuf> {
        None
    }
}

/// A name for a file that is not whole yet. Two processes never choose the same; if they
/// did, one would keep nothing.
fn temporary(folder: &Path, entropy: &dyn Entropy) -> PathBuf {
    let (process, random) = (std::process::id(), entropy.next_u64());
    folder.join(format!("{process}-{random:016x}.{}", room::TEMPORARY))
}

/// A hasher whose result does not change with the version of the standard library, as that
/// of its own hashers may.
struct StableHasher(Sha256);

impl StableHasher {
    /// Sixteen digits: files are told apart by it, not secured.
    fn name(self) -> String {
        let mut name = String::with_capacity(16);
        for byte in self.0.finalize().iter().take(8) {
            // Writing to a String cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
        name
    }
}

impl Hasher for StableHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let hash = self.0.clone().finalize();
        hash.first_chunk().map_or(0, |chunk| u64::from_le_bytes(*chunk))
    }
}
