//! Files as the rest of the server makes, finds and removes them.

use std::io::{self, Read};

use lucid_api::ApiError;
use lucid_api::file::{FILE_BYTES_MAX, FileObject, Scope, file_name, media_type, too_large};
use lucid_core::{FileId, Timestamp};
use lucid_store::{DocumentChange, DocumentFilter, DocumentWrite};

use super::FILE;
use super::bytes::{Partial, failed, in_folder, remove_bytes};
use crate::documents::{New, Stored, document};
use crate::space::Space;

/// Bytes that are copied at once.
const PART_BYTES: usize = 256 << 10;

/// What is to be known of a new file.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewFile {
    /// Its name; of a path the last component counts.
    pub(crate) filename: String,
    /// Its media type; by its name where there is none.
    pub(crate) mime_type: Option<String>,
    /// When it was made; when its bytes are all there, where nobody says otherwise.
    pub(crate) created_at: Option<Timestamp>,
    /// The session it belongs to.
    pub(crate) scope: Option<Scope>,
    /// Whether it may be downloaded.
    pub(crate) downloadable: bool,
    /// When it goes by itself.
    pub(crate) expires_at: Option<Timestamp>,
    /// What no other file of its session has, such as its path. The file that had it before
    /// is replaced.
    pub(crate) key: Option<String>,
}

/// Writes a file from a reader.
///
/// # Errors
/// Too large; unavailable, when the disk is full; internal.
pub(crate) async fn put_bytes(
    space: &Space,
    new: NewFile,
    mut reader: impl Read + Send + 'static,
) -> Result<FileObject, ApiError> {
    let id = new_id(space);
    let name = id.clone();
    let written = in_folder(space, move |folder| {
        let mut partial = Partial::begin(folder, &name)?;
        let (mut part, mut left) = (vec![0; PART_BYTES], FILE_BYTES_MAX);
        loop {
            let read = match reader.read(&mut part) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read?,
            };
            let Some(bytes) = part.get(..read).filter(|bytes| !bytes.is_empty()) else {
                return partial.keep().map(Some);
            };
            match left.checked_sub(u64::try_from(read).unwrap_or(u64::MAX)) {
                Some(rest) => left = rest,
                None => return Ok(None),
            }
            partial.write(bytes)?;
        }
    });
    match written.await.map_err(|error| failed(&id, &error))? {
        Some(size_bytes) => describe(space, id, new, size_bytes).await,
        None => Err(too_large(FILE_BYTES_MAX)),
    }
}

pub(super) fn new_id(space: &Space) -> String {
    FileId::new(&*space.clock, &*space.entropy).to_string()
}

/// Writes down what is known of a file whose bytes are there; they go if that fails.
pub(super) async fn describe(
    space: &Space,
    id: String,
    new: NewFile,
    size_bytes: u64,
) -> Result<FileObject, ApiError> {
    let written = write(space, id.clone(), new, size_bytes).await;
    if written.is_err() {
        remove_bytes(space, &id).await?;
    }
    written
}

async fn write(
    space: &Space,
    id: String,
    new: NewFile,
    size_bytes: u64,
) -> Result<FileObject, ApiError> {
    let NewFile { filename, mime_type, created_at, scope, downloadable, expires_at, key } = new;
    let mime_type = media_type(mime_type.as_deref(), Some(&filename));
    let filename = file_name(Some(&filename), &mime_type);
    let created_at = created_at.unwrap_or_else(|| space.clock.now());
    let mut file = FileObject::new(id, filename, mime_type, size_bytes, created_at);
    (file.downloadable, file.expires_at, file.scope) = (downloadable, expires_at, scope);
    let described = document(
        FILE,
        New {
            id: &file.id,
            parent: file.scope.as_ref().map(Scope::id),
            key: key.as_deref(),
            created_at: file.created_at,
            value: &file,
        },
    )?;
    let mut replaced: Option<String> = None;
    loop {
        let before = replaced.clone().map(|id| DocumentChange::Delete { id });
        let create = DocumentChange::Create(described.clone());
        let changes = before.into_iter().chain([create]).collect();
        match space.runtime.store.write_documents(changes).await? {
            DocumentWrite::Done => break,
            DocumentWrite::KeyTaken { id } => replaced = Some(id),
            DocumentWrite::Missing { .. } => replaced = None,
            DocumentWrite::Changed { id } => {
                return Err(ApiError::internal(format!("file {id} is there already")));
            }
        }
    }
    if let Some(before) = replaced {
        remove_bytes(space, &before).await?;
    }
    Ok(file)
}

/// Finds a file. One whose time is over is removed.
///
/// # Errors
/// Not found; internal.
pub(crate) async fn find(space: &Space, id: &str) -> Result<FileObject, ApiError> {
    let file: FileObject = space.get(FILE, id).await?.value;
    if file.is_expired(space.clock.now()) {
        remove_file(space, id).await?;
        return Err(FileObject::expired(id));
    }
    Ok(file)
}

/// Finds the file of a session by its key.
///
/// # Errors
/// Internal.
pub(crate) async fn find_kept(
    space: &Space,
    session_id: &str,
    key: &str,
) -> Result<Option<FileObject>, ApiError> {
    let (parent, key) = (Some(session_id.to_owned()), Some(key.to_owned()));
    let found = space.list(&DocumentFilter { parent, key, ..FILE.filter() }).await?;
    Ok(found.into_iter().next().map(|file: Stored<FileObject>| file.value))
}

/// Removes a file, if it is there.
///
/// # Errors
/// Internal.
pub(crate) async fn remove_file(space: &Space, id: &str) -> Result<(), ApiError> {
    let change = DocumentChange::Delete { id: id.to_owned() };
    space.runtime.store.write_documents(vec![change]).await?;
    remove_bytes(space, id).await
}

/// Removes all files of a session.
///
/// # Errors
/// Internal.
pub(crate) async fn remove_files_of(space: &Space, session_id: &str) -> Result<(), ApiError> {
    let parent = Some(session_id.to_owned());
    let filter = DocumentFilter { parent, archived: true, ..FILE.filter() };
    for Stored { document, .. } in space.list::<FileObject>(&filter).await? {
        remove_file(space, &document.id).await?;
    }
    Ok(())
}
