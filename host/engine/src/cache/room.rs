//! What the cache may take on disk.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::EXTENSION;

/// Bytes of all compiled components together: 1 GiB, some ten thousand plugins in Rust or
/// twenty in Python. The oldest are removed first.
pub(super) const BYTES_MAX: u64 = 1 << 30;

/// The end of the name of a file that is not whole yet.
pub(super) const TEMPORARY: &str = "tmp";

/// Writing takes seconds at most: what is older was left behind.
const STALE: Duration = Duration::from_secs(3_600);

/// One compiled component.
struct Kept {
    file: PathBuf,
    bytes: u64,
    written: SystemTime,
}

/// Removes what was left behind, and the oldest files, until all are within a size. Other
/// files are left alone, and so is the one that was written just now.
///
/// Nothing depends on it: what cannot be removed stays.
pub(super) fn make(folder: &Path, newest: &str, bytes_max: u64) {
    let Ok(now) = std::fs::metadata(folder.join(newest)).and_then(|found| found.modified()) else {
        return;
    };
    let mut kept = Vec::new();
    for (file, bytes, written) in files(folder) {
        let is = |extension: &str| file.extension().is_some_and(|end| end == extension);
        if is(TEMPORARY) && now.duration_since(written).is_ok_and(|age| age > STALE) {
            let _ = std::fs::remove_file(&file);
        } else if is(EXTENSION) {
            kept.push(Kept { file, bytes, written });
        }
    }
    let mut bytes: u64 = kept.iter().map(|kept| kept.bytes).sum();
    kept.sort_by_key(|kept| kept.written);
    for oldest in kept {
        if bytes <= bytes_max {
            break;
        }
        let is_newest = oldest.file.file_name().is_some_and(|name| name == newest);
        if !is_newest && std::fs::remove_file(&oldest.file).is_ok() {
            bytes -= oldest.bytes;
        }
    }
}

/// The plain files of a folder, each with its size and when it was written.
fn files(folder: &Path) -> Vec<(PathBuf, u64, SystemTime)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let describe = |entry: std::fs::DirEntry| {
        // Of the entry itself: a link is no plain file.
        let found = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
        Some((entry.path(), found.len(), found.modified().ok()?))
    };
    entries.flatten().filter_map(describe).collect()
}
