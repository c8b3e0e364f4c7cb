//! Lists of deployments and of runs.
//!
//! What is asked for is in the bodies, which the store does not read: pages are put together
//! from what fits.

use lucid_api::deployment::{Deployment, Run, Trigger};
use lucid_api::{ApiError, Cursor, Page, Query, one_of};
use lucid_store::DocumentFilter;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{DEPLOYMENT, RUN};
use crate::answer::{Answer, answer};
use crate::documents::Stored;
use crate::space::Space;

/// Documents that are read at once.
const CHUNK: u32 = 200;

/// Answers with a page of deployments.
pub(super) async fn deployments(space: &Space, mut query: Query) -> Answer {
    const LIST: &str = "deployments";
    let (limit, cursor) = (query.limit(20, 100)?, query.page(LIST)?);
    let (span, agent) = (query.span("created_at")?, query.text("agent_id")?);
    let (archived, status) = (query.flag("include_archived")?, query.text("status")?);
    query.done()?;
    if let Some(status) = &status {
        one_of("status", status, &["active", "paused"])?;
        if archived {
            let why = "status, include_archived: only one of them may be here";
            return Err(ApiError::invalid(why).into());
        }
    }
    let (from, until) = (span.from, span.until);
    let filter = DocumentFilter { archived, from, until, ..DEPLOYMENT.filter() };
    let fits = |one: &Deployment| {
        agent.as_ref().is_none_or(|agent| one.agent.id == *agent)
            && status.as_ref().is_none_or(|status| one.status() == status)
    };
    let now = space.clock.now();
    let object = |one: &Deployment| one.to_object(now);
    page(space, LIST, filter, limit, cursor, fits, object).await
}

/// Answers with a page of runs; of a deployment that nobody knows there are none.
pub(super) async fn runs(space: &Space, mut query: Query) -> Answer {
    const LIST: &str = "deployment_runs";
    let (limit, cursor) = (query.limit(20, 1_000)?, query.page(LIST)?);
    let (span, parent) = (query.span("created_at")?, query.text("deployment_id")?);
    let trigger = query.text("trigger_type")?;
    let has_error = match query.text("has_error")? {
        Some(_) => Some(query.flag("has_error")?),
        None => None,
    };
    query.done()?;
    if let Some(trigger) = &trigger {
        one_of("trigger_type", trigger, &Trigger::NAMES)?;
    }
    let (from, until) = (span.from, span.until);
    let filter = DocumentFilter { parent, from, until, ..RUN.filter() };
    let fits = |run: &Run| {
        trigger.as_ref().is_none_or(|trigger| run.trigger_context.name() == trigger)
            && has_error.is_none_or(|has_error| run.error.is_some() == has_error)
    };
    let object = |run: &Run| serde_json::to_value(run).unwrap_or_default();
    page(space, LIST, filter, limit, cursor, fits, object).await
}

async fn page<T: DeserializeOwned>(
    space: &Space,
    list: &str,
    mut filter: DocumentFilter,
    limit: usize,
    cursor: Option<Cursor>,
    fits: impl Fn(&T) -> bool,
    object: impl Fn(&T) -> Value,
) -> Answer {
    filter.after = cursor.map(|cursor| (cursor.at, cursor.id));
    filter.limit = Some(CHUNK);
    let mut found: Vec<Stored<T>> = Vec::new();
    // One more shows whether there is another page.
    while found.len() <= limit {
        let read = space.list::<T>(&filter).await?;
        let Some(last) = read.last() else { break };
        filter.after = Some((last.document.created_at, last.document.id.clone()));
        found.extend(read.into_iter().filter(|one| fits(&one.value)));
    }
    let place = |one: &Stored<T>| Cursor {
        list: list.to_owned(),
        at: one.document.created_at,
        id: one.document.id.clone(),
    };
    answer(Page::of(found, limit, place, |one| object(&one.value)).to_json())
}
