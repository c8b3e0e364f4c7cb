//! One run: a session is started, and what became of that is written down.

use std::sync::Arc;

use async_trait::async_trait;
use lucid_api::ApiError;
use lucid_api::deployment::{Deployment, Run, RunError, RunErrorKind, Trigger};
use lucid_core::DeploymentRunId;
use serde_json::Value;

use super::{RUN, agent};
use crate::documents::New;
use crate::space::Space;

/// Starts sessions. Tests have one of their own.
#[async_trait]
pub(super) trait Start: Send + Sync {
    /// Starts a session of a deployment, and gives its object.
    ///
    /// # Errors
    /// Those of a session's creation.
    async fn start(
        &self,
        space: &Arc<Space>,
        params: Value,
        deployment: &str,
    ) -> Result<Value, ApiError>;
}

/// The server's own sessions.
pub(super) struct Sessions;

#[async_trait]
impl Start for Sessions {
    async fn start(
        &self,
        space: &Arc<Space>,
        params: Value,
        deployment: &str,
    ) -> Result<Value, ApiError> {
        let params = lucid_api::value(params)?;
        Box::pin(crate::sessions::start(space, params, Some(deployment))).await
    }
}

/// The id of a run to come.
pub(super) fn new_id(space: &Space) -> String {
    DeploymentRunId::new(space.clock.as_ref(), space.entropy.as_ref()).to_string()
}

/// Starts a session and writes the run down, whatever became of it.
///
/// # Errors
/// Internal, when the run cannot be written down.
pub(super) async fn record(
    space: &Arc<Space>,
    start: &dyn Start,
    deployment: &Deployment,
    trigger: Trigger,
) -> Result<Run, ApiError> {
    record_as(space, start, deployment, trigger, new_id(space)).await
}

/// The same, with an id that was given before.
pub(super) async fn record_as(
    space: &Arc<Space>,
    start: &dyn Start,
    deployment: &Deployment,
    trigger: Trigger,
    id: String,
) -> Result<Run, ApiError> {
    let outcome = match session(space, start, deployment).await {
        Ok(session) => Ok(session),
        Err(error) => {
            if let Some(why) = &error.internal {
                space.log.error(&format!("{}: its run {id} failed: {why}", deployment.id));
            }
            Err(RunError::from(&error))
        }
    };
    let run = Run::new(id, deployment, trigger, outcome, space.clock.now());
    write(space, &run).await?;
    Ok(run)
}

/// Writes a run down that no server ended.
///
/// # Errors
/// Internal.
pub(super) async fn record_lost(
    space: &Space,
    deployment: &Deployment,
    trigger: Trigger,
    id: String,
) -> Result<Run, ApiError> {
    let why = "the server ended while it started the session; there may be one";
    let error = RunError::new(RunErrorKind::Unknown, why);
    let run = Run::new(id, deployment, trigger, Err(error), space.clock.now());
    write(space, &run).await?;
    Ok(run)
}

async fn session(
    space: &Arc<Space>,
    start: &dyn Start,
    deployment: &Deployment,
) -> Result<String, ApiError> {
    agent::check_all(space, deployment).await?;
    let session = start.start(space, deployment.session_params(), &deployment.id).await?;
    let id = session.get("id").and_then(Value::as_str).map(str::to_owned);
    id.ok_or_else(|| ApiError::internal("a session that was started has no id"))
}

async fn write(space: &Space, run: &Run) -> Result<(), ApiError> {
    let key = match run.trigger_context {
        Trigger::Schedule { scheduled_at } => Some(scheduled_at.to_string()),
        Trigger::Manual => None,
    };
    let (parent, created_at) = (Some(run.deployment_id.as_str()), run.created_at);
    let new = New { id: &run.id, parent, key: key.as_deref(), created_at, value: run };
    space.create(RUN, new).await
}
