//! Webhooks: who is told of what happens, what is sent, and what its answer means.
//!
//! The service that the API comes from has two kinds of endpoints: those of an organization,
//! made over HTTP, which hear of five event types, and those of a workspace, made on a web
//! page, which hear of the other 44. Here there is no such page: the routes of the first kind
//! make endpoints that may hear of all 49, of the workspace whose key made them.

mod delivery;
mod page;
#[cfg(test)]
mod tests;

use lucid_core::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::check::{one_of, text};
use crate::error::{ApiError, Result};

pub use delivery::{
    ATTEMPTS_MAX, Delivery, FAILING_MS_MAX, ORGANIZATION_ID, Verdict, payload, verdict,
};
pub use page::ListParams;

/// Endpoints of one workspace at most.
pub const ENDPOINTS_MAX: usize = 100;

/// What an endpoint may be told of.
pub const EVENT_TYPES: [&str; 49] = [
    "agent.created",
    "agent.updated",
    "agent.archived",
    "agent.deleted",
    "deployment.created",
    "deployment.updated",
    "deployment.paused",
    "deployment.unpaused",
    "deployment.archived",
    "deployment.deleted",
    "deployment_run.started",
    "deployment_run.succeeded",
    "deployment_run.failed",
    "environment.created",
    "environment.updated",
    "environment.archived",
    "environment.deleted",
    "external_key.failed",
    "external_key.recovered",
    "memory_store.created",
    "memory_store.archived",
    "memory_store.deleted",
    "session.created",
    "session.updated",
    "session.archived",
    "session.deleted",
    "session.pending",
    "session.running",
    "session.idled",
    "session.requires_action",
    "session.budget_reached",
    "session.outcome_evaluation_ended",
    "session.status_run_started",
    "session.status_idled",
    "session.status_rescheduled",
    "session.status_terminated",
    "session.thread_created",
    "session.thread_idled",
    "session.thread_terminated",
    "user_profile.enforcement_action_opened",
    "user_profile.enforcement_action_resolved",
    "user_profile.program_status_updated",
    "vault.created",
    "vault.archived",
    "vault.deleted",
    "vault_credential.created",
    "vault_credential.archived",
    "vault_credential.deleted",
    "vault_credential.refresh_failed",
];

const NAME_CHARACTERS_MAX: usize = 256;
const DESCRIPTION_CHARACTERS_MAX: usize = 2_048;
const URL_CHARACTERS_MAX: usize = 2_048;

/// Whether anything is sent to an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is told.
    Enabled,
    /// It is not, and what happens meanwhile is not made up for.
    Disabled,
}

/// The body of a creation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateParams {
    /// Where deliveries go.
    pub url: String,
    /// What it is told of; at least one type.
    pub enabled_events: Vec<String>,
    /// A short label.
    #[serde(default)]
    pub name: Option<String>,
    /// Notes about it.
    #[serde(default)]
    pub description: Option<String>,
}

/// The body of an update: what is left out stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UpdateParams {
    /// Where deliveries go.
    pub url: Option<String>,
    /// What it is told of, all of it; an empty list changes nothing.
    pub enabled_events: Option<Vec<String>>,
    /// A short label.
    pub name: Option<String>,
    /// Notes about it.
    pub description: Option<String>,
    /// Whether it is told. `enabled` forgets why it was disabled.
    pub state: Option<State>,
}

/// The parts of an endpoint's URL. Whether the host is one that may be sent to is not decided
/// here: that takes looking its name up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// `https`, or `http` for a receiver on the server's own machine.
    pub scheme: &'a str,
    /// The host, and the port where one is named.
    pub authority: &'a str,
    /// The path with its query.
    pub path: &'a str,
}

impl<'a> Place<'a> {
    /// Reads a URL.
    ///
    /// # Errors
    /// Invalid, when it is none, or has what no endpoint's has.
    pub fn parse(url: &'a str) -> Result<Self> {
        let wrong = |why: &str| ApiError::invalid(format!("url: {why}"));
        text("url", url, 1..=URL_CHARACTERS_MAX)?;
        if !url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#' && byte != b'\\') {
            return Err(wrong("it has characters that a URL writes as `%XX`, or a `#`"));
        }
        let (scheme, rest) = url.split_once("://").unwrap_or_default();
        if !["https", "http"].contains(&scheme) {
            return Err(wrong("it begins with `https://`"));
        }
        let (authority, path) = match rest.find(['/', '?']) {
            Some(end) => rest.split_at(end),
            None => (rest, "/"),
        };
        if authority.is_empty() || authority.contains('@') {
            return Err(wrong("it names a host, and no user before it"));
        }
        if !path.starts_with('/') {
            return Err(wrong("write a `/` before the `?`"));
        }
        Ok(Self { scheme, authority, path })
    }
}

