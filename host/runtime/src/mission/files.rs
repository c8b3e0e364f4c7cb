//! The files of a mission: always inside its folder.

#![allow(clippy::disallowed_methods, reason = "works on folders that people name, no guest does")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use lucid_core::{Failure, MEMORY_BYTES_MAX, Result};

/// Resolves a path of a mission file; it may not leave the mission's folder.
pub(crate) fn inside(folder: &Path, path: &str) -> Result<PathBuf> {
    let plain = !path.is_empty()
        && path.split('/').all(|segment| !matches!(segment, "" | "." | ".."))
        && Path::new(path).is_relative();
    if !plain {
        return Err(Failure::invalid(format!("`{path}` is not a path inside the mission"))
            .hint("write it relative to the mission's folder, without `..`"));
    }
    Ok(folder.join(path))
}

/// Reads a text file of a mission.
pub(crate) fn read_text(folder: &Path, path: &str) -> Result<String> {
    let bytes = crate::plugins::read_file(&inside(folder, path)?)
        .map_err(|failure| failure.hint("name a file inside the mission"))?;
    String::from_utf8(bytes).map_err(|_| Failure::invalid(format!("`{path}` is not UTF-8")))
}

/// Reads a small text that is kept in a mission's folder. A link does not lead out of it: what
/// is kept there must not turn out to be another file of this machine.
///
/// What was read is in no error.
pub(crate) fn read_kept(folder: &Path, path: &str, bytes_max: u64) -> Result<String> {
    let wrong = |why: &str| {
        Failure::invalid(format!("`{}` {why}", path.escape_debug()))
            .hint("name a small text file inside the mission's folder")
    };
    inside(folder, path)?;
    // The folder of a mission that is named by its file alone.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let held = Dir::open_ambient_dir(folder, ambient_authority())
        .map_err(|error| Failure::failed(format!("{}: {error}", folder.display())))?;
    let about = held.metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => wrong("is not there"),
        _ => wrong("cannot be read from inside the mission"),
    })?;
    // A pipe would be waited for.
    if !about.is_file() || about.len() > bytes_max {
        return Err(wrong("is no small file"));
    }
    let bytes = held.read(path).map_err(|error| wrong(&format!("cannot be read: {error}")))?;
    String::from_utf8(bytes).map_err(|_| wrong("is not UTF-8"))
}

/// Reads a folder of Markdown files as memories: path in the store to text.
pub(crate) fn read_memories(folder: &Path, path: &str) -> Result<BTreeMap<String, String>> {
    let root = inside(folder, path)?;
    let mut memories = BTreeMap::new();
    collect(&root, "", &mut memories).map_err(|error| {
        Failure::invalid(format!("memory folder {}: {error}", root.display()))
            .hint("name a folder of Markdown files inside the mission")
    })?;
    for (name, text) in &memories {
        if text.len() > MEMORY_BYTES_MAX {
            return Err(Failure::invalid(format!(
                "memory `{name}` has {} bytes, and {MEMORY_BYTES_MAX} is the most",
                text.len()
            ))
            .hint("split it into several files"));
        }
    }
    Ok(memories)
}

fn collect(
    folder: &Path,
    prefix: &str,
    memories: &mut BTreeMap<String, String>,
) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(&entry.path(), &format!("{prefix}/{name}"), memories)?;
        } else if kind.is_file() && name.ends_with(".md") {
            memories.insert(format!("{prefix}/{name}"), std::fs::read_to_string(entry.path())?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_a_small_file_inside_the_folder() {
        let outside = tempfile::tempdir().unwrap();
        let folder = outside.path().join("mission");
        std::fs::create_dir_all(folder.join("keys")).unwrap();
        std::fs::write(folder.join("keys/a.txt"), "inside").unwrap();
        std::fs::write(folder.join("large.txt"), "x".repeat(9)).unwrap();
        std::fs::write(outside.path().join("outside.txt"), "outside").unwrap();
        assert_eq!(read_kept(&folder, "keys/a.txt", 8), Ok("inside".to_owned()));
        #[cfg(unix)]
        {
            let out = outside.path().join("outside.txt");
            std::os::unix::fs::symlink(out, folder.join("absolute")).unwrap();
            std::os::unix::fs::symlink("../outside.txt", folder.join("relative")).unwrap();
            std::os::unix::fs::symlink("keys/a.txt", folder.join("beside")).unwrap();
            assert_eq!(read_kept(&folder, "beside", 8), Ok("inside".to_owned()));
        }
        let wrong = ["large.txt", "keys", "none.txt", "../outside.txt", "absolute", "relative"];
        for path in wrong {
            let refused = read_kept(&folder, path, 8).unwrap_err();
            assert!(refused.message.contains(path) && refused.hint.is_some(), "{refused:?}");
        }
    }
}
