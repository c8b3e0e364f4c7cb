//! What waits, and who waits for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lucid_api::ApiError;
use lucid_api::work::{PollWork, Work, WorkState};
use lucid_core::{EnvironmentId, SessionId, Timestamp, Via, WorkId};
use lucid_store::DocumentFilter;
use serde_json::json;
use tokio::sync::Notify;

use super::{WORK, open_items, put};
use crate::documents::New;
use crate::space::Space;

/// How long a worker that polled counts as polling.
const POLLING_MS: u64 = 30_000;
/// Workers of one environment that are counted at most.
const WORKERS_MAX: usize = 10_000;
/// Bytes of a worker's id that are kept: it only has to differ.
const WORKER_ID_BYTES_MAX: usize = 256;

/// What is known of the queues while the server runs: who polls, and who waits for news.
#[derive(Debug, Default)]
pub(crate) struct Queues(Mutex<HashMap<String, Queue>>);

#[derive(Debug, Default)]
struct Queue {
    news: Arc<Notify>,
    workers: HashMap<String, Timestamp>,
}

impl Queues {
    fn with<T>(&self, environment_id: &str, f: impl FnOnce(&mut Queue) -> T) -> T {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        f(queues.entry(environment_id.to_owned()).or_default())
    }

    /// Notes that a worker polls.
    pub(super) fn polled(&self, environment_id: &str, worker: &str, now: Timestamp) {
        self.with(environment_id, |queue| {
            queue.workers.retain(|_, at| is_polling(*at, now));
            if queue.workers.len() < WORKERS_MAX && worker.len() <= WORKER_ID_BYTES_MAX {
                queue.workers.insert(worker.to_owned(), now);
            }
        });
    }

    /// How many workers polled lately.
    pub(super) fn polling(&self, environment_id: &str, now: Timestamp) -> u64 {
        self.with(environment_id, |queue| {
            queue.workers.retain(|_, at| is_polling(*at, now));
            u64::try_from(queue.workers.len()).unwrap_or(u64::MAX)
        })
    }

    fn news(&self, environment_id: &str) -> Arc<Notify> {
        self.with(environment_id, |queue| queue.news.clone())
    }
}

fn is_polling(at: Timestamp, now: Timestamp) -> bool {
    now.as_millis().saturating_sub(at.as_millis()) < POLLING_MS
}

/// Queues an item for a session whose calls a worker has to run, unless it has one.
///
/// # Errors
/// Internal, when the store fails.
pub(crate) async fn needed(
    space: &Space,
    environment_id: &EnvironmentId,
    session_id: &SessionId,
) -> Result<(), ApiError> {
    let now = space.clock.now();
    let id = WorkId::new(&*space.clock, &*space.entropy);
    let work = Work::new(id, environment_id.clone(), session_id.clone(), now);
    match queue(space, &work).await {
        Err(error) if error.status == 409 => {
            let there = error.fields.get("conflicting_id").and_then(|id| id.as_str());
            hurry(space, there.unwrap_or_default(), now).await
        }
        other => other,
    }?;
    space.queues.news(environment_id.as_str()).notify_waiters();
    Ok(())
}

/// Lets an item that workers gave back, and that waits therefore, be given out at once; and
/// puts one whose lease ran out back into the queue.
async fn hurry(space: &Space, work_id: &str, now: Timestamp) -> Result<(), ApiError> {
    let change = |document: &lucid_store::Document, work: Work| {
        let mut after = work.clone().settled(now);
        if after.state == WorkState::Queued && after.ready_at > now {
            (after.ready_at, after.given_back) = (now, 0);
        }
        Ok(if after == work { crate::documents::Change::Keep(work) } else { put(document, after) })
    };
    match space.change(WORK, work_id, change).await {
        // It went with its environment meanwhile: then nobody needs it.
        Err(error) if error.status != 404 => Err(error),
        _ => Ok(()),
    }
}

