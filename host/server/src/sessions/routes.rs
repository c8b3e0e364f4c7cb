//! The routes of sessions themselves.

use axum::extract::Path;
use lucid_api::session::{CreateSession, SessionQuery, SessionRecord, UpdateSession};
use lucid_api::{ApiError, deleted};
use lucid_core::{EventId, EventRecord, Session};
use serde_json::{Map, Value};

use super::changing::restore;
use super::start::{told, too_large, write_mission};
use super::{Found, SESSION, find, follow, start};
use crate::answer::{Answer, answer};
use crate::documents::Change;
use crate::extract::{Asked, Body};
use crate::space::{Caller, Space};

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
    // The session, its document, its mission and its log: they change together.
    let _turn = space.turns.of(&id).await;
    let found = find(&space, &id).await?;
    found.check_not_over()?;
    // Before anything is changed: what changes is noted in the log.
    let with_note = found.standing.bytes.saturating_add(1);
    space.runtime.check_room(found.id(), with_note).map_err(too_large)?;
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
    let told = changes.contains_key("metadata") && is_told(space, found, &after).await;
    let mut changing = None;
    if of_mission(&changes) || told {
        let mission = write_mission(space, found.id(), &after).await?;
        changing = Some(Box::pin(space.runtime.change_mission(found.id(), &mission)).await?);
        space.live.reload(found.id());
    }
    let put = |document: &lucid_store::Document, record: SessionRecord| {
        let (value, _) = change(&record)?;
        let (key, archived_at) = (document.key.clone(), document.archived_at);
        Ok(Change::Put { value, key, archived_at, version: document.version })
    };
    let after = space.change(SESSION, found.id().as_str(), put).await;
    if let Some(changing) = changing {
        // What is not written down is not worked with either.
        let undone = match &after {
            Ok(_) => Ok(()),
            Err(_) => restore(space, found.id()).await,
        };
        match undone {
            Ok(()) => changing.done(),
            // What is noted stays, and the next start puts the mission right.
            Err(error) => space.log.error(&format!("the mission of {}: {error}", found.id())),
        }
    }
    Ok((after?, changes))
}

/// Whether what changed of its metadata is told to a plugin, or names another grader.
async fn is_told(space: &Space, found: &Found, after: &SessionRecord) -> bool {
    // One that could not be written before is none the worse for another title.
    let Ok(before) = write_mission(space, found.id(), &found.record).await else { return false };
    write_mission(space, found.id(), after).await.ok() != Some(before)
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
    super::remove::archive(&space, &id).await?;
    answer(find(&space, &id).await?.object(&space)?)
}

pub(super) async fn delete(Caller { space, .. }: Caller, Path(id): Path<String>) -> Answer {
    // What became of dreams is in the server's log.
    let _ = super::remove::delete(&space, &id).await?;
    answer(deleted(&id, "session_deleted"))
}
