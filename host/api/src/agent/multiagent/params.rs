//! What a request says of an agent's others, and what becomes of it.

use std::collections::BTreeSet;

use lucid_core::AgentId;
use serde::Deserialize;
use serde_json::Value;

use super::super::Known;
use super::super::model_config::{ModelConfig, model_name};
use super::super::union::{at, nothing_else, tagged, unknown};
use super::{
    ADVISOR_NAME, Advisor, AdvisorSwitch, AgentReference, Helpers, Multiagent, RosterMember,
    Switch, Team,
};
use crate::check;
use crate::error::{ApiError, Result};
use crate::field::Field;
use crate::read::value as read;

/// Entries of a roster at most.
const ENTRIES_MAX: usize = 20;

/// An agent that has to be looked up before another that names it can be made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AgentWanted {
    /// Its id.
    pub id: String,
    /// The version; none: the newest.
    pub version: Option<u32>,
}

/// The agent that is made or changed.
pub(in super::super) struct Own<'a> {
    pub(in super::super) id: &'a AgentId,
    pub(in super::super) version: u32,
    pub(in super::super) model: &'a ModelConfig,
}

/// The setting as a request has it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
pub struct MultiagentParam(Form);

#[derive(Debug, Clone, PartialEq)]
enum Form {
    Coordinator(Vec<Entry>),
    Team(TeamParam),
}

/// One entry of a roster.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
enum Entry {
    Agent(AgentWanted),
    Own,
    Advisor(String),
}

#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TeamParam {
    #[serde(default)]
    subagents: Field<HelpersParam>,
    #[serde(default)]
    workflows: Field<HelpersParam>,
    #[serde(default)]
    advisor: Field<AdvisorParam>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
