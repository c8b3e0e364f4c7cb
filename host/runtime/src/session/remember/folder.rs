//! The files of a memory store that a session may write. A guest may have put anything among
//! them, so they are reached through a handle on their folder.

#![allow(clippy::disallowed_methods, reason = "opens a folder that the host made itself")]

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, DirEntry};
use lucid_core::{MEMORY_BYTES_MAX, sha256_hex};

/// Folders inside one another at most, as the API's paths have segments.
const DEPTH_MAX: usize = 20;

/// Files that are looked at; a store has at most 2,000 memories.
const FILES_MAX: usize = 4_000;

/// What is in the files.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The hash of each text by its path.
    pub(super) files: BTreeMap<String, String>,
    /// What can be no memory, by its path, with why.
    pub(super) refused: BTreeMap<String, String>,
    /// Whether their folder is there at all.
    pub(super) there: bool,
}

impl Seen {
    /// Looks at the files of a folder; links are not followed.
    pub(super) fn look(folder: &Path) -> io::Result<Self> {
        let mut seen = Self::default();
        if folder.is_dir() {
            seen.there = true;
            let root = Dir::open_ambient_dir(folder, ambient_authority())?;
            seen.walk(&root, "", DEPTH_MAX)?;
        }
        Ok(seen)
    }

    /// Whether a path, or a folder that it is in, is one of those that can be no memory.
    pub(super) fn is_refused(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
        ends.filter_map(|end| path.get(..end)).any(|part| self.refused.contains_key(part))
    }

    fn walk(&mut self, folder: &Dir, prefix: &str, depth: usize) -> io::Result<()> {
        for entry in folder.entries()? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                let why = "has a file in it whose name is not UTF-8";
                self.refused.insert(format!("{prefix}/"), why.to_owned());
                continue;
            };
            let path = format!("{prefix}/{name}");
            let kind = entry.file_type()?;
            if kind.is_dir() && depth > 0 {
                match entry.open_dir() {
                    Ok(inner) => self.walk(&inner, &path, depth - 1)?,
                    Err(error) => drop(self.refused.insert(path, error.to_string())),
                }
            } else if kind.is_file() && self.files.len() < FILES_MAX {
                match read(&entry) {
                    Ok(text) => drop(self.files.insert(path, hash(&text))),
                    Err(why) => drop(self.refused.insert(path, why)),
                }
            } else {
                let why = match (kind.is_dir(), kind.is_file()) {
                    (true, _) => "is in too many folders",
                    (_, true) => "is one file too many",
                    _ => "is neither a file nor a folder",
                };
                self.refused.insert(path, why.to_owned());
            }
        }
        Ok(())
    }
}

/// Makes the folder, where it is not there.
pub(super) fn make(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)
}

pub(super) fn hash(text: &str) -> String {
    sha256_hex(text.as_bytes())
}

fn read(entry: &DirEntry) -> Result<String, String> {
    text_of(entry.open().map_err(|error| error.to_string())?)
}

fn text_of(file: cap_std::fs::File) -> Result<String, String> {
    let most = MEMORY_BYTES_MAX as u64 + 1;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 == most {
        return Err(format!("has more than {MEMORY_BYTES_MAX} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())
}

/// Reads one text.
pub(super) fn text(folder: &Path, path: &str) -> Result<String, String> {
    let open = || {
        let root = Dir::open_ambient_dir(folder, ambient_authority())?;
        root.open(path.trim_start_matches('/'))
    };
    text_of(open().map_err(|error| error.to_string())?)
}

/// Puts a text where a path says, all of it or nothing: it is written beside the folder, where
/// no guest sees it, and then takes the place of what was there. Empty folders make way.
///
/// # Errors
/// Those of the disk, and where something else is in the way.
pub(super) fn put(folder: &Path, path: &str, text: &str) -> io::Result<()> {
    let beside = Dir::open_ambient_dir(parent(folder)?, ambient_authority())?;
    let root = Dir::open_ambient_dir(folder, ambient_authority())?;
    let making = making(folder)?;
    beside.write(&making, text)?;
    let path = Path::new(path.trim_start_matches('/'));
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        root.create_dir_all(parent)?;
    }
    if root.symlink_metadata(path).is_ok_and(|there| there.is_dir()) {
        clear(&root, path, DEPTH_MAX)?;
    }
    beside.rename(&making, &root, path)
}

/// Takes away a file, and the folders that are empty then.
///
/// # Errors
/// Those of the disk.
pub(super) fn remove(folder: &Path, path: &str) -> io::Result<()> {
    let root = Dir::open_ambient_dir(folder, ambient_authority())?;
    let path = Path::new(path.trim_start_matches('/'));
    match root.remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    for parent in path.ancestors().skip(1).filter(|parent| !parent.as_os_str().is_empty()) {
        // One with something else in it stays.
        if root.remove_dir(parent).is_err() {
            break;
        }
    }
    Ok(())
}

/// Takes away a file whose text has this hash.
///
/// # Errors
/// Those of the disk.
pub(crate) fn forget(folder: &Path, path: &str, hash: &str) -> io::Result<()> {
    match text(folder, path) {
        Ok(text) if self::hash(&text) == hash => remove(folder, path),
        _ => Ok(()),
    }
}

/// Removes a folder that has nothing but empty folders in it.
fn clear(root: &Dir, path: &Path, depth: usize) -> io::Result<()> {
    if depth > 0 {
        for entry in root.read_dir(path)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                clear(root, &path.join(entry.file_name()), depth - 1)?;
            }
        }
    }
    root.remove_dir(path)
}

fn parent(folder: &Path) -> io::Result<&Path> {
    folder.parent().ok_or_else(|| io::Error::from(ErrorKind::NotFound))
}

fn making(folder: &Path) -> io::Result<std::path::PathBuf> {
    let name = folder.file_name().ok_or_else(|| io::Error::from(ErrorKind::NotFound))?;
    Ok(Path::new(name).with_extension("making"))
}
