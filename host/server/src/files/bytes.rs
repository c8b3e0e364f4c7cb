//! Bytes of files: written under another name, and given their own when all are on disk.

use std::io::{self, ErrorKind, Read as _, Write as _};

use ::bytes::Bytes;
use cap_std::fs::{Dir, File, OpenOptions};
use futures::stream::{self, Stream};
use lucid_api::ApiError;
use lucid_api::file::FileObject;
use tokio::task::spawn_blocking;

use crate::space::Space;

/// Bytes that are read at once.
const PART_BYTES: usize = 256 << 10;

/// What the names of files have that are not whole yet.
pub(crate) const PARTIAL: &str = ".partial";

/// A file that is being written. It is gone with this, unless it was kept.
pub(super) struct Partial {
    folder: Dir,
    name: String,
    file: File,
    bytes: u64,
    kept: bool,
}

impl Partial {
    /// Begins a file.
    pub(super) fn begin(folder: &Dir, id: &str) -> io::Result<Self> {
        let (folder, name) = (folder.try_clone()?, format!("{id}{PARTIAL}"));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        cap_std::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = folder.open_with(&name, &options)?;
        Ok(Self { folder, name, file, bytes: 0, kept: false })
    }

    /// Adds to it.
    pub(super) fn write(&mut self, part: &[u8]) -> io::Result<()> {
        self.file.write_all(part)?;
        self.bytes = self.bytes.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    /// Brings it to disk under its own name, and says how many bytes it has.
    pub(super) fn keep(mut self) -> io::Result<u64> {
        self.file.sync_all()?;
        let own = self.name.strip_suffix(PARTIAL).unwrap_or(&self.name);
        self.folder.rename(&self.name, &self.folder, own)?;
        self.kept = true;
        // The name has to survive a power failure like the bytes; not every system can say so.
        let _ = self.folder.try_clone()?.into_std_file().sync_all();
        Ok(self.bytes)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.kept {
            let _ = self.folder.remove_file(&self.name);
        }
    }
}

/// Opens the bytes of a file.
///
/// # Errors
/// Internal, when they are not there, or are not as many as it says.
pub(crate) async fn open_bytes(space: &Space, file: &FileObject) -> Result<File, ApiError> {
    let (id, size) = (file.id.clone(), file.size_bytes);
    let opened = in_folder(space, move |folder| {
        let opened = folder.open(&id)?;
        let found = opened.metadata()?.len();
        if found != size {
            return Err(io::Error::other(format!("{found} bytes, not {size}")));
        }
        Ok(opened)
    });
    opened.await.map_err(|error| failed(&file.id, &error))
}

/// Removes the bytes of a file, if they are there.
///
/// # Errors
/// Internal, when they cannot be removed.
pub(super) async fn remove_bytes(space: &Space, id: &str) -> Result<(), ApiError> {
    let name = id.to_owned();
    match in_folder(space, move |folder| folder.remove_file(&name)).await {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(id, &error)),
        _ => Ok(()),
    }
}

/// Does something with the folder of files where it may block.
pub(super) async fn in_folder<T: Send + 'static>(
    space: &Space,
    act: impl FnOnce(&Dir) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let folder = space.files.try_clone()?;
    spawn_blocking(move || act(&folder)).await.map_err(io::Error::other)?
}

/// What a failure of the disk is to whoever asked.
pub(super) fn failed(id: &str, error: &io::Error) -> ApiError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            ApiError::unavailable("the server's disk is full; make room and send the file again")
        }
        _ => ApiError::internal(format!("file {id}: {error}")),
    }
}

/// Reads a file part by part, each when it is wanted.
pub(super) fn stream(file: File) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::try_unfold(file, |mut file| async move {
        let read = spawn_blocking(move || {
            let mut part = Vec::with_capacity(PART_BYTES);
            let limit = u64::try_from(PART_BYTES).unwrap_or(u64::MAX);
            (&mut file).take(limit).read_to_end(&mut part).map(|_| (part, file))
        });
        let (part, file) = read.await.map_err(io::Error::other)??;
        Ok((!part.is_empty()).then(|| (Bytes::from(part), file)))
    })
}
