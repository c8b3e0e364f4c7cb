//! An agent as a session has it: fixed when the session begins.

use lucid_core::AgentId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::multiagent::{AgentReference, Multiagent};
use super::params::check_system;
use super::union::{tagged, unknown};
use super::{
    Agent, AgentConfig, Known, McpServerParam, ModelParam, Needs, SkillParam, Tool, ToolParam,
    servers, skills,
};
use crate::check;
use crate::error::{ApiError, Result};
use crate::field::Field;
use crate::read::value as read;

/// An agent in one version, as a thread runs it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "agent")]
pub struct ThreadAgent {
    /// Its id.
    pub id: AgentId,
    /// The version.
    pub version: u32,
    /// What it is.
    #[serde(flatten)]
    pub config: AgentConfig,
}

/// An agent as a session has it, with all whom it may have work for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "agent")]
pub struct AgentSnapshot {
    /// Its id.
    pub id: AgentId,
    /// The version.
    pub version: u32,
    /// What it is.
    #[serde(flatten)]
    pub config: AgentConfig,
    /// The others, in full.
    pub multiagent: Option<Multiagent<ThreadAgent>>,
}

/// What a session has otherwise than its agent: what is left out stays, null clears.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentOverrides {
    /// Another model, as a whole.
    #[serde(default)]
    pub model: Field<ModelParam>,
    /// Another system prompt.
    #[serde(default)]
    pub system: Field<String>,
    /// Other tools.
    #[serde(default)]
    pub tools: Field<Vec<ToolParam>>,
    /// Other MCP servers.
    #[serde(default)]
    pub mcp_servers: Field<Vec<McpServerParam>>,
    /// Other skills.
    #[serde(default)]
    pub skills: Field<Vec<SkillParam>>,
}

impl AgentOverrides {
    /// What has to be looked up.
    #[must_use]
    pub fn needs(&self) -> Needs {
        Needs::of(self.skills.set().map_or(&[], Vec::as_slice), None)
    }
}

/// Which agent a session is made of: an id, `{"type": "agent", …}` or
/// `{"type": "agent_with_overrides", …}`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
pub struct AgentChoice {
    /// The agent's id.
    pub id: String,
    /// The version; none: the newest.
    pub version: Option<u32>,
    /// What the session has otherwise.
    pub overrides: AgentOverrides,
}

impl TryFrom<Value> for AgentChoice {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        Self::read(value).map_err(|error| error.message)
    }
}

impl AgentChoice {
    fn read(value: Value) -> Result<Self> {
        if let Value::String(id) = value {
            check::id("agent", AgentId::PREFIX, &id)?;
            return Ok(Self { id, version: None, overrides: AgentOverrides::default() });
        }
        let (kind, rest) = tagged(value)?;
        let Value::Object(mut fields) = rest else {
            return Err(ApiError::invalid("an agent is an id or an object"));
        };
        let id: String = read(fields.shift_remove("id").unwrap_or_default())
            .map_err(|_| ApiError::invalid("id: an agent's id has to be here"))?;
        check::id("id", AgentId::PREFIX, &id)?;
        let version: Option<u32> = read(fields.shift_remove("version").unwrap_or_default())
            .map_err(|error| ApiError::invalid(format!("version: {}", error.message)))?;
        if version == Some(0) {
            return Err(ApiError::invalid("version: at least 1"));
        }
        let overrides = match kind.as_str() {
            "agent_with_overrides" => read(Value::Object(fields))?,
            "agent" => match fields.keys().next() {
                None => AgentOverrides::default(),
                Some(_) => {
                    let why = "`agent` has `id` and `version` alone; `agent_with_overrides` has \
                               `model`, `system`, `tools`, `mcp_servers` and `skills` as well";
                    return Err(ApiError::invalid(why));
                }
            },
            _ => return Err(unknown(&kind, &["agent", "agent_with_overrides"])),
        };
        Ok(Self { id, version, overrides })
    }
}

