//! What may happen to a deployment.

use lucid_core::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::params::{CreateParams, UpdateParams};
use super::run::{Run, Trigger};
use super::schedule::{Occurrence, ScheduleParams};
use super::{AgentReference, Deployment, PausedError, PausedReason, Schedule};
use crate::check::{check_metadata, patched};
use crate::error::{ApiError, Result};
use crate::field::Field;

/// How long a server may take to start a session, in milliseconds, before another one takes
/// the run for lost.
pub const STALE_MS: u64 = 5 * 60_000;

/// A run that a server is about to start. It is written down before anything else is done:
/// whoever wrote it runs that time, and nobody else does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Firing {
    /// The run's id.
    pub run_id: String,
    /// What the wall clock said.
    pub nominal: Timestamp,
    /// When a server began with it.
    pub since: Timestamp,
}

impl Deployment {
    /// Makes a deployment of what was asked for and checked.
    #[must_use]
    pub fn new(id: String, params: CreateParams, agent: AgentReference, now: Timestamp) -> Self {
        let mut made = Self {
            id,
            name: params.name,
            description: params.description.filter(|text| !text.is_empty()),
            agent,
            environment_id: params.environment_id,
            initial_events: params.initial_events,
            resources: params.resources.unwrap_or_default(),
            vault_ids: params.vault_ids.unwrap_or_default(),
            metadata: params.metadata.unwrap_or_default(),
            schedule: params.schedule.map(schedule),
            paused_reason: None,
            budget: params.budget,
            created_at: now,
            updated_at: now,
            archived_at: None,
            due: None,
            firing: None,
        };
        made.due = made.next_due(now);
        made
    }

    /// The deployment after an update that was checked. `agent` is the one that was asked
    /// for, found.
    ///
    /// # Errors
    /// Invalid, when it is archived, or its metadata would be too much.
    pub fn updated(
        &self,
        params: UpdateParams,
        agent: Option<AgentReference>,
        now: Timestamp,
    ) -> Result<Self> {
        self.check_not_archived("changed")?;
        let mut after = self.clone();
        if let Field::Set(name) = params.name {
            after.name = name;
        }
        if let Field::Set(environment) = params.environment_id {
            after.environment_id = environment;
        }
        if let Field::Set(events) = params.initial_events {
            after.initial_events = events;
        }
        after.agent = agent.unwrap_or(after.agent);
        let description = params.description.over(after.description);
        after.description = description.filter(|text| !text.is_empty());
        let resources = params.resources.over(Some(after.resources));
        after.resources = resources.unwrap_or_default();
        let vaults = params.vault_ids.over(Some(after.vault_ids));
        after.vault_ids = vaults.unwrap_or_default();
        after.budget = params.budget.over(after.budget);
        if let Field::Set(patch) = params.metadata {
            after.metadata = patched(&after.metadata, patch);
            check_metadata(&after.metadata)?;
        }
        let last_run_at = self.schedule.as_ref().and_then(|schedule| schedule.last_run_at);
        after.schedule = match params.schedule {
            Field::Keep => after.schedule,
            Field::Clear => None,
            Field::Set(asked) => Some(Schedule { last_run_at, ..schedule(asked) }),
        };
        if after == *self {
            return Ok(after);
        }
        if after.schedule != self.schedule {
            after.due = after.next_due(now);
        }
        after.updated_at = now;
        Ok(after)
    }

    /// The deployment paused by somebody. One that is paused already stays as it is.
    ///
    /// # Errors
    /// Invalid, when it is archived.
    pub fn paused(&self, now: Timestamp) -> Result<Self> {
        self.check_not_archived("paused")?;
        match self.paused_reason {
            Some(_) => Ok(self.clone()),
            None => Ok(self.paused_for(PausedReason::Manual, now)),
        }
    }

    /// The deployment going on from its next time; what it left out is not made up for.
    ///
    /// # Errors
    /// Invalid, when it is archived.
    pub fn unpaused(&self, now: Timestamp) -> Result<Self> {
        self.check_not_archived("unpaused")?;
        if self.paused_reason.is_none() {
            return Ok(self.clone());
        }
        let mut after = Self { paused_reason: None, updated_at: now, ..self.clone() };
        after.due = after.next_due(now);
        Ok(after)
    }