/// An endpoint as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its id.
    pub id: String,
    /// Where deliveries go.
    pub url: String,
    /// A short label, or nothing.
    pub name: String,
    /// Notes about it, or nothing.
    pub description: String,
    /// What it is told of.
    pub enabled_events: Vec<String>,
    /// Whether it is told.
    pub state: State,
    /// Why the server disabled it, or nothing.
    pub disabled_reason: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed.
    pub updated_at: Timestamp,
    /// What its deliveries are signed with, sealed. Not shown.
    pub secret: String,
    /// Since when no delivery came through. Not shown.
    pub failing_since: Option<Timestamp>,
}

impl Endpoint {
    /// Makes an endpoint of what was asked for.
    ///
    /// # Errors
    /// Invalid, naming the field.
    pub fn new(id: String, params: CreateParams, secret: String, now: Timestamp) -> Result<Self> {
        Place::parse(&params.url)?;
        let made = Self {
            id,
            url: params.url,
            name: params.name.unwrap_or_default(),
            description: params.description.unwrap_or_default(),
            enabled_events: checked_events(params.enabled_events)?,
            state: State::Enabled,
            disabled_reason: String::new(),
            created_at: now,
            updated_at: now,
            secret,
            failing_since: None,
        };
        made.check_texts()?;
        Ok(made)
    }

    /// The endpoint after an update.
    ///
    /// # Errors
    /// Invalid, naming the field.
    pub fn updated(&self, params: UpdateParams, now: Timestamp) -> Result<Self> {
        let mut after = self.clone();
        if let Some(url) = params.url {
            Place::parse(&url)?;
            after.url = url;
        }
        if let Some(events) = params.enabled_events.filter(|events| !events.is_empty()) {
            after.enabled_events = checked_events(events)?;
        }
        after.name = params.name.unwrap_or(after.name);
        after.description = params.description.unwrap_or(after.description);
        if let Some(state) = params.state {
            after.state = state;
            after.disabled_reason.clear();
            after.failing_since = None;
        }
        after.check_texts()?;
        if after != *self {
            after.updated_at = now;
        }
        Ok(after)
    }

    /// The endpoint, disabled by the server.
    #[must_use]
    pub fn disabled(&self, reason: &str, now: Timestamp) -> Self {
        let disabled_reason = reason.to_owned();
        let (state, updated_at) = (State::Disabled, now);
        Self { state, disabled_reason, updated_at, failing_since: None, ..self.clone() }
    }

    /// The endpoint after a delivery that came through, or that was given up. One that nothing
    /// came through to for long is disabled.
    #[must_use]
    pub fn after_delivery(&self, came_through: bool, now: Timestamp) -> Self {
        if came_through {
            return Self { failing_since: None, ..self.clone() };
        }
        let since = self.failing_since.unwrap_or(now);
        if now.as_millis().saturating_sub(since.as_millis()) >= FAILING_MS_MAX {
            return self.disabled("no delivery came through for a day", now);
        }
        Self { failing_since: Some(since), ..self.clone() }
    }

    /// Whether it is told of an event of this type.
    #[must_use]
    pub fn hears(&self, kind: &str) -> bool {
        self.state == State::Enabled && self.enabled_events.iter().any(|event| event == kind)
    }

    /// The object as the API writes it.
    #[must_use]
    pub fn to_object(&self) -> Value {
        json!({
            "id": self.id,
            "url": self.url,
            "name": self.name,
            "description": self.description,
            "enabled_events": self.enabled_events,
            "state": self.state,
            "disabled_reason": self.disabled_reason,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        })
    }

    fn check_texts(&self) -> Result<()> {
        text("name", &self.name, 0..=NAME_CHARACTERS_MAX)?;
        text("description", &self.description, 0..=DESCRIPTION_CHARACTERS_MAX)
    }
}

/// Checks event types, and leaves out what is there twice.
fn checked_events(events: Vec<String>) -> Result<Vec<String>> {
    if events.is_empty() {
        return Err(ApiError::invalid("enabled_events: name at least one event type"));
    }
    let mut checked = Vec::new();
    for (place, event) in events.into_iter().enumerate() {
        if !EVENT_TYPES.contains(&event.as_str()) {
            one_of(&format!("enabled_events[{place}]"), &event, &EVENT_TYPES)?;
        }
        if !checked.contains(&event) {
            checked.push(event);
        }
    }
    Ok(checked)
}
