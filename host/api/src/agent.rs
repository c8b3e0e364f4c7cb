//! Agents: a model, what it is told, and what it can call, in versions.
//!
//! What depends on other things in a workspace, skills and other agents, is looked up first:
//! [`AgentCreate::needs`] says what, [`Known`] is what was found. So every rule is a function.

mod model_config;
mod multiagent;
mod params;
mod servers;
mod skills;
mod snapshot;
#[cfg(test)]
mod tests;
mod tools;
pub(crate) mod union;

use std::collections::{BTreeMap, BTreeSet};

use lucid_core::{AgentId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::check::{Metadata, check_metadata, patched};
use crate::error::{ApiError, Result};
use crate::field::Field;

pub use model_config::{Effort, ModelConfig, ModelParam, Speed};
pub use multiagent::{
    ADVISOR_NAME, Advisor, AdvisorSwitch, AgentReference, AgentWanted, Helpers, Multiagent,
    MultiagentParam, RosterMember, Switch, Team,
};
pub use params::{AgentCreate, AgentUpdate, ExecutionIdentity};
pub use servers::{McpServer, McpServerParam};
pub use skills::{SkillKind, SkillParam, SkillReference, SkillWanted};
pub use snapshot::{AgentChoice, AgentOverrides, AgentSnapshot, ThreadAgent};
pub use tools::{
    AgentToolConfig, AgentToolset, BuiltinTool, CustomTool, McpToolConfig, McpToolset,
    PermissionPolicy, Tool, ToolDefaults, ToolParam, ToolReference, UrlSource, UrlSources,
    UserLocation,
};

use multiagent::Own;

/// How custom tools may not begin where the server has tools of its own beside them.
const RESERVED_PREFIX: &str = "ant__";

/// An agent in one version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "agent")]
pub struct Agent {
    /// Its id.
    pub id: AgentId,
    /// The version, from 1.
    pub version: u32,
    /// What it is.
    #[serde(flatten)]
    pub config: AgentConfig,
    /// Who works for it.
    pub multiagent: Option<Multiagent>,
    /// What somebody notes beside it.
    pub metadata: Metadata,
    /// When it was made.
    pub created_at: Timestamp,
    /// When this version was made, or the agent was archived.
    pub updated_at: Timestamp,
    /// When it was archived, which is for good.
    pub archived_at: Option<Timestamp>,
}

/// What an agent is: what sessions take over from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentConfig {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its model.
    pub model: ModelConfig,
    /// Its system prompt.
    pub system: Option<String>,
    /// What it can call.
    pub tools: Vec<Tool>,
    /// Servers with more tools.
    pub mcp_servers: Vec<McpServer>,
    /// What it knows how to do.
    pub skills: Vec<SkillReference>,
    /// As whom it runs.
    pub execution_identity: ExecutionIdentity,
}

/// What has to be looked up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Skills.
    pub skills: BTreeSet<SkillWanted>,
    /// Agents.
    pub agents: BTreeSet<AgentWanted>,
}

/// What was found of it; what is missing is not there.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The versions of skills.
    pub skills: BTreeMap<SkillWanted, String>,
    /// The agents in the versions asked for, with `archived_at` as it is now.
    pub agents: BTreeMap<AgentWanted, Agent>,
}

impl Needs {
    fn of(skills: &[SkillParam], multiagent: Option<&MultiagentParam>) -> Self {
        let agents = multiagent.map(MultiagentParam::wanted).unwrap_or_default();
        Self {
            skills: skills.iter().map(SkillParam::wanted).collect(),
            agents: agents.into_iter().collect(),
        }
    }
}

impl AgentConfig {
    /// Checks what goes together; `reserved`: whether names that the newer form of `multiagent`
    /// keeps for itself are taken.
    fn check(&self, reserved: bool) -> Result<()> {
        tools::check(&self.tools, &self.mcp_servers)?;
        if !self.skills.is_empty() && !tools::can_read(&self.tools) {
            return Err(ApiError::invalid(
                "skills: they are read with the tool `read`: add an `agent_toolset_20260401` \
                 to `tools`, with `read` enabled",
            ));
        }
        let taken = |tool: &CustomTool| tool.name.starts_with(RESERVED_PREFIX);
        if reserved && tools::customs(&self.tools).any(taken) {
            return Err(ApiError::invalid(format!(
                "tools: with `multiagent_20261001` no custom tool's name begins with \
                 `{RESERVED_PREFIX}`"
            )));
        }
        Ok(())
    }
}

