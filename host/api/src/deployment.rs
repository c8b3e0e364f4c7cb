//! Deployments: an agent with all that its sessions need, started by a schedule or by hand.
//!
//! [`Deployment`] is what is kept; [`Deployment::to_object`] is what the API shows of it. All
//! that may happen to one is a function here, from what it was to what it is: who calls them
//! at the same time is the server's business, which writes each change against the revision
//! it read.

mod change;
mod params;
mod run;
mod schedule;
#[cfg(test)]
mod tests;

use lucid_core::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::check::Metadata;
use crate::session::{Budget, ResourceParam};

pub use change::{Firing, STALE_MS, archived};
pub use params::{AgentAsked, CreateParams, UpdateParams};
pub use run::{Run, RunError, RunErrorKind, RunTag, Trigger};
pub use schedule::{Occurrence, ScheduleParams, Timetable, UPCOMING_MAX};

/// Deployments with a schedule in one workspace at most.
pub const SCHEDULED_MAX: usize = 1_000;

/// One version of an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "agent")]
pub struct AgentReference {
    /// The agent.
    pub id: String,
    /// Its version.
    pub version: u32,
}

/// When a deployment runs by itself, and when it last did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Five fields of cron.
    pub expression: String,
    /// A zone's name.
    pub timezone: String,
    /// When the newest run that the schedule set off began.
    pub last_run_at: Option<Timestamp>,
}

/// Why a deployment is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PausedReason {
    /// Somebody paused it.
    Manual,
    /// A run failed, and the next would have failed the same way.
    Error {
        /// The run's error.
        error: PausedError,
    },
}

/// The error that a deployment is paused for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PausedError {
    /// That of the run.
    #[serde(rename = "type")]
    pub kind: RunErrorKind,
}

/// A deployment as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    /// Its id, `depl_…`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The agent of its sessions.
    pub agent: AgentReference,
    /// Where they run.
    pub environment_id: String,
    /// What they begin with.
    pub initial_events: Vec<Value>,
    /// What they have. No secret is in it: repositories, which have tokens, are refused.
    pub resources: Vec<ResourceParam>,
    /// The vaults that they may use.
    pub vault_ids: Vec<String>,
    /// What somebody notes beside it.
    pub metadata: Metadata,
    /// When it runs by itself.
    pub schedule: Option<Schedule>,
    /// Why it is paused, when it is.
    pub paused_reason: Option<PausedReason>,
    /// What each session may cost.
    pub budget: Option<Budget>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed.
    pub updated_at: Timestamp,
    /// When it was archived.
    pub archived_at: Option<Timestamp>,
    /// The next time it runs by itself. Not shown: it has the delay in it.
    pub due: Option<Occurrence>,
    /// The run that a server is about to start. Not shown.
    pub firing: Option<Firing>,
}

impl Deployment {
    /// The word for its state. An archived one reads `active`, as the API has it.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match self.paused_reason {
            Some(_) if self.archived_at.is_none() => "paused",
            _ => "active",
        }
    }

    /// The object as the API writes it.
    #[must_use]
    pub fn to_object(&self, now: Timestamp) -> Value {
        json!({
            "id": self.id,
            "type": "deployment",
            "name": self.name,
            "description": self.description,
            "agent": self.agent,
            "environment_id": self.environment_id,
            "initial_events": self.initial_events,
            "resources": self.resources,
            "vault_ids": self.vault_ids,
            "metadata": self.metadata,
            "schedule": self.schedule.as_ref().map(|schedule| self.schedule_object(schedule, now)),
            "status": self.status(),
            "paused_reason": self.paused_reason,
            "budget": self.budget,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "archived_at": self.archived_at,
        })
    }

    fn schedule_object(&self, schedule: &Schedule, now: Timestamp) -> Value {
        let count = if self.archived_at.is_some() { 0 } else { UPCOMING_MAX };
        json!({
            "type": "cron",
            "expression": schedule.expression,
            "timezone": schedule.timezone,
            "last_run_at": schedule.last_run_at,
            "upcoming_runs_at": self.upcoming(now, count),
        })
    }

    /// The next times, also of one that is paused: as if it were not.
    #[must_use]
    pub fn upcoming(&self, now: Timestamp, count: usize) -> Vec<Timestamp> {
        let timetable = self.timetable();
        timetable.map(|timetable| timetable.upcoming(now, count)).unwrap_or_default()
    }

    /// The body of the session that a run starts.
    #[must_use]
    pub fn session_params(&self) -> Value {
        let mut params = Map::new();
        params.insert("agent".into(), json!(self.agent));
        params.insert("environment_id".into(), json!(self.environment_id));
        params.insert("initial_events".into(), json!(self.initial_events));
        params.insert("resources".into(), json!(self.resources));
        params.insert("vault_ids".into(), json!(self.vault_ids));
        if let Some(budget) = &self.budget {
            params.insert("budget".into(), json!(budget));
        }
        Value::Object(params)
    }

    fn timetable(&self) -> Option<Timetable> {
        let schedule = self.schedule.as_ref()?;
        Timetable::parse(&schedule.expression, &schedule.timezone).ok()
    }
}
