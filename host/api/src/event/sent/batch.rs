//! What a request's events may be, one after the other.

use std::collections::{BTreeMap, BTreeSet};

use lucid_core::{
    CallState, Confirmation, Content, Event, EventId, IdleReason, OutcomeId, OutcomeState,
    SessionStatus, ThreadId, Via,
};
use serde_json::json;

use super::{
    DENY_CHARACTERS_MAX, ITERATIONS, Rubric, Sending, SentEvent, check_outcome, check_rubric,
};
use crate::content::{self, ContentBlock, Place};
use crate::error::{ApiError, Result};

/// The session as it is behind the events that were looked at so far.
pub(super) struct Batch<'a> {
    sending: &'a Sending<'a>,
    /// Whether it rests because its budget is used up.
    pub(super) paused: bool,
    /// The calls that somebody has to settle before anything else is said.
    pending: BTreeSet<EventId>,
    decided: BTreeMap<EventId, Confirmation>,
    settled: BTreeSet<EventId>,
    outcome: bool,
}

impl<'a> Batch<'a> {
    pub(super) fn new(sending: &'a Sending<'a>) -> Self {
        let state = sending.state;
        let idle = (state.status == SessionStatus::Idle).then_some(state.idle.as_ref()).flatten();
        let waits = matches!(idle, Some(IdleReason::RequiresAction { .. }));
        let stopped = |index: usize| state.threads.get(index).is_some_and(|t| t.interrupted);
        let asks = state.asks().filter(|(index, _)| waits && !stopped(*index));
        Self {
            sending,
            paused: matches!(idle, Some(IdleReason::BudgetReached)),
            pending: asks.map(|(_, call)| call.event.clone()).collect(),
            decided: BTreeMap::new(),
            settled: BTreeSet::new(),
            outcome: state.outcome.as_ref().is_some_and(OutcomeState::is_open),
        }
    }

    /// Whether an event settles what was begun, which a used up budget does not stop.
    pub(super) fn settles(&self, event: &SentEvent) -> bool {
        matches!(
            event,
            SentEvent::Confirmation { .. }
                | SentEvent::CustomResult { .. }
                | SentEvent::WorkerResult { .. }
                | SentEvent::Interrupt { .. }
        )
    }

    pub(super) fn take(&mut self, field: &str, event: &SentEvent) -> Result<Option<Event>> {
        Ok(Some(match event {
            SentEvent::Message { content } => {
                self.check_free(field)?;
                let content = self.content(field, content, Place::Message)?;
                Event::UserMessage { content }
            }
            SentEvent::Interrupt { session_thread_id } => {
                let thread = self.interrupt(field, session_thread_id.as_deref())?;
                // Nothing runs that it could stop, and what waits is not thrown away.
                if self.paused {
                    return Ok(None);
                }
                Event::Interrupt { session_thread_id: thread }
            }
            SentEvent::Confirmation { tool_use_id, result, deny_message, .. } => {
                self.confirm(field, tool_use_id, *result, deny_message.as_ref())?
            }
            SentEvent::CustomResult { custom_tool_use_id, content, is_error, .. } => {
                let id = format!("{field}.custom_tool_use_id");
                let call = self.owed(&id, custom_tool_use_id, &Via::Custom)?;
                let content = content.as_deref().unwrap_or_default();
                let content = self.content(field, content, Place::ToolResult)?;
                let is_error = is_error.unwrap_or(false);
                Event::CustomToolResult { custom_tool_use_id: call, content, is_error }
            }
            SentEvent::WorkerResult { tool_use_id, content, is_error, .. } => {
                if !self.sending.self_hosted {
                    return Err(ApiError::invalid(format!(
                        "{field}: user.tool_result is for sessions of a self_hosted environment; \
                         the server runs this one's tools"
                    )));
                }
                let call = self.owed(&format!("{field}.tool_use_id"), tool_use_id, &Via::Worker)?;
                let content = content.as_deref().unwrap_or_default();
                let content = self.content(field, content, Place::ToolResult)?;
                let is_error = is_error.unwrap_or(false);
                Event::WorkerToolResult { tool_use_id: call, content, is_error }
            }
            SentEvent::Outcome { description, rubric, max_iterations } => {
                self.define(field, description, rubric, *max_iterations)?
            }
            SentEvent::System { .. } => return Err(no_system(field)),
        }))
    }

    fn content(&self, field: &str, blocks: &[ContentBlock], place: Place) -> Result<Vec<Content>> {
        let field = format!("{field}.content");
        content::check(&field, blocks, place)?;
        content::to_log(&field, blocks, self.sending.files)
    }

