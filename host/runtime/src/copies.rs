//! Memory stores as files that sessions read: copies, written once for all that a store holds,
//! because accepting and undoing what a dream proposed changes it, and sessions that run keep
//! what they were shown.
//!
//! Whoever sees a copy holds a lock on its folder. With each new copy of a store the others go
//! that nobody holds, so there are as many as are in use and one more. Copies of one store are
//! made and taken away by one at a time, in all processes.

#![allow(clippy::disallowed_methods, reason = "works on folders that the host made itself")]

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use lucid_core::{Entropy as _, Failure, Memory, MemoryStoreId, MemoryVersion, Result, sha256_hex};

use crate::ambient::SystemEntropy;
use crate::session::{MemoryMount, forget_text, hidden};
use crate::state::{Runtime, Stores};

/// How often a copy is made anew of a store that changes meanwhile.
const TRIES: usize = 8;

/// That somebody sees a copy.
#[derive(Debug)]
pub(crate) struct InUse {
    /// None where the system cannot lock a folder: then the copy stays.
    _lock: Option<File>,
}

/// The copies that this process sees: a lock is taken once, however many sessions see one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Copies(Arc<Mutex<HashMap<PathBuf, Weak<InUse>>>>);

impl Copies {
    /// Holds a copy. Only under the lock of its store.
    fn hold(&self, folder: &Path) -> Arc<InUse> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, in_use| in_use.strong_count() > 0);
        if let Some(in_use) = held.get(folder).and_then(Weak::upgrade) {
            return in_use;
        }
        let lock = File::open(folder).ok().filter(|folder| folder.lock_shared().is_ok());
        let in_use = Arc::new(InUse { _lock: lock });
        held.insert(folder.to_owned(), Arc::downgrade(&in_use));
        in_use
    }
}

/// The copies of one store.
#[derive(Clone)]
struct OfStore {
    root: PathBuf,
    id: MemoryStoreId,
    copies: Copies,
}

impl Runtime {
    /// Gives sessions the files of memory stores that they read. One that was deleted is left
    /// out.
    ///
    /// # Errors
    /// Failed, when the store or the disk fails.
    pub(crate) async fn mount_memory(&self, stores: &Stores) -> Result<Vec<MemoryMount>> {
        let mut mounts = Vec::new();
        for (_, id) in stores {
            let Some(store) = self.store.memory_store(id).await? else { continue };
            let (folder, in_use) = self.copy_of(id).await?;
            mounts.push(MemoryMount {
                slug: store.slug(),
                description: store.description,
                folder,
                store: id.clone(),
                writable: None,
                _in_use: Some(in_use),
            });
        }
        Ok(mounts)
    }

    async fn copy_of(&self, id: &MemoryStoreId) -> Result<(PathBuf, Arc<InUse>)> {
        let of_store = self.copies_of(id);
        let in_short = self.store.memories_in_short(id).await?;
        let heads: Vec<Memory> = in_short.into_iter().map(|(memory, _)| memory).collect();
        let there = of_store.clone();
        if let Some(found) = there.run(move |it| Ok(it.found(&held(&heads)))).await? {
            return Ok(found);
        }
        for tries in 1.. {
            let newest = self.store.newest_memory_version(id).await?;
            let memories = self.store.memories(id).await?;
            let made = of_store.clone().run(move |it| it.made(&memories)).await?;
            // What was changed meanwhile may have been forgotten by now, and its copies taken
            // away: this one is not to come after them.
            if tries >= TRIES || self.store.newest_memory_version(id).await? == newest {
                return Ok(made);
            }
        }
        Err(Failure::bug("a loop without an end ended"))
    }

    fn copies_of(&self, id: &MemoryStoreId) -> OfStore {
        let copies = self.copies.clone();
        OfStore { root: self.state.join("memory"), id: id.clone(), copies }
    }

    /// Removes the copies of a store, also those in use: what is forgotten is not left in files
    /// either. A session that goes on is shown what the store holds then.
    ///
    /// # Errors
    /// Failed, when the disk fails.
    pub(crate) async fn remove_mounted(&self, store: &MemoryStoreId) -> Result<()> {
        self.copies_of(store).run(|it| it.sweep(None)).await
    }

    /// Takes the text of a version out of the files of sessions that write its store, where
    /// the memory is something else by now.
    ///
    /// # Errors
    /// Failed, when the store or the disk fails.
    pub(crate) async fn forget_in_sessions(&self, version: &MemoryVersion) -> Result<()> {
        let Some(content) = &version.content else { return Ok(()) };
        let (store, path) = (version.memory_store_id.clone(), version.path.clone());
        let hash = sha256_hex(content.as_bytes());
        let now = self.store.memories_in_short(&store).await?;
        if now.iter().any(|(now, _)| now.path == path && now.content_sha256 == hash) {
            return Ok(());
        }
        self.in_sessions(&store, move |folder| forget_text(folder, &path, &hash)).await
    }

