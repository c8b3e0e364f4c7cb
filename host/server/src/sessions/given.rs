//! Files that a session is given: copies of its own, and what messages name.

use std::collections::BTreeMap;
use std::io::Read as _;

use lucid_api::ApiError;
use lucid_api::content::{FileBytes, Files};
use lucid_api::event::SentEvent;
use lucid_api::event::sent::{check_size, file_ids};
use lucid_api::file::{FileObject, Scope};
use lucid_api::session::Resource;
use lucid_core::{SessionId, SessionResourceId};

use crate::files::{FILE, NewFile, open_bytes, put_bytes, remove_file};
use crate::space::Space;

/// The largest file that a message may have: what is in it is in the log.
const MESSAGE_FILE_BYTES_MAX: u64 = 16 << 20;

/// Bytes of all files that one request gives a session as resources at most: as many as the
/// largest file has.
const RESOURCES_BYTES_MAX: u64 = lucid_api::file::FILE_BYTES_MAX;

/// Finds a file whose bytes may be used.
///
/// # Errors
/// Not found; internal.
pub(super) async fn file(space: &Space, id: &str) -> Result<FileObject, ApiError> {
    let file = space.get::<FileObject>(FILE, id).await?.value;
    match file.is_expired(space.clock.now()) {
        true => Err(FILE.missing(id)),
        false => Ok(file),
    }
}

/// Checks how much the files of a request's resources are together; one that is there twice
/// counts twice, since there are two copies.
///
/// # Errors
/// Too large.
pub(super) fn check_copies<'a>(
    files: impl IntoIterator<Item = &'a FileObject>,
) -> Result<(), ApiError> {
    let sizes = files.into_iter().map(|file| file.size_bytes);
    if sizes.fold(0, u64::saturating_add) <= RESOURCES_BYTES_MAX {
        return Ok(());
    }
    let mebibytes = RESOURCES_BYTES_MAX >> 20;
    Err(ApiError::too_large(format!(
        "resources: the files are more than {mebibytes} MB together, each counted as often as it \
         is named; leave some out"
    )))
}

/// Copies a file into a session.
///
/// # Errors
/// Internal; nothing is left behind then.
pub(super) async fn copy(
    space: &Space,
    id: &SessionId,
    file: &FileObject,
    place: String,
) -> Result<Resource, ApiError> {
    let new = NewFile {
        filename: file.filename.clone(),
        mime_type: Some(file.mime_type.clone()),
        scope: Some(Scope::Session { id: id.to_string() }),
        ..NewFile::default()
    };
    let own = put_bytes(space, new, open_bytes(space, file).await?).await?;
    let now = space.clock.now();
    let resource = Resource::File {
        id: space.new_id(SessionResourceId::new).to_string(),
        file_id: own.id.clone(),
        mount_path: place,
        created_at: now,
        updated_at: now,
    };
    if let Err(error) = put(space, id, &own, &resource).await {
        remove_copy(space, id, &resource).await?;
        return Err(error);
    }
    Ok(resource)
}

/// Puts the bytes of a session's own file where its agents see them.
async fn put(
    space: &Space,
    id: &SessionId,
    own: &FileObject,
    resource: &Resource,
) -> Result<(), ApiError> {
    let from = open_bytes(space, own).await?;
    Ok(space.runtime.upload(id, resource.upload().unwrap_or_default(), from).await?)
}

/// Takes a copy out of a session; one that is not there is gone already.
///
/// # Errors
/// Internal.
pub(super) async fn remove_copy(
    space: &Space,
    id: &SessionId,
    resource: &Resource,
) -> Result<(), ApiError> {
    if let Some(path) = resource.upload() {
        space.runtime.remove_upload(id, path).await?;
    }
    match resource {
        Resource::File { file_id, .. } => remove_file(space, file_id).await,
        Resource::MemoryStore { .. } => Ok(()),
    }
}

/// The files that events name, each once; nothing of them is read yet.
///
/// # Errors
/// Not found; invalid, when one is too large for a message; too large, when all that the events
/// bring along is; internal.
pub(super) async fn named(
    space: &Space,
    events: &[SentEvent],
) -> Result<BTreeMap<String, FileObject>, ApiError> {
    let mut files = BTreeMap::new();
    for id in file_ids(events) {
        // What is no id is told with its place later.
        if lucid_api::id("file_id", "file_", id).is_err() {
            continue;
        }
        let found = file(space, id).await?;
        if found.size_bytes > MESSAGE_FILE_BYTES_MAX {
            return Err(ApiError::invalid(format!(
                "file `{id}` is larger than {MESSAGE_FILE_BYTES_MAX} bytes; add it to the \
                 session's resources, where agents read it with their tools"
            )));
        }
        files.insert(id.to_owned(), found);
    }
    check_size(events, |id| files.get(id).map_or(0, |file| file.size_bytes))?;
    Ok(files)
}

/// Reads the files that events name.
///
/// # Errors
/// Those of [`named`].
pub(super) async fn read(space: &Space, events: &[SentEvent]) -> Result<Files, ApiError> {
    let mut files = Files::new();
    for (id, file) in named(space, events).await? {
        let bytes = bytes_of(space, &file).await?;
        files.insert(id, FileBytes { media_type: file.mime_type, bytes });
    }
    Ok(files)
}

async fn bytes_of(space: &Space, file: &FileObject) -> Result<Vec<u8>, ApiError> {
    let mut opened = open_bytes(space, file).await?;
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        opened.read_to_end(&mut bytes).map(|_| bytes)
    });
    let failed = |why: String| ApiError::internal(format!("file {}: {why}", file.id));
    read.await.map_err(|e| failed(e.to_string()))?.map_err(|e| failed(e.to_string()))
}
