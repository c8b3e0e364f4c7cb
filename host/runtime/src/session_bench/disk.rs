//! How long the disk alone takes to keep something.

use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lucid_core::{Failure, Result};

/// What is written before each wait: a page.
const PAGE: [u8; 4_096] = [b'x'; 4_096];

/// Pages of the file; then it begins anew, as the database's log does.
const PAGES: u32 = 1_000;

/// A file on the disk that is measured.
pub(super) struct Disk {
    path: PathBuf,
    file: File,
    page: u32,
}

impl Disk {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).open(path);
        let file = file.map_err(|error| failed(path, &error))?;
        Ok(Self { path: path.to_owned(), file, page: 0 })
    }

    /// Writes and waits for the disk, so many times; gives how long each took.
    pub(super) async fn wait(mut self, times: u32) -> Result<(Self, Vec<Duration>)> {
        let waiting = tokio::task::spawn_blocking(move || {
            let waited: std::io::Result<Vec<_>> = (0..times).map(|_| self.wait_once()).collect();
            let waited = waited.map_err(|error| failed(&self.path, &error))?;
            Ok((self, waited))
        });
        waiting.await.map_err(|_| Failure::bug("a write that panicked"))?
    }

    fn wait_once(&mut self) -> std::io::Result<Duration> {
        let start = Instant::now();
        if self.page == PAGES {
            self.page = 0;
            self.file.seek(SeekFrom::Start(0))?;
        }
        self.page += 1;
        self.file.write_all(&PAGE)?;
        self.file.sync_data()?;
        Ok(start.elapsed())
    }
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::failed(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_file_begins_anew_when_it_is_full() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("disk");
        let mut disk = Disk::open(&path).unwrap();
        disk.page = PAGES - 1;
        disk.file.set_len(u64::from(PAGES - 1) * 4_096).unwrap();
        disk.file.seek(SeekFrom::End(0)).unwrap();
        let (disk, waited) = disk.wait(3).await.unwrap();
        assert_eq!((waited.len(), disk.page), (3, 2));
        assert_eq!(std::fs::metadata(&path).unwrap().len(), u64::from(PAGES) * 4_096);
    }
}
