//! All files below a folder.

use crate::files::explain;
use lucid_sdk::tool::ToolError;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

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
            Err(_) if folder == root && is_file(root) => {
                let what = format!("{} is a file, not a folder", root.display());
                return Err(ToolError::InvalidInput(what));
            }
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

/// Whether a file is there.
pub fn is_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// Puts what was changed last first, and what was changed at the same time in the order of its
/// path.
pub fn newest_first(files: &mut Vec<PathBuf>) {
    // What lies ahead of the clock is from now. Where the clock stands still, so that a run
    // repeats, that is every file of the run, and none is newer for having been written later.
    let now = SystemTime::now();
    let modified = |path: &PathBuf| {
        let time = fs::symlink_metadata(path).and_then(|metadata| metadata.modified());
        time.map_or(SystemTime::UNIX_EPOCH, |time| time.min(now))
    };
    let mut dated: Vec<_> = files.drain(..).map(|path| (modified(&path), path)).collect();
    dated.sort_by(|(time, path), (other, after)| other.cmp(time).then_with(|| path.cmp(after)));
    files.extend(dated.into_iter().map(|(_, path)| path));
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
        let file = files(&folder.path().join("a"));
        assert!(matches!(file, Err(ToolError::InvalidInput(why)) if why.ends_with("not a folder")));
    }

    #[test]
    fn what_was_changed_last_comes_first_and_the_future_is_now() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str, time: SystemTime| {
            let path = folder.path().join(name);
            fs::File::create(&path).unwrap().set_modified(time).unwrap();
            path
        };
        let now = SystemTime::now();
        let hours = |count: u64| std::time::Duration::from_secs(3_600 * count);
        let old = at("a-old", now - hours(2));
        let new = at("b-new", now - hours(1));
        let same = [at("c-same", now - hours(3)), at("d-same", now - hours(3))];
        let ahead = [at("y-ahead", now + hours(9)), at("z-ahead", now + hours(5))];
        let gone = folder.path().join("gone");
        let [c, d] = same;
        let [y, z] = ahead;
        let mut found = vec![&gone, &z, &d, &old, &c, &y, &new].into_iter().cloned().collect();
        newest_first(&mut found);
        assert_eq!(found, [y, z, new, old, c, d, gone]);
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
