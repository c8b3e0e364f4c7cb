//! What a deployment is asked for, and its rules.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::schedule::{ScheduleParams, Timetable};
use crate::check::{Metadata, MetadataPatch, check_metadata, id, one_of, text};
use crate::error::{ApiError, Result};
use crate::event::SentEvent;
use crate::field::Field;
use crate::read::value;
use crate::session::{Budget, CreateSession, ResourceParam};

/// Events that a session may begin with, at most.
const EVENTS_MAX: usize = 50;
const EVENT_TYPES: [&str; 3] = ["user.message", "user.define_outcome", "system.message"];
const NAME_CHARACTERS_MAX: usize = 256;
const DESCRIPTION_CHARACTERS_MAX: usize = 2_048;

/// An agent, as it is asked for: without a version the newest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentAsked {
    /// The agent.
    pub id: String,
    /// One of its versions.
    pub version: Option<u32>,
}

/// The longer form of [`AgentAsked`].
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum AgentObject {
    Agent {
        id: String,
        #[serde(default)]
        version: Option<u32>,
    },
}

impl<'de> Deserialize<'de> for AgentAsked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(id) => Ok(Self { id, version: None }),
            object @ Value::Object(_) => {
                let AgentObject::Agent { id, version } =
                    serde_json::from_value(object).map_err(D::Error::custom)?;
                Ok(Self { id, version })
            }
            _ => Err(D::Error::custom("an agent is its id, or an object with `type` and `id`")),
        }
    }
}

impl AgentAsked {
    fn check(&self) -> Result<()> {
        id("agent", "agent_", &self.id)?;
        match self.version {
            Some(0) => Err(ApiError::invalid("agent.version: versions begin at 1")),
            _ => Ok(()),
        }
    }
}

/// The body of a creation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateParams {
    /// What people call it.
    pub name: String,
    /// The agent of its sessions.
    pub agent: AgentAsked,
    /// Where they run.
    pub environment_id: String,
    /// What they begin with.
    pub initial_events: Vec<Value>,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// When it runs by itself.
    #[serde(default)]
    pub schedule: Option<ScheduleParams>,
    /// What its sessions have.
    #[serde(default)]
    pub resources: Option<Vec<ResourceParam>>,
    /// The vaults that they may use.
    #[serde(default)]
    pub vault_ids: Option<Vec<String>>,
    /// What somebody notes beside it.
    #[serde(default)]
    pub metadata: Option<Metadata>,
    /// What each of them may cost.
    #[serde(default)]
    pub budget: Option<Budget>,
}

impl CreateParams {
    /// Checks everything that can be checked without looking anything up.
    ///
    /// # Errors
    /// Invalid, naming the field.
    pub fn check(&self) -> Result<()> {
        text("name", &self.name, 1..=NAME_CHARACTERS_MAX)?;
        self.agent.check()?;
        id("environment_id", "env_", &self.environment_id)?;
        check_description(self.description.as_deref())?;
        check_schedule(self.schedule.as_ref())?;
        check_metadata(self.metadata.as_ref().unwrap_or(&Metadata::new()))?;
        let events = checked_events(&self.initial_events)?;
        check_session(events, &self.resources, &self.vault_ids, &self.budget)
    }
}

/// The body of an update: what is left out stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UpdateParams {
    /// What people call it. Cannot be cleared.
    pub name: Field<String>,
    /// The agent of its sessions; by its id alone the newest version. Cannot be cleared.
    pub agent: Field<AgentAsked>,
    /// Where they run. Cannot be cleared.
    pub environment_id: Field<String>,
    /// What they begin with. Cannot be cleared.
    pub initial_events: Field<Vec<Value>>,
    /// What it is for.
    pub description: Field<String>,
    /// When it runs by itself.
    pub schedule: Field<ScheduleParams>,
    /// What its sessions have.
    pub resources: Field<Vec<ResourceParam>>,
    /// The vaults that they may use.
    pub vault_ids: Field<Vec<String>>,
    /// Changes of what somebody notes beside it.
    pub metadata: Field<MetadataPatch>,
    /// What each of them may cost.
    pub budget: Field<Budget>,
}

impl UpdateParams {
    /// Checks everything that can be checked without looking anything up.
    ///
    /// # Errors
    /// Invalid, naming the field.
    pub fn check(&self) -> Result<()> {
        let cleared = [
            ("name", self.name == Field::Clear),
            ("agent", self.agent == Field::Clear),
            ("environment_id", self.environment_id == Field::Clear),
            ("initial_events", self.initial_events == Field::Clear),
        ];
        if let Some((name, _)) = cleared.iter().find(|(_, cleared)| *cleared) {
            return Err(ApiError::invalid(format!("{name}: cannot be cleared; leave it out")));
        }
        if let Some(name) = self.name.set() {
            text("name", name, 1..=NAME_CHARACTERS_MAX)?;
        }
        self.agent.set().map_or(Ok(()), AgentAsked::check)?;
        if let Some(environment) = self.environment_id.set() {
            id("environment_id", "env_", environment)?;
        }
        let events = self.initial_events.set().map(|events| checked_events(events)).transpose()?;
        check_description(self.description.set().map(String::as_str))?;
        check_schedule(self.schedule.set())?;
        let (resources, vaults) = (self.resources.set().cloned(), self.vault_ids.set().cloned());
        let budget = self.budget.set().cloned();
        check_session(events.unwrap_or_default(), &resources, &vaults, &budget)
    }
}

/// Reads the events that each session begins with.
fn checked_events(events: &[Value]) -> Result<Vec<SentEvent>> {
    if !(1..=EVENTS_MAX).contains(&events.len()) {
        let why = format!("{} of them, where 1 to {EVENTS_MAX} may be", events.len());
        return Err(ApiError::invalid(format!("initial_events: {why}")));
    }
    let mut checked = Vec::new();
    for (place, event) in events.iter().enumerate() {
        let field = format!("initial_events[{place}]");
        let kind = event.get("type").and_then(Value::as_str).unwrap_or_default();
        one_of(&format!("{field}.type"), kind, &EVENT_TYPES)?;
        let read: SentEvent = value(event.clone())
            .map_err(|error| ApiError::invalid(format!("{field}: {}", error.message)))?;
        if matches!(read, SentEvent::System { .. }) {
            // Every run would fail of it.
            let why = "no model of this server takes system messages";
            let error = ApiError::invalid(format!("{field}: {why}; use the agent's `system`"));
            return Err(error.code("model_does_not_support_mid_conversation_system"));
        }
        checked.push(read);
    }
    Ok(checked)
}

/// Checks what the sessions are made of by the rules for sessions: what a session would be
/// refused for is refused here, and not at every run.
fn check_session(
    events: Vec<SentEvent>,
    resources: &Option<Vec<ResourceParam>>,
    vault_ids: &Option<Vec<String>>,
    budget: &Option<Budget>,
) -> Result<()> {
    let session = json!({"agent": "agent_any", "environment_id": "env_any"});
    let session: CreateSession = value(session)?;
    let (resources, vault_ids, budget) = (resources.clone(), vault_ids.clone(), budget.clone());
    let initial_events = Some(events);
    CreateSession { initial_events, resources, vault_ids, budget, ..session }.check()
}

fn check_description(description: Option<&str>) -> Result<()> {
    text("description", description.unwrap_or_default(), 0..=DESCRIPTION_CHARACTERS_MAX)
}

fn check_schedule(schedule: Option<&ScheduleParams>) -> Result<()> {
    let Some(ScheduleParams::Cron { expression, timezone }) = schedule else { return Ok(()) };
    Timetable::parse(expression, timezone).map(|_| ())
}
