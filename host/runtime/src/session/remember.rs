//! Memory that a session's agents may write: its files are the session's own, and what calls
//! change in them becomes versions in the store.
//!
//! Beside the files lies a list of what the store held when they were last alike. What differs
//! from it in the files an agent wrote; what differs from it in the store somebody else did.
//! Both write whole texts, each of which is a version that stays, so the later one counts.

#![allow(clippy::disallowed_methods, reason = "works on folders that the host made itself")]

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use lucid_core::{
    Author, Clock, Entropy, Failure, MEMORY_BYTES_MAX, Memory, MemoryId, MemoryOperation,
    MemoryStoreId, MemoryVersion, MemoryVersionId, Result, SessionId, sha256_hex,
};
use lucid_store::Store;

/// Folders inside one another at most, as the API's paths have segments.
const DEPTH_MAX: usize = 20;

/// Files that are looked at; a store has at most 2,000 memories.
const FILES_MAX: usize = 4_000;

/// The hash of each text by its path, when files and store were last alike.
type Known = BTreeMap<String, String>;

/// What can be no memory, by its path.
type Refused = BTreeMap<String, Failure>;

/// One store that a session writes.
#[derive(Debug, Clone)]
pub(crate) struct Remembered {
    /// The store.
    pub(crate) store_id: MemoryStoreId,
    /// Its files.
    pub(crate) folder: PathBuf,
    /// The session that writes.
    pub(crate) session: SessionId,
}

