//! The files of a mission: always inside its folder.

#![allow(clippy::disallowed_methods, reason = "works on folders that people name, no guest does")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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
