//! The routes of sessions themselves.

use std::time::Duration;

use axum::extract::Path;
use lucid_api::session::{CreateSession, SessionQuery, SessionRecord, UpdateSession};
use lucid_api::{ApiError, deleted};
use lucid_core::{EventId, EventRecord, Session, SessionId};
use serde_json::{Map, Value};

use super::start::{told, write_mission};
use super::{Found, SESSION, find, follow, start};
use crate::answer::{Answer, answer};
use crate::documents::Change;
use crate::extract::{Asked, Body};
use crate::files::remove_files_of;
use crate::space::{Caller, Space};

/// How often, and how long each time, is waited for a session that has just come to rest.
const RESTS: (u32, Duration) = (40, Duration::from_millis(50));

pub(super) async fn create(
    Caller { space, .. }: Caller,
    Body(params): Body<CreateSession>,
) -> Answer {
    answer(Box::pin(start(&space, params, None)).await?)
}

pub(super) async fn retrieve(
    Caller { space, .. }: Caller,
    Path(id): Path<String>,
    Asked(query): Asked,
) -> Answer {
    query.done()?;
    answer(find(&space, &id).await?.object(&space)?)
}

pub(super) async fn list(Caller { space, .. }: Caller, Asked(query): Asked) -> Answer {
    super::list::page(&space, SessionQuery::read(query)?).await
}

pub(super) async fn update(
    Caller { space, .. }: Caller,
    Path(id): Path<String>,
    Body(params): Body<UpdateSession>,
) -> Answer {
    params.check()?;
    let found = find(&space, &id).await?;
    found.check_not_over()?;
    let (after, changed) = changed(&space, &found, &params).await?;
    if !changed.is_empty() {
        let session = Session {
            title: after.title.clone().unwrap_or_default(),
            metadata: if found.is_local { after.metadata.clone() } else { told(&after) },
            ..found.session.clone()
        };
        space.runtime.store.change_session(&session).await?;
        note(&space, &found, &changed).await?;
        space.hooks.tell("session.updated", &id);
        if changed.contains_key("budget") {
            // Work that a used up budget stopped goes on.
            space.live.wake(found.id());
            follow(&space, found.id(), found.standing.events);
        }
    }
    answer(find(&space, &id).await?.object(&space)?)
}

/// Changes what is stored of a session, and its mission, where that follows from it.
async fn changed(
    space: &Space,
    found: &Found,
    params: &UpdateSession,
) -> Result<(SessionRecord, Map<String, Value>), ApiError> {
    let (works, spent) = (found.standing.is_working(), found.standing.cost_micro_usd);
    let now = space.clock.now();
    let change = |record: &SessionRecord| record.updated(params.clone(), works, spent, now);
    let of_mission =
        |changed: &Map<String, Value>| ["agent", "budget"].iter().any(|n| changed.contains_key(*n));
    let (after, changes) = change(&found.record)?;
    if found.is_local {
        if of_mission(&changes) {
            let text = "a mission began this session: its agents and its budget are the mission's";
            return Err(ApiError::invalid(text));
        }
        return Ok((after, changes));
    }
    if of_mission(&changes) {
        let mission = write_mission(space, found.id(), &after)?;
        Box::pin(space.runtime.change_mission(found.id(), &mission)).await?;
        space.live.reload(found.id());
    }
    let put = |document: &lucid_store::Document, record: SessionRecord| {
        let (value, _) = change(&record)?;
        let (key, archived_at) = (document.key.clone(), document.archived_at);
        Ok(Change::Put { value, key, archived_at, version: document.version })
    };
    let after = space.change(SESSION, found.id().as_str(), put).await?;
    Ok((after, changes))
}

/// Writes into the log what changed beside it.
async fn note(space: &Space, found: &Found, changed: &Map<String, Value>) -> Result<(), ApiError> {
    let id = space.new_id(EventId::new);
    let kind = "session.updated";
    let now = space.clock.now().max(found.standing.updated_at.unwrap_or_default());
    let mut body = Map::new();
    body.insert("id".into(), id.as_str().into());
    body.insert("type".into(), kind.into());
    body.extend(changed.clone());
    body.insert("processed_at".into(), now.to_string().into());
    let record = EventRecord {
        id,
        kind: kind.to_owned(),
        thread_id: found.standing.primary().cloned(),
        created_at: now,
        body: Value::Object(body).to_string(),
    };
    space.runtime.store.post_events(found.id(), vec![record]).await?;
    Ok(())
}

pub(super) async fn archive(Caller { space, .. }: Caller, Path(id): Path<String>) -> Answer {
    let found = find(&space, &id).await?;
    if found.record.archived_at.is_none() {
        at_rest(&space, &found, "archived").await?;
        space.runtime.archive(found.id()).await?;
        if !found.is_local {
            let now = space.clock.now();
            let put = |document: &lucid_store::Document, record: SessionRecord| {
                let archived_at = record.archived_at.or(Some(now));
                let value = SessionRecord { archived_at, updated_at: now, ..record };
                let (key, version) = (document.key.clone(), document.version);
                Ok(Change::Put { value, key, archived_at, version })
            };
            space.change(SESSION, &id, put).await?;
        }
        space.hooks.tell("session.archived", &id);
        space.hooks.tell("session.status_terminated", &id);
    }
    answer(find(&space, &id).await?.object(&space)?)
}

pub(super) async fn delete(Caller { space, .. }: Caller, Path(id): Path<String>) -> Answer {
    let found = find(&space, &id).await?;
    at_rest(&space, &found, "deleted").await?;
    space.runtime.delete(found.id()).await?;
    // The log goes first: what is left of a session without one is found by nobody.
    remove_files_of(&space, &id).await?;
    if !found.is_local {
        space.remove(SESSION, &id).await?;
    }
    space.sessions.forget(found.id());
    space.sessions.streams.ended(found.id());
    space.hooks.tell("session.deleted", &id);
    answer(deleted(&id, "session_deleted"))
}

/// Checks that a session rests, and waits a little for one that has just come to rest.
async fn at_rest(space: &Space, found: &Found, what: &str) -> Result<(), ApiError> {
    let conflict = || {
        let text = format!("a session that runs cannot be {what}; interrupt it, or wait");
        ApiError::conflict(text)
    };
    if found.standing.is_working() {
        return Err(conflict());
    }
    let id: &SessionId = found.id();
    for _ in 0..RESTS.0 {
        if !space.live.is_working(id) && !space.runtime.is_running(id).await? {
            let standing = space.sessions.standing(space.runtime.store.as_ref(), id).await?;
            return if standing.is_working() { Err(conflict()) } else { Ok(()) };
        }
        tokio::time::sleep(RESTS.1).await;
    }
    Err(conflict())
}
