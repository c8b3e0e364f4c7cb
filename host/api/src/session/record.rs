//! A session as it is stored beside its log: what no event says.

use lucid_core::{AgentId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Budget, Resource, UpdateSession};
use crate::agent::{AgentOverrides, AgentSnapshot, Known};
use crate::check::{Metadata, check_metadata, patched};
use crate::error::{ApiError, Result};
use crate::field::Field;

/// The environment of sessions that nobody made over the API.
pub const LOCAL_ENVIRONMENT: &str = "env_local";

/// The key of an agent's or a session's metadata that says who judges its outcomes.
const GRADER_KEY: &str = "lucid.grader";

/// What is stored of a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionRecord {
    /// Its agent, as it was when the session began.
    pub agent: AgentSnapshot,
    /// Where its tools run.
    pub environment_id: String,
    /// Whether a worker runs them.
    pub self_hosted: bool,
    /// Its title.
    pub title: Option<String>,
    /// What somebody notes beside it.
    pub metadata: Metadata,
    /// What it works with.
    pub resources: Vec<Resource>,
    /// Where it finds credentials.
    pub vault_ids: Vec<String>,
    /// What it may cost.
    pub budget: Option<Budget>,
    /// The deployment that began it.
    pub deployment_id: Option<String>,
    /// Who judges its outcomes, where its agent's metadata say so.
    pub agent_grader: Option<String>,
    /// When it last changed, beside its log.
    pub updated_at: Timestamp,
    /// When it was put away.
    pub archived_at: Option<Timestamp>,
}

impl SessionRecord {
    /// The record of a session that nobody made over the API: what is known of it.
    ///
    /// # Errors
    /// Internal, when an agent cannot be described.
    pub fn local(
        agent: &str,
        model: Option<&str>,
        title: &str,
        metadata: Metadata,
        created_at: Timestamp,
    ) -> Result<Self> {
        let agent = json!({
            "type": "agent",
            "id": format!("{}local", AgentId::PREFIX),
            "version": 1,
            "name": agent,
            "description": null,
            "model": {"id": model.unwrap_or("plugin:unknown"), "effort": {"type": "high"},
                "speed": "standard"},
            "system": null,
            "tools": [],
            "mcp_servers": [],
            "skills": [],
            "execution_identity": {"type": "service_account"},
            "multiagent": null,
        });
        let agent = serde_json::from_value(agent)
            .map_err(|error| ApiError::internal(format!("a local agent: {error}")))?;
        Ok(Self {
            agent,
            environment_id: LOCAL_ENVIRONMENT.to_owned(),
            self_hosted: false,
            title: Some(title.to_owned()).filter(|title| !title.is_empty()),
            metadata,
            resources: Vec::new(),
            vault_ids: Vec::new(),
            budget: None,
            deployment_id: None,
            agent_grader: None,
            updated_at: created_at,
            archived_at: None,
        })
    }

    /// Who judges its outcomes, where somebody says so: the session first, then the agent.
    #[must_use]
    pub fn grader(&self) -> Option<&str> {
        self.metadata.get(GRADER_KEY).or(self.agent_grader.as_ref()).map(String::as_str)
    }

    /// Who judges an agent's outcomes, by its metadata.
    #[must_use]
    pub fn grader_of(metadata: &Metadata) -> Option<String> {
        metadata.get(GRADER_KEY).cloned()
    }

    /// The session after a change, with what changed as its event tells it. `spent` is what it
    /// cost so far, in millionths of a US dollar.
    ///
    /// # Errors
    /// Invalid, naming the field: see the codes `budget_create_only` and `budget_not_raised`;
    /// a conflict, when its agent is to change while it works.
    pub fn updated(
        &self,
        update: UpdateSession,
        works: bool,
        spent: Option<u64>,
        now: Timestamp,
    ) -> Result<(Self, Map<String, Value>)> {
        update.check()?;
        let mut after = self.clone();
        let UpdateSession { title, metadata, agent, budget, .. } = update;
        after.title = title.over(self.title.clone());
        after.metadata = match metadata {
            Field::Keep => self.metadata.clone(),
            Field::Clear => Metadata::new(),
            Field::Set(patch) => patched(&self.metadata, patch),
        };
        check_metadata(&after.metadata)?;
        after.budget = self.other_budget(budget, spent)?;
        if let Some(agent) = agent {
            let overrides = AgentOverrides::from(agent);
            after.agent = self.agent.overridden(overrides, &Known::default())?;
            if after.agent != self.agent && works {
                return Err(ApiError::conflict(
                    "agent: the session works; wait until it is idle, or interrupt it",
                ));
            }
        }
        let changed = self.changes(&after)?;
        if !changed.is_empty() {
            after.updated_at = now;
        }
        Ok((after, changed))
    }

