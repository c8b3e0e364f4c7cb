//! Putting a session away, and removing it.

use std::time::Duration;

use lucid_api::ApiError;
use lucid_api::session::SessionRecord;
use lucid_core::SessionId;
use lucid_runtime::{Forgotten, Held};
use lucid_store::Document;

use super::{Found, SESSION, find};
use crate::documents::Change;
use crate::files::remove_files_of;
use crate::space::Space;

/// How often, and how long each time, is waited for whoever worked on a session that rests to let
/// go of it: a moment, or longer where the machine is busy.
const RESTS: (u32, Duration) = (400, Duration::from_millis(50));

/// Puts a session away; one that is away stays so.
///
/// # Errors
/// Not found; a conflict, when it works; internal.
pub(crate) async fn archive(space: &Space, id: &str) -> Result<(), ApiError> {
    let _turn = space.turns.of(id).await;
    let found = find(space, id).await?;
    if found.record.archived_at.is_some() {
        return Ok(());
    }
    let _held = at_rest(space, &found, "archived").await?;
    space.runtime.archive(found.id()).await?;
    if !found.is_local {
        let now = space.clock.now();
        let put = |document: &Document, record: SessionRecord| {
            let archived_at = record.archived_at.or(Some(now));
            let value = SessionRecord { archived_at, updated_at: now, ..record };
            let (key, version) = (document.key.clone(), document.version);
            Ok(Change::Put { value, key, archived_at, version })
        };
        space.change(SESSION, id, put).await?;
    }
    space.hooks.tell("session.archived", id);
    space.hooks.tell("session.status_terminated", id);
    Ok(())
}

/// Removes a session with all that is kept of it; also what is left of one that a delete before
/// did not remove to the end. Says what became of the dreams that read it, or why one of them
/// could not be freed: the session is gone all the same, and the dream is freed by whoever looks
/// at it next.
///
/// # Errors
/// Not found; a conflict, when it works; internal, and then it can be deleted again.
pub(crate) async fn delete(
    space: &Space,
    id: &str,
) -> Result<lucid_core::Result<Forgotten>, ApiError> {
    let _turn = space.turns.of(id).await;
    let (id_found, forgotten) = match find(space, id).await {
        Ok(found) => {
            let _held = if is_left_alone(space, &found).await? {
                space.live.hold(found.id())
            } else {
                Some(at_rest(space, &found, "deleted").await?)
            };
            (found.id().clone(), forget(space, found.id()).await?)
        }
        Err(missing) => match SessionId::parse(id) {
            Some(parsed) if is_left(space, &parsed).await? => (parsed, Ok(Forgotten::default())),
            _ => return Err(missing),
        },
    };
    if let Err(failure) = &forgotten {
        space.log.error(&format!("session {id} is deleted, but not what was dreamt: {failure}"));
    }
    space.live.reload(&id_found);
    space.sessions.forget(&id_found);
    space.sessions.streams.ended(&id_found);
    remove_files_of(space, id).await?;
    // Last: while it is there, what is left can be deleted again.
    if let Some(document) = document(space, id).await? {
        let environment = document.parent.unwrap_or_default();
        crate::work::session_gone(space, &environment, id).await?;
        space.remove(SESSION, id).await?;
    }
    space.hooks.tell("session.deleted", id);
    Ok(forgotten)
}

/// Removes a session's log and its folder. What became of its dreams is no failure of that.
async fn forget(space: &Space, id: &SessionId) -> Result<lucid_core::Result<Forgotten>, ApiError> {
    match space.runtime.forget_session(id).await {
        Err(failure) if space.runtime.store.session(id).await?.is_some() => Err(failure.into()),
        forgotten => Ok(forgotten),
    }
}

/// Whether a session has no log any more, and something else is there of it.
async fn is_left(space: &Space, id: &SessionId) -> Result<bool, ApiError> {
    let is_gone = space.runtime.store.session(id).await?.is_none();
    Ok(is_gone && document(space, id.as_str()).await?.is_some())
}

/// What is stored beside a session's log.
async fn document(space: &Space, id: &str) -> Result<Option<Document>, ApiError> {
    let document = space.runtime.store.document(id).await?;
    Ok(document.filter(|document| document.kind == SESSION.name))
}

/// Whether nobody works on a session that this server goes on with for nobody: its log may say
/// for ever that it runs, since a kill ended its run, or it was taken in like that.
async fn is_left_alone(space: &Space, found: &Found) -> Result<bool, ApiError> {
    let id = found.id();
    let is_idle = found.is_local && !space.live.is_working(id);
    Ok(is_idle && !space.runtime.is_running(id).await?)
}

/// Checks that a session rests, and waits a little for one that has just come to rest. It rests
/// as long as what is given is there: who wrote to it before may wake it only now.
async fn at_rest(space: &Space, found: &Found, what: &str) -> Result<Held, ApiError> {
    let conflict = || {
        let text = format!("a session that runs cannot be {what}; interrupt it, or wait");
        ApiError::conflict(text)
    };
    if found.standing.is_working() {
        return Err(conflict());
    }
    let id: &SessionId = found.id();
    for _ in 0..RESTS.0 {
        if let Some(held) = space.live.hold(id)
            && !space.runtime.is_running(id).await?
        {
            let standing = space.sessions.standing(space.runtime.store.as_ref(), id).await?;
            return if standing.is_working() { Err(conflict()) } else { Ok(held) };
        }
        tokio::time::sleep(RESTS.1).await;
    }
    Err(conflict())
}
