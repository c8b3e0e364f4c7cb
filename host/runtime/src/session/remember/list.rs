//! What the host knows about the files of a memory store: beside their folder, where no guest
//! sees it.

#![allow(clippy::disallowed_methods, reason = "works on a file that the host made itself")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::folder::Seen;

/// What files and store were when they were last alike.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct List {
    /// The hash of each text by its path.
    pub(super) known: BTreeMap<String, String>,
    /// What the host is about to make of files, written down before it touches them: the hash
    /// of what is to be there, none where nothing is. A process that ends in between leaves
    /// each file as it was, or like this; neither is an agent's doing.
    pub(super) coming: BTreeMap<String, Option<String>>,
    /// What was said already, so that it is said once.
    pub(super) told: BTreeSet<String>,
    /// The same of memories that are not shown.
    pub(super) told_not_shown: BTreeSet<String>,
}

impl List {
    /// Reads a list. Where there is none, or one that nobody understands, nothing is known:
    /// then whatever is in the files counts as written, and nothing as taken away.
    pub(super) fn read(path: &Path) -> io::Result<Self> {
        match fs::read(path) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Writes the list, whole or not at all.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        let making = path.with_extension("tmp");
        let mut file = File::create(&making)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        // What files are touched after it must not be on the disk before it.
        file.sync_all()?;
        fs::rename(&making, path)
    }

    /// Takes up what a process left half done: what came is known, what did not come is not.
    pub(super) fn settle(&mut self, seen: &Seen) {
        for (path, coming) in std::mem::take(&mut self.coming) {
            if seen.files.get(&path) == coming.as_ref() && !seen.is_refused(&path) {
                self.set(&path, coming);
            }
        }
        if !seen.there {
            // Without their folder files were not taken away one by one.
            self.known.clear();
        }
    }

    /// Writes down that files and store are alike at a path.
    pub(super) fn set(&mut self, path: &str, hash: Option<String>) {
        match hash {
            Some(hash) => drop(self.known.insert(path.to_owned(), hash)),
            None => drop(self.known.remove(path)),
        }
    }
}
