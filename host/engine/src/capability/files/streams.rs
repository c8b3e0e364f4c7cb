//! Reading and writing a file as a stream.
//!
//! Whoever holds an open file is on a thread that may block, so each operation is done at
//! once: wasmtime-wasi's own streams change threads for it. Nothing is kept back: what was
//! written is in the file.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use bytes::Bytes;
use lucid_core::FileChangeKind;
use rustix::buffer::spare_capacity;
use rustix::io::{Errno, pread};
use wasmtime_wasi::p2::{InputStream, OutputStream, Pollable, StreamError, StreamResult};

use super::account::Account;
use crate::executor::on_guest_thread;

/// The most that is written at once.
const WRITE_BYTES_MAX: usize = 1 << 20;

/// The most that is read at once: what goes through a buffer that stays in the cores' own
/// caches is copied in half the time.
const READ_BYTES_MAX: usize = 128 << 10;

fn failed(error: io::Error) -> StreamError {
    StreamError::LastOperationFailed(error.into())
}

/// A file that is read from some place on.
pub(super) struct FileReader {
    file: Arc<File>,
    position: u64,
}

impl FileReader {
    pub(super) fn new(file: Arc<File>, position: u64) -> Self {
        Self { file, position }
    }
}

#[async_trait::async_trait]
impl InputStream for FileReader {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        if size == 0 {
            return Ok(Bytes::new());
        }
        let mut buffer = Vec::with_capacity(size.min(READ_BYTES_MAX));
        loop {
            match pread(&*self.file, spare_capacity(&mut buffer), self.position) {
                Ok(0) => return Err(StreamError::Closed),
                Ok(count) => {
                    self.position += count as u64;
                    return Ok(buffer.into());
                }
                Err(Errno::INTR) => {}
                Err(error) => return Err(failed(error.into())),
            }
        }
    }

    async fn blocking_read(&mut self, size: usize) -> StreamResult<Bytes> {
        on_guest_thread().await;
        self.read(size)
    }
}

#[async_trait::async_trait]
impl Pollable for FileReader {
    async fn ready(&mut self) {
        on_guest_thread().await;
    }
}

/// Where a stream writes.
#[derive(Debug, Clone, Copy)]
pub(super) enum WriteAt {
    /// From here on.
    Position(u64),
    /// At the end, wherever it is.
    End,
}

/// A file that is written.
pub(super) struct FileWriter {
    file: Arc<File>,
    at: WriteAt,
    path: String,
    account: Account,
}

impl FileWriter {
    pub(super) fn new(file: Arc<File>, at: WriteAt, path: String, account: Account) -> Self {
        Self { file, at, path, account }
    }

    fn put(&mut self, bytes: &[u8]) -> StreamResult<()> {
        let length = bytes.len() as u64;
        let size = self.file.metadata().map_err(failed)?.len();
        let position = match self.at {
            WriteAt::Position(position) => position,
            WriteAt::End => size,
        };
        let end = position.saturating_add(length);
        self.account
            .grow(end.saturating_sub(size))
            .map_err(|reached| StreamError::Trap(reached.into()))?;
        match self.at {
            WriteAt::Position(_) => {
                self.file.write_all_at(bytes, position).map_err(failed)?;
                self.at = WriteAt::Position(end);
            }
            WriteAt::End => append(&self.file, bytes).map_err(failed)?,
        }
        self.account.changed(&self.path, FileChangeKind::Written, length);
        Ok(())
    }
}

/// Writes at the end, wherever that is by now: several agents may append to one file.
#[cfg(target_os = "linux")]
fn append(file: &File, mut bytes: &[u8]) -> io::Result<()> {
    use rustix::io::{ReadWriteFlags, pwritev2};
    while !bytes.is_empty() {
        match pwritev2(file, &[io::IoSlice::new(bytes)], 0, ReadWriteFlags::APPEND) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Writes at the end, as it is now.
#[cfg(not(target_os = "linux"))]
fn append(file: &File, bytes: &[u8]) -> io::Result<()> {
    let end = file.metadata()?.len();
    file.write_all_at(bytes, end)
}

#[async_trait::async_trait]
impl OutputStream for FileWriter {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.put(&bytes)
    }

    async fn blocking_write_and_flush(&mut self, bytes: Bytes) -> StreamResult<()> {
        on_guest_thread().await;
        self.put(&bytes)
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_BYTES_MAX)
    }
}

#[async_trait::async_trait]
impl Pollable for FileWriter {
    async fn ready(&mut self) {
        on_guest_thread().await;
    }
}
