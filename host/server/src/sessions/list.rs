//! Lists of sessions.

use std::collections::BTreeMap;

use lucid_api::ApiError;
use lucid_api::session::SessionQuery;
use lucid_core::{Session, SessionId, SessionSummary, Timestamp};
use lucid_runtime::SessionFilter;
use lucid_store::{Document, DocumentFilter};
use serde_json::json;

use super::find::Known;
use super::{Found, SESSION};
use crate::answer::{Answer, answer};
use crate::space::Space;

/// Sessions read at once.
const READ: u32 = 200;

/// One page of sessions.
///
/// # Errors
/// Internal.
pub(super) async fn page(space: &Space, mut query: SessionQuery) -> Answer {
    let begins_behind = query.cursor.is_some();
    // One more shows whether there is another page.
    let wanted = query.limit.saturating_add(1);
    let mut sessions: Vec<Found> = Vec::new();
    let mut after: Option<Session> = None;
    while sessions.len() < wanted {
        let last = after.as_ref().map(|session| session.id.clone());
        let read = match (read(space, &query, last).await, after.take()) {
            (Ok(read), _) => read,
            // The one that was read last was deleted meanwhile: the list goes on from its place.
            (Err(failure), Some(gone)) => {
                if space.runtime.store.session(&gone.id).await?.is_some() {
                    return Err(failure.into());
                }
                query.cursor = Some(query.at(gone.created_at, gone.id.as_str(), query.back));
                continue;
            }
            (Err(failure), None) => return Err(failure.into()),
        };
        let Some(last) = read.last() else { break };
        after = Some(last.session.clone());
        for found in fitting(space, &query, read).await? {
            if sessions.len() < wanted {
                sessions.push(found);
            }
        }
    }
    let more = sessions.len() > query.limit;
    sessions.truncate(query.limit);
    if query.back {
        sessions.reverse();
    }
    let cursor = |found: Option<&Found>, back: bool| {
        let session = &found?.session;
        Some(query.at(session.created_at, session.id.as_str(), back).encode())
    };
    // Where a page was come to from somewhere, there is something on that side.
    let (before, behind) = match query.back {
        true => (more, true),
        false => (begins_behind, more),
    };
    let prev = cursor(sessions.first().filter(|_| before), true);
    let next = cursor(sessions.last().filter(|_| behind), false);
    let data: Result<Vec<_>, _> = sessions.iter().map(|found| found.object(space)).collect();
    answer(json!({"data": data?, "next_page": next, "prev_page": prev}))
}

/// Reads on: behind a session that was read in this very list, or from the cursor on. The
/// session that a cursor stands at may be gone, so its moment is looked for.
async fn read(
    space: &Space,
    query: &SessionQuery,
    after: Option<SessionId>,
) -> lucid_core::Result<Vec<SessionSummary>> {
    let newest_first = query.newest_first();
    let at = query.cursor.as_ref().map(|cursor| cursor.at);
    let next = |at: Timestamp| Timestamp(at.as_millis().saturating_add(1));
    let filter = SessionFilter {
        newest_first,
        limit: Some(READ),
        from: at.filter(|_| !newest_first),
        until: at.filter(|_| newest_first).map(next),
        after,
        ..SessionFilter::default()
    };
    space.runtime.store.sessions(&filter).await
}

/// Those that the list has, with all that is known of them.
async fn fitting(
    space: &Space,
    query: &SessionQuery,
    read: Vec<SessionSummary>,
) -> Result<Vec<Found>, ApiError> {
    let fits = |summary: &SessionSummary| {
        let session = &summary.session;
        query.is_behind(session.created_at, session.id.as_str())
            && query.has_moment(session.created_at)
    };
    let read: Vec<_> = read.into_iter().filter(fits).collect();
    if read.is_empty() {
        return Ok(Vec::new());
    }
    let ids = read.iter().map(|summary| summary.session.id.to_string()).collect();
    let filter = DocumentFilter { ids, archived: true, limit: None, ..SESSION.filter() };
    let documents = space.runtime.store.documents(&filter).await?.into_iter();
    let mut documents: BTreeMap<String, Document> =
        documents.map(|document| (document.id.clone(), document)).collect();
    let mut sessions = Vec::new();
    for summary in read {
        let document = documents.remove(summary.session.id.as_str());
        let known = Known::of(summary.session, document)?;
        // Asked before a log is read, which may be long.
        if !query.has(&known.record) {
            continue;
        }
        let found = known.found(space).await?;
        if query.has(&found.record) && query.has_status(found.standing.status()) {
            sessions.push(found);
        }
    }
    Ok(sessions)
}