impl Agent {
    /// Makes an agent, version 1.
    ///
    /// # Errors
    /// Invalid, naming the field.
    pub fn create(params: AgentCreate, known: &Known, id: AgentId, now: Timestamp) -> Result<Self> {
        let description = params.description.map(params::check_description).transpose()?;
        let system = params.system.map(params::check_system).transpose()?;
        let metadata = params.metadata.unwrap_or_default();
        check_metadata(&metadata)?;
        let tools = params.tools.unwrap_or_default().into_iter().map(|tool| tool.0).collect();
        let config = AgentConfig {
            name: params::check_name(params.name)?,
            description: description.flatten(),
            model: params.model.over(None),
            system: system.flatten(),
            tools,
            mcp_servers: servers::servers(params.mcp_servers.unwrap_or_default())?,
            skills: skills::skills(params.skills.unwrap_or_default(), known)?,
            execution_identity: params::check_identity(
                params.execution_identity.unwrap_or_default(),
            )?,
        };
        let own = Own { id: &id, version: 1, model: &config.model };
        let others = params.multiagent.map(|param| multiagent::resolve(param, None, &own, known));
        let multiagent = union::at("multiagent", others.transpose())?;
        config.check(matches!(multiagent, Some(Multiagent::Team(_))))?;
        let (version, archived_at) = (1, None);
        let (created_at, updated_at) = (now, now);
        Ok(Self { id, version, config, multiagent, metadata, created_at, updated_at, archived_at })
    }

    /// Changes the agent: its next version, or none where nothing changes.
    ///
    /// # Errors
    /// Invalid, naming the field, or because the agent is archived. A conflict, when the change
    /// is for another version.
    pub fn update(
        &self,
        params: AgentUpdate,
        known: &Known,
        now: Timestamp,
    ) -> Result<Option<Self>> {
        if self.archived_at.is_some() {
            let why = format!("`{}` is archived and stays as it is: make another agent", self.id);
            return Err(ApiError::invalid(why));
        }
        params::check_version(params.version, &self.id, self.version)?;
        let config = self.config_with(&params, known)?;
        let metadata = match params.metadata {
            Field::Keep => self.metadata.clone(),
            Field::Clear => Metadata::new(),
            Field::Set(patch) => patched(&self.metadata, patch),
        };
        check_metadata(&metadata)?;
        let multiagent = match params.multiagent {
            Field::Keep => self.multiagent.clone(),
            Field::Clear => None,
            Field::Set(param) => {
                let own = Own { id: &self.id, version: self.version, model: &config.model };
                let before = self.multiagent.as_ref();
                let resolved = multiagent::resolve(param, before, &own, known);
                Some(union::at("multiagent", resolved)?)
            }
        };
        config.check(matches!(multiagent, Some(Multiagent::Team(_))))?;
        let same =
            (&config, &metadata, &multiagent) == (&self.config, &self.metadata, &self.multiagent);
        if same {
            return Ok(None);
        }
        let version = self.version.checked_add(1);
        let version = version.ok_or_else(|| ApiError::invalid("there are no more versions"))?;
        Ok(Some(Self {
            id: self.id.clone(),
            version,
            config,
            multiagent: multiagent.map(|others| others.with_own_version(&self.id, version)),
            metadata,
            created_at: self.created_at,
            updated_at: now,
            archived_at: None,
        }))
    }

    fn config_with(&self, params: &AgentUpdate, known: &Known) -> Result<AgentConfig> {
        let mut config = self.config.clone();
        let required = |field: &str| Err(ApiError::invalid(format!("{field}: cannot be cleared")));
        match params.name.clone() {
            Field::Keep => {}
            Field::Clear => return required("name"),
            Field::Set(name) => config.name = params::check_name(name)?,
        }
        match params.model.clone() {
            Field::Keep => {}
            Field::Clear => return required("model"),
            Field::Set(model) => config.model = model.over(Some(&self.config.model)),
        }
        match params.description.clone() {
            Field::Keep => {}
            Field::Clear => config.description = None,
            Field::Set(text) => config.description = params::check_description(text)?,
        }
        match params.system.clone() {
            Field::Keep => {}
            Field::Clear => config.system = None,
            Field::Set(text) => config.system = params::check_system(text)?,
        }
        if !params.tools.is_kept() {
            let tools = params.tools.set().cloned().unwrap_or_default();
            config.tools = tools.into_iter().map(|tool| tool.0).collect();
        }
        if !params.mcp_servers.is_kept() {
            let list = params.mcp_servers.set().cloned().unwrap_or_default();
            config.mcp_servers = servers::servers(list)?;
        }
        if !params.skills.is_kept() {
            let list = params.skills.set().cloned().unwrap_or_default();
            config.skills = skills::skills(list, known)?;
        }
        if !params.execution_identity.is_kept() {
            let identity = params.execution_identity.set().cloned().unwrap_or_default();
            config.execution_identity = params::check_identity(identity)?;
        }
        Ok(config)
    }

    /// The agent, archived. One that is already stays as it is.
    #[must_use]
    pub fn archived(&self, now: Timestamp) -> Self {
        let mut agent = self.clone();
        if agent.archived_at.is_none() {
            agent.archived_at = Some(now);
            agent.updated_at = now;
        }
        agent
    }

    /// The agent by id and version.
    #[must_use]
    pub fn reference(&self) -> AgentReference {
        AgentReference { id: self.id.clone(), version: self.version }
    }
}