impl Agent {
    /// The agents that it names besides itself: what [`Agent::snapshot`] needs.
    #[must_use]
    pub fn others(&self) -> Vec<AgentReference> {
        let named = self.multiagent.iter().flat_map(Multiagent::agents);
        let mut others: Vec<AgentReference> = Vec::new();
        for agent in named.filter(|agent| agent.id != self.id) {
            if !others.contains(agent) {
                others.push(agent.clone());
            }
        }
        others
    }

    /// The agent as a thread runs it.
    #[must_use]
    pub fn thread_agent(&self) -> ThreadAgent {
        ThreadAgent { id: self.id.clone(), version: self.version, config: self.config.clone() }
    }

    /// The agent as a session has it. `others` are those of [`Agent::others`], in these
    /// versions.
    ///
    /// # Errors
    /// Invalid, when one of the others is missing.
    pub fn snapshot(&self, others: &[Agent]) -> Result<AgentSnapshot> {
        let full = |reference: &AgentReference| {
            if reference.id == self.id {
                return Ok(self.thread_agent());
            }
            let fits =
                |agent: &&Agent| agent.id == reference.id && agent.version == reference.version;
            others.iter().find(fits).map(Agent::thread_agent).ok_or_else(|| {
                let AgentReference { id, version } = reference;
                ApiError::invalid(format!("multiagent: version {version} of `{id}` is gone"))
            })
        };
        let multiagent = self.multiagent.as_ref().map(|others| others.map(full)).transpose()?;
        let Self { id, version, config, .. } = self;
        Ok(AgentSnapshot { id: id.clone(), version: *version, config: config.clone(), multiagent })
    }
}

impl AgentSnapshot {
    /// The snapshot with what a session has otherwise. The agent's own entries among the
    /// others change with it; all the rest stay as they are.
    ///
    /// # Errors
    /// Invalid: the model is cleared (`agent_model_required`), something is none, or does not
    /// go together afterwards, such as skills without a tool that reads.
    pub fn overridden(&self, overrides: AgentOverrides, known: &Known) -> Result<Self> {
        let AgentOverrides { model, system, tools, mcp_servers, skills: other_skills } = overrides;
        let mut config = self.config.clone();
        match model {
            Field::Keep => {}
            Field::Clear => {
                let why = "agent.model: an agent has a model; leave the field out to keep it";
                return Err(ApiError::invalid(why).code("agent_model_required"));
            }
            Field::Set(model) => config.model = model.over(None),
        }
        match system {
            Field::Keep => {}
            Field::Clear => config.system = None,
            Field::Set(system) => config.system = check_system(system)?,
        }
        match tools {
            Field::Keep => {}
            Field::Clear => config.tools = Vec::new(),
            Field::Set(tools) => config.tools = tools.into_iter().map(|tool| tool.0).collect(),
        }
        match mcp_servers {
            Field::Keep => {}
            Field::Clear => config.mcp_servers = Vec::new(),
            Field::Set(params) => config.mcp_servers = servers::servers(params)?,
        }
        match other_skills {
            Field::Keep => {}
            Field::Clear => config.skills = Vec::new(),
            Field::Set(params) => config.skills = skills::skills(params, known)?,
        }
        config.check(matches!(self.multiagent, Some(Multiagent::Team(_))))?;
        let own = |agent: &ThreadAgent| {
            let mut agent = agent.clone();
            if agent.id == self.id {
                agent.config = config.clone();
            }
            Ok(agent)
        };
        let multiagent = self.multiagent.as_ref().map(|others| others.map(own)).transpose()?;
        Ok(Self { id: self.id.clone(), version: self.version, config, multiagent })
    }

    /// The agent alone, without the others.
    #[must_use]
    pub fn thread_agent(&self) -> ThreadAgent {
        ThreadAgent { id: self.id.clone(), version: self.version, config: self.config.clone() }
    }

    /// Its tools.
    #[must_use]
    pub fn tools(&self) -> &[Tool] {
        &self.config.tools
    }
}