/// Takes the item of a session that was deleted away, if it has one that is not over: no worker
/// is sent for it, and the one that has it is told that there is no such item.
///
/// # Errors
/// Internal, when the store fails.
pub(crate) async fn session_gone(
    space: &Space,
    environment_id: &str,
    session_id: &str,
) -> Result<(), ApiError> {
    let (parent, key) = (Some(environment_id.to_owned()), Some(session_id.to_owned()));
    let filter = DocumentFilter { parent, key, ..WORK.filter() };
    for item in space.runtime.store.documents(&filter).await? {
        match space.remove(WORK, &item.id).await {
            // It went with its environment meanwhile.
            Err(error) if error.status != 404 => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Queues the item that follows on one that a worker gave back, if its session still waits.
///
/// # Errors
/// Internal, when the store fails.
pub(super) async fn again(space: &Space, work: &Work, now: Timestamp) -> Result<(), ApiError> {
    if !waits(space, &work.session_id).await {
        return Ok(());
    }
    let id = WorkId::new(&*space.clock, &*space.entropy);
    let Some(next) = work.again(id, now) else {
        let session = &work.session_id;
        space.log.error(&format!("session {session}: workers give it back, so it waits"));
        return Ok(());
    };
    match queue(space, &next).await {
        // Somebody needed it meanwhile.
        Err(error) if error.status == 409 => Ok(()),
        other => other,
    }
}

/// Whether a session waits for a worker; one that is gone does not.
async fn waits(space: &Space, session_id: &SessionId) -> bool {
    let Ok(state) = space.runtime.session_state(session_id).await else { return false };
    let mut calls = state.threads.iter().flat_map(|thread| thread.open_calls());
    calls.any(|call| call.via == Some(Via::Worker) && call.is_owed())
}

async fn queue(space: &Space, work: &Work) -> Result<(), ApiError> {
    let new = New {
        id: work.id.as_str(),
        parent: Some(work.environment_id.as_str()),
        key: Some(work.session_id.as_str()),
        created_at: work.created_at,
        value: work,
    };
    space.create(WORK, new).await
}

/// Takes an item for a worker, waiting for one as long as it asked.
///
/// # Errors
/// Internal, when the store fails.
pub(super) async fn wait(
    space: &Space,
    environment_id: &str,
    asked: PollWork,
) -> Result<Option<Work>, ApiError> {
    let news = space.queues.news(environment_id);
    let patience = tokio::time::sleep(Duration::from_millis(asked.block_ms));
    tokio::pin!(patience);
    loop {
        // Listened for before the queue is looked at: nothing can come in between.
        let told = news.notified();
        tokio::pin!(told);
        told.as_mut().enable();
        let taken = take(space, environment_id, asked.reclaim_ms).await?;
        if taken.is_some() || asked.block_ms == 0 {
            return Ok(taken);
        }
        tokio::select! {
            () = &mut told => {}
            // What was given back, or whose lease ran out, comes without being told of.
            () = &mut patience => return take(space, environment_id, asked.reclaim_ms).await,
        }
    }
}

/// Takes the oldest item that is ready.
async fn take(
    space: &Space,
    environment_id: &str,
    reclaim_ms: u64,
) -> Result<Option<Work>, ApiError> {
    let now = space.clock.now();
    for work in open_items(space, environment_id).await? {
        let id = work.id.clone();
        let work = work.settled(now);
        let over = work.state == WorkState::Stopped;
        if !over && !work.is_ready(now, reclaim_ms) {
            continue;
        }
        let taken = space.change(WORK, id.as_str(), |document, work: Work| {
            if over {
                return Ok(put(document, work.settled(now)));
            }
            let reserved = work.reserved(now, reclaim_ms);
            reserved.map(|work| put(document, work)).ok_or_else(|| ApiError::conflict("taken"))
        });
        match taken.await {
            Ok(work) if !over => return Ok(Some(work)),
            Ok(_) => {}
            // Another worker was quicker, or it is gone.
            Err(error) if matches!(error.status, 404 | 409) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// What a worker needs for an item, in the form that the SDKs read.
///
/// # Errors
/// Internal, when the token cannot be made.
pub(super) fn secret(space: &Space, work: &Work) -> Result<String, ApiError> {
    let Work { id, environment_id, session_id, .. } = work;
    let token = crate::auth::work_token(space, environment_id, id, session_id)?;
    Ok(URL_SAFE_NO_PAD.encode(json!({ "sessions_token": token }).to_string()))
}
