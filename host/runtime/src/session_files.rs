//! Files that people hand to a session and take from it.
//!
//! Both folders are reached through handles that no path and no link leaves: guests write
//! outputs, and clients name uploads.

#![allow(clippy::disallowed_methods, reason = "opens the folders that the host made itself")]

use std::io::{ErrorKind, Read};
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File};
use lucid_core::{Failure, Result, SessionId, Timestamp};

use crate::state::Runtime;

/// Files of the outputs that are listed.
const OUTPUTS_MAX: usize = 10_000;

/// Folders inside one another that are looked into.
const DEPTH_MAX: usize = 32;

/// A file that a session left in its outputs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutputFile {
    /// Its path in the outputs, such as `report/summary.md`.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// When it was last written.
    pub modified: Timestamp,
}

impl Runtime {
    /// Puts a file into a session's uploads, at a path below them; one that is there is
    /// replaced.
    ///
    /// # Errors
    /// Invalid, when the path leads elsewhere; failed, when the disk refuses.
    pub async fn upload(
        &self,
        id: &SessionId,
        path: &str,
        mut from: impl Read + Send + 'static,
    ) -> Result<()> {
        let path = plain(path)?.to_owned();
        let shown = path.clone();
        self.in_folder(id, "uploads", move |root| {
            let path = Path::new(&path);
            if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                root.create_dir_all(parent)?;
            }
            let mut file = root.create(path)?;
            std::io::copy(&mut from, &mut file)?;
            file.sync_all()
        })
        .await
        .map_err(|error| Failure::failed(format!("upload `{shown}`: {error}")))
    }

    /// Takes a file out of a session's uploads; one that is not there is gone already.
    ///
    /// # Errors
    /// As [`Runtime::upload`].
    pub async fn remove_upload(&self, id: &SessionId, path: &str) -> Result<()> {
        let path = plain(path)?.to_owned();
        let shown = path.clone();
        let removed = self.in_folder(id, "uploads", move |root| root.remove_file(path)).await;
        match removed {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(Failure::failed(format!("upload `{shown}`: {error}")))
            }
            _ => Ok(()),
        }
    }

    /// Lists what a session left in its outputs, by path; at most 10,000 files.
    ///
    /// # Errors
    /// Failed, when the disk refuses.
    pub async fn outputs(&self, id: &SessionId) -> Result<Vec<OutputFile>> {
        let listed = self.in_folder(id, "outputs", |root| {
            let mut files = Vec::new();
            walk(root, "", DEPTH_MAX, &mut files)?;
            files.sort();
            Ok(files)
        });
        match listed.await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            listed => listed.map_err(|error| Failure::failed(format!("outputs of {id}: {error}"))),
        }
    }

    /// Opens one of them, to be read part by part; none, where it is gone.
    ///
    /// # Errors
    /// Invalid, when the path leads elsewhere; failed, when the disk refuses.
    pub async fn open_output(&self, id: &SessionId, path: &str) -> Result<Option<File>> {
        let path = plain(path)?.to_owned();
        let shown = path.clone();
        let open = move |root: &Dir| {
            let file = root.open(path)?;
            // An agent may put a folder where a file was.
            Ok(file.metadata()?.is_file().then_some(file))
        };
        match self.in_folder(id, "outputs", open).await {
            Ok(file) => Ok(file),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::failed(format!("output `{shown}`: {error}"))),
        }
    }

    async fn in_folder<T: Send + 'static>(
        &self,
        id: &SessionId,
        folder: &str,
        work: impl FnOnce(&Dir) -> std::io::Result<T> + Send + 'static,
    ) -> std::io::Result<T> {
        let folder = self.session_folder(id).join(folder);
        let done = tokio::task::spawn_blocking(move || {
            work(&Dir::open_ambient_dir(folder, ambient_authority())?)
        });
        done.await.map_err(std::io::Error::other)?
    }
}

/// A path of plain segments.
fn plain(path: &str) -> Result<&str> {
    let fits = |part: &str| {
        let dots = part == "." || part == "..";
        !part.is_empty() && !dots && !part.contains(['\\', '\0']) && part.len() <= 255
    };
    let path = path.trim_start_matches('/');
    if path.split('/').all(fits) {
        return Ok(path);
    }
    Err(Failure::invalid(format!("`{}` is no path of a file", path.escape_debug()))
        .hint("write names with single slashes between them, such as `data/report.csv`"))
}

/// What a folder had in it when it was read; none, where an agent took it away since.
fn there<T>(found: std::io::Result<T>) -> std::io::Result<Option<T>> {
    match found {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        found => found.map(Some),
    }
}

fn walk(
    folder: &Dir,
    prefix: &str,
    depth: usize,
    files: &mut Vec<OutputFile>,
) -> std::io::Result<()> {
    for entry in folder.entries()? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let Some(kind) = there(entry.file_type())? else { continue };
        let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
        if kind.is_dir() && depth > 0 {
            if let Some(inner) = there(entry.open_dir())? {
                walk(&inner, &path, depth - 1, files)?;
            }
        } else if kind.is_file() && files.len() < OUTPUTS_MAX {
            let Some(metadata) = there(entry.metadata())? else { continue };
            let modified = metadata.modified()?.into_std();
            let since = modified.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            let modified = Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
            files.push(OutputFile { path, bytes: metadata.len(), modified });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leads_elsewhere_is_none() {
        for right in ["a", "/a", "a/b.txt", "..a/b..", "日本/x"] {
            assert!(plain(right).is_ok(), "{right}");
        }
        for wrong in ["", "/", "..", "a/../b", "a//b", "./a", "a/", "a\\b", "a\0", "a/.."] {
            assert!(plain(wrong).is_err(), "{wrong:?}");
        }
    }
}
