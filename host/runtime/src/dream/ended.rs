//! How dreams end that do not complete, and sessions of dreams that were left.

use std::sync::Arc;

use lucid_core::{
    Dream, DreamError, DreamErrorKind, DreamId, DreamStatus, Event, Failure, FailureKind,
    IdleReason, ModelUsage, Result, SessionId, SessionStatus, Timestamp,
};
use lucid_store::Store;
use serde_json::{Value, json};

use crate::ambient::{SystemClock, SystemEntropy};
use crate::lease::{self, Claim};
use crate::owner::Owner;
use crate::session::SessionLog;

/// A dream as it is when it failed.
pub(super) fn failed(dream: &Dream, error: DreamError, at: Timestamp) -> Dream {
    Dream { status: DreamStatus::Failed, error: Some(error), ended_at: Some(at), ..dream.clone() }
}

/// A dream as it is when somebody stopped it.
pub(super) fn canceled(dream: &Dream, at: Timestamp) -> Dream {
    Dream { status: DreamStatus::Canceled, ended_at: Some(at), ..dream.clone() }
}

/// A dream that others ended before it could begin here; else why it did not begin.
pub(super) async fn by_others(store: &dyn Store, id: &DreamId, failure: Failure) -> Result<Dream> {
    match store.dream(id).await {
        Ok(Some(now)) if now.status.is_terminal() => Ok(now),
        _ => Err(failure),
    }
}

/// An input session that is not there.
pub(super) fn no_session(id: &SessionId) -> DreamError {
    let kind = DreamErrorKind::InputSessionUnavailable;
    DreamError { kind, message: format!("there is no session {id}") }
}

/// Why a strategy failed, in the API's words.
pub(super) fn error_of(failure: &Failure) -> DreamError {
    let hint = failure.hint.as_deref().unwrap_or_default();
    // Which limit it was is in the setting that raises it.
    let is_late = failure.kind == FailureKind::Exceeded && hint.contains("deadline_ms");
    let kind = if is_late { DreamErrorKind::Timeout } else { DreamErrorKind::InternalError };
    DreamError { kind, message: failure.to_string() }
}

/// The event that says that a dream failed.
pub(super) fn event(error: &DreamError, failure: Option<&Failure>) -> Event {
    let mut said = json!({
        "type": error.kind,
        "message": error.message,
        "retry_status": {"type": "terminal"},
    });
    if let (Some(failure), Value::Object(said)) = (failure, &mut said) {
        said.insert("lucid".to_owned(), json!(failure));
    }
    Event::Error { error: said }
}

/// The events that end a dream's session.
pub(super) fn last_events(usage: ModelUsage) -> [Event; 3] {
    let stop_reason = IdleReason::EndTurn;
    let usage = Event::Usage { usage, cost_micro_usd: None };
    [usage, Event::StatusIdle { stop_reason }, Event::StatusTerminated {}]
}

/// Ends the session of a dream that its process left, so that nobody waits for it any more.
/// `next` is the session in which the dream goes on.
pub(super) async fn end_session(
    store: &Arc<dyn Store>,
    owner: &Owner,
    id: &SessionId,
    next: Option<&SessionId>,
) -> Result<()> {
    let runs = lease::is_run(store.as_ref(), owner, id).await?;
    if runs || store.session(id).await?.is_none() {
        return Ok(());
    }
    let claim = Claim::take(store.clone(), owner, id).await?;
    let (clock, entropy) = (Arc::new(SystemClock::default()), Arc::new(SystemEntropy));
    let mut log = SessionLog::new(store.clone(), id.clone(), claim.epoch(), clock, entropy);
    log.catch_up().await?;
    if log.state().status != SessionStatus::Terminated {
        if let Some(next) = next {
            let message = format!("the dream was interrupted; it goes on in session {next}");
            let error = DreamError { kind: DreamErrorKind::InternalError, message };
            log.write(None, &event(&error, None))?;
        }
        log.write(None, &Event::StatusTerminated {})?;
        log.flush().await?;
    }
    claim.give_back().await
}
