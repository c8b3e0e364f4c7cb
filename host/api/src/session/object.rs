//! Sessions and threads as the API writes them.

use lucid_core::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::{SessionRecord, Standing, ThreadStanding, team};
use crate::error::{ApiError, Result};

/// Everything that a session's object says.
#[derive(Debug, Clone, Copy)]
pub struct SessionView<'a> {
    /// Its id.
    pub id: &'a str,
    /// What is stored of it.
    pub record: &'a SessionRecord,
    /// What its log says.
    pub standing: &'a Standing,
    /// When it was made.
    pub created_at: Timestamp,
    /// The time now.
    pub now: Timestamp,
}

impl SessionView<'_> {
    /// The session as the API writes it.
    ///
    /// # Errors
    /// Internal, when something is not JSON.
    pub fn object(&self) -> Result<Value> {
        let Self { id, record, standing, created_at, now } = *self;
        let works = standing.is_working();
        let outcomes: Vec<_> = standing.outcomes.iter().map(|o| o.object(works)).collect();
        let updated_at = standing.updated_at.unwrap_or(created_at).max(record.updated_at);
        Ok(json!({
            "id": id,
            "type": "session",
            "status": standing.status().as_str(),
            "title": record.title,
            "agent": json(&record.agent)?,
            "environment_id": record.environment_id,
            "deployment_id": record.deployment_id,
            "resources": json(&record.resources)?,
            "vault_ids": record.vault_ids,
            "metadata": record.metadata,
            "outcome_evaluations": outcomes,
            "budget": json(&record.budget)?,
            "stats": standing.stats(created_at, now),
            "usage": standing.usage(now),
            "created_at": created_at,
            "updated_at": updated_at,
            "archived_at": record.archived_at,
        }))
    }

    /// One of its threads as the API writes it.
    ///
    /// # Errors
    /// Internal, when something is not JSON.
    pub fn thread(&self, thread: &ThreadStanding) -> Result<Value> {
        thread_object(self, thread)
    }
}

/// A thread as the API writes it.
///
/// # Errors
/// Internal, when something is not JSON.
pub fn thread_object(view: &SessionView<'_>, thread: &ThreadStanding) -> Result<Value> {
    let SessionView { id, record, standing, now, .. } = *view;
    let primary = standing.primary();
    let is_primary = thread.id.as_ref() == primary;
    let members = team(&record.agent);
    let member = members.iter().find(|member| member.name == thread.agent);
    let agent = match member.filter(|_| !is_primary) {
        Some(member) => json(&member.agent)?,
        None if is_primary => json(&record.agent.thread_agent())?,
        // Of a mission's agents only the names are known.
        None => {
            let mut agent = record.agent.thread_agent();
            agent.config.name.clone_from(&thread.agent);
            json(&agent)?
        }
    };
    Ok(json!({
        "id": thread.id,
        "type": "session_thread",
        "session_id": id,
        "parent_thread_id": if is_primary { None } else { primary },
        "workflow_run_id": null,
        "agent": agent,
        "status": thread.status.as_str(),
        "stats": thread.stats(is_primary, now),
        "usage": thread.usage(now),
        "created_at": thread.created_at,
        "updated_at": thread.updated_at,
        "archived_at": thread.archived_at,
    }))
}

fn json(value: &impl Serialize) -> Result<Value> {
    serde_json::to_value(value)
        .map_err(|error| ApiError::internal(format!("an object of a session: {error}")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use lucid_core::{Event, EventId, EventRecord, SeededEntropy, StepClock, ThreadId};

    use super::*;
    use crate::check::Metadata;

    /// The names that strict clients look for, with those inside `usage` and `stats`.
    const SESSION: [&str; 17] = [
        "id",
        "type",
        "status",
        "title",
        "agent",
        "environment_id",
        "deployment_id",
        "resources",
        "vault_ids",
        "metadata",
        "outcome_evaluations",
        "budget",
        "stats",
        "usage",
        "created_at",
        "updated_at",
        "archived_at",
    ];

    fn started() -> Standing {
        let (clock, entropy) = (StepClock::starting_at(Timestamp(5)), SeededEntropy::new(1));
        let mut standing = Standing::default();
        let start = Event::SessionStarted { start: json!({}), agent_name: Some("lead".into()) };
        let id = EventId::new(&clock, &entropy);
        let lead = ThreadId::parse("sthr_1");
        standing.apply(&EventRecord::new(id, &start, lead, false, Timestamp(5)).unwrap());
        standing
    }

    #[test]
    fn a_session_has_every_field_that_strict_clients_look_for() {
        let record = SessionRecord::local("lead", None, "", Metadata::new(), Timestamp(5)).unwrap();
        let standing = started();
        let (created_at, now) = (Timestamp(5), Timestamp(7));
        let view =
            SessionView { id: "sesn_1", record: &record, standing: &standing, created_at, now };
        let object = view.object().unwrap();
        let names: BTreeSet<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, SESSION.into());
        assert_eq!(object["usage"]["list_cost"], json!({"amount": "0", "currency": "USD"}));
        assert_eq!((&object["title"], &object["status"]), (&Value::Null, &json!("idle")));
        let thread = view.thread(&standing.threads[0]).unwrap();
        assert_eq!(thread["id"], "sthr_1");
        assert_eq!(thread["parent_thread_id"], Value::Null);
        assert!(thread["agent"].get("multiagent").is_none());
    }
}
