//! Memory that a session's agents may write: its files are the session's own, and what calls
//! change in them becomes versions in the store.
//!
//! Beside the files lies a list of what the store held when they were last alike. What differs
//! from it in the files an agent wrote; what differs from it in the store somebody else did.
//! Where both did, the agent's text is written over theirs, which stays as the version before,
//! and the agent is told; what an agent took away is taken away where it is what the agent saw.
//! What is not kept stays in the files as it is, and the agent is told as long as it does.

mod fetch;
mod folder;
mod heads;
mod keep;
mod list;
mod name;
mod notice;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lucid_core::{Clock, Entropy, Failure, MemoryStoreId, Result, SessionId};
use lucid_store::Store;

use folder::Seen;
pub(crate) use folder::forget as forget_text;
use heads::{Change, Heads};
use list::List;
pub(crate) use name::hidden;
use notice::{Notices, ToSay, Why};

/// Files whose texts are read, and written, at once.
const AT_ONCE: usize = 32;

/// What is said of a store that is gone.
const GONE: &str = "The memory store was deleted: what is written there is not kept.";

/// One store that a session writes.
#[derive(Debug, Clone)]
pub(crate) struct Remembered {
    /// The store.
    pub(crate) store_id: MemoryStoreId,
    /// Its files.
    pub(crate) folder: PathBuf,
    /// The session that writes.
    pub(crate) session: SessionId,
    /// What is said of it.
    pub(crate) notices: Notices,
}

/// What versions are written with.
#[derive(Clone, Copy)]
struct Pen<'a> {
    store: &'a Arc<dyn Store>,
    clock: &'a dyn Clock,
    entropy: &'a dyn Entropy,
}

/// Where files and store stand while they are brought together.
struct Work {
    list: List,
    /// What of it is on the disk.
    noted: List,
    seen: Seen,
    say: ToSay,
    /// What stays in the files as it is, because it was not kept.
    held: BTreeSet<String>,
}

impl Remembered {
    /// A store of a session whose files are in a folder.
    pub(crate) fn new(store_id: MemoryStoreId, folder: PathBuf, session: SessionId) -> Self {
        Self { store_id, folder, session, notices: Notices::default() }
    }

    /// Brings files and store together: what agents wrote goes to the store, and then what
    /// others wrote comes to the files. Only for whoever has claimed the session.
    ///
    /// # Errors
    /// Failed, when the disk or the store fails.
    pub(crate) async fn meet(
        &self,
        store: &Arc<dyn Store>,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<()> {
        let pen = Pen { store, clock, entropy };
        let mut work = self.gather(pen).await?;
        // Only now: without their folder files would look as if somebody took them away.
        let folder = self.folder.clone();
        let made = blocking(move || Ok(folder::make(&folder))).await?;
        made.map_err(|error| self.failed(&error))?;
        if work.say.store != Some(GONE) {
            self.fetch(pen, &mut work).await?;
        }
        self.finish(work).await
    }

    /// Writes down what agents changed since.
    ///
    /// # Errors
    /// As [`Remembered::meet`].
    pub(crate) async fn keep(
        &self,
        store: &Arc<dyn Store>,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<()> {
        let work = self.gather(Pen { store, clock, entropy }).await?;
        self.finish(work).await
    }

    async fn finish(&self, mut work: Work) -> Result<()> {
        self.notices.say(&work.say, &mut work.list);
        if work.list == work.noted {
            return Ok(());
        }
        let this = self.clone();
        blocking(move || this.note(&work.list)).await
    }

    /// Finds what agents changed, and writes it to the store.
    async fn gather(&self, pen: Pen<'_>) -> Result<Work> {
        let this = self.clone();
        let (list, seen) = blocking(move || this.look()).await?;
        let (noted, say, held) = (list.clone(), ToSay::default(), BTreeSet::new());
        let mut work = Work { list, noted, seen, say, held };
        for (path, why) in &work.seen.refused {
            work.say.files.insert(path.clone(), Why::of(why.clone()));
        }
        let changes = work.changes();
        if self.is_closed(pen.store, &changes, &mut work).await? || changes.is_empty() {
            return Ok(work);
        }
        let mut heads = Heads::read(pen.store, &self.store_id).await?;
        for changes in changes.chunks(AT_ONCE) {
            self.write(pen, &mut heads, changes, &mut work).await?;
        }
        Ok(work)
    }

    fn list(&self) -> PathBuf {
        self.folder.with_extension("known.json")
    }

    fn look(&self) -> Result<(List, Seen)> {
        let look = || {
            let (mut list, seen) = (List::read(&self.list())?, Seen::look(&self.folder)?);
            if !list.coming.is_empty() || !seen.there {
                list.settle(&seen);
                self.write_list(&list)?;
            }
            Ok((list, seen))
        };
        look().map_err(|error| self.failed(&error))
    }

    fn note(&self, list: &List) -> Result<()> {
        self.write_list(list).map_err(|error| self.failed(&error))
    }

    fn write_list(&self, list: &List) -> std::io::Result<()> {
        let path = self.list();
        // Of a session that is gone nothing is left behind.
        if path.parent().is_some_and(Path::is_dir) { list.write(&path) } else { Ok(()) }
    }

    fn failed(&self, error: &std::io::Error) -> Failure {
        Failure::failed(format!("memory folder {}: {error}", self.folder.display()))
    }
}

impl Work {
    /// What agents changed: what is gone first, because it makes room.
    fn changes(&mut self) -> Vec<Change> {
        let (list, seen) = (&self.list, &self.seen);
        // What cannot be read any more is not gone.
        let there = |path: &String| seen.files.contains_key(path) || seen.is_refused(path);
        let gone = list.known.keys().filter(|path| !there(path));
        let mut changes: Vec<_> =
            gone.map(|path| Change { path: path.clone(), hash: None }).collect();
        let mut refused = BTreeMap::new();
        for (path, hash) in &seen.files {
            let known = list.known.get(path);
            match name::refused(path) {
                _ if known == Some(hash) => {}
                Some(why) if known.is_none() => drop(refused.insert(path.clone(), why)),
                _ => changes.push(Change { path: path.clone(), hash: Some(hash.clone()) }),
            }
        }
        for (path, why) in refused {
            self.refuse(&path, Why::of(why));
        }
        changes
    }

    /// What is not kept stays as it is in the files.
    fn refuse(&mut self, path: &str, why: Why) {
        self.say.files.insert(path.to_owned(), why);
    }

    fn is_refused(&self, path: &str) -> bool {
        self.say.files.contains_key(path)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Failure::bug(format!("files of a memory store: {error}")))?
}
