//! Agents and their versions.

mod find;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use lucid_api::agent::{Agent, AgentCreate, AgentUpdate};
use lucid_api::{ApiError, Cursor, Page};
use lucid_core::AgentId;
use lucid_store::{Document, DocumentChange, DocumentFilter, DocumentWrite};
use serde_json::{Value, json};

use crate::answer::{Answer, CHANGED_MEANWHILE, answer};
use crate::app::App;
use crate::documents::{Change, Kind, New, Stored, stored};
use crate::extract::{Asked, Body};
use crate::space::{Caller, Space};

pub(crate) use find::{find, known, snapshot};

pub(crate) const AGENT: Kind = Kind { name: "agent", prefix: AgentId::PREFIX, what: "agent" };

/// What the documents of deployments are.
const DEPLOYMENT: &str = "deployment";

/// How often a write of several documents is tried again that somebody was quicker than.
const TRIES: usize = 16;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/agents", post(create).get(list))
        .route("/v1/agents/{agent_id}", get(retrieve).post(update))
        .route("/v1/agents/{agent_id}/archive", post(archive))
        .route("/v1/agents/{agent_id}/versions", get(versions))
}

async fn create(Caller { space, .. }: Caller, Body(params): Body<AgentCreate>) -> Answer {
    let known = known(&space, params.needs()).await?;
    let (id, now) = (space.new_id(AgentId::new), space.clock.now());
    let agent = Agent::create(params, &known, id, now)?;
    let id = agent.id.as_str();
    let new = New { id, parent: None, key: None, created_at: now, value: &agent };
    space.create(AGENT, new).await?;
    space.hooks.tell("agent.created", id);
    answer(agent)
}

async fn retrieve(
    Caller { space, .. }: Caller,
    Path(agent_id): Path<String>,
    Asked(mut query): Asked,
) -> Answer {
    let version = query.number("version", 1..=u64::from(u32::MAX))?;
    query.done()?;
    let version = version.and_then(|version| u32::try_from(version).ok());
    match version {
        Some(_) => answer(find(&space, &agent_id, version).await?),
        None => space.show::<Agent>(AGENT, &agent_id).await,
    }
}

async fn update(
    Caller { space, .. }: Caller,
    Path(agent_id): Path<String>,
    Body(params): Body<AgentUpdate>,
) -> Answer {
    let known = known(&space, params.needs()).await?;
    let changes = AtomicBool::new(false);
    let changed = space.change(AGENT, &agent_id, |_, agent: Agent| {
        let next = agent.update(params.clone(), &known, space.clock.now())?;
        changes.store(next.is_some(), Ordering::Relaxed);
        Ok(match next {
            None => Change::Keep(agent),
            Some(value) => {
                let version = value.version;
                Change::Put { value, key: None, archived_at: None, version }
            }
        })
    });
    let changed = changed.await?;
    if changes.load(Ordering::Relaxed) {
        space.hooks.tell("agent.updated", &agent_id);
    }
    answer(changed)
}

async fn list(Caller { space, .. }: Caller, Asked(mut query): Asked) -> Answer {
    let limit = query.limit(20, 100)?;
    let cursor = query.page("agents")?;
    let span = query.span("created_at")?;
    let archived = query.flag("include_archived")?;
    query.done()?;
    let filter = DocumentFilter { archived, from: span.from, until: span.until, ..AGENT.filter() };
    let object = |agent: &Stored<Agent>| json!(agent.value);
    space.page("agents", filter, limit, cursor, object).await
}

/// Lists what the agent was at each version, newest first.
async fn versions(
    Caller { space, .. }: Caller,
    Path(agent_id): Path<String>,
    Asked(mut query): Asked,
) -> Answer {
    let name = format!("agent versions {agent_id}");
    let limit = query.limit(20, 100)?;
    let cursor = query.page(&name)?;
    query.done()?;
    let now: Stored<Agent> = space.get(AGENT, &agent_id).await?;
    let wrong = || ApiError::invalid("page: not a cursor of this list");
    let before = cursor.map(|cursor| cursor.id.parse::<u32>().map_err(|_| wrong())).transpose()?;
    let count = u32::try_from(limit.saturating_add(1)).unwrap_or(u32::MAX);
    let found = space.runtime.store.document_versions(&agent_id, before, count).await?;
    let found: Result<Vec<Stored<Agent>>, ApiError> = found.into_iter().map(stored).collect();
    let place = |found: &Stored<Agent>| Cursor {
        list: name.clone(),
        at: found.value.updated_at,
        id: found.value.version.to_string(),
    };
    let object = |found: &Stored<Agent>| -> Value {
        json!(Agent { archived_at: now.value.archived_at, ..found.value.clone() })
    };
    answer(Page::of(found?, limit, place, object).to_json())
}

/// Archives an agent for good, and its deployments with it: none of them could start a session
/// any more.
async fn archive(Caller { space, .. }: Caller, Path(agent_id): Path<String>) -> Answer {
    for _ in 0..TRIES {
        let found: Stored<Agent> = space.get(AGENT, &agent_id).await?;
        if found.value.archived_at.is_some() {
            return answer(found.value);
        }
        let now = space.clock.now();
        let archived = found.value.archived(now);
        let put = |before: &Document, body: &Value| {
            let (before_revision, body) = (before.revision, body.to_string());
            let document = Document { archived_at: Some(now), body, ..before.clone() };
            DocumentChange::Put { before_revision, document }
        };
        let mut changes = vec![put(&found.document, &json!(archived))];
        let deployments = deployments(&space, &agent_id).await?;
        for Stored { document, value } in &deployments {
            let body = lucid_api::deployment::archived(value.clone(), now);
            changes.push(put(document, &body));
        }
        if let DocumentWrite::Done = space.runtime.store.write_documents(changes).await? {
            for Stored { document, .. } in &deployments {
                space.hooks.tell("deployment.archived", &document.id);
            }
            space.hooks.tell("agent.archived", &agent_id);
            return answer(archived);
        }
    }
    let why = format!("agent {agent_id} is being changed by too many at once; try again");
    Err(ApiError::conflict(why).code(CHANGED_MEANWHILE).into())
}

/// The deployments of an agent; also those that were made with another and given this one.
async fn deployments(space: &Space, agent_id: &str) -> Result<Vec<Stored<Value>>, ApiError> {
    let filter = DocumentFilter { kind: DEPLOYMENT.to_owned(), ..DocumentFilter::default() };
    let mut all: Vec<Stored<Value>> = space.list(&filter).await?;
    all.retain(|found| found.value["agent"]["id"] == agent_id);
    Ok(all)
}