    fn other_budget(&self, budget: Field<Budget>, spent: Option<u64>) -> Result<Option<Budget>> {
        let budget = match budget {
            Field::Keep => return Ok(self.budget.clone()),
            Field::Clear => return Ok(None),
            Field::Set(budget) => budget,
        };
        if self.budget.is_none() {
            let text = "budget: a session has a budget from its beginning or none \
                        (budget_create_only)";
            return Err(ApiError::invalid(text).code("budget_create_only"));
        }
        if self.budget.as_ref() != Some(&budget) && budget.micro_usd()? <= spent.unwrap_or(0) {
            let text = "budget.max_list_cost: the session cost as much already; give more \
                        (budget_not_raised)";
            return Err(ApiError::invalid(text).code("budget_not_raised"));
        }
        Ok(Some(budget))
    }

    fn changes(&self, after: &Self) -> Result<Map<String, Value>> {
        let json = |value: Result<Value, serde_json::Error>| {
            value.map_err(|error| ApiError::internal(format!("a change of a session: {error}")))
        };
        let mut changed = Map::new();
        if self.agent != after.agent {
            changed.insert("agent".into(), json(serde_json::to_value(&after.agent))?);
        }
        if self.title != after.title {
            changed.insert("title".into(), after.title.clone().into());
        }
        if self.metadata != after.metadata {
            changed.insert("metadata".into(), json(serde_json::to_value(&after.metadata))?);
        }
        if self.budget != after.budget {
            changed.insert("budget".into(), json(serde_json::to_value(&after.budget))?);
        }
        Ok(changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> SessionRecord {
        let metadata = Metadata::from([("a".into(), "1".into())]);
        SessionRecord::local("lead", None, "t", metadata, Timestamp(1)).unwrap()
    }

    fn budget(amount: &str) -> Value {
        json!({"type": "limit", "max_list_cost": {"amount": amount, "currency": "USD"}})
    }

    fn change(
        record: &SessionRecord,
        body: Value,
        works: bool,
    ) -> Result<(SessionRecord, Map<String, Value>)> {
        let update: UpdateSession = crate::value(body)?;
        record.updated(update, works, Some(2_000_000), Timestamp(9))
    }

    #[test]
    fn a_change_says_what_changed_and_nothing_else() {
        let record = record();
        let body = json!({"title": "u", "metadata": {"a": "1", "b": "2"}});
        let (after, changed) = change(&record, body.clone(), true).unwrap();
        assert_eq!(Value::from(changed), json!({"title": "u", "metadata": {"a": "1", "b": "2"}}));
        assert_eq!(after.updated_at, Timestamp(9));
        let (same, nothing) = change(&after, body, true).unwrap();
        assert!(nothing.is_empty() && same == after);
        let (_, changed) = change(&record, json!({"title": null}), false).unwrap();
        assert_eq!(Value::from(changed), json!({"title": null}));
    }

    #[test]
    fn a_budget_is_raised_or_taken_away_and_never_added() {
        let code = |result: Result<(SessionRecord, Map<String, Value>)>| {
            result.unwrap_err().fields["details"]["error_code"].clone()
        };
        let mut record = record();
        assert_eq!(
            code(change(&record, json!({"budget": budget("9")}), false)),
            "budget_create_only"
        );
        record.budget = Some(crate::value(budget("100")).unwrap());
        assert_eq!(
            code(change(&record, json!({"budget": budget("200")}), false)),
            "budget_not_raised"
        );
        let (after, _) = change(&record, json!({"budget": budget("201")}), false).unwrap();
        assert_eq!(after.budget.unwrap().cents(), Ok(201));
        let (after, changed) = change(&record, json!({"budget": null}), false).unwrap();
        assert_eq!((after.budget, changed["budget"].clone()), (None, Value::Null));
    }

    #[test]
    fn tools_change_while_nothing_works() {
        let record = record();
        let tools = json!({"agent": {"tools": [{"type": "agent_toolset_20260401"}]}});
        let (after, changed) = change(&record, tools.clone(), false).unwrap();
        assert_eq!(after.agent.tools().len(), 1);
        assert_eq!(changed["agent"]["name"], "lead");
        assert_eq!(change(&record, tools, true).unwrap_err().status, 409);
        assert!(change(&record, json!({"agent": {"tools": []}}), true).unwrap().1.is_empty());
        assert!(change(&record, json!({"agent": {"model": "m"}}), false).is_err());
    }

    #[test]
    fn the_sessions_grader_comes_before_the_agents() {
        let mut record = record();
        assert_eq!(record.grader(), None);
        record.agent_grader = Some("judge".into());
        assert_eq!(record.grader(), Some("judge"));
        record.metadata.insert(GRADER_KEY.into(), "checks".into());
        assert_eq!(record.grader(), Some("checks"));
    }
}
