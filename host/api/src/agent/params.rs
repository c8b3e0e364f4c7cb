//! What requests say of an agent.

use lucid_core::AgentId;
use serde::{Deserialize, Serialize};

use super::{McpServerParam, ModelParam, MultiagentParam, Needs, SkillParam, ToolParam};
use crate::check::{Metadata, MetadataPatch, text};
use crate::error::{ApiError, Result};
use crate::field::Field;

const NAME_MAX: usize = 256;
const DESCRIPTION_MAX: usize = 2_048;
const SYSTEM_MAX: usize = 100_000;
const ROLE_MAX: usize = 2_048;

/// As whom an agent runs. Lucid takes on nobody's role: the value is kept for clients.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ExecutionIdentity {
    /// As the server.
    #[default]
    ServiceAccount,
    /// As a role at AWS.
    AwsRole {
        /// The role's name there.
        role_arn: String,
    },
}

/// A new agent.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentCreate {
    /// Its name; several may have the same.
    pub name: String,
    /// Its model.
    pub model: ModelParam,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// Its system prompt.
    #[serde(default)]
    pub system: Option<String>,
    /// What it can call.
    #[serde(default)]
    pub tools: Option<Vec<ToolParam>>,
    /// Servers with more tools.
    #[serde(default)]
    pub mcp_servers: Option<Vec<McpServerParam>>,
    /// What it knows how to do.
    #[serde(default)]
    pub skills: Option<Vec<SkillParam>>,
    /// Who works for it.
    #[serde(default)]
    pub multiagent: Option<MultiagentParam>,
    /// What somebody notes beside it.
    #[serde(default)]
    pub metadata: Option<Metadata>,
    /// As whom it runs.
    #[serde(default)]
    pub execution_identity: Option<ExecutionIdentity>,
}

/// A change of an agent: what is left out stays, null clears.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentUpdate {
    /// The version that is changed; with another one the change is refused.
    #[serde(default)]
    pub version: Option<u32>,
    /// Another name.
    #[serde(default)]
    pub name: Field<String>,
    /// Another model.
    #[serde(default)]
    pub model: Field<ModelParam>,
    /// Another description.
    #[serde(default)]
    pub description: Field<String>,
    /// Another system prompt.
    #[serde(default)]
    pub system: Field<String>,
    /// Other tools.
    #[serde(default)]
    pub tools: Field<Vec<ToolParam>>,
    /// Other servers.
    #[serde(default)]
    pub mcp_servers: Field<Vec<McpServerParam>>,
    /// Other skills.
    #[serde(default)]
    pub skills: Field<Vec<SkillParam>>,
    /// Others that work for it.
    #[serde(default)]
    pub multiagent: Field<MultiagentParam>,
    /// A change of the metadata.
    #[serde(default)]
    pub metadata: Field<MetadataPatch>,
    /// Another identity.
    #[serde(default)]
    pub execution_identity: Field<ExecutionIdentity>,
}

impl AgentCreate {
    /// What has to be looked up before the agent can be made.
    #[must_use]
    pub fn needs(&self) -> Needs {
        Needs::of(self.skills.as_deref().unwrap_or_default(), self.multiagent.as_ref())
    }
}

impl AgentUpdate {
    /// What has to be looked up before the agent can be changed.
    #[must_use]
    pub fn needs(&self) -> Needs {
        let skills = self.skills.set().map_or(&[][..], Vec::as_slice);
        Needs::of(skills, self.multiagent.set())
    }
}

/// Checks a name.
pub(super) fn check_name(name: String) -> Result<String> {
    text("name", &name, 1..=NAME_MAX)?;
    Ok(name)
}

/// Checks a description; an empty one is none.
pub(super) fn check_description(description: String) -> Result<Option<String>> {
    text("description", &description, 0..=DESCRIPTION_MAX)?;
    Ok(Some(description).filter(|description| !description.is_empty()))
}

/// Checks a system prompt; an empty one is none.
pub(super) fn check_system(system: String) -> Result<Option<String>> {
    text("system", &system, 0..=SYSTEM_MAX)?;
    Ok(Some(system).filter(|system| !system.is_empty()))
}

/// Checks an identity.
pub(super) fn check_identity(identity: ExecutionIdentity) -> Result<ExecutionIdentity> {
    if let ExecutionIdentity::AwsRole { role_arn } = &identity {
        text("execution_identity.role_arn", role_arn, 1..=ROLE_MAX)?;
        if !role_arn.starts_with("arn:") {
            let why = "execution_identity.role_arn: a role's name there begins with `arn:`";
            return Err(ApiError::invalid(why));
        }
    }
    Ok(identity)
}

/// The precondition of a change.
pub(super) fn check_version(asked: Option<u32>, id: &AgentId, has: u32) -> Result<()> {
    match asked {
        None => Ok(()),
        Some(0) => Err(ApiError::invalid("version: at least 1")),
        Some(version) if version == has => Ok(()),
        Some(version) => Err(ApiError::conflict(format!(
            "`{id}` has version {has}, not {version}: read it again and change that"
        ))),
    }
}