    /// Checks that no call waits for whoever says something new.
    fn check_free(&self, field: &str) -> Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let calls: Vec<_> = self.pending.iter().map(EventId::as_str).take(20).collect();
        Err(ApiError::invalid(format!(
            "{field}: the session waits for its calls {}; settle them first, or interrupt",
            calls.join(", ")
        )))
    }

    fn interrupt(&mut self, field: &str, thread: Option<&str>) -> Result<Option<ThreadId>> {
        let state = self.sending.state;
        let Some(id) = thread else {
            self.pending.clear();
            return Ok(None);
        };
        let found = ThreadId::parse(id).and_then(|id| Some((state.thread(&id)?.1, id)));
        let Some((thread, id)) = found else {
            let text = format!("{field}.session_thread_id: the session has no such thread");
            return Err(ApiError::invalid(text));
        };
        if thread.status == SessionStatus::Terminated {
            let text = format!("{field}.session_thread_id: the thread is archived");
            return Err(ApiError::invalid(text));
        }
        for call in thread.open_calls() {
            self.pending.remove(&call.event);
        }
        Ok(Some(id))
    }

    fn call(&self, field: &str, id: &str) -> Result<&'a CallState> {
        let found = EventId::parse(id).and_then(|id| self.sending.state.call(&id));
        let missing = || {
            ApiError::invalid(format!("{field}: no call of the session that is open has this id"))
        };
        let (_, call) = found.ok_or_else(missing)?;
        if call.result.is_some() || self.settled.contains(&call.event) {
            return Err(ApiError::invalid(format!("{field}: the call has its result already")));
        }
        Ok(call)
    }

    fn confirm(
        &mut self,
        field: &str,
        id: &str,
        result: Confirmation,
        deny_message: Option<&String>,
    ) -> Result<Event> {
        if let Some(message) = deny_message {
            if result != Confirmation::Deny {
                let text = format!("{field}.deny_message: it goes with `deny` alone");
                return Err(ApiError::invalid(text));
            }
            crate::text(&format!("{field}.deny_message"), message, 0..=DENY_CHARACTERS_MAX)?;
        }
        let field = format!("{field}.tool_use_id");
        let call = self.call(&field, id)?;
        if !call.asks() || self.decided.contains_key(&call.event) {
            let text = format!("{field}: the call waits for nobody's decision");
            return Err(ApiError::invalid(text));
        }
        self.decided.insert(call.event.clone(), result);
        // One that may run is not settled where somebody outside has to run it.
        let runs = call.via.as_ref().is_some_and(Via::is_outside);
        if result == Confirmation::Deny || !runs {
            self.pending.remove(&call.event);
        }
        let (tool_use_id, deny_message) = (call.event.clone(), deny_message.cloned());
        Ok(Event::ToolConfirmation { tool_use_id, result, deny_message })
    }

    /// The call that whoever sends this has to run.
    fn owed(&mut self, field: &str, id: &str, by: &Via) -> Result<EventId> {
        let call = self.call(field, id)?;
        if call.via.as_ref() != Some(by) {
            let what = match by {
                Via::Custom => "a custom tool",
                _ => "a tool that a worker runs",
            };
            return Err(ApiError::invalid(format!("{field}: it is no call of {what}")));
        }
        let allowed = self.decided.get(&call.event) == Some(&Confirmation::Allow);
        let may_run = call.is_owed() || (call.asks() && allowed);
        if !may_run {
            let text = format!("{field}: the call may not run; somebody has to allow it first");
            return Err(ApiError::invalid(text));
        }
        self.pending.remove(&call.event);
        self.settled.insert(call.event.clone());
        Ok(call.event.clone())
    }

    fn define(
        &mut self,
        field: &str,
        description: &str,
        rubric: &Rubric,
        max_iterations: Option<u32>,
    ) -> Result<Event> {
        check_outcome(field, description, rubric, max_iterations)?;
        self.check_free(field)?;
        if std::mem::replace(&mut self.outcome, true) {
            return Err(ApiError::invalid(format!(
                "{field}: the session works for an outcome already; wait for its end or interrupt"
            )));
        }
        let text = match rubric {
            Rubric::Text { content } => content.clone(),
            Rubric::File { file_id } => self.rubric_of(field, file_id)?,
        };
        let Sending { clock, entropy, .. } = *self.sending;
        Ok(Event::DefineOutcome {
            outcome_id: OutcomeId::new(clock, entropy),
            description: description.to_owned(),
            rubric: json!({"type": "text", "content": text}),
            max_iterations: max_iterations.unwrap_or(ITERATIONS),
        })
    }

    fn rubric_of(&self, field: &str, file_id: &str) -> Result<String> {
        let field = format!("{field}.rubric.file_id");
        let file = self.sending.files.get(file_id);
        let file = file.ok_or_else(|| ApiError::not_found("file", file_id))?;
        let text = std::str::from_utf8(&file.bytes)
            .map_err(|_| ApiError::invalid(format!("{field}: the file is no text")))?;
        check_rubric(&field, text)?;
        Ok(text.to_owned())
    }
}

fn no_system(field: &str) -> ApiError {
    ApiError::invalid(format!(
        "{field}: the session's model takes no system message in the middle of a conversation \
         (model_does_not_support_mid_conversation_system)"
    ))
    .code("model_does_not_support_mid_conversation_system")
}
