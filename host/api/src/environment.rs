//! Environments: where sessions work, in the server's sandbox or with workers of one's own.

mod config;
#[cfg(test)]
mod tests;

use lucid_core::{EnvironmentId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::check::{Metadata, MetadataPatch, check_metadata, patched, text};
use crate::error::{ApiError, Result};
use crate::field::Field;

pub use config::{CloudConfig, ConfigParam, EnvironmentConfig, Networking, Packages};

const NAME_MAX: usize = 256;
const DESCRIPTION_MAX: usize = 1_024;

/// An environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "environment")]
pub struct Environment {
    /// Its id.
    pub id: EnvironmentId,
    /// Its name, which no other has that is not archived.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What it is, with everything filled in.
    pub config: EnvironmentConfig,
    /// What somebody notes beside it.
    pub metadata: Metadata,
    /// Who sees it: everybody in the workspace.
    pub scope: Scope,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was archived, which is for good.
    pub archived_at: Option<Timestamp>,
}

/// Who sees an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everybody.
    Organization,
    /// Who made it: not in a server, where keys are not people.
    Account,
}

/// A new environment.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvironmentCreate {
    /// Its name.
    pub name: String,
    /// What it is; left out, a cloud one with a network and without packages.
    #[serde(default)]
    pub config: Option<ConfigParam>,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// What somebody notes beside it.
    #[serde(default)]
    pub metadata: Option<Map<String, Value>>,
    /// Who sees it.
    #[serde(default)]
    pub scope: Option<Scope>,
}

/// A change of an environment: what is left out stays.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvironmentUpdate {
    /// Another name.
    #[serde(default)]
    pub name: Option<String>,
    /// A change of what it is; its type stays.
    #[serde(default)]
    pub config: Option<ConfigParam>,
    /// Another description; null takes it away.
    #[serde(default)]
    pub description: Field<String>,
    /// A change of the metadata: null or an empty text takes a key out.
    #[serde(default)]
    pub metadata: Option<Map<String, Value>>,
    /// Who sees it.
    #[serde(default)]
    pub scope: Option<Scope>,
}

impl Environment {
    /// Makes an environment.
    ///
    /// # Errors
    /// Invalid, naming the field; metadata has the code `invalid_metadata`.
    pub fn create(params: EnvironmentCreate, id: EnvironmentId, now: Timestamp) -> Result<Self> {
        text("name", &params.name, 1..=NAME_MAX)?;
        check_description(params.description.as_deref())?;
        check_scope(params.scope)?;
        let metadata = patched(&Metadata::new(), patch(params.metadata)?);
        check_metadata(&metadata)?;
        let config = params.config.unwrap_or_default().create()?;
        Ok(Self {
            id,
            name: params.name,
            description: params.description,
            config,
            metadata,
            scope: Scope::Organization,
            created_at: now,
            updated_at: now,
            archived_at: None,
        })
    }

    /// Changes the environment; none where nothing changes.
    ///
    /// # Errors
    /// Invalid, naming the field, with the codes `environment_archived`,
    /// `invalid_config_type_change` and `invalid_metadata`.
    pub fn update(&self, params: EnvironmentUpdate, now: Timestamp) -> Result<Option<Self>> {
        self.check_not_archived()?;
        let mut next = self.clone();
        if let Some(name) = params.name {
            text("name", &name, 1..=NAME_MAX)?;
            next.name = name;
        }
        check_description(params.description.set().map(String::as_str))?;
        check_scope(params.scope)?;
        next.description = params.description.over(next.description);
        if let Some(config) = params.config {
            next.config = config.over(next.config)?;
        }
        let mut patch = patch(params.metadata)?;
        for value in patch.values_mut() {
            *value = value.take().filter(|value| !value.is_empty());
        }
        next.metadata = patched(&next.metadata, patch);
        check_metadata(&next.metadata)?;
        if next == *self {
            return Ok(None);
        }
        next.updated_at = now;
        Ok(Some(next))
    }

    /// The environment, archived. One that is already stays as it is.
    #[must_use]
    pub fn archived(&self, now: Timestamp) -> Self {
        let mut environment = self.clone();
        if environment.archived_at.is_none() {
            environment.archived_at = Some(now);
            environment.updated_at = now;
        }
        environment
    }

    /// Checks that something new may still begin in it.
    ///
    /// # Errors
    /// Invalid, with the code `environment_archived`.
    pub fn check_not_archived(&self) -> Result<()> {
        if self.archived_at.is_none() {
            return Ok(());
        }
        let why = format!("`{}` is archived and stays as it is: use another", self.id);
        Err(ApiError::invalid(why).code("environment_archived"))
    }

    /// Whether workers of one's own do the work.
    #[must_use]
    pub fn is_self_hosted(&self) -> bool {
        matches!(self.config, EnvironmentConfig::SelfHosted {})
    }
}

fn check_description(description: Option<&str>) -> Result<()> {
    description.map_or(Ok(()), |words| text("description", words, 0..=DESCRIPTION_MAX))
}

fn check_scope(scope: Option<Scope>) -> Result<()> {
    match scope {
        None | Some(Scope::Organization) => Ok(()),
        Some(Scope::Account) => Err(ApiError::invalid(
            "scope: `account` is not there, since a server's keys are not people; write \
             `organization`, or use another workspace",
        )),
    }
}

/// Metadata as it was sent: a value is a text, or null.
fn patch(sent: Option<Map<String, Value>>) -> Result<MetadataPatch> {
    let one = |(key, value): (String, Value)| match value {
        Value::String(value) => Ok((key, Some(value))),
        Value::Null => Ok((key, None)),
        _ => Err(ApiError::invalid("metadata: a value is a text").code("invalid_metadata")),
    };
    sent.unwrap_or_default().into_iter().map(one).collect()
}