    /// Empties the files of sessions that wrote a store which is no more.
    ///
    /// # Errors
    /// Failed, when the disk fails.
    pub(crate) async fn empty_in_sessions(&self, store: &MemoryStoreId) -> Result<()> {
        let empty = |folder: &Path| {
            let root = Dir::open_ambient_dir(folder, ambient_authority())?;
            for entry in root.entries()? {
                let entry = entry?;
                match entry.file_type()?.is_dir() {
                    true => root.remove_dir_all(entry.file_name())?,
                    false => root.remove_file(entry.file_name())?,
                }
            }
            Ok(())
        };
        self.in_sessions(store, empty).await
    }

    /// Does something with the folder of each session that writes a store.
    async fn in_sessions(
        &self,
        store: &MemoryStoreId,
        work: impl Fn(&Path) -> io::Result<()> + Send + 'static,
    ) -> Result<()> {
        let (sessions, store) = (self.state.join("sessions"), store.clone());
        let all = move || -> io::Result<()> {
            for entry in entries(&sessions)? {
                let folder = entry.join("memory").join(store.as_str());
                if folder.is_dir() {
                    match work(&folder) {
                        // The session was deleted this moment.
                        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                        _ => {}
                    }
                }
            }
            Ok(())
        };
        let done = tokio::task::spawn_blocking(all).await;
        let done = done.map_err(|error| Failure::bug(format!("files of memory: {error}")))?;
        done.map_err(|error| Failure::failed(format!("files of memory in sessions: {error}")))
    }
}

impl OfStore {
    /// Does something with the copies of a store while nobody else does.
    async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce(&Self) -> io::Result<T> + Send + 'static,
    ) -> Result<T> {
        let shown = self.root.display().to_string();
        let run = move || {
            fs::create_dir_all(&self.root)?;
            let lock = File::create(self.root.join(format!("{}.lock", self.id)))?;
            lock.lock()?;
            work(&self)
        };
        let done = tokio::task::spawn_blocking(run).await;
        let done = done.map_err(|error| Failure::bug(format!("files of memory: {error}")))?;
        done.map_err(|error| Failure::failed(format!("memory folder {shown}: {error}")))
    }

    fn folder(&self, held: &str) -> PathBuf {
        self.root.join(format!("{}-{held}", self.id))
    }

    /// The copy of what a store holds, where there is one.
    fn found(&self, held: &str) -> Option<(PathBuf, Arc<InUse>)> {
        let folder = self.folder(held);
        folder.is_dir().then(|| (folder.clone(), self.copies.hold(&folder)))
    }

    /// The copy of these memories, which is made where there is none.
    fn made(&self, memories: &[Memory]) -> io::Result<(PathBuf, Arc<InUse>)> {
        let folder = self.folder(&held(memories));
        if !folder.is_dir() {
            write(&folder, memories)?;
        }
        let in_use = self.copies.hold(&folder);
        self.sweep(Some(&folder))?;
        Ok((folder, in_use))
    }

    /// Removes copies, and what a process that ended left of one: where one is to stay, all
    /// others that nobody sees, or else all.
    fn sweep(&self, stays: Option<&Path>) -> io::Result<()> {
        let begin = format!("{}-", self.id);
        for found in entries(&self.root)? {
            let name = found.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let ours = name.starts_with(&begin) || name == self.id.as_str();
            if !ours || Some(found.as_path()) == stays {
                continue;
            }
            // Held until it is gone: nobody comes to see it in between.
            let lock = File::open(&found).ok().filter(|lock| lock.try_lock().is_ok());
            if stays.is_some() && lock.is_none() {
                continue;
            }
            match fs::remove_dir_all(&found) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

/// What is in a folder; nothing where it is not there.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Ok(found) => found.map(|entry| entry.map(|entry| entry.path())).collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// What memories hold, in short: the same for the same texts at the same paths.
fn held(memories: &[Memory]) -> String {
    let mut text = String::new();
    for Memory { path, content_sha256, .. } in memories {
        // With its length, so that no path looks like two.
        text.push_str(&format!("{} {path} {content_sha256}\n", path.len()));
    }
    sha256_hex(text.as_bytes())[..16].to_owned()
}

/// Writes memories as files, but for those that can be none. A dream or an agent may have
/// named them, so they go through a handle on their folder.
fn write(folder: &Path, memories: &[Memory]) -> io::Result<()> {
    // Under another name first: what is there under the right one is whole.
    let making = folder.with_extension(format!("{:016x}.tmp", SystemEntropy.next_u64()));
    fs::create_dir_all(&making)?;
    let root = Dir::open_ambient_dir(&making, ambient_authority())?;
    let paths: Vec<&str> = memories.iter().map(|memory| memory.path.as_str()).collect();
    let hidden = hidden(&paths);
    for memory in memories.iter().filter(|memory| !hidden.contains(memory.path.as_str())) {
        let path = Path::new(memory.path.trim_start_matches('/'));
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            root.create_dir_all(parent)?;
        }
        let mut file = root.create(path)?.into_std();
        file.write_all(memory.content.as_bytes())?;
        // None is newer than another: what lists them by age gives the same order every time.
        file.set_modified(std::time::UNIX_EPOCH)?;
    }
    match fs::rename(&making, folder) {
        // Somebody else was quicker, with the same.
        Err(_) if folder.is_dir() => fs::remove_dir_all(&making),
        renamed => renamed,
    }
}

#[cfg(test)]
mod tests;
