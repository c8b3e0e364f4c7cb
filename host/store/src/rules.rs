//! What every store refuses, in the same words.

use lucid_core::{
    Dream, DreamId, EventId, Failure, MEMORIES_MAX, MEMORY_BYTES_MAX, MemoryOperation,
    MemoryStoreId, MemoryVersion, MemoryVersionId, OutcomeResult, Result, Schedule, SessionId,
    SessionStatus,
};

use crate::documents::Document;

/// The longest path of a memory, in bytes.
const PATH_BYTES_MAX: usize = 1_024;

pub(crate) fn no_session(id: &SessionId) -> Failure {
    Failure::invalid(format!("there is no session {id}"))
        .hint("`lucid session list` shows the sessions there are")
}

pub(crate) fn session_exists(id: &SessionId) -> Failure {
    Failure::invalid(format!("there is a session {id} already"))
        .hint("delete that one first, or leave this one out")
}

pub(crate) fn event_exists(session_id: &SessionId, event_id: &EventId) -> Failure {
    Failure::invalid(format!("event {event_id} is in session {session_id} already"))
}

pub(crate) fn log_full(id: &SessionId) -> Failure {
    Failure::exceeded(format!("session {id} has as many events as can be counted"))
}

/// The last event of a session that rests.
pub(crate) const AT_REST: [&str; 2] = ["session.status_idle", "session.status_terminated"];

/// Whether people may send something to a session that stands so.
pub(crate) fn check_open(id: &SessionId, status: SessionStatus) -> Result<()> {
    if status != SessionStatus::Terminated {
        return Ok(());
    }
    Err(Failure::invalid(format!("session {id} is archived and takes nothing more"))
        .hint("start another session with `lucid run MISSION`; this one can still be read"))
}

/// Whether somebody may append or delete with this epoch.
pub(crate) fn check_epoch(id: &SessionId, given: u64, current: u64) -> Result<()> {
    if given == current {
        return Ok(());
    }
    Err(Failure::failed(format!("another process took over session {id}"))
        .hint("let that process go on, or end it and start this one again"))
}

pub(crate) fn no_memory_store(id: &MemoryStoreId) -> Failure {
    Failure::invalid(format!("there is no memory store {id}"))
        .hint("`lucid memory list` shows the memory stores there are")
}

pub(crate) fn memory_store_exists(id: &MemoryStoreId) -> Failure {
    Failure::invalid(format!("there is a memory store {id} already"))
}

pub(crate) fn too_many_memories(id: &MemoryStoreId) -> Failure {
    Failure::exceeded(format!("memory store {id} would have more than {MEMORIES_MAX} memories"))
}

pub(crate) fn version_exists(version: &MemoryVersion) -> Failure {
    Failure::invalid(format!("there is a memory version {} already", version.id))
}

pub(crate) fn path_taken(version: &MemoryVersion) -> Failure {
    let (path, store) = (&version.path, &version.memory_store_id);
    Failure::invalid(format!("there is a memory at {path} in memory store {store} already"))
}

pub(crate) fn path_in_the_way(version: &MemoryVersion, other: &str) -> Failure {
    let (path, store) = (&version.path, &version.memory_store_id);
    let (file, folder) =
        if is_below(path, other) { (other, path.as_str()) } else { (path.as_str(), other) };
    Failure::invalid(format!(
        "memory {path} cannot be beside {other} in memory store {store}: {folder} needs a folder \
         where {file} is a file"
    ))
    .hint("rename or delete one of them")
}

/// Whether a path leads through another, which can be no file then.
pub(crate) fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// The paths that a path leads through, outermost first.
pub(crate) fn folders(path: &str) -> impl Iterator<Item = &str> {
    let ends = path.match_indices('/').map(|(end, _)| end).filter(|end| *end > 0);
    ends.filter_map(|end| path.get(..end))
}

pub(crate) fn memory_exists(version: &MemoryVersion) -> Failure {
    Failure::invalid(format!("there is a memory {} already", version.memory_id))
}

pub(crate) fn no_memory(version: &MemoryVersion) -> Failure {
    let (memory, store) = (&version.memory_id, &version.memory_store_id);
    Failure::invalid(format!("there is no memory {memory} in memory store {store}"))
}

pub(crate) fn no_version(id: &MemoryVersionId) -> Failure {
    Failure::invalid(format!("there is no memory version {id}"))
        .hint("`lucid memory versions STORE` shows the versions there are")
}

