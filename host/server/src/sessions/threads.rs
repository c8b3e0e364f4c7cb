//! The threads of a session.

use axum::extract::Path;
use lucid_api::{ApiError, Cursor, Page, one_of};
use lucid_core::Timestamp;

use super::find;
use crate::answer::{Answer, answer};
use crate::extract::Asked;
use crate::space::Caller;

const LIMIT: usize = 1_000;
const STATUSES: [&str; 4] = ["running", "idle", "rescheduling", "terminated"];

pub(super) async fn list(
    Caller { space, .. }: Caller,
    Path(id): Path<String>,
    Asked(mut query): Asked,
) -> Answer {
    let statuses = query.list("statuses")?;
    for status in &statuses {
        one_of("statuses", status, &STATUSES)?;
    }
    let limit = query.limit(LIMIT, LIMIT)?;
    let name = format!("threads {id}");
    let cursor = query.page(&name)?;
    query.done()?;
    let wrong = |_| ApiError::invalid("page: not a cursor of this list");
    // Threads stay in their places.
    let behind = cursor.map(|cursor| cursor.id.parse::<usize>().map_err(wrong)).transpose()?;
    let found = find(&space, &id).await?;
    let listed = found.standing.threads.iter().enumerate().filter(|(place, thread)| {
        let wanted = statuses.is_empty() || statuses.iter().any(|s| s == thread.status.as_str());
        wanted && thread.id.is_some() && behind.is_none_or(|behind| *place > behind)
    });
    let mut threads = Vec::new();
    for (place, thread) in listed.take(limit.saturating_add(1)) {
        threads.push((place, found.thread_object(&space, thread)?));
    }
    let cursor = |(place, _): &(usize, _)| Cursor {
        list: name.clone(),
        at: Timestamp(0),
        id: place.to_string(),
    };
    answer(Page::of(threads, limit, cursor, |(_, object)| object.clone()).to_json())
}

pub(super) async fn retrieve(
    Caller { space, .. }: Caller,
    Path((id, thread)): Path<(String, String)>,
) -> Answer {
    let found = find(&space, &id).await?;
    let (_, _, thread) = found.thread(&thread)?;
    answer(found.thread_object(&space, thread)?)
}

pub(super) async fn archive(
    Caller { space, .. }: Caller,
    Path((id, thread)): Path<(String, String)>,
) -> Answer {
    // What is looked at here is still so when it is written; what its lead asks of it by then,
    // whoever runs the session stops.
    let _turn = space.turns.of(&id).await;
    let found = find(&space, &id).await?;
    let (thread, is_primary, standing) = found.thread(&thread)?;
    if is_primary {
        let text = "the primary thread goes with its session; archive the session";
        return Err(ApiError::invalid(text).into());
    }
    if standing.archived_at.is_none() {
        found.check_not_over()?;
        if standing.status != lucid_core::SessionStatus::Idle {
            let text = "a thread that runs cannot be archived; interrupt it, or wait";
            return Err(ApiError::conflict(text).into());
        }
        space.runtime.archive_thread(found.id(), &thread).await?;
    }
    let found = find(&space, &id).await?;
    let (_, _, standing) = found.thread(thread.as_str())?;
    answer(found.thread_object(&space, standing)?)
}