    /// The deployment archived, for good.
    #[must_use]
    pub fn archived(&self, now: Timestamp) -> Self {
        if self.archived_at.is_some() {
            return self.clone();
        }
        let (archived_at, updated_at) = (Some(now), now);
        Self { archived_at, updated_at, paused_reason: None, due: None, ..self.clone() }
    }

    /// Whether it may be run by hand: paused ones may.
    ///
    /// # Errors
    /// Invalid, when it is archived.
    pub fn check_not_archived(&self, what: &str) -> Result<()> {
        match self.archived_at {
            None => Ok(()),
            Some(_) => {
                let id = &self.id;
                Err(ApiError::invalid(format!(
                    "the deployment `{id}` is archived: it cannot be {what}"
                )))
            }
        }
    }

    /// The time that has come, unless a server is about to run it.
    #[must_use]
    pub fn has_come(&self, now: Timestamp) -> Option<Occurrence> {
        let runs = self.paused_reason.is_none() && self.archived_at.is_none();
        self.due.filter(|due| runs && self.firing.is_none() && due.at <= now)
    }

    /// The deployment with the time that has come taken, and the next one written down. That
    /// one lies behind now: however many were missed, they are one run.
    #[must_use]
    pub fn claimed(&self, run_id: String, now: Timestamp) -> Option<Self> {
        let due = self.has_come(now)?;
        let firing = Firing { run_id, nominal: due.nominal, since: now };
        let mut after = Self { firing: Some(firing), ..self.clone() };
        after.due = after.next_due(now.max(due.nominal));
        Some(after)
    }

    /// The run that a server began with and never ended: that server is gone.
    #[must_use]
    pub fn stale(&self, now: Timestamp) -> Option<&Firing> {
        let old =
            |firing: &&Firing| firing.since.as_millis().saturating_add(STALE_MS) <= now.as_millis();
        self.firing.as_ref().filter(old)
    }

    /// The deployment after one of its runs was written down. One that the schedule set off
    /// and that failed for good pauses it.
    #[must_use]
    pub fn settled(&self, run: &Run, now: Timestamp) -> Self {
        let Some(firing) = self.firing.as_ref().filter(|firing| firing.run_id == run.id) else {
            return self.clone();
        };
        let mut after = Self { firing: None, ..self.clone() };
        if let Some(schedule) = &mut after.schedule {
            schedule.last_run_at = Some(firing.since);
        }
        let scheduled = matches!(run.trigger_context, Trigger::Schedule { .. });
        let error = run.error.as_ref().map(|error| error.kind);
        let free = after.paused_reason.is_none() && after.archived_at.is_none();
        match error.filter(|kind| scheduled && free && kind.is_unrecoverable()) {
            Some(kind) => {
                after.paused_for(PausedReason::Error { error: PausedError { kind } }, now)
            }
            None => after,
        }
    }

    fn paused_for(&self, reason: PausedReason, now: Timestamp) -> Self {
        Self { paused_reason: Some(reason), due: None, updated_at: now, ..self.clone() }
    }

    fn next_due(&self, after: Timestamp) -> Option<Occurrence> {
        if self.paused_reason.is_some() || self.archived_at.is_some() {
            return None;
        }
        self.timetable()?.occurrence(&self.id, after)
    }
}

/// The body of a deployment's document, archived: what happens to all of an agent's when the
/// agent is. One that is archived already stays as it is.
#[must_use]
pub fn archived(mut body: Value, now: Timestamp) -> Value {
    let Some(fields) = body.as_object_mut() else { return body };
    if fields.get("archived_at").is_some_and(|at| !at.is_null()) {
        return body;
    }
    let at = Value::from(now.to_string());
    fields.insert("archived_at".into(), at.clone());
    fields.insert("updated_at".into(), at);
    fields.insert("paused_reason".into(), Value::Null);
    fields.insert("due".into(), Value::Null);
    body
}

fn schedule(asked: ScheduleParams) -> Schedule {
    let ScheduleParams::Cron { expression, timezone } = asked;
    Schedule { expression, timezone, last_run_at: None }
}
