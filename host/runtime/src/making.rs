//! Sessions while they are made, and their missions while they are changed.
//!
//! Each has an entry in a folder of the state that says which process does it: when that is
//! gone, the next one takes away what it left half made.

#![allow(clippy::disallowed_methods, reason = "works on folders that the host made itself")]

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use lucid_core::{Entropy as _, Failure, Result, SessionId};

use crate::ambient::SystemEntropy;
use crate::state::Runtime;

/// The folder of all entries, in the state folder.
const MAKING: &str = "making";

/// The file of a mission in its folder.
const FILE: &str = "mission.toml";

/// How the names of entries end whose session is being made.
const NEW: &str = "new";

/// How those end whose session is there.
const CHANGED: &str = "changed";

/// What is being made; on disk until it is done or given up.
pub(crate) struct Making {
    entry: PathBuf,
}

impl Making {
    /// Where the mission lies until it has proven that it loads.
    pub(crate) fn trial(&self) -> &Path {
        &self.entry
    }

    /// Puts the mission in its place, a folder beside what else a session has, for good.
    pub(crate) async fn put(&self, folder: PathBuf) -> Result<()> {
        let trial = self.entry.join(FILE);
        let shown = folder.display().to_string();
        let put = move || {
            match fs::create_dir(&folder) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
            fs::rename(&trial, folder.join(FILE))?;
            // What is acknowledged stays, also where the power is cut.
            folder.ancestors().take(3).try_for_each(sync)
        };
        blocking(put).await.map_err(|error| Failure::failed(format!("folder {shown}: {error}")))
    }

    /// Nothing is half made any more.
    pub(crate) fn done(self) {
        // One that stays is taken away by a process that comes later.
        let _ = fs::remove_dir_all(&self.entry);
    }
}

/// A mission that took the place of another one, while what else says so is not written yet.
/// Should the process end before [`MissionChange::done`], the next one is told of it.
#[must_use = "it is half done until somebody says that it is done"]
pub struct MissionChange {
    id: SessionId,
    making: Making,
}

impl MissionChange {
    /// The session.
    #[must_use]
    pub fn id(&self) -> &SessionId {
        &self.id
    }

    /// Everything says so.
    pub fn done(self) {
        self.making.done();
    }
}

impl Runtime {
    /// Writes another mission for a session of this kind; what runs goes on with the old one
    /// until it rests.
    ///
    /// # Errors
    /// Invalid or denied, when it does not load: the old one stays then.
    pub async fn change_mission(&self, id: &SessionId, mission: &str) -> Result<MissionChange> {
        let making = self.begin_making(id, mission, CHANGED).await?;
        let changed = match self.load(making.trial()).await {
            Ok(_) => making.put(self.own_mission(id)).await,
            Err(failure) => Err(failure),
        };
        match changed {
            Ok(()) => Ok(MissionChange { id: id.clone(), making }),
            Err(failure) => {
                making.done();
                Err(failure)
            }
        }
    }

    /// The missions that processes which are gone put in their places, and did not say that all
    /// else says so.
    ///
    /// # Errors
    /// Failed, when the disk fails.
    pub async fn half_changed(&self) -> Result<Vec<MissionChange>> {
        let mut found = Vec::new();
        for Left { id, entry, what } in self.left()? {
            if what == CHANGED && !entry.join(FILE).exists() {
                found.push(MissionChange { id, making: Making { entry } });
            }
        }
        Ok(found)
    }

    /// Writes down that a session is being made, with its mission.
    ///
    /// # Errors
    /// Failed, when the disk refuses.
    pub(crate) async fn begin_session(&self, id: &SessionId, mission: &str) -> Result<Making> {
        self.begin_making(id, mission, NEW).await
    }

    async fn begin_making(&self, id: &SessionId, mission: &str, what: &str) -> Result<Making> {
        let number = SystemEntropy.next_u64();
        let name = format!("{id}.{}.{number:016x}.{what}", self.owner.name());
        let entry = self.making_folder().join(name);
        let entry = std::path::absolute(&entry).unwrap_or(entry);
        let (at, text) = (entry.clone(), mission.to_owned());
        let write = move || {
            fs::create_dir_all(&at)?;
            let mut file = File::create(at.join(FILE))?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            // Before anything of the session is there: else nobody would know what it is.
            at.ancestors().take(2).try_for_each(sync)
        };
        let failed = |error| Failure::failed(format!("folder {}: {error}", entry.display()));
        blocking(write).await.map_err(failed)?;
        Ok(Making { entry })
    }

    /// Takes away what processes that are gone left half made: sessions that nobody was told
    /// of, and missions that did not take their place. Says how many sessions there were.
    ///
    /// # Errors
    /// Failed, when the store or the disk fails.
    pub async fn tidy_half_made(&self) -> Result<usize> {
        let mut removed = 0;
        for Left { id, entry, what } in self.left()? {
            match what.as_str() {
                NEW if !self.has_begun(&id).await? => {
                    self.discard(&id).await?;
                    removed += 1;
                }
                // It took its place, and somebody has to see that all else fits it.
                CHANGED if !entry.join(FILE).exists() => continue,
                _ => {}
            }
            fs::remove_dir_all(&entry).map_err(|error| unusable(&entry, &error))?;
        }
        Ok(removed)
    }

    /// The entries of processes that are gone.
    fn left(&self) -> Result<Vec<Left>> {
        let folder = self.making_folder();
        let mut left = Vec::new();
        for name in names(&folder).map_err(|error| unusable(&folder, &error))? {
            let mut parts = name.split('.');
            let (id, owner) = (parts.next().and_then(SessionId::parse), parts.next());
            let (Some(id), Some(owner)) = (id, owner) else { continue };
            if self.owner.has_ended(owner) {
                let what = parts.next_back().unwrap_or_default().to_owned();
                left.push(Left { id, entry: folder.join(&name), what });
            }
        }
        Ok(left)
    }

    async fn has_begun(&self, id: &SessionId) -> Result<bool> {
        if self.store.session(id).await?.is_none() {
            return Ok(false);
        }
        Ok(self.session_state(id).await?.start.is_some())
    }

    /// Takes away all there is of a session that was never made.
    ///
    /// # Errors
    /// Failed, when the store or the disk fails.
    pub(crate) async fn discard(&self, id: &SessionId) -> Result<()> {
        if self.store.session(id).await?.is_some() {
            return self.remove(id).await;
        }
        self.remove_folder(id)
    }

    fn making_folder(&self) -> PathBuf {
        self.state.join(MAKING)
    }
}

/// What a process that is gone left half made.
struct Left {
    id: SessionId,
    entry: PathBuf,
    /// Whether its session is new, or there.
    what: String,
}

fn unusable(folder: &Path, error: &io::Error) -> Failure {
    Failure::failed(format!("folder {}: {error}", folder.display()))
}

/// The names of what is in a folder; one that is not there has nothing in it.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let name = |entry: io::Result<fs::DirEntry>| entry.map(|entry| entry.file_name());
    let names: Vec<_> = entries.map(name).collect::<io::Result<_>>()?;
    Ok(names.into_iter().filter_map(|name| name.into_string().ok()).collect())
}

/// Puts on disk which names a folder has.
fn sync(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
