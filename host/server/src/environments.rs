//! Environments.

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use lucid_api::environment::{Environment, EnvironmentCreate, EnvironmentUpdate};
use lucid_api::{ApiError, deleted};
use lucid_core::EnvironmentId;
use lucid_store::DocumentFilter;
use serde_json::json;

use crate::answer::{Answer, answer};
use crate::app::App;
use crate::documents::{Change, Kind, New, Stored};
use crate::extract::{Asked, Body};
use crate::space::{Caller, Space};

pub(crate) const ENVIRONMENT: Kind =
    Kind { name: "environment", prefix: EnvironmentId::PREFIX, what: "environment" };

/// What the documents of sessions are; their parent is their environment.
const SESSION: &str = "session";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/environments", post(create).get(list))
        .route("/v1/environments/{environment_id}", get(retrieve).post(update).delete(delete))
        .route("/v1/environments/{environment_id}/archive", post(archive))
}

/// Finds an environment.
///
/// # Errors
/// Not found, with the code `environment_not_found`; internal.
pub(crate) async fn find(space: &Space, id: &str) -> Result<Environment, ApiError> {
    let found: Stored<Environment> = space.get(ENVIRONMENT, id).await.map_err(coded)?;
    Ok(found.value)
}

/// Gives the error of what is not there its code.
fn coded(error: ApiError) -> ApiError {
    if error.status == 404 { error.code("environment_not_found") } else { error }
}

async fn create(Caller { space, .. }: Caller, Body(params): Body<EnvironmentCreate>) -> Answer {
    let (id, now) = (space.new_id(EnvironmentId::new), space.clock.now());
    let made = Environment::create(params, id, now)?;
    let (id, key) = (made.id.as_str(), Some(made.name.as_str()));
    let new = New { id, parent: None, key, created_at: now, value: &made };
    space.create(ENVIRONMENT, new).await?;
    space.hooks.tell("environment.created", id);
    answer(made)
}

async fn retrieve(Caller { space, .. }: Caller, Path(environment_id): Path<String>) -> Answer {
    answer(find(&space, &environment_id).await?)
}

async fn update(
    Caller { space, .. }: Caller,
    Path(environment_id): Path<String>,
    Body(params): Body<EnvironmentUpdate>,
) -> Answer {
    let change = |before: &Environment| before.update(params.clone(), space.clock.now());
    changed(&space, &environment_id, "environment.updated", change).await
}

async fn archive(Caller { space, .. }: Caller, Path(environment_id): Path<String>) -> Answer {
    let change = |before: &Environment| {
        let archived = before.archived(space.clock.now());
        Ok((archived != *before).then_some(archived))
    };
    changed(&space, &environment_id, "environment.archived", change).await
}

/// Changes an environment, tells of it if anything changed, and answers with it.
async fn changed(
    space: &Space,
    id: &str,
    event: &str,
    f: impl Fn(&Environment) -> Result<Option<Environment>, ApiError>,
) -> Answer {
    let changes = AtomicBool::new(false);
    let after = space.change(ENVIRONMENT, id, |_, before: Environment| {
        let next = f(&before)?;
        changes.store(next.is_some(), Ordering::Relaxed);
        Ok(match next {
            None => Change::Keep(before),
            Some(value) => {
                let (key, archived_at) = (Some(value.name.clone()), value.archived_at);
                Change::Put { value, key, archived_at, version: 1 }
            }
        })
    });
    let after = after.await.map_err(coded)?;
    if changes.load(Ordering::Relaxed) {
        space.hooks.tell(event, id);
    }
    answer(after)
}

async fn list(Caller { space, .. }: Caller, Asked(mut query): Asked) -> Answer {
    let limit = query.limit(20, 1_000)?;
    let cursor = query.page("environments")?;
    let archived = query.flag("include_archived")?;
    query.done()?;
    let filter = DocumentFilter { archived, ..ENVIRONMENT.filter() };
    let object = |found: &Stored<Environment>| json!(found.value);
    space.page("environments", filter, limit, cursor, object).await
}

/// Deletes an environment that no session was made in, with the work items it may have.
async fn delete(Caller { space, .. }: Caller, Path(environment_id): Path<String>) -> Answer {
    // One that begins in it now is not there yet, and would go with it.
    let _alone = space.sessions.begins.write().await;
    find(&space, &environment_id).await?;
    let filter = DocumentFilter {
        kind: SESSION.to_owned(),
        parent: Some(environment_id.clone()),
        archived: true,
        limit: Some(1),
        ..DocumentFilter::default()
    };
    if let Some(session) = space.runtime.store.documents(&filter).await?.first() {
        let why = format!(
            "`{environment_id}` has sessions, such as `{}`: delete them first, or archive the \
             environment",
            session.id
        );
        return Err(ApiError::conflict(why).into());
    }
    space.remove(ENVIRONMENT, &environment_id).await.map_err(coded)?;
    space.hooks.tell("environment.deleted", &environment_id);
    answer(deleted(&environment_id, "environment_deleted"))
}
