//! Measuring what a session's folders hold.

#![allow(clippy::disallowed_methods, reason = "opens folders that the host made itself")]

use std::collections::HashSet;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, Metadata};

/// How deep folders are followed. Each level holds one open handle, and a guest can nest
/// folders as long as its quota lasts; what is deeper is not measured.
const DEPTH_MAX: usize = 64;

/// What folders hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Held {
    /// Bytes of files; one with several names counts once.
    pub(super) bytes: u64,
    /// Files, folders and links.
    pub(super) files: u64,
}

/// Walks folders through handles, following no link. The folders themselves do not count.
pub(super) fn measure(folders: &[PathBuf]) -> io::Result<Held> {
    let mut held = Held::default();
    let mut seen = HashSet::new();
    for folder in folders {
        let root = Dir::open_ambient_dir(folder, ambient_authority())?;
        let mut open = vec![level(root, &mut held, &mut seen)?];
        while let Some((folder, inner)) = open.last_mut() {
            let Some(name) = inner.pop() else {
                open.pop();
                continue;
            };
            let next = folder.open_dir(name)?;
            if open.len() >= DEPTH_MAX {
                return Err(io::Error::other(format!("folders deeper than {DEPTH_MAX}")));
            }
            open.push(level(next, &mut held, &mut seen)?);
        }
    }
    Ok(held)
}

/// Counts what is in one folder, and gives it back with the folders in it.
fn level(
    folder: Dir,
    held: &mut Held,
    seen: &mut HashSet<(u64, u64)>,
) -> io::Result<(Dir, Vec<OsString>)> {
    let mut inner = Vec::new();
    for entry in folder.entries()? {
        let entry = entry?;
        // Of a link, this is the link.
        let metadata = entry.metadata()?;
        held.files += 1;
        if metadata.is_dir() {
            inner.push(entry.file_name());
        } else if metadata.is_file() && several_names(&metadata).is_none_or(|id| seen.insert(id)) {
            held.bytes = held.bytes.saturating_add(metadata.len());
        }
    }
    Ok((folder, inner))
}

/// Which file it is, where other names may lead to it.
#[cfg(unix)]
fn several_names(metadata: &Metadata) -> Option<(u64, u64)> {
    use cap_std::fs::MetadataExt as _;
    (metadata.nlink() > 1).then(|| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn several_names(_metadata: &Metadata) -> Option<(u64, u64)> {
    None
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[cfg(unix)]
    #[test]
    fn files_folders_and_links_are_counted_and_no_link_is_followed() {
        let root = tempfile::tempdir().unwrap();
        let (own, other) = (root.path().join("own"), root.path().join("other"));
        fs::create_dir_all(own.join("a/b")).unwrap();
        fs::create_dir(&other).unwrap();
        fs::write(other.join("large"), vec![0; 5_000]).unwrap();
        fs::write(own.join("a/b/ten"), "0123456789").unwrap();
        fs::write(own.join("three"), "012").unwrap();
        fs::hard_link(own.join("three"), own.join("a/three")).unwrap();
        std::os::unix::fs::symlink(&other, own.join("link")).unwrap();
        let held = measure(std::slice::from_ref(&own)).unwrap();
        assert_eq!(held, Held { bytes: 13, files: 6 });
        assert_eq!(measure(&[own, other]).unwrap(), Held { bytes: 5_013, files: 7 });
    }

    #[test]
    fn folders_without_end_are_not_measured() {
        let root = tempfile::tempdir().unwrap();
        let deep = |levels: usize| root.path().join(vec!["d"; levels].join("/"));
        fs::create_dir_all(deep(DEPTH_MAX - 1)).unwrap();
        let held = measure(&[root.path().to_owned()]).unwrap();
        assert_eq!(held, Held { bytes: 0, files: DEPTH_MAX as u64 - 1 });
        fs::create_dir_all(deep(DEPTH_MAX)).unwrap();
        assert!(measure(&[root.path().to_owned()]).is_err());
    }
}
