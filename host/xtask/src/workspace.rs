//! Where the sources are and where builds go.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The folders every command works with.
pub(crate) struct Workspace {
    /// The root of the sources.
    pub(crate) root: PathBuf,
    /// Cargo's target folder.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Finds the workspace this program was built from, wherever it is called.
    pub(crate) fn find() -> Result<Self, Failure> {
        let here = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let here = here.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
        let root = here.ancestors().nth(2).map(Path::to_path_buf);
        let root = root.filter(|root| root.join("host/xtask/Cargo.toml").is_file());
        let root = root.ok_or_else(|| {
            let message = format!("{} is not in a checkout of Lucid", here.display());
            Failure::new(message, "call it as `cargo xtask` inside the checkout")
        })?;
        // As cargo does: a relative folder is relative to where cargo was called.
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            None => root.join("target"),
            Some(folder) => std::path::absolute(&folder)
                .map_err(|error| Failure::file("find", Path::new(&folder), &error))?,
        };
        Ok(Self { root, target })
    }

    /// Where release builds of the host go, with the packed plugins beside the binary.
    pub(crate) fn release(&self) -> PathBuf {
        self.target.join("release")
    }
}

/// The folders inside a folder, sorted; none where it does not exist.
pub(crate) fn folders_in(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let mut folders = entries(path)?;
    folders.retain(|entry| entry.is_dir() && !entry.is_symlink());
    Ok(folders)
}

/// Everything inside a folder, sorted.
pub(crate) fn entries(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let listing = fs::read_dir(path).and_then(|entries| {
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()
    });
    let mut paths = listing.map_err(|error| Failure::file("list", path, &error))?;
    paths.sort();
    Ok(paths)
}

/// The last part of a path as text; empty where there is none.
pub(crate) fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Reads a text file.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))
}

/// Writes a file and its folders, unless it already holds exactly that; says if it wrote.
/// Untouched files keep their times, so nothing that depends on them is done again.
pub(crate) fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<bool, Failure> {
    if fs::read(path).is_ok_and(|present| present == bytes) {
        return Ok(false);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| Failure::file("make", folder, &error))?;
    }
    // Renamed into place: a test or host that reads it meanwhile sees the old or the new.
    let draft = path.with_extension("draft");
    fs::write(&draft, bytes)
        .and_then(|()| fs::rename(&draft, path))
        .map_err(|error| Failure::file("write", path, &error))?;
    Ok(true)
}
