//! What requests say of a session.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::{Budget, ResourceParam};
use crate::agent::{AgentChoice, AgentOverrides, McpServerParam, ToolParam};
use crate::check::{Metadata, MetadataPatch, check_metadata};
use crate::error::{ApiError, Result};
use crate::event::SentEvent;
use crate::event::sent::initial;
use crate::field::Field;

const TITLE_MAX: usize = 500;
const RESOURCES_MAX: usize = 500;
const MEMORY_STORES_MAX: usize = 8;
const VAULTS_MAX: usize = 50;

/// A new session.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateSession {
    /// Whose session it is.
    pub agent: AgentChoice,
    /// Where its tools run.
    pub environment_id: String,
    /// Its title.
    #[serde(default)]
    pub title: Option<String>,
    /// What somebody notes beside it.
    #[serde(default)]
    pub metadata: Option<Metadata>,
    /// What it works with.
    #[serde(default)]
    pub resources: Option<Vec<ResourceParam>>,
    /// Where it finds credentials.
    #[serde(default)]
    pub vault_ids: Option<Vec<String>>,
    /// What is said to it at once.
    #[serde(default)]
    pub initial_events: Option<Vec<SentEvent>>,
    /// What it may cost.
    #[serde(default)]
    pub budget: Option<Budget>,
}

impl CreateSession {
    /// Checks everything that depends on nothing else.
    ///
    /// # Errors
    /// Invalid, naming the field; not implemented, for resources that nothing here brings.
    pub fn check(&self) -> Result<()> {
        crate::id("environment_id", "env_", &self.environment_id)?;
        if let Some(title) = &self.title {
            crate::text("title", title, 1..=TITLE_MAX)?;
        }
        check_metadata(self.metadata.as_ref().unwrap_or(&Metadata::new()))?;
        check_vaults(self.vault_ids.as_deref().unwrap_or_default())?;
        check_resources(self.resources.as_deref().unwrap_or_default())?;
        initial(self.initial_events.as_deref().unwrap_or_default())?;
        self.budget.as_ref().map_or(Ok(()), |budget| budget.cents().map(drop))
    }

    /// Checks what the environment's workers can have.
    ///
    /// # Errors
    /// Invalid, when a resource is no memory store, where workers run the tools.
    pub fn check_self_hosted(&self) -> Result<()> {
        let resources = self.resources.as_deref().unwrap_or_default();
        let other = |resource| !matches!(resource, &ResourceParam::MemoryStore { .. });
        match resources.iter().position(other) {
            None => Ok(()),
            Some(index) => Err(ApiError::invalid(format!(
                "resources[{index}]: a session of a self_hosted environment has memory stores only"
            ))
            .code("self_hosted_resources_unsupported")),
        }
    }
}

fn check_vaults(vaults: &[String]) -> Result<()> {
    if vaults.len() > VAULTS_MAX {
        return Err(ApiError::invalid(format!("vault_ids: more than {VAULTS_MAX}")));
    }
    let mut seen = BTreeSet::new();
    for (index, id) in vaults.iter().enumerate() {
        crate::id(&format!("vault_ids[{index}]"), "vlt_", id)?;
        if !seen.insert(id) {
            return Err(ApiError::invalid(format!("vault_ids[{index}]: it is there twice")));
        }
    }
    Ok(())
}

fn check_resources(resources: &[ResourceParam]) -> Result<()> {
    if resources.len() > RESOURCES_MAX {
        return Err(ApiError::invalid(format!("resources: more than {RESOURCES_MAX}")));
    }
    let (mut stores, mut places) = (BTreeSet::new(), BTreeSet::new());
    for (index, resource) in resources.iter().enumerate() {
        let field = format!("resources[{index}]");
        resource.check(&field)?;
        let twice = match resource {
            ResourceParam::MemoryStore { memory_store_id, .. } => !stores.insert(memory_store_id),
            ResourceParam::File { file_id, mount_path } => {
                !places.insert(super::mount_path(&field, file_id, mount_path.as_deref())?)
            }
            ResourceParam::GithubRepository { .. } => false,
        };
        if twice {
            return Err(ApiError::invalid(format!("{field}: the same is there already")));
        }
    }
    if stores.len() > MEMORY_STORES_MAX {
        let text = format!("resources: more than {MEMORY_STORES_MAX} memory stores");
        return Err(ApiError::invalid(text));
    }
    Ok(())
}

