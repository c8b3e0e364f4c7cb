//! Deployments and their runs: the routes, and what starts them by the clock.

mod agent;
mod list;
mod run;
mod said;
mod scheduler;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use lucid_api::ApiError;
use lucid_api::deployment::{CreateParams, Deployment, Run, SCHEDULED_MAX, Trigger, UpdateParams};
use lucid_core::{DeploymentId, DeploymentRunId, Timestamp};

use crate::answer::{Answer, answer};
use crate::app::App;
use crate::documents::{Change, Kind, New};
use crate::extract::{Asked, Body};
use crate::space::{Caller, Space};

pub(crate) use scheduler::run;

/// Deployments. What belongs to them belongs to the agent they were made with.
pub(crate) const DEPLOYMENT: Kind =
    Kind { name: "deployment", prefix: DeploymentId::PREFIX, what: "deployment" };

/// Their runs. The key of one that a schedule set off is its time: there is one at most.
pub(crate) const RUN: Kind =
    Kind { name: "deployment_run", prefix: DeploymentRunId::PREFIX, what: "deployment run" };

/// The routes.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/deployments", post(create).get(list))
        .route("/v1/deployments/{id}", get(retrieve).post(update))
        .route("/v1/deployments/{id}/archive", post(archive))
        .route("/v1/deployments/{id}/pause", post(pause))
        .route("/v1/deployments/{id}/unpause", post(unpause))
        .route("/v1/deployments/{id}/run", post(run_now))
        .route("/v1/deployment_runs", get(list_runs))
        .route("/v1/deployment_runs/{id}", get(retrieve_run))
}

async fn create(Caller { space, .. }: Caller, Body(params): Body<CreateParams>) -> Answer {
    params.check()?;
    let agent = agent::resolve(&space, &params.agent).await?;
    agent::check_environment(&space, &params.environment_id).await?;
    agent::check_vaults(&space, params.vault_ids.as_deref().unwrap_or_default()).await?;
    if params.schedule.is_some() {
        check_room(&space).await?;
    }
    let (now, id) = (space.clock.now(), new_id(&space));
    let made = Deployment::new(id, params, agent, now);
    let (id, parent) = (made.id.as_str(), Some(made.agent.id.as_str()));
    let new = New { id, parent, key: None, created_at: now, value: &made };
    space.create(DEPLOYMENT, new).await?;
    space.hooks.tell("deployment.created", &made.id);
    answer(made.to_object(now))
}

async fn retrieve(Caller { space, .. }: Caller, Path(id): Path<String>) -> Answer {
    let found = space.get::<Deployment>(DEPLOYMENT, &id).await?;
    answer(found.value.to_object(space.clock.now()))
}

async fn update(
    Caller { space, .. }: Caller,
    Path(id): Path<String>,
    Body(params): Body<UpdateParams>,
) -> Answer {
    params.check()?;
    let before = space.get::<Deployment>(DEPLOYMENT, &id).await?.value;
    let agent = match params.agent.set() {
        Some(asked) => Some(agent::resolve(&space, asked).await?),
        None => None,
    };
    if let Some(environment) = params.environment_id.set() {
        agent::check_environment(&space, environment).await?;
    }
    agent::check_vaults(&space, params.vault_ids.set().map_or(&[], Vec::as_slice)).await?;
    if before.schedule.is_none() && params.schedule.set().is_some() {
        check_room(&space).await?;
    }
    let change = |before: &Deployment, now| before.updated(params.clone(), agent.clone(), now);
    changed(&space, &id, "deployment.updated", change).await
}

async fn archive(Caller { space, .. }: Caller, Path(id): Path<String>) -> Answer {
    changed(&space, &id, "deployment.archived", |before, now| Ok(before.archived(now))).await
}

async fn pause(Caller { space, .. }: Caller, Path(id): Path<String>) -> Answer {
    changed(&space, &id, "deployment.paused", Deployment::paused).await
}

async fn unpause(Caller { space, .. }: Caller, Path(id): Path<String>) -> Answer {
    changed(&space, &id, "deployment.unpaused", Deployment::unpaused).await
}

async fn run_now(Caller { space, .. }: Caller, Path(id): Path<String>) -> Answer {
    let deployment = space.get::<Deployment>(DEPLOYMENT, &id).await?.value;
    deployment.check_not_archived("run")?;
    // Runs by hand tell no webhook: whoever asks has the answer.
    answer(run::record(&space, &run::Sessions, &deployment, Trigger::Manual).await?)
}

async fn list(Caller { space, .. }: Caller, Asked(query): Asked) -> Answer {
    list::deployments(&space, query).await
}

async fn list_runs(Caller { space, .. }: Caller, Asked(query): Asked) -> Answer {
    list::runs(&space, query).await
}

async fn retrieve_run(Caller { space, .. }: Caller, Path(id): Path<String>) -> Answer {
    answer(space.get::<Run>(RUN, &id).await?.value)
}

/// Changes a deployment, tells of it if anything changed, and answers with it.
async fn changed(
    space: &Arc<Space>,
    id: &str,
    event: &str,
    f: impl Fn(&Deployment, Timestamp) -> Result<Deployment, ApiError>,
) -> Answer {
    let now = space.clock.now();
    let (after, put) = change(space, id, |before| f(before, now)).await?;
    if put {
        space.hooks.tell(event, id);
    }
    answer(after.to_object(now))
}

/// Changes a deployment against the revision that was read; says whether anything changed.
async fn change(
    space: &Space,
    id: &str,
    f: impl Fn(&Deployment) -> Result<Deployment, ApiError>,
) -> Result<(Deployment, bool), ApiError> {
    let put = std::sync::atomic::AtomicBool::new(false);
    let relaxed = std::sync::atomic::Ordering::Relaxed;
    let after = space.change(DEPLOYMENT, id, |document, before: Deployment| {
        let value = f(&before)?;
        put.store(value != before, relaxed);
        if value == before {
            return Ok(Change::Keep(before));
        }
        let (key, archived_at, version) = (None, value.archived_at, document.version);
        Ok(Change::Put { value, key, archived_at, version })
    });
    let after = after.await?;
    Ok((after, put.load(relaxed)))
}

fn new_id(space: &Space) -> String {
    DeploymentId::new(space.clock.as_ref(), space.entropy.as_ref()).to_string()
}

/// Checks that one more deployment may have a schedule.
async fn check_room(space: &Space) -> Result<(), ApiError> {
    let all = space.list::<Deployment>(&DEPLOYMENT.filter()).await?;
    let scheduled = all.iter().filter(|found| found.value.schedule.is_some()).count();
    if scheduled < SCHEDULED_MAX {
        return Ok(());
    }
    let why = format!("{SCHEDULED_MAX} deployments have a schedule; archive one first");
    Err(ApiError::invalid(why))
}
