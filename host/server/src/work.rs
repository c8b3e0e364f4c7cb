//! The work queue of self-hosted environments: which sessions need a worker, and who has them.
//!
//! An item is a document of its environment. Its key is its session while it is queued or at
//! work, so that a session has one at most. Nothing watches leases: one that ran out shows
//! when the item is looked at the next time.

mod may;
mod queue;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::routing::{get, post};
use lucid_api::ApiError;
use lucid_api::work::{Heartbeat, PollWork, StopWork, UpdateWork, Work, WorkState, stats};
use lucid_core::Timestamp;
use lucid_store::{Document, DocumentFilter};

use crate::answer::{Answer, answer};
use crate::app::App;
use crate::documents::{Change, Kind, Stored};
use crate::extract::{Asked, Body};
use crate::space::{Caller, Space, Who};

pub(crate) use may::{allow, goes_on};
pub(crate) use queue::{Queues, needed, session_gone};

const WORK: Kind = Kind { name: "work", prefix: "work_", what: "work item" };
const ENVIRONMENT: Kind = Kind { name: "environment", prefix: "env_", what: "environment" };

/// Where a worker says who it is.
const WORKER_ID: &str = "anthropic-worker-id";

/// The routes of work items.
pub(crate) fn routes() -> Router<App> {
    let item = "/v1/environments/{environment_id}/work/{work_id}";
    Router::new()
        .route("/v1/environments/{environment_id}/work", get(list))
        .route("/v1/environments/{environment_id}/work/poll", get(poll))
        .route("/v1/environments/{environment_id}/work/stats", get(queue_stats))
        .route(item, get(retrieve).post(update))
        .route(&format!("{item}/ack"), post(acknowledge))
        .route(&format!("{item}/heartbeat"), post(heartbeat))
        .route(&format!("{item}/stop"), post(stop))
}

/// What a change of an item makes of its document.
fn put(document: &Document, work: Work) -> Change<Work> {
    let key = work.is_open().then(|| work.session_id.to_string());
    Change::Put { key, archived_at: work.stopped_at, version: document.version, value: work }
}

/// The items of an environment that are not over, oldest first.
async fn open_items(space: &Space, environment_id: &str) -> Result<Vec<Work>, ApiError> {
    let filter = DocumentFilter {
        parent: Some(environment_id.to_owned()),
        newest_first: false,
        ..WORK.filter()
    };
    let found = space.list::<Work>(&filter).await?;
    Ok(found.into_iter().map(|stored| stored.value).collect())
}

async fn check_environment(space: &Space, environment_id: &str) -> Result<(), ApiError> {
    let found = space.get::<serde_json::Value>(ENVIRONMENT, environment_id).await;
    found.map(drop).map_err(|error| match error.status {
        404 => error.code("environment_not_found"),
        _ => error,
    })
}

/// Changes an item of an environment.
async fn change(
    space: &Space,
    (environment_id, work_id): &(String, String),
    f: impl Fn(Work) -> Result<Work, ApiError>,
) -> Result<Work, ApiError> {
    let change = |document: &Document, work: Work| {
        if document.parent.as_deref() != Some(environment_id) {
            return Err(WORK.missing(work_id));
        }
        Ok(put(document, f(work)?))
    };
    space.change(WORK, work_id, change).await
}

async fn list(
    caller: Caller,
    Path(environment_id): Path<String>,
    Asked(mut query): Asked,
) -> Answer {
    check_environment(&caller.space, &environment_id).await?;
    let limit = query.limit(20, 1_000)?;
    let name = format!("work {environment_id}");
    let cursor = query.page(&name)?;
    query.done()?;
    let filter = DocumentFilter { parent: Some(environment_id), archived: true, ..WORK.filter() };
    let now = caller.space.clock.now();
    let object = |stored: &Stored<Work>| stored.value.clone().settled(now).to_object(None);
    caller.space.page(&name, filter, limit, cursor, object).await
}

async fn poll(
    caller: Caller,
    Path(environment_id): Path<String>,
    Asked(mut query): Asked,
    headers: HeaderMap,
) -> Answer {
    let space = &caller.space;
    check_environment(space, &environment_id).await?;
    let asked = PollWork::read(&mut query)?;
    if let Some(worker) = headers.get(WORKER_ID).and_then(|worker| worker.to_str().ok()) {
        space.queues.polled(&environment_id, worker, space.clock.now());
    }
    match queue::wait(space, &environment_id, asked).await? {
        Some(work) => answer(work.to_object(Some(&queue::secret(space, &work)?))),
        None => answer(()),
    }
}

async fn queue_stats(
    caller: Caller,
    Path(environment_id): Path<String>,
    Asked(query): Asked,
) -> Answer {
    let space = &caller.space;
    check_environment(space, &environment_id).await?;
    query.done()?;
    let now = space.clock.now();
    let open = open_items(space, &environment_id).await?;
    answer(stats(&open, now, space.queues.polling(&environment_id, now)))
}

async fn retrieve(
    caller: Caller,
    Path((environment_id, work_id)): Path<(String, String)>,
    Asked(query): Asked,
) -> Answer {
    caller.require_api_key()?;
    query.done()?;
    let work = caller.space.get_in::<Work>(WORK, &environment_id, &work_id).await?.value;
    answer(work.settled(caller.space.clock.now()).to_object(None))
}

async fn update(
    caller: Caller,
    Path(ids): Path<(String, String)>,
    Body(body): Body<UpdateWork>,
) -> Answer {
    caller.require_api_key()?;
    let now = caller.space.clock.now();
    let noted = |work: Work| work.settled(now).noted(body.clone());
    answer(change(&caller.space, &ids, noted).await?.to_object(None))
}

async fn acknowledge(caller: Caller, Path(ids): Path<(String, String)>) -> Answer {
    let now = caller.space.clock.now();
    answer(change(&caller.space, &ids, |work| work.acknowledged(now)).await?.to_object(None))
}

async fn heartbeat(
    caller: Caller,
    Path(ids): Path<(String, String)>,
    Asked(mut query): Asked,
) -> Answer {
    let asked = Heartbeat::read(&mut query)?;
    let now = caller.space.clock.now();
    let beat = |work: Work| work.beaten(&asked, now).map(|beat| beat.work);
    let work = change(&caller.space, &ids, beat).await?;
    // Only what is at work is told that its lease goes on.
    let extended = work.state == WorkState::Active;
    answer(lucid_api::work::Beat { work, extended }.to_object())
}

async fn stop(
    caller: Caller,
    Path(ids): Path<(String, String)>,
    Body(body): Body<StopWork>,
) -> Answer {
    let (space, now) = (&caller.space, caller.space.clock.now());
    let force = body.force.unwrap_or(false);
    let work = change(space, &ids, |work| work.stopped(force, now)).await?;
    let by_worker = matches!(caller.who, Who::Environment(_) | Who::Work { .. });
    if by_worker && given_back(&work, now) {
        queue::again(space, &work, now).await?;
    }
    answer(work.to_object(None))
}

/// Whether a worker ended an item by itself, with nobody having asked for it before.
fn given_back(work: &Work, now: Timestamp) -> bool {
    work.state == WorkState::Stopped && work.stop_requested_at == Some(now)
}