/// A change of a session: what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateSession {
    /// Another title.
    #[serde(default)]
    pub title: Field<String>,
    /// A change of the metadata.
    #[serde(default)]
    pub metadata: Field<MetadataPatch>,
    /// Other tools.
    #[serde(default)]
    pub agent: Option<SessionAgentUpdate>,
    /// Another budget; null takes it away.
    #[serde(default)]
    pub budget: Field<Budget>,
    /// Nothing may be here.
    #[serde(default)]
    pub vault_ids: Field<Value>,
}

/// What may be changed of a session's agent.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionAgentUpdate {
    /// Other tools, all of them.
    #[serde(default)]
    pub tools: Field<Vec<ToolParam>>,
    /// Other MCP servers, all of them.
    #[serde(default)]
    pub mcp_servers: Field<Vec<McpServerParam>>,
}

impl From<SessionAgentUpdate> for AgentOverrides {
    fn from(update: SessionAgentUpdate) -> Self {
        let SessionAgentUpdate { tools, mcp_servers } = update;
        Self { tools, mcp_servers, ..Self::default() }
    }
}

impl UpdateSession {
    /// Checks everything that depends on nothing else.
    ///
    /// # Errors
    /// Invalid, naming the field.
    pub fn check(&self) -> Result<()> {
        if !self.vault_ids.is_kept() {
            let text = "vault_ids: a session keeps the vaults it was made with";
            return Err(ApiError::invalid(text));
        }
        if let Some(title) = self.title.set() {
            crate::text("title", title, 1..=TITLE_MAX)?;
        }
        self.budget.set().map_or(Ok(()), |budget| budget.cents().map(drop))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn create(more: Value) -> Result<CreateSession> {
        let mut body = json!({"agent": "agent_1", "environment_id": "env_1"});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let params: CreateSession = crate::value(body)?;
        params.check().map(|()| params)
    }

    #[test]
    fn a_session_needs_an_agent_and_an_environment() {
        assert!(create(json!({})).is_ok());
        for wrong in [
            json!({"agent": null}),
            json!({"environment_id": "agent_1"}),
            json!({"title": ""}),
            json!({"title": "t".repeat(501)}),
            json!({"metadata": {"k": "v".repeat(513)}}),
            json!({"vault_ids": ["vlt_1", "vlt_1"]}),
            json!({"vault_ids": ["string"]}),
            json!({"color": 1}),
            json!({"budget": {"type": "limit", "max_list_cost":
                {"amount": "0", "currency": "USD"}}}),
            json!({"initial_events": [{"type": "user.interrupt"}]}),
            json!({"resources": [{"type": "file", "file_id": "x"}]}),
        ] {
            assert_eq!(create(wrong.clone()).unwrap_err().status, 400, "{wrong}");
        }
    }

    #[test]
    fn resources_are_there_once_and_workers_have_memory_stores_only() {
        let store =
            |n: usize| json!({"type": "memory_store", "memory_store_id": format!("memstore_{n}")});
        let file = json!({"type": "file", "file_id": "file_1"});
        let of = |resources: Vec<Value>| create(json!({ "resources": resources }));
        assert!(of((1..=8).map(store).collect()).unwrap().check_self_hosted().is_ok());
        assert!(of((1..=9).map(store).collect()).is_err());
        assert!(of(vec![store(1), store(1)]).is_err());
        assert!(of(vec![file.clone(), file.clone()]).is_err());
        let with = of(vec![store(1), file]).unwrap().check_self_hosted().unwrap_err();
        let code = "self_hosted_resources_unsupported";
        assert_eq!(with.fields["details"]["error_code"], code);
        let clone = json!({"type": "github_repository", "url": "https://a.b/c"});
        assert_eq!(of(vec![clone]).unwrap_err().status, 501);
    }

    #[test]
    fn vaults_cannot_be_changed() {
        for (body, is_right) in [
            (json!({}), true),
            (json!({"title": null, "budget": null, "metadata": {"a": null}}), true),
            (json!({"vault_ids": []}), false),
            (json!({"vault_ids": null}), false),
            (json!({"title": ""}), false),
        ] {
            let update: UpdateSession = crate::value(body.clone()).unwrap();
            assert_eq!(update.check().is_ok(), is_right, "{body}");
        }
    }
}
