//! What a deployment names: looked up when it is made, and again before each run.

use lucid_api::ApiError;
use lucid_api::agent::Agent;
use lucid_api::deployment::{AgentAsked, AgentReference, Deployment};
use lucid_core::{AgentId, EnvironmentId, VaultId};
use lucid_store::Document;

use crate::documents::Kind;
use crate::space::Space;

const AGENT: Kind = Kind { name: "agent", prefix: AgentId::PREFIX, what: "agent" };
const ENVIRONMENT: Kind =
    Kind { name: "environment", prefix: EnvironmentId::PREFIX, what: "environment" };
const VAULT: Kind = Kind { name: "vault", prefix: VaultId::PREFIX, what: "vault" };

/// Finds one that is not archived.
async fn usable(space: &Space, kind: Kind, id: &str) -> Result<Document, ApiError> {
    let found = space.runtime.store.document(id).await?;
    let found = found.filter(|found| found.kind == kind.name);
    let found = found.ok_or_else(|| kind.missing(id))?;
    if found.archived_at.is_some() {
        let what = kind.what;
        let error = ApiError::invalid(format!("the {what} `{id}` is archived"));
        return Err(error.code(&format!("{}_archived", kind.name)));
    }
    Ok(found)
}

/// Finds the version of an agent that is asked for; the newest, when none is.
///
/// # Errors
/// Not found; invalid, when it is archived.
pub(super) async fn resolve(space: &Space, asked: &AgentAsked) -> Result<AgentReference, ApiError> {
    let found = usable(space, AGENT, &asked.id).await?;
    let version = asked.version.unwrap_or(found.version);
    if version > found.version {
        let (id, newest) = (&asked.id, found.version);
        let why = format!("the agent `{id}` has no version {version}; its newest is {newest}");
        return Err(ApiError::new(404, "not_found_error", why));
    }
    Ok(AgentReference { id: asked.id.clone(), version })
}

/// Checks that sessions can run in an environment.
///
/// # Errors
/// Not found; invalid, when it is archived.
pub(super) async fn check_environment(space: &Space, id: &str) -> Result<(), ApiError> {
    usable(space, ENVIRONMENT, id).await.map(|_| ())
}

/// Checks that vaults can be used.
///
/// # Errors
/// Not found; invalid, when one is archived.
pub(super) async fn check_vaults(space: &Space, ids: &[String]) -> Result<(), ApiError> {
    for id in ids {
        usable(space, VAULT, id).await?;
    }
    Ok(())
}

/// Whether a deployment's agent is gone.
pub(super) async fn is_gone(space: &Space, deployment: &Deployment) -> Result<bool, ApiError> {
    let found = space.runtime.store.document(&deployment.agent.id).await?;
    Ok(found.is_none_or(|found| found.kind != AGENT.name))
}

/// Checks an agent and all of its roster. A session of a person may still have a roster of which
/// one was archived, since its versions are pinned; nobody would see it of one by the clock.
async fn check_agents(space: &Space, agent: &AgentReference) -> Result<(), ApiError> {
    let newest = usable(space, AGENT, &agent.id).await?;
    let pinned = match newest.version == agent.version {
        true => Some(newest),
        false => space.runtime.store.document_version(&agent.id, agent.version).await?,
    };
    // One that cannot be read is told of when the session is made.
    let agent = pinned.and_then(|found| serde_json::from_str::<Agent>(&found.body).ok());
    for other in agent.iter().flat_map(Agent::others) {
        usable(space, AGENT, other.id.as_str()).await?;
    }
    Ok(())
}

/// Checks all that a deployment names, before a run.
///
/// # Errors
/// What is missing or archived.
pub(super) async fn check_all(space: &Space, deployment: &Deployment) -> Result<(), ApiError> {
    check_agents(space, &deployment.agent).await?;
    check_environment(space, &deployment.environment_id).await?;
    check_vaults(space, &deployment.vault_ids).await
}
