//! What a call changed, and what it tried and was not allowed: for the event log.

use std::sync::{Arc, Mutex, PoisonError};

use lucid_core::{Denial, EFFECTS_LISTED_MAX, FileChange, FileChangeKind};

use crate::capability::http::UnusableCredential;

/// What a call did outside of itself, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Effects {
    /// The files it changed, each path once.
    pub files: Vec<FileChange>,
    /// What it tried and was not allowed, each once.
    pub denied: Vec<Denial>,
    /// The credentials that it should have been lent and that could not be had, each once.
    pub unusable: Vec<UnusableCredential>,
    /// How many more there were than are listed.
    pub unlisted: u64,
}

/// Collects the effects of one call. Clones share them: a request that a call sends goes on
/// beside it.
#[derive(Debug, Clone, Default)]
pub(crate) struct EffectLog(Arc<Mutex<Effects>>);

impl EffectLog {
    /// Notes what was denied.
    pub(crate) fn denied(&self, denial: Denial) {
        let mut effects = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if effects.denied.contains(&denial) {
            return;
        }
        if effects.denied.len() < EFFECTS_LISTED_MAX {
            effects.denied.push(denial);
        } else {
            effects.unlisted += 1;
        }
    }

    /// Notes a credential that could not be had.
    pub(crate) fn unusable(&self, credential: UnusableCredential) {
        let mut effects = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What is told of it the second time is that it was tried a moment ago.
        let same = |known: &UnusableCredential| known.credential_id == credential.credential_id;
        let is_known = effects.unusable.iter().any(same);
        if !is_known && effects.unusable.len() < EFFECTS_LISTED_MAX {
            effects.unusable.push(credential);
        }
    }

    /// Notes that a file was changed.
    pub(crate) fn changed(&self, path: &str, change: FileChangeKind, bytes: u64) {
        let mut effects = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = effects.files.iter_mut().find(|file| file.path == path) {
            known.bytes += bytes;
            // What was made in this call and then written to was made.
            if known.change != FileChangeKind::Created || change != FileChangeKind::Written {
                known.change = change;
            }
            return;
        }
        if effects.files.len() < EFFECTS_LISTED_MAX {
            effects.files.push(FileChange { path: path.to_owned(), change, bytes });
        } else {
            effects.unlisted += 1;
        }
    }

    /// What was collected.
    pub(crate) fn take(&self) -> Effects {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
