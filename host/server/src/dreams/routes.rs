//! What is asked of dreams.

use std::time::Duration;

use axum::extract::Path;
use lucid_api::dream::{
    DreamCreate, DreamFilter, DreamMeta, DreamObject, DreamPlan, check_archive, check_cancel,
};
use lucid_api::{ApiError, Cursor, Page};
use lucid_core::{Dream, DreamId, Failure, ReviewPolicy, SessionId};
use lucid_runtime::{DreamAsked, SessionChoice};
use serde_json::json;

use super::DREAM;
use crate::answer::{Answer, answer};
use crate::config::{DreamPolicy, DreamSection};
use crate::documents::{Change, New};
use crate::extract::{Asked, Body};
use crate::memory::{all, beside, ensure, shown};
use crate::space::{Caller, Space};

/// What cursors of the list are good for.
const LIST: &str = "dreams";

/// How long to wait for a dream that somebody stopped to have ended. It looks ten times a
/// second whether it is to stop.
const STOP_TIME: Duration = Duration::from_secs(5);

pub(super) async fn create(caller: Caller, Body(create): Body<DreamCreate>) -> Answer {
    let space = &caller.space;
    let plan = create.plan()?;
    shown(space, plan.memory_store.as_str()).await?.check_open()?;
    check_sessions(space, &plan.sessions).await?;
    let asked = asked(&plan, space.dreams.section);
    let planned = space.runtime.plan_dream(&asked).await;
    let dream = planned.map_err(|failure| refused(&plan, failure))?;
    let id = dream.id.as_str();
    let new = New { id, parent: None, key: None, created_at: dream.created_at, value: &plan.meta };
    if let Err(error) = space.create(DREAM, new).await {
        // Nobody would ever run it.
        let _ = space.runtime.cancel_dream(&dream.id).await;
        return Err(error.into());
    }
    space.dreams.start(&space.runtime, &space.log, dream.id.clone());
    answer(DreamObject::of(&dream, plan.meta, None))
}

async fn check_sessions(space: &Space, ids: &[SessionId]) -> Result<(), ApiError> {
    let found = space.runtime.store.session_summaries(ids).await?;
    match ids.iter().zip(found).find(|(_, found)| found.is_none()) {
        Some((id, _)) => Err(ApiError::not_found("session", id.as_str())),
        None => Ok(()),
    }
}

pub(super) fn asked(plan: &DreamPlan, section: DreamSection) -> DreamAsked {
    let sessions = SessionChoice::These(plan.sessions.clone());
    let mut asked = DreamAsked::new(&plan.chosen.strategy, plan.memory_store.clone(), sessions);
    asked.model.clone_from(&plan.chosen.model);
    asked.instructions.clone_from(&plan.instructions);
    // Nobody reviews it over the API: unless whoever runs the server says otherwise, what the
    // host itself can check is taken at once.
    asked.policy = match section.policy {
        DreamPolicy::Auto | DreamPolicy::All => ReviewPolicy::Auto,
        DreamPolicy::Review => ReviewPolicy::Review,
    };
    asked.accept_all = section.policy == DreamPolicy::All;
    asked.seed = section.seed;
    asked
}

/// Why a dream was not taken, without the hints that are for a command line.
fn refused(plan: &DreamPlan, mut failure: Failure) -> ApiError {
    failure.hint = None;
    let mut error = ApiError::from(failure);
    if error.status < 500 && plan.chosen.model.is_none() {
        let how = "give a model to dream with strategy `reflect`, or `strategy:NAME` for one \
                   that needs none, such as `strategy:consolidate`";
        error.message = format!("{} ({how})", error.message);
    }
    error
}

pub(super) async fn retrieve(caller: Caller, Path(id): Path<String>) -> Answer {
    let dream = found(&caller.space, &id).await?;
    answer(object(&caller.space, &dream).await?)
}

pub(super) async fn list(caller: Caller, Asked(mut query): Asked) -> Answer {
    let limit = query.limit(20, 100)?;
    let filter = DreamFilter::read(&mut query)?;
    let page = query.page(LIST)?;
    query.done()?;
    let space = &caller.space;
    let dreams = space.runtime.store.dreams_in_short().await?;
    let mut notes = all::<DreamMeta>(space, DREAM, Vec::new()).await?;
    let behind = |dream: &&Dream| {
        let place = (dream.created_at, dream.id.as_str());
        page.as_ref().is_none_or(|page| place < (page.at, page.id.as_str()))
    };
    let objects = dreams.iter().filter(behind).map(|dream| {
        let noted = notes.remove(dream.id.as_str());
        let (meta, archived_at) = noted.unwrap_or_else(|| (DreamMeta::standard(dream), None));
        DreamObject::of(dream, meta, archived_at)
    });
    let read = objects.filter(|object| filter.has(object)).take(limit.saturating_add(1)).collect();
    let cursor = |object: &DreamObject| Cursor {
        list: LIST.to_owned(),
        at: object.created_at,
        id: object.id.to_string(),
    };
    answer(Page::of(read, limit, cursor, |object| json!(object)).to_json())
}

pub(super) async fn cancel(caller: Caller, Path(id): Path<String>) -> Answer {
    let space = &caller.space;
    let dream = found(space, &id).await?;
    check_cancel(&id, dream.status)?;
    let mut dream = space.runtime.cancel_dream(&dream.id).await?;
    if !dream.status.is_terminal() {
        // It runs, and stops when it looks; where that takes longer, it is shown as it is.
        let ended = tokio::time::timeout(STOP_TIME, space.runtime.await_dream(&dream.id)).await;
        dream = match ended {
            Ok(ended) => ended?,
            Err(_) => found(space, &id).await?,
        };
        // It may have come to its own end before it looked.
        check_cancel(&id, dream.status)?;
    }
    answer(object(space, &dream).await?)
}

pub(super) async fn archive(caller: Caller, Path(id): Path<String>) -> Answer {
    let (space, now) = (&caller.space, caller.space.clock.now());
    let dream = found(space, &id).await?;
    check_archive(&id, dream.status)?;
    let value = &DreamMeta::standard(&dream);
    let created_at = dream.created_at;
    ensure(space, DREAM, New { id: &id, parent: None, key: None, created_at, value }).await?;
    let change = |document: &lucid_store::Document, meta: DreamMeta| {
        if document.archived_at.is_some() {
            return Ok(Change::Keep(meta));
        }
        let version = document.version;
        Ok(Change::Put { value: meta, key: None, archived_at: Some(now), version })
    };
    space.change(DREAM, &id, change).await?;
    answer(object(space, &dream).await?)
}

/// A dream that somebody named.
async fn found(space: &Space, id: &str) -> Result<Dream, ApiError> {
    let parsed = DreamId::parse(id).ok_or_else(|| DREAM.missing(id))?;
    space.runtime.store.dream(&parsed).await?.ok_or_else(|| DREAM.missing(id))
}

/// A dream as the API writes it.
async fn object(space: &Space, dream: &Dream) -> Result<DreamObject, ApiError> {
    let noted = beside(space, DREAM, dream.id.as_str()).await?;
    let (meta, archived_at) = noted.unwrap_or_else(|| (DreamMeta::standard(dream), None));
    Ok(DreamObject::of(dream, meta, archived_at))
}
