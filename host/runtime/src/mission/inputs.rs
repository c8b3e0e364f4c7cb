//! `[files]`: what lies in each session's folders before anybody works.

#![allow(clippy::disallowed_methods, reason = "works on folders that people name, no guest does")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lucid_core::{Failure, Result, sha256_hex};
use lucid_policy::{Access, View};

use super::file::Name;
use super::files::inside;
use super::limits::DiskQuota;
use super::source::Source;
use crate::plugins::read_file;

/// Where files can be put. Outputs are what agents make.
const ROOTS: [&str; 2] = ["/workspace", "/mnt/session/uploads"];

/// A file of a mission that each session gets a copy of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFile {
    /// Where agents see it.
    pub path: String,
    /// Where it is.
    pub source: PathBuf,
    /// SHA-256 of it, when the mission was loaded.
    pub digest: String,
}

/// Finds the files and checks that a session has room for them.
pub(crate) fn read(
    source: &Source,
    folder: &Path,
    section: &BTreeMap<Name, Name>,
    disk: DiskQuota,
) -> Result<Vec<InputFile>> {
    let mut found = Found { left: disk, files: BTreeMap::new() };
    for (path, from) in section {
        check_path(path.get_ref()).map_err(|failure| source.at(&path.span(), failure))?;
        let name = from.get_ref();
        inside(folder, name)
            .and_then(|at| found.add(&at, path.get_ref()))
            .map_err(|failure| source.at(&from.span(), failure.about(format!("`{name}`"))))?;
    }
    Ok(found.files.into_values().collect())
}

fn check_path(path: &str) -> Result<()> {
    let below = |root: &&str| {
        path.strip_prefix(*root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let view = View::new(BTreeMap::from([(path.to_owned(), Access::ReadOnly)]));
    if view.is_ok() && ROOTS.iter().any(below) {
        return Ok(());
    }
    Err(Failure::invalid(format!("files cannot be put at `{path}`"))
        .hint(format!("name a plain path at or under {}", ROOTS.join(" or "))))
}

/// What was found so far, by where agents see it.
struct Found {
    left: DiskQuota,
    files: BTreeMap<String, InputFile>,
}

impl Found {
    /// Adds a file, or a folder with all that is in it.
    fn add(&mut self, at: &Path, path: &str) -> Result<()> {
        let failed = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                Failure::invalid("it is not there").hint("name a file or folder inside the mission")
            }
            _ => Failure::failed(format!("{}: {error}", at.display())),
        };
        // Not followed: a link could name any file of this machine.
        let metadata = at.symlink_metadata().map_err(failed)?;
        self.left.files = self.left.files.checked_sub(1).ok_or_else(too_much)?;
        if metadata.is_dir() {
            for entry in std::fs::read_dir(at).map_err(failed)? {
                let name = entry.map_err(failed)?.file_name();
                let plain = name.to_str().filter(|name| !name.contains('\\'));
                let Some(name) = plain else {
                    return Err(Failure::invalid(format!("{} has no plain name", name.display())));
                };
                self.add(&at.join(name), &format!("{path}/{name}"))?;
            }
            return Ok(());
        }
        if !metadata.is_file() {
            return Err(Failure::invalid(format!("{} is no file and no folder", at.display()))
                .hint("put the file itself in the place of a link to it"));
        }
        if ROOTS.contains(&path) {
            return Err(Failure::invalid(format!("`{path}` is a folder, and this is a file"))
                .hint(format!("write a name behind it, such as `{path}/notes.md`")));
        }
        self.left.bytes = self.left.bytes.checked_sub(metadata.len()).ok_or_else(too_much)?;
        let digest = sha256_hex(&read_file(at)?);
        let file = InputFile { path: path.to_owned(), source: at.to_owned(), digest };
        if self.files.insert(path.to_owned(), file).is_some() {
            return Err(Failure::invalid(format!("two files are put at `{path}`"))
                .hint("give each a path of its own"));
        }
        Ok(())
    }
}

fn too_much() -> Failure {
    Failure::exceeded("a session has no room for so many files, or so large ones")
        .hint("raise `disk_bytes` or `disk_files` under [session], or leave some out")
}
