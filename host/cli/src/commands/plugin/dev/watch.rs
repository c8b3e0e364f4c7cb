//! Waiting for a change in a project's sources.
//!
//! The files are looked at a few times a second. It costs little, because what a build leaves
//! behind is not looked at, and it works where a kernel reports no changes: in a container
//! over a mounted folder, on a network's file system.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How often the files are looked at.
const EVERY: Duration = Duration::from_millis(300);

/// Folders that builds, packages and version control fill.
const NOT_SOURCES: [&str; 7] =
    ["target", "build", "node_modules", "__pycache__", "deps", "vendor", "zig-cache"];

/// The sources of a project as they were: when each was written, and how long it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sources {
    folder: PathBuf,
    files: BTreeMap<PathBuf, (Option<SystemTime>, u64)>,
}

impl Sources {
    /// Looks at a project.
    pub(super) fn of(folder: &Path) -> Self {
        let mut files = BTreeMap::new();
        look(folder, &mut files);
        Self { folder: folder.to_owned(), files }
    }

    /// Waits until a source is another than it was.
    pub(super) async fn changed(self) {
        loop {
            tokio::time::sleep(EVERY).await;
            if Self::of(&self.folder) != self {
                return;
            }
        }
    }
}

fn look(folder: &Path, files: &mut BTreeMap<PathBuf, (Option<SystemTime>, u64)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // Hidden files are those of editors and of version control.
        let passed_by = name.starts_with('.') || NOT_SOURCES.contains(&&*name);
        let Ok(kind) = entry.file_type() else { continue };
        if passed_by || name.ends_with(".wasm") || name.ends_with(".new") {
            continue;
        }
        if kind.is_dir() {
            look(&entry.path(), files);
        } else if let Ok(metadata) = entry.metadata() {
            files.insert(entry.path(), (metadata.modified().ok(), metadata.len()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_source_is_seen_and_what_a_build_leaves_is_not() {
        let project = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let file = project.path().join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        };
        write("src/lib.rs", "a");
        let before = Sources::of(project.path());
        for made in ["target/x", "node_modules/a/b.js", "x.wasm", ".venv/lib/x.py", "build/y"] {
            write(made, "made");
        }
        assert_eq!(Sources::of(project.path()), before);
        write("src/lib.rs", "ab");
        assert_ne!(Sources::of(project.path()), before);
        write("src/lib.rs", "a");
        write("src/new.rs", "");
        assert_ne!(Sources::of(project.path()), before);
    }
}
