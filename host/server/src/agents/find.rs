//! Looking agents up, and what they name.

use lucid_api::ApiError;
use lucid_api::agent::{Agent, AgentChoice, AgentSnapshot, Known, Needs};

use super::AGENT;
use crate::documents::{Stored, stored};
use crate::skills;
use crate::space::Space;

/// Finds an agent in a version; none is the newest. Whether it is archived is as it is now, in
/// every version.
///
/// # Errors
/// Not found; internal.
pub(crate) async fn find(space: &Space, id: &str, version: Option<u32>) -> Result<Agent, ApiError> {
    let newest: Stored<Agent> = space.get(AGENT, id).await?;
    let Some(version) = version.filter(|version| *version != newest.value.version) else {
        return Ok(newest.value);
    };
    let found = space.runtime.store.document_version(id, version).await?;
    let found = found.ok_or_else(|| {
        let last = newest.value.version;
        let why = format!("the agent `{id}` has no version {version}; its newest is {last}");
        ApiError::new(404, "not_found_error", why)
    })?;
    let found: Stored<Agent> = stored(found)?;
    Ok(Agent { archived_at: newest.value.archived_at, ..found.value })
}

/// Looks up what a request names; what is missing is left out.
///
/// # Errors
/// Internal.
pub(crate) async fn known(space: &Space, needs: Needs) -> Result<Known, ApiError> {
    let mut known = Known::default();
    for wanted in needs.skills {
        if let Some(version) = skills::resolve(space, &wanted).await? {
            known.skills.insert(wanted, version);
        }
    }
    for wanted in needs.agents {
        match find(space, &wanted.id, wanted.version).await {
            Ok(agent) => known.agents.insert(wanted, agent),
            Err(error) if error.status == 404 => None,
            Err(error) => return Err(error),
        };
    }
    Ok(known)
}

/// The agent that a session is made of, with all whom it may have work for it and with what
/// the session has otherwise.
///
/// # Errors
/// Not found, also when one of its skills was deleted; invalid, when the agent is archived or the
/// overrides do not fit; internal.
pub(crate) async fn snapshot(
    space: &Space,
    choice: &AgentChoice,
) -> Result<AgentSnapshot, ApiError> {
    let agent = find(space, &choice.id, choice.version).await?;
    if agent.archived_at.is_some() {
        let why = format!("the agent `{}` is archived; use another", agent.id);
        return Err(ApiError::invalid(why).code("agent_archived"));
    }
    let mut others = Vec::new();
    for other in agent.others() {
        others.push(find(space, other.id.as_str(), Some(other.version)).await?);
    }
    let known = known(space, choice.overrides.needs()).await?;
    let snapshot = agent.snapshot(&others)?.overridden(choice.overrides.clone(), &known)?;
    let skills = others.iter().flat_map(|other| &other.config.skills);
    for skill in snapshot.config.skills.iter().chain(skills) {
        skills::find_version(space, &skill.skill_id, &skill.version).await?;
    }
    Ok(snapshot)
}
