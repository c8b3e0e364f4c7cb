//! All files below a folder.

use crate::files::explain;
use lucid_sdk::tool::ToolError;
use std::fs;
use std::path::{Path, PathBuf};

/// The most files and folders one call looks at.
pub const MAX_ENTRIES: usize = 100_000;

/// The files below `root`, sorted by path. Symbolic links are left out.
///
/// # Errors
/// A root that cannot be read, or one with too much in it.
pub fn files(root: &Path) -> Result<Vec<PathBuf>, ToolError> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    let mut seen = 0_usize;
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if folder == root => return Err(explain(root, &error)),
            // A part of the view that may not be listed has nothing to find.
            Err(_) => continue,
        };
        for entry in entries.flatten() {
            seen += 1;
            if seen > MAX_ENTRIES {
                let what = format!("{} holds more than {MAX_ENTRIES} files", root.display());
                return Err(ToolError::Failed(format!("{what}: give a narrower path")));
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Where the view starts: the folders the host opened for this plugin.
#[cfg(target_os = "wasi")]
pub fn roots() -> Vec<PathBuf> {
    let opened = wasip2::filesystem::preopens::get_directories();
    outermost(opened.into_iter().map(|(_, path)| PathBuf::from(path)).collect())
}

/// Where the view starts: natively, everywhere.
#[cfg(not(target_os = "wasi"))]
pub fn roots() -> Vec<PathBuf> {
    outermost(vec![PathBuf::from("/")])
}

/// Leaves out what lies inside another: it would be found twice.
fn outermost(mut folders: Vec<PathBuf>) -> Vec<PathBuf> {
    folders.sort();
    folders.dedup_by(|later, earlier| later.starts_with(earlier));
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_sorted_by_path() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("d")).unwrap();
        for name in ["z", "d/b", "a", "d/a"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let names = files(folder.path()).unwrap();
        let names: Vec<_> = names.iter().map(|p| p.strip_prefix(folder.path()).unwrap()).collect();
        assert_eq!(names, ["a", "d/a", "d/b", "z"].map(Path::new));
        assert!(matches!(files(&folder.path().join("x")), Err(ToolError::NotFound(_))));
    }

    #[cfg(unix)]
    #[test]
    fn a_loop_of_links_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
        assert!(files(folder.path()).unwrap().is_empty());
    }

    #[test]
    fn a_folder_inside_another_is_no_root() {
        let roots = outermost(["/m/b", "/m/a/x", "/m/a", "/m/ab"].map(PathBuf::from).into());
        assert_eq!(roots, ["/m/a", "/m/ab", "/m/b"].map(PathBuf::from));
    }
}
