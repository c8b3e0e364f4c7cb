//! An agent that has others work for it.
//!
//! What is stored names each of the others in one version. The agent itself may be among them
//! (`self`): its entry always has the version that the agent has.

mod params;
#[cfg(test)]
mod tests;

use lucid_core::AgentId;
use serde::{Deserialize, Serialize};

use crate::error::{ApiError, Result};

pub use params::{AgentWanted, MultiagentParam};
pub(super) use params::{Own, resolve};

/// The name that an advisor has among the others.
pub const ADVISOR_NAME: &str = "anthropic.advisor";

/// An agent in one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "agent")]
pub struct AgentReference {
    /// Its id.
    pub id: AgentId,
    /// The version.
    pub version: u32,
}

/// A model that may be asked for advice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "advisor")]
pub struct Advisor {
    /// The model's name.
    pub model: String,
}

/// How an agent has others work for it. An agent holds references to the others; the agent of a
/// session holds the others themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Multiagent<A = AgentReference> {
    /// It starts threads of a roster of agents.
    #[serde(rename = "coordinator")]
    Coordinator {
        /// The roster; an advisor is the last.
        agents: Vec<RosterMember<A>>,
    },
    /// Threads, workflows and an advisor, each on or off.
    #[serde(rename = "multiagent_20261001")]
    Team(Team<A>),
}

/// One of a coordinator's roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RosterMember<A = AgentReference> {
    /// An agent.
    Agent(A),
    /// A model to ask.
    Advisor(Advisor),
}

/// What an agent of the newer form has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team<A = AgentReference> {
    /// Threads it may start.
    pub subagents: Helpers<A>,
    /// Workflows it may start.
    pub workflows: Helpers<A>,
    /// A model it may ask.
    pub advisor: AdvisorSwitch,
}

/// Whom threads or workflows may run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Helpers<A = AgentReference> {
    /// Nobody.
    Disabled,
    /// These.
    Enabled {
        /// Agents that the agent makes up itself.
        inline_agents: Switch,
        /// Agents that are stored.
        predefined_agents: Vec<A>,
    },
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Switch {
    /// On.
    Enabled,
    /// Off.
    Disabled,
}

/// Whether a model may be asked, and which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AdvisorSwitch {
    /// None may.
    Disabled,
    /// This one may.
    Enabled {
        /// Its name.
        model: String,
    },
}

impl<A> Default for Helpers<A> {
    /// As the API has it where nobody says anything: on, with agents made up.
    fn default() -> Self {
        Self::Enabled { inline_agents: Switch::Enabled, predefined_agents: Vec::new() }
    }
}

impl<A> Default for Team<A> {
    fn default() -> Self {
        let (subagents, workflows) = (Helpers::default(), Helpers::default());
        Self { subagents, workflows, advisor: AdvisorSwitch::Disabled }
    }
}

impl<A> Helpers<A> {
    fn agents(&self) -> &[A] {
        match self {
            Self::Disabled => &[],
            Self::Enabled { predefined_agents, .. } => predefined_agents,
        }
    }

    fn map<B>(&self, each: &mut impl FnMut(&A) -> Result<B>) -> Result<Helpers<B>> {
        Ok(match self {
            Self::Disabled => Helpers::Disabled,
            Self::Enabled { inline_agents, predefined_agents } => Helpers::Enabled {
                inline_agents: *inline_agents,
                predefined_agents: predefined_agents.iter().map(each).collect::<Result<_>>()?,
            },
        })
    }
}

impl<A> Multiagent<A> {
    /// All agents it names, as often as it names them.
    #[must_use]
    pub fn agents(&self) -> Vec<&A> {
        match self {
            Self::Coordinator { agents } => agents.iter().filter_map(RosterMember::agent).collect(),
            Self::Team(team) => {
                team.subagents.agents().iter().chain(team.workflows.agents()).collect()
            }
        }
    }

    /// The model it may ask for advice.
    #[must_use]
    pub fn advisor(&self) -> Option<&str> {
        match self {
            Self::Coordinator { agents } => agents.iter().find_map(|member| match member {
                RosterMember::Advisor(advisor) => Some(advisor.model.as_str()),
                RosterMember::Agent(_) => None,
            }),
            Self::Team(Team { advisor: AdvisorSwitch::Enabled { model }, .. }) => Some(model),
            Self::Team(_) => None,
        }
    }

    /// The same with something else for each agent.
    ///
    /// # Errors
    /// Those of `each`.
    pub fn map<B>(&self, mut each: impl FnMut(&A) -> Result<B>) -> Result<Multiagent<B>> {
        Ok(match self {
            Self::Coordinator { agents } => {
                let member = |member: &RosterMember<A>| {
                    Ok(match member {
                        RosterMember::Agent(agent) => RosterMember::Agent(each(agent)?),
                        RosterMember::Advisor(advisor) => RosterMember::Advisor(advisor.clone()),
                    })
                };
                let agents: Result<_> = agents.iter().map(member).collect();
                Multiagent::Coordinator { agents: agents? }
            }
            Self::Team(team) => Multiagent::Team(Team {
                subagents: team.subagents.map(&mut each)?,
                workflows: team.workflows.map(&mut each)?,
                advisor: team.advisor.clone(),
            }),
        })
    }
}

impl<A> RosterMember<A> {
    fn agent(&self) -> Option<&A> {
        match self {
            Self::Agent(agent) => Some(agent),
            Self::Advisor(_) => None,
        }
    }
}

impl Multiagent {
    /// The same, where the agent itself has this version now.
    pub(super) fn with_own_version(&self, own: &AgentId, version: u32) -> Self {
        let moved = self.map(|agent| {
            let version = if agent.id == *own { version } else { agent.version };
            Ok(AgentReference { id: agent.id.clone(), version })
        });
        moved.unwrap_or_else(|_: ApiError| self.clone())
    }
}