pub(crate) fn version_stands(id: &MemoryVersionId) -> Failure {
    Failure::invalid(format!("memory version {id} is what its memory is now"))
        .hint("change or delete the memory first; then its older versions can be redacted")
}

pub(crate) fn no_dream(id: &DreamId) -> Failure {
    Failure::invalid(format!("there is no dream {id}"))
        .hint("`lucid dream list` shows the dreams there are")
}

pub(crate) fn dream_exists(id: &DreamId) -> Failure {
    Failure::invalid(format!("there is a dream {id} already"))
}

/// Whether a dream is as its reader knew it, and is to become the same dream.
pub(crate) fn check_dream(before: &Dream, now: &Dream, after: &Dream) -> Result<()> {
    if after.id != before.id {
        return Err(Failure::bug(format!("dream {} as a change of {}", after.id, before.id)));
    }
    if now == before {
        return Ok(());
    }
    Err(dream_changed(&before.id))
}

/// Why a change of what somebody else changed is refused.
pub(crate) fn dream_changed(id: &DreamId) -> Failure {
    Failure::failed(format!("somebody else changed dream {id} meanwhile"))
        .hint("look at it again with `lucid dream show`, and decide then")
}

/// Whether a schedule is to become the same schedule.
pub(crate) fn check_schedule(before: &Schedule, after: &Schedule) -> Result<()> {
    if after.id == before.id {
        return Ok(());
    }
    Err(Failure::bug(format!("schedule {} as a change of {}", after.id, before.id)))
}

/// The revision of a document that was just made.
pub(crate) const FIRST_REVISION: u32 = 1;

/// A document as the one that comes after `before`.
pub(crate) fn next_revision(before: &Document, after: Document) -> Result<Document> {
    let place =
        |document: &Document| (document.kind.clone(), document.parent.clone(), document.created_at);
    if place(before) != place(&after) {
        return Err(Failure::bug(format!("document {} in another place", before.id)));
    }
    if after.version < before.version {
        return Err(Failure::bug(format!("document {} with an older version", before.id)));
    }
    let revision = before.revision.checked_add(1).ok_or_else(|| {
        Failure::exceeded(format!("document {} was changed as often as can be counted", before.id))
    })?;
    Ok(Document { revision, ..after })
}

/// Where a document's key has to be the only one: its kind, its parent (or nothing) and the key;
/// none where it has no key, or is archived.
pub(crate) fn key_place(document: &Document) -> Option<(&str, &str, &str)> {
    let key = document.key.as_deref().filter(|_| document.archived_at.is_none())?;
    Some((&document.kind, document.parent.as_deref().unwrap_or_default(), key))
}

/// Checks what can be said of a version without looking at the store, and gives its text;
/// none when it deletes.
pub(crate) fn check_version<'a>(
    store_id: &MemoryStoreId,
    version: &'a MemoryVersion,
) -> Result<Option<&'a str>> {
    let wrong = |why: &str| Err(Failure::invalid(format!("memory version {} {why}", version.id)));
    let (id, path) = (&version.id, &version.path);
    if version.memory_store_id != *store_id {
        return wrong(&format!("is not of memory store {store_id}"));
    }
    if !path.starts_with('/') || path.len() > PATH_BYTES_MAX {
        return wrong("has a path that does not start with / or is longer than 1,024 bytes");
    }
    let content = version.content.as_deref();
    match (version.operation, content) {
        (MemoryOperation::Deleted, Some(_)) => return wrong("deletes and has a text"),
        (MemoryOperation::Created | MemoryOperation::Modified, None) => {
            return wrong("writes and has no text");
        }
        _ => {}
    }
    let bytes = content.map_or(0, str::len);
    if bytes > MEMORY_BYTES_MAX {
        return Err(Failure::exceeded(format!(
            "memory {path} in version {id} has {bytes} bytes, and {MEMORY_BYTES_MAX} are the most"
        ))
        .hint("split it into several memories"));
    }
    Ok(content)
}

/// The event that says where a session stands: what [`lucid_core::Event::session_status`]
/// reads.
pub(crate) fn status_kind(status: SessionStatus) -> &'static str {
    match status {
        SessionStatus::Idle => "session.status_idle",
        SessionStatus::Running => "session.status_running",
        SessionStatus::Rescheduling => "session.status_rescheduled",
        SessionStatus::Terminated => "session.status_terminated",
    }
}

/// What an evaluation came to, as events write it.
pub(crate) fn outcome(result: &str) -> Option<OutcomeResult> {
    serde_json::from_value(result.into()).ok()
}