enum HelpersParam {
    Disabled,
    Enabled(EnabledParam),
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnabledParam {
    #[serde(default)]
    inline_agents: Field<Switch>,
    #[serde(default)]
    predefined_agents: Field<Vec<Entry>>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
struct AdvisorParam(AdvisorSwitch);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelField {
    model: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgentFields {
    id: String,
    #[serde(default)]
    version: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgentsField {
    agents: Vec<Entry>,
}

macro_rules! from_value {
    ($($name:ident)+) => {$(
        impl TryFrom<Value> for $name {
            type Error = String;

            fn try_from(value: Value) -> Result<Self, String> {
                Self::read(value).map_err(|error| error.message)
            }
        }
    )+};
}

from_value! { MultiagentParam Entry HelpersParam AdvisorParam }

impl Entry {
    fn read(value: Value) -> Result<Self> {
        if let Value::String(id) = value {
            check::id("agent", AgentId::PREFIX, &id)?;
            return Ok(Self::Agent(AgentWanted { id, version: None }));
        }
        let (kind, rest) = tagged(value)?;
        match kind.as_str() {
            "agent" => {
                let AgentFields { id, version } = read(rest)?;
                check::id("id", AgentId::PREFIX, &id)?;
                if version == Some(0) {
                    return Err(ApiError::invalid("version: at least 1"));
                }
                Ok(Self::Agent(AgentWanted { id, version }))
            }
            "self" => nothing_else(&rest).map(|()| Self::Own),
            "advisor" => {
                let ModelField { model } = read(rest)?;
                model_name("model", &model)?;
                Ok(Self::Advisor(model))
            }
            _ => Err(unknown(&kind, &["agent", "self", "advisor"])),
        }
    }
}

impl HelpersParam {
    fn read(value: Value) -> Result<Self> {
        let (kind, rest) = tagged(value)?;
        match kind.as_str() {
            "disabled" => nothing_else(&rest).map(|()| Self::Disabled),
            "enabled" => Ok(Self::Enabled(read(rest)?)),
            _ => Err(unknown(&kind, &["enabled", "disabled"])),
        }
    }
}

impl AdvisorParam {
    fn read(value: Value) -> Result<Self> {
        let (kind, rest) = tagged(value)?;
        Ok(Self(match kind.as_str() {
            "disabled" => nothing_else(&rest).map(|()| AdvisorSwitch::Disabled)?,
            "enabled" => {
                let ModelField { model } = read(rest)?;
                model_name("model", &model)?;
                AdvisorSwitch::Enabled { model }
            }
            _ => return Err(unknown(&kind, &["enabled", "disabled"])),
        }))
    }
}

impl MultiagentParam {
    fn read(value: Value) -> Result<Self> {
        let (kind, rest) = tagged(value)?;
        let form = match kind.as_str() {
            "coordinator" => {
                let AgentsField { agents } = read(rest)?;
                Form::Coordinator(agents)
            }
            "multiagent_20261001" => Form::Team(read(rest)?),
            _ => return Err(unknown(&kind, &["coordinator", "multiagent_20261001"])),
        };
        Ok(Self(form))
    }

    /// The agents that have to be looked up.
    #[must_use]
    pub fn wanted(&self) -> Vec<AgentWanted> {
        let lists: Vec<&[Entry]> = match &self.0 {
            Form::Coordinator(entries) => vec![entries],
            Form::Team(team) => {
                let lists = [predefined(&team.subagents), predefined(&team.workflows)];
                lists.into_iter().flatten().map(Vec::as_slice).collect()
            }
        };
        let wanted = lists.into_iter().flatten().filter_map(|entry| match entry {
            Entry::Agent(wanted) => Some(wanted.clone()),
            _ => None,
        });
        wanted.collect()
    }
}

fn predefined(helpers: &Field<HelpersParam>) -> Option<&Vec<Entry>> {
    match helpers.set() {
        Some(HelpersParam::Enabled(enabled)) => enabled.predefined_agents.set(),
        _ => None,
    }
}

/// The setting as it is stored: the newer form goes over what was there, if that has the same
/// form; all the rest is replaced.
pub(in super::super) fn resolve(
    param: MultiagentParam,
    before: Option<&Multiagent>,
    own: &Own<'_>,
    known: &Known,
) -> Result<Multiagent> {
    match param.0 {
        Form::Coordinator(entries) => at("agents", coordinator(entries, own, known)),
        Form::Team(param) => {
            let before = match before {
                Some(Multiagent::Team(team)) => team.clone(),
                _ => Team::default(),
            };
            let TeamParam { subagents, workflows, advisor } = param;
            let advisor = match advisor {
                Field::Keep => before.advisor,
                Field::Clear => AdvisorSwitch::Disabled,
                Field::Set(AdvisorParam(advisor)) => advisor,
            };
            let subagents = at("subagents", helpers(subagents, before.subagents, own, known))?;
            let workflows = at("workflows", helpers(workflows, before.workflows, own, known))?;
            Ok(Multiagent::Team(Team { subagents, workflows, advisor }))
        }
    }
}

fn helpers(
    param: Field<HelpersParam>,
    before: Helpers,
    own: &Own<'_>,
    known: &Known,
) -> Result<Helpers> {
    let EnabledParam { inline_agents, predefined_agents } = match param {
        Field::Keep => return Ok(before),
        Field::Clear => return Ok(Helpers::default()),
        Field::Set(HelpersParam::Disabled) => return Ok(Helpers::Disabled),
        Field::Set(HelpersParam::Enabled(enabled)) => enabled,
    };
    let (inline, predefined) = match before {
        Helpers::Disabled => (Switch::Enabled, Vec::new()),
        Helpers::Enabled { inline_agents, predefined_agents } => (inline_agents, predefined_agents),
    };
    let inline_agents = match inline_agents {
        Field::Keep => inline,
        Field::Clear => Switch::Enabled,
        Field::Set(switch) => switch,
    };
    let predefined_agents = match predefined_agents {
        Field::Keep => predefined,
        Field::Clear => Vec::new(),
        Field::Set(entries) => {
            if entries.len() > ENTRIES_MAX {
                let (has, most) = (entries.len(), ENTRIES_MAX);
                let why = format!("predefined_agents: {has} agents, at most {most}");
                return Err(ApiError::invalid(why));
            }
            if entries.iter().any(|entry| matches!(entry, Entry::Advisor(_))) {
                let why = "predefined_agents: an advisor has a field of its own, `advisor`";
                return Err(ApiError::invalid(why));
            }
            at("predefined_agents", agents(&entries, own, known))?
        }
    };
    if inline_agents == Switch::Disabled && predefined_agents.is_empty() {
        let why = "without `inline_agents`, `predefined_agents` needs at least one entry";
        return Err(ApiError::invalid(why));
    }
    Ok(Helpers::Enabled { inline_agents, predefined_agents })
}

fn coordinator(entries: Vec<Entry>, own: &Own<'_>, known: &Known) -> Result<Multiagent> {
    if !(1..=ENTRIES_MAX).contains(&entries.len()) {
        let has = entries.len();
        let why = format!("{has} entries, where 1 to {ENTRIES_MAX} may be");
        return Err(ApiError::invalid(why));
    }
    let found = agents(&entries, own, known)?;
    let mut advisors = entries.iter().filter_map(|entry| match entry {
        Entry::Advisor(model) => Some(model.clone()),
        _ => None,
    });
    let advisor = advisors.next();
    if advisors.next().is_some() {
        return Err(ApiError::invalid("more than one advisor"));
    }
    let mut named = known.agents.values().filter(|agent| agent.config.name == ADVISOR_NAME);
    if advisor.is_some() && named.any(|agent| found.iter().any(|other| other.id == agent.id)) {
        let why = format!("an agent is named `{ADVISOR_NAME}`, as the advisor is");
        return Err(ApiError::invalid(why));
    }
    let advisor = advisor.map(|model| RosterMember::Advisor(Advisor { model }));
    let agents = found.into_iter().map(RosterMember::Agent).chain(advisor).collect();
    Ok(Multiagent::Coordinator { agents })
}

/// Looks the entries up. The agent's own id is `self`, in whatever version, so that an answer
/// can be sent back.
fn agents(entries: &[Entry], own: &Own<'_>, known: &Known) -> Result<Vec<AgentReference>> {
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    let mut geo = own.model.inference_geo.as_deref();
    for (n, entry) in entries.iter().enumerate() {
        let wrong = |why: &str| Err(ApiError::invalid(format!("[{n}]: {why}")));
        let reference = match entry {
            Entry::Advisor(_) => continue,
            Entry::Own => AgentReference { id: own.id.clone(), version: own.version },
            Entry::Agent(wanted) if wanted.id == own.id.as_str() => {
                AgentReference { id: own.id.clone(), version: own.version }
            }
            Entry::Agent(wanted) => {
                let Some(agent) = known.agents.get(wanted) else {
                    return wrong("there is no such agent, or not in that version");
                };
                if agent.archived_at.is_some() {
                    return wrong("that agent is archived");
                }
                if agent.multiagent.is_some() {
                    return wrong("that agent has a `multiagent` of its own; one level is all");
                }
                let pinned = agent.config.model.inference_geo.as_deref();
                if geo.zip(pinned).is_some_and(|(one, other)| one != other) {
                    return wrong("its `inference_geo` is not that of the others");
                }
                geo = geo.or(pinned);
                AgentReference { id: agent.id.clone(), version: agent.version }
            }
        };
        if !seen.insert(reference.id.clone()) {
            return wrong("the same agent is there twice");
        }
        found.push(reference);
    }
    Ok(found)
}