impl Remembered {
    /// Brings files and store together: what agents wrote goes to the store, and then what
    /// others wrote comes to the files. Gives what was not kept, with why.
    ///
    /// # Errors
    /// Failed, when the disk or the store fails.
    pub(crate) async fn meet(
        &self,
        store: &Arc<dyn Store>,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<Vec<Failure>> {
        let refused = self.keep(store, clock, entropy).await?;
        let memories = store.memories(&self.store_id).await?;
        let (this, texts) = (self.clone(), memories.clone());
        blocking(move || this.fetch(&texts)).await?;
        Ok(refused)
    }

    /// Writes down what agents changed since. Gives what was not kept, with why.
    ///
    /// # Errors
    /// As [`Remembered::meet`].
    pub(crate) async fn keep(
        &self,
        store: &Arc<dyn Store>,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<Vec<Failure>> {
        let this = self.clone();
        let (mut known, files, mut refused) = blocking(move || this.look()).await?;
        let changed = |path: &String, text: &String| known.get(path) != Some(&hash(text));
        let written: Vec<_> = files.iter().filter(|(path, text)| changed(path, text)).collect();
        // What cannot be read any more is not gone.
        let there = |path: &&String| files.contains_key(*path) || refused.contains_key(*path);
        let gone: Vec<String> = known.keys().filter(|path| !there(path)).cloned().collect();
        if written.is_empty() && gone.is_empty() {
            return Ok(refused.into_values().collect());
        }
        let there = store.memories(&self.store_id).await?;
        let there: BTreeMap<&str, &Memory> =
            there.iter().map(|memory| (memory.path.as_str(), memory)).collect();
        let version = |path: &str, content: Option<String>| {
            let before = there.get(path);
            let operation = match (&content, before) {
                (None, _) => MemoryOperation::Deleted,
                (Some(_), Some(_)) => MemoryOperation::Modified,
                (Some(_), None) => MemoryOperation::Created,
            };
            MemoryVersion {
                id: MemoryVersionId::new(clock, entropy),
                memory_id: before
                    .map_or_else(|| MemoryId::new(clock, entropy), |memory| memory.id.clone()),
                memory_store_id: self.store_id.clone(),
                operation,
                path: path.to_owned(),
                content,
                created_by: Author::Session { session_id: self.session.clone() },
                created_at: clock.now(),
            }
        };
        // What is gone makes room first. One that others took out already is no change.
        for path in gone {
            if there.contains_key(path.as_str()) {
                store.write_memories(&self.store_id, vec![version(&path, None)]).await?;
            }
            known.remove(&path);
        }
        for (path, text) in written {
            let same = there.get(path.as_str()).is_some_and(|memory| memory.content == *text);
            if !same {
                // Each alone: one that a rule refuses does not take the others with it.
                let version = version(path, Some(text.clone()));
                if let Err(failure) = store.write_memories(&self.store_id, vec![version]).await {
                    refused.insert(path.clone(), failure.about(path));
                    continue;
                }
            }
            known.insert(path.clone(), hash(text));
        }
        let this = self.clone();
        blocking(move || this.note(&known)).await?;
        Ok(refused.into_values().collect())
    }

    fn list(&self) -> PathBuf {
        self.folder.with_extension("known.json")
    }

    /// What was alike last, what is in the files now, and what of it can be no memory.
    fn look(&self) -> Result<(Known, BTreeMap<String, String>, Refused)> {
        let known = match std::fs::read(self.list()) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::NotFound => Known::new(),
            Err(error) => return Err(self.failed(&error)),
        };
        let (mut files, mut refused) = (BTreeMap::new(), Refused::new());
        if self.folder.is_dir() {
            let root = Dir::open_ambient_dir(&self.folder, ambient_authority())
                .map_err(|error| self.failed(&error))?;
            walk(&root, "", DEPTH_MAX, &mut files, &mut refused)
                .map_err(|error| self.failed(&error))?;
        }
        Ok((known, files, refused))
    }

    /// Makes the files what the store holds.
    fn fetch(&self, memories: &[Memory]) -> Result<()> {
        let (known, files, _) = self.look()?;
        let write = || -> std::io::Result<Known> {
            std::fs::create_dir_all(&self.folder)?;
            let root = Dir::open_ambient_dir(&self.folder, ambient_authority())?;
            let mut now = Known::new();
            for memory in memories {
                now.insert(memory.path.clone(), memory.content_sha256.clone());
                let same = files.get(&memory.path).is_some_and(|text| *text == memory.content);
                if !same {
                    put(&root, &memory.path, &memory.content)?;
                }
            }
            for path in known.keys().filter(|path| !now.contains_key(*path)) {
                match root.remove_file(path.trim_start_matches('/')) {
                    Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
            Ok(now)
        };
        let now = write().map_err(|error| self.failed(&error))?;
        self.note(&now)
    }

    fn note(&self, known: &Known) -> Result<()> {
        let write = || {
            let list = self.list();
            let making = list.with_extension("tmp");
            std::fs::write(&making, serde_json::to_vec(known)?)?;
            std::fs::rename(&making, &list)
        };
        write().map_err(|error: std::io::Error| self.failed(&error))
    }

    fn failed(&self, error: &std::io::Error) -> Failure {
        Failure::failed(format!("memory folder {}: {error}", self.folder.display()))
    }
}

fn hash(text: &str) -> String {
    sha256_hex(text.as_bytes())
}

/// Writes a text where a path says. A guest may have put anything in its way, which goes.
fn put(root: &Dir, path: &str, text: &str) -> std::io::Result<()> {
    let path = Path::new(path.trim_start_matches('/'));
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        root.create_dir_all(parent)?;
    }
    match root.symlink_metadata(path) {
        Ok(there) if there.is_dir() => root.remove_dir_all(path)?,
        Ok(_) => root.remove_file(path)?,
        Err(_) => {}
    }
    root.create(path)?.write_all(text.as_bytes())
}

/// Reads the files of a folder, which a guest may have made: links are not followed.
fn walk(
    folder: &Dir,
    prefix: &str,
    depth: usize,
    files: &mut BTreeMap<String, String>,
    refused: &mut Refused,
) -> std::io::Result<()> {
    for entry in folder.entries()? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            let why = Failure::invalid(format!("a file in `{prefix}/` has no name in UTF-8"));
            refused.insert(format!("{prefix}/"), why);
            continue;
        };
        let path = format!("{prefix}/{name}");
        let kind = entry.file_type()?;
        if kind.is_dir() && depth > 0 {
            walk(&entry.open_dir()?, &path, depth - 1, files, refused)?;
        } else if kind.is_file() && files.len() < FILES_MAX {
            match read(&entry) {
                Ok(text) => drop(files.insert(path, text)),
                Err(why) => {
                    let why = Failure::invalid(format!("`{path}` {why}"));
                    refused.insert(path, why);
                }
            }
        } else {
            let why = Failure::invalid(format!("`{path}` can be no memory"));
            refused.insert(path, why);
        }
    }
    Ok(())
}

fn read(entry: &cap_std::fs::DirEntry) -> Result<String, String> {
    let most = MEMORY_BYTES_MAX as u64 + 1;
    let mut bytes = Vec::new();
    let file = entry.open().map_err(|error| error.to_string())?;
    file.take(most).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 == most {
        return Err(format!("has more than {MEMORY_BYTES_MAX} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Failure::bug(format!("files of a memory store: {error}")))?
}
