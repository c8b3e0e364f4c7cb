//! One run of a deployment: what set it off, and the session or the reason why there is none.

use lucid_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::AgentReference;
use crate::error::ApiError;

/// What set a run off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Trigger {
    /// The schedule.
    Schedule {
        /// What the wall clock said, before any delay. There is one run for it at most.
        scheduled_at: Timestamp,
    },
    /// Somebody.
    Manual,
}

impl Trigger {
    /// The words that a list is asked with.
    pub const NAMES: [&'static str; 2] = ["schedule", "manual"];

    /// The word for it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Schedule { .. } => "schedule",
            Self::Manual => "manual",
        }
    }
}

macro_rules! error_kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)+) => {
        /// Why a run has no session.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum RunErrorKind {$(
            $(#[$doc])*
            #[serde(rename = $word)]
            $name,
        )+}

        impl RunErrorKind {
            /// All of them.
            pub const ALL: [Self; 16] = [$(Self::$name),+];

            /// The word of the API.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }
        }
    };
}

error_kinds! {
    /// The environment is archived.
    EnvironmentArchived = "environment_archived_error";
    /// The agent, or one of its roster, is archived.
    AgentArchived = "agent_archived_error";
    /// There is no such environment.
    EnvironmentNotFound = "environment_not_found_error";
    /// There is no such vault.
    VaultNotFound = "vault_not_found_error";
    /// A vault is archived.
    VaultArchived = "vault_archived_error";
    /// There is no such file.
    FileNotFound = "file_not_found_error";
    /// A memory store is archived.
    MemoryStoreArchived = "memory_store_archived_error";
    /// There is no such skill.
    SkillNotFound = "skill_not_found_error";
    /// Another resource is missing.
    SessionResourceNotFound = "session_resource_not_found_error";
    /// The workspace is archived.
    WorkspaceArchived = "workspace_archived_error";
    /// The organization is disabled.
    OrganizationDisabled = "organization_disabled_error";
    /// Too many sessions at once.
    SessionRateLimited = "session_rate_limited_error";
    /// The session was refused for another reason.
    SessionCreationRejected = "session_creation_rejected_error";
    /// The environment's workers cannot have such resources.
    SelfHostedResourcesUnsupported = "self_hosted_resources_unsupported_error";
    /// The environment's network does not let an MCP server be reached.
    McpEgressBlocked = "mcp_egress_blocked_error";
    /// The server failed.
    Unknown = "unknown_error";
}

impl RunErrorKind {
    /// Whether the next run would fail the same way, so that the deployment is paused. What
    /// was refused for its contents or its number may go through the next time, and so may
    /// what the server failed at.
    #[must_use]
    pub fn is_unrecoverable(self) -> bool {
        !matches!(self, Self::SessionRateLimited | Self::SessionCreationRejected | Self::Unknown)
    }

    /// The kind that an error of the API is, by its code, what is missing, or its status.
    #[must_use]
    pub fn of(error: &ApiError) -> Self {
        let code = error.fields.get("details").and_then(|details| details.get("error_code"));
        if let Some(code) = code.and_then(serde_json::Value::as_str) {
            let known =
                Self::ALL.into_iter().find(|kind| kind.word().strip_suffix("_error") == Some(code));
            if let Some(kind) = known {
                return kind;
            }
        }
        match error.status {
            404 => Self::missing(&error.message),
            429 => Self::SessionRateLimited,
            // What this server does not do, it will not do the next time either.
            501 => Self::SessionCreationRejected,
            status if status >= 500 => Self::Unknown,
            _ => Self::SessionCreationRejected,
        }
    }

    /// What [`ApiError::not_found`] names.
    fn missing(message: &str) -> Self {
        let what = message.strip_prefix("there is no ").and_then(|rest| rest.split(" `").next());
        match what {
            Some("environment") => Self::EnvironmentNotFound,
            Some("vault") => Self::VaultNotFound,
            Some("file") => Self::FileNotFound,
            Some("skill" | "skill version") => Self::SkillNotFound,
            _ => Self::SessionResourceNotFound,
        }
    }
}

/// Why a run has no session, for programs and for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunError {
    /// For programs.
    #[serde(rename = "type")]
    pub kind: RunErrorKind,
    /// For people.
    pub message: String,
}

impl RunError {
    /// A reason.
    pub fn new(kind: RunErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

impl From<&ApiError> for RunError {
    fn from(error: &ApiError) -> Self {
        Self::new(RunErrorKind::of(error), error.message.clone())
    }
}

/// One run. Never changed: it says how a session began, not how it went on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its id, `drun_…`.
    pub id: String,
    /// Always `deployment_run`.
    #[serde(rename = "type")]
    pub kind: RunTag,
    /// The deployment.
    pub deployment_id: String,
    /// The agent it had then.
    pub agent: AgentReference,
    /// What set it off.
    pub trigger_context: Trigger,
    /// The session, unless there is an error.
    pub session_id: Option<String>,
    /// Why there is no session, unless there is one.
    pub error: Option<RunError>,
    /// When it was written down.
    pub created_at: Timestamp,
}

/// The type of a [`Run`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RunTag {
    /// The one there is.
    #[serde(rename = "deployment_run")]
    DeploymentRun,
}

impl Run {
    /// Writes a run down: with a session, or with the reason why there is none.
    #[must_use]
    pub fn new(
        id: String,
        deployment: &super::Deployment,
        trigger_context: Trigger,
        outcome: Result<String, RunError>,
        created_at: Timestamp,
    ) -> Self {
        let (session_id, error) = match outcome {
            Ok(session) => (Some(session), None),
            Err(error) => (None, Some(error)),
        };
        Self {
            id,
            kind: RunTag::DeploymentRun,
            deployment_id: deployment.id.clone(),
            agent: deployment.agent.clone(),
            trigger_context,
            session_id,
            error,
            created_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_api_becomes_one_of_a_run() {
        let cases = [
            (ApiError::not_found("environment", "env_1"), RunErrorKind::EnvironmentNotFound),
            (ApiError::not_found("vault", "vlt_1"), RunErrorKind::VaultNotFound),
            (ApiError::not_found("file", "file_1"), RunErrorKind::FileNotFound),
            (ApiError::not_found("memory store", "m"), RunErrorKind::SessionResourceNotFound),
            (
                ApiError::invalid("x").code("environment_archived"),
                RunErrorKind::EnvironmentArchived,
            ),
            (ApiError::invalid("x").code("mcp_egress_blocked"), RunErrorKind::McpEgressBlocked),
            (
                ApiError::invalid("x").code("invalid_metadata"),
                RunErrorKind::SessionCreationRejected,
            ),
            (ApiError::too_many("x"), RunErrorKind::SessionRateLimited),
            (ApiError::internal("x"), RunErrorKind::Unknown),
            (ApiError::not_implemented("x"), RunErrorKind::SessionCreationRejected),
        ];
        for (error, kind) in cases {
            assert_eq!(RunErrorKind::of(&error), kind, "{error}");
        }
    }

    #[test]
    fn what_may_go_through_the_next_time_pauses_nothing() {
        let pauses = RunErrorKind::ALL.into_iter().filter(|kind| kind.is_unrecoverable()).count();
        assert_eq!(pauses, 13);
    }

    #[test]
    fn every_kind_is_written_as_its_word() {
        for kind in RunErrorKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
        }
    }
}
