//! Who runs a session: a name that is this process's own for as long as it lives.
//!
//! A process holds the lock of a file of its name. The system lets go of it when the process
//! ends, however it ends; so whoever can take that lock knows that its owner is gone, and
//! takes over what it had claimed at once instead of waiting for the claim to run out.

#![allow(clippy::disallowed_methods, reason = "locks files in the state folder, no guest's")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lucid_core::{Entropy, Failure, Result, SessionId};

/// This process, as sessions know it.
#[derive(Debug, Clone)]
pub(crate) struct Owner(Arc<Held>);

#[derive(Debug)]
struct Held {
    name: String,
    folder: PathBuf,
    /// The sessions that this process has claimed.
    claimed: Mutex<BTreeSet<SessionId>>,
    /// The sessions that runs in this process are at, and those that were left by theirs.
    driven: Mutex<BTreeMap<SessionId, OfRun>>,
    /// Locked while this is there.
    _lock: File,
}

/// What a run in this process has to do with a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OfRun {
    /// It is at it.
    Now,
    /// It was dropped in the middle of it, as one is that somebody cancels.
    Left,
}

impl Owner {
    /// Takes a name in a state folder.
    ///
    /// # Errors
    /// Failed, when the folder cannot be used.
    pub(crate) fn new(state: &Path, prefix: &str, entropy: &dyn Entropy) -> Result<Self> {
        let name = format!("{prefix}-{:016x}", entropy.next_u64());
        let folder = state.join("owners");
        let lock = || -> std::io::Result<File> {
            std::fs::create_dir_all(&folder)?;
            let file = File::create(place(&folder, &name))?;
            file.lock()?;
            Ok(file)
        };
        let lock = lock().map_err(|error| {
            Failure::failed(format!("folder {}: {error}", folder.display()))
                .hint("give another folder of state with `--state DIR`")
        })?;
        let (claimed, driven) = (Mutex::default(), Mutex::default());
        Ok(Self(Arc::new(Held { name, folder, claimed, driven, _lock: lock })))
    }

    /// The name.
    pub(crate) fn name(&self) -> &str {
        &self.0.name
    }

    /// What the names of this program's processes begin with.
    pub(crate) fn prefix(&self) -> &str {
        self.name().rsplit_once('-').map_or(self.name(), |(prefix, _)| prefix)
    }

    /// Marks a session as this process's; none where it is already.
    pub(crate) fn mark(&self, session: &SessionId) -> Option<Mark> {
        let added = self.claimed().insert(session.clone());
        added.then(|| Mark { owner: self.clone(), session: session.clone() })
    }

    /// Writes down that a run is at a session, which this process has claimed. Until the run says
    /// that it is done with it, the session is not for whoever is woken: a run that is dropped
    /// before leaves it as it stands.
    pub(crate) fn drive(&self, session: &SessionId) -> Drive {
        self.driven().insert(session.clone(), OfRun::Now);
        Drive { owner: self.clone(), session: session.clone(), done: false }
    }

    /// Whether a run here is at a session, or left it.
    pub(crate) fn is_driven(&self, session: &SessionId) -> bool {
        self.driven().contains_key(session)
    }

    /// Whether a run here left a session, and nobody said anything into it since.
    pub(crate) fn is_left(&self, session: &SessionId) -> bool {
        self.driven().get(session) == Some(&OfRun::Left)
    }

    /// Somebody says something into a session: where a run left it, it goes on.
    pub(crate) fn take_up(&self, session: &SessionId) {
        let mut driven = self.driven();
        if driven.get(session) == Some(&OfRun::Left) {
            driven.remove(session);
        }
    }

    fn driven(&self) -> MutexGuard<'_, BTreeMap<SessionId, OfRun>> {
        self.0.driven.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn claimed(&self) -> MutexGuard<'_, BTreeSet<SessionId>> {
        self.0.claimed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the process of a name has ended. Unsure is not ended.
    pub(crate) fn has_ended(&self, name: &str) -> bool {
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !plain || name == self.name() {
            return false;
        }
        let file = place(&self.0.folder, name);
        match File::open(&file) {
            // Shared, so that two who look at the same moment do not take each other for it.
            Ok(opened) => match opened.try_lock_shared() {
                Ok(()) => {
                    // Nobody has a name twice, so nobody needs the file any more.
                    let _ = std::fs::remove_file(&file);
                    true
                }
                Err(TryLockError::WouldBlock | TryLockError::Error(_)) => false,
            },
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        }
    }
}

/// A session that this process has claimed, until this is dropped.
#[derive(Debug)]
pub(crate) struct Mark {
    owner: Owner,
    session: SessionId,
}

impl Drop for Mark {
    fn drop(&mut self) {
        self.owner.claimed().remove(&self.session);
    }
}

/// A session that a run is at. When this is dropped before the run is done with it, the session
/// was left.
#[derive(Debug)]
pub(crate) struct Drive {
    owner: Owner,
    session: SessionId,
    done: bool,
}

impl Drive {
    /// The run is done with the session, whatever it came to.
    pub(crate) fn done(mut self) {
        self.done = true;
    }
}

impl Drop for Drive {
    fn drop(&mut self) {
        let mut driven = self.owner.driven();
        if self.done {
            driven.remove(&self.session);
        } else {
            driven.insert(self.session.clone(), OfRun::Left);
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // One that stays is no more than a small file: whoever looks removes it.
        let _ = std::fs::remove_file(place(&self.folder, &self.name));
    }
}

fn place(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.lock"))
}

#[cfg(test)]
mod tests {
    use lucid_core::SeededEntropy;

    use super::*;

    #[test]
    fn an_owner_is_there_until_its_process_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        let owner = |seed| Owner::new(folder.path(), "lucid", &SeededEntropy::new(seed)).unwrap();
        let (one, other) = (owner(1), owner(2));
        let name = one.name().to_owned();
        assert!(!other.has_ended(&name));
        assert!(!one.has_ended(&name));
        drop(one);
        assert!(other.has_ended(&name));
        assert!(!other.has_ended("../../etc/passwd"));
    }

    #[test]
    fn a_session_that_its_run_left_is_so_until_somebody_says_something() {
        let folder = tempfile::tempdir().unwrap();
        let owner = Owner::new(folder.path(), "lucid", &SeededEntropy::new(1)).unwrap();
        let id = SessionId::parse("sesn_01a").unwrap();
        let is = || (owner.is_driven(&id), owner.is_left(&id));
        let drive = owner.drive(&id);
        // What is said while the run is at it is the run's to hear.
        owner.take_up(&id);
        assert_eq!(is(), (true, false));
        drop(drive);
        assert_eq!(is(), (true, true));
        owner.take_up(&id);
        assert_eq!(is(), (false, false));
        drop(owner.drive(&id));
        // Another run of it: that one is done with it.
        let again = owner.drive(&id);
        assert_eq!(is(), (true, false));
        again.done();
        assert_eq!(is(), (false, false));
    }

    #[test]
    fn a_file_that_nobody_holds_is_that_of_an_owner_that_was_killed() {
        let folder = tempfile::tempdir().unwrap();
        let owner = Owner::new(folder.path(), "lucid", &SeededEntropy::new(1)).unwrap();
        let left = folder.path().join("owners/lucid-0.lock");
        std::fs::write(&left, "").unwrap();
        assert!(owner.has_ended("lucid-0"));
        assert!(!left.exists());
    }
}
