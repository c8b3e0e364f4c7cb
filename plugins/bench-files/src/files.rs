//! Work on files. The host's side of the benchmark does the same with the same calls of the
//! standard library.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::Path;

use lucid_sdk::tool::ToolError;
use schemars::JsonSchema;
use serde::Deserialize;

const KIB: usize = 1 << 10;

/// The most of each: a call's memory and what it may write are limited anyway, and a number
/// that makes no sense is answered, not trapped over.
const CHUNK_KIB_MAX: usize = 16 << 10;
const MIB_MAX: usize = 1 << 10;
const SMALL_BYTES_MAX: u32 = 1 << 20;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Large {
    /// The file.
    path: String,
    /// Its size, in MiB.
    mib: usize,
    /// How much is read or written at once, in KiB.
    chunk_kib: usize,
}

impl Large {
    fn chunk(&self) -> Result<Vec<u8>, ToolError> {
        if !(1..=CHUNK_KIB_MAX).contains(&self.chunk_kib) || self.mib > MIB_MAX {
            let message = format!("chunk_kib is 1 to {CHUNK_KIB_MAX}, mib at most {MIB_MAX}");
            return Err(ToolError::InvalidInput(message));
        }
        Ok(vec![b'x'; self.chunk_kib * KIB])
    }
}

/// Answers how many bytes there were.
pub(crate) fn read_large(input: Large) -> Result<String, ToolError> {
    let mut chunk = input.chunk()?;
    let mut read = || {
        let mut file = File::open(&input.path)?;
        let mut total = 0;
        loop {
            match file.read(&mut chunk)? {
                0 => return Ok(total),
                bytes => total += bytes as u64,
            }
        }
    };
    answer(read())
}

/// Answers how many bytes it wrote.
pub(crate) fn write_large(input: Large) -> Result<String, ToolError> {
    let chunk = input.chunk()?;
    let chunks = (input.mib * KIB).div_ceil(input.chunk_kib);
    let write = || {
        let mut file = File::create(&input.path)?;
        for _ in 0..chunks {
            file.write_all(&chunk)?;
        }
        Ok((chunks * chunk.len()) as u64)
    };
    answer(write())
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Small {
    /// The folder; files in it are named by their number.
    folder: String,
    /// How many files.
    count: u32,
    /// The size of each, in bytes.
    bytes: u32,
    /// What is done with each.
    what: What,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum What {
    /// Makes it, or writes it anew.
    Write,
    /// Reads it whole.
    Read,
    /// Asks for its size.
    Stat,
}

/// Answers how many bytes all files have.
pub(crate) fn small_files(input: Small) -> Result<String, ToolError> {
    if input.bytes > SMALL_BYTES_MAX {
        let message = format!("bytes is at most {SMALL_BYTES_MAX}");
        return Err(ToolError::InvalidInput(message));
    }
    let data = vec![b'x'; input.bytes as usize];
    let folder = Path::new(&input.folder);
    let work = || {
        let mut total = 0;
        for number in 0..input.count {
            let file = folder.join(number.to_string());
            total += match input.what {
                What::Write => fs::write(file, &data).map(|()| data.len() as u64)?,
                What::Read => fs::read(file)?.len() as u64,
                What::Stat => fs::metadata(file)?.len(),
            };
        }
        Ok(total)
    };
    answer(work())
}

fn answer(done: std::io::Result<u64>) -> Result<String, ToolError> {
    done.map(|bytes| bytes.to_string()).map_err(|error| ToolError::Failed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_and_read_in_full_whatever_the_chunk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large").to_string_lossy().into_owned();
        for chunk_kib in [64, 1_024] {
            let large = || Large { path: path.clone(), mib: 2, chunk_kib };
            assert_eq!(write_large(large()), Ok("2097152".to_owned()));
            assert_eq!(read_large(large()), Ok("2097152".to_owned()));
        }
    }

    #[test]
    fn sizes_that_make_no_sense_are_invalid_input() {
        for (mib, chunk_kib) in [(1, 0), (1, CHUNK_KIB_MAX + 1), (usize::MAX, 64)] {
            let large = Large { path: "unused".to_owned(), mib, chunk_kib };
            assert!(matches!(write_large(large), Err(ToolError::InvalidInput(_))));
        }
        let folder = "unused".to_owned();
        let small = Small { folder, count: 1, bytes: u32::MAX, what: What::Write };
        assert!(matches!(small_files(small), Err(ToolError::InvalidInput(_))));
    }

    #[test]
    fn small_files_are_written_read_and_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_string_lossy().into_owned();
        for what in [What::Write, What::Read, What::Stat] {
            let small = Small { folder: path.clone(), count: 5, bytes: 10, what };
            assert_eq!(small_files(small), Ok("50".to_owned()));
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5);
    }

    #[test]
    fn a_file_that_is_not_there_is_a_failure_that_the_caller_hears_of() {
        let large = Large { path: "/no/such/file".to_owned(), mib: 1, chunk_kib: 1 };
        assert!(matches!(read_large(large), Err(ToolError::Failed(_))));
    }
}
