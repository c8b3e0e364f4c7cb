//! The events of a session and of its threads: sending them, and listing them.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use lucid_api::event::sent::echoed;
use lucid_api::event::{Listing, Log, Order, Send, SentEvent};
use lucid_api::{ApiError, Page};
use lucid_core::{EventRecord, SessionId};
use serde_json::{Value, json};

use crate::answer::{Answer, answer};
use crate::app::App;
use crate::extract::{Asked, Body};
use crate::sessions::{Found, PAGE, find, follow, send_to};
use crate::space::{Caller, Space, Who};

/// Bytes of events after which a page ends although more were asked for: a message may have as
/// many, and a page is in memory.
pub(crate) const PAGE_BYTES_MAX: usize = 32 << 20;

/// The routes.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/sessions/{session_id}/events", get(of_session).post(send))
        .route("/v1/sessions/{session_id}/threads/{thread_id}/events", get(of_thread))
}

/// A log of a session as a client may read it.
pub(crate) struct Shown {
    log: Log,
    budget: Value,
}

impl Shown {
    /// The session's own log.
    pub(crate) fn of_session(found: &Found) -> Self {
        Self::new(found, Log::Session { primary: found.standing.primary().cloned() })
    }

    /// The log of one of its threads.
    ///
    /// # Errors
    /// Not found.
    pub(crate) fn of_thread(found: &Found, thread: &str) -> Result<Self, ApiError> {
        let (id, is_primary, _) = found.thread(thread)?;
        Ok(Self::new(found, Log::Thread { id, is_primary }))
    }

    fn new(found: &Found, log: Log) -> Self {
        Self { log, budget: json!(found.record.budget) }
    }

    /// Shows a record, where it belongs to this log and the API has such an event.
    pub(crate) fn show(&self, record: &EventRecord) -> Option<Value> {
        let mut event = self.log.show(record)?;
        if let Some(budget) = event.get_mut("budget")
            && record.kind == "session.usage"
        {
            // The log does not say it: it stands beside the log.
            *budget = self.budget.clone();
        }
        Some(event)
    }
}

async fn of_session(
    Caller { space, .. }: Caller,
    Path(id): Path<String>,
    Asked(query): Asked,
) -> Answer {
    let listing = Listing::of_session(query, &id)?;
    let found = find(&space, &id).await?;
    page(&space, found.id(), &listing, &Shown::of_session(&found)).await
}

async fn of_thread(
    Caller { space, .. }: Caller,
    Path((id, thread)): Path<(String, String)>,
    Asked(query): Asked,
) -> Answer {
    let listing = Listing::of_thread(query, &thread)?;
    let found = find(&space, &id).await?;
    let shown = Shown::of_thread(&found, &thread)?;
    page(&space, found.id(), &listing, &shown).await
}

async fn page(space: &Space, id: &SessionId, listing: &Listing, shown: &Shown) -> Answer {
    let (mut limit, mut bytes) = (listing.limit, 0_usize);
    let mut events: Vec<(u32, Value)> = Vec::new();
    let mut behind = listing.behind;
    // One more shows whether there is another page.
    while events.len() <= limit {
        let read = match listing.order {
            Order::Ascending => space.runtime.store.events(id, behind, PAGE).await?,
            Order::Descending => back(space, id, behind).await?,
        };
        let Some((last, _)) = read.last() else { break };
        behind = Some(*last);
        for (number, record) in &read {
            let event = shown.show(record).filter(|event| listing.has(event, record.created_at));
            let Some(event) = event else { continue };
            bytes = bytes.saturating_add(record.body.len());
            if bytes > PAGE_BYTES_MAX && !events.is_empty() {
                limit = limit.min(events.len());
            }
            events.push((*number, event));
            if events.len() > limit {
                break;
            }
        }
    }
    let cursor = |(number, _): &(u32, Value)| listing.cursor(*number);
    let page = Page::of(events, limit, cursor, |(_, event)| event.clone());
    answer(page.to_json())
}

/// Reads from the end of a log, or from an event on, backwards.
async fn back(
    space: &Space,
    id: &SessionId,
    behind: Option<u32>,
) -> Result<Vec<(u32, EventRecord)>, ApiError> {
    let store = &space.runtime.store;
    let end = match behind {
        Some(number) => number,
        None => store.head(id).await?.unwrap_or(0),
    };
    let mut count = end.min(PAGE);
    while count > 0 {
        let begin = end.saturating_sub(count);
        let mut read = store.events(id, begin.checked_sub(1), count).await?;
        let is_whole = read.last().is_none_or(|(last, _)| last.saturating_add(1) == end);
        if is_whole {
            read.reverse();
            return Ok(read);
        }
        // A page of the store ends early where its events are large: nearer to the end, then.
        count /= 2;
    }
    Ok(Vec::new())
}

async fn send(
    State(app): State<App>,
    Caller { space, who, .. }: Caller,
    Path(id): Path<String>,
    Body(Send { events }): Body<Send>,
) -> Answer {
    check_worker(&who, &events)?;
    let found = find(&space, &id).await?;
    found.check_not_over()?;
    let records = send_to(&space, found.id(), found.record.self_hosted, &events).await?;
    if !records.is_empty() {
        app.metrics.appended(records.len());
        space.live.wake(found.id());
        follow(&space, found.id(), found.standing.events);
    }
    let shown = records.iter().filter_map(lucid_api::event::project).collect();
    answer(json!({"data": echoed(shown)}))
}

/// Workers give results, and say nothing else.
fn check_worker(who: &Who, events: &[SentEvent]) -> Result<(), ApiError> {
    let is_worker = matches!(who, Who::Environment(_) | Who::Work { .. });
    let results = |event: &SentEvent| {
        matches!(event, SentEvent::WorkerResult { .. } | SentEvent::CustomResult { .. })
    };
    if is_worker && !events.iter().all(results) {
        return Err(ApiError::forbidden("a worker sends results of tools, and nothing else"));
    }
    Ok(())
}
