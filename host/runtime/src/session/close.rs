//! Closing what a log has open.
//!
//! Whoever reads a log may rely on its order: each request has an end and each call a result
//! before its thread is idle, and threads are idle before their session is. So what a person
//! stops, and what cannot go on at all, is closed in the same way.

use std::collections::BTreeMap;

use lucid_core::{
    Event, EventId, Failure, IdleReason, ModelUsage, OutcomeResult, Result, SessionState,
    SessionStatus, Span, ThreadId, ThreadState, Via,
};
use lucid_engine::UnusableCredential;
use serde_json::{Value, json};

use super::effects;
use super::log::SessionLog;
use super::outcome;
use super::toolbox::CallEnd;

/// Whether something is left to do in a session that needs no person.
pub(crate) fn has_work(state: &SessionState) -> bool {
    let over = state.status == SessionStatus::Terminated;
    let stopped = state.threads.iter().any(|thread| thread.interrupted);
    !over && (state.is_working() || stopped)
}

/// Whether somebody waits for a session: it works, or its log says so.
fn is_awaited(state: &SessionState) -> bool {
    let says = matches!(state.status, SessionStatus::Running | SessionStatus::Rescheduling);
    says || has_work(state)
}

impl SessionLog {
    /// Ends a session that cannot go on: nothing stays open in it, and its log says why.
    /// Nothing is written where nobody waits for it.
    ///
    /// # Errors
    /// Failed, when the log cannot be written.
    pub(crate) async fn cannot_go_on(&mut self, failure: &Failure) -> Result<()> {
        while is_awaited(self.state()) && self.is_named() {
            self.close_all(failure)?;
            // Somebody may have written meanwhile: that stands before what was closed.
            if !self.flush().await? {
                break;
            }
        }
        Ok(())
    }

    /// Whether the primary thread has an id: that of a session that began has.
    fn is_named(&self) -> bool {
        self.state().threads.first().is_some_and(|lead| lead.id.is_some())
    }

    fn close_all(&mut self, failure: &Failure) -> Result<()> {
        let threads = self.state().threads.len();
        let call = format!("failed: the session could not go on: {failure}");
        for index in 0..threads {
            self.close_thread(index, "the session could not go on", &call)?;
        }
        let evaluating = |outcome: &lucid_core::OutcomeState| outcome.evaluating.is_some();
        if self.state().outcome.as_ref().is_some_and(evaluating) {
            let span = Span { failure: Some(failure.clone()), ..Span::default() };
            let details = outcome::details(None, &span, &BTreeMap::new());
            self.end_outcome(OutcomeResult::Failed, outcome::with_hint(failure), details)?;
        }
        // The lead is the last: it is told of nothing more then.
        for index in (0..threads).rev() {
            if index > 0 && !self.thread(index)?.is_left() {
                continue;
            }
            self.error(index, "unknown_error", failure, "exhausted")?;
            self.thread_idle(index, IdleReason::RetriesExhausted)?;
        }
        self.session_idle(IdleReason::RetriesExhausted)
    }

    /// Ends what a thread has open: its request, and all calls.
    pub(super) fn close_thread(&mut self, index: usize, request: &str, call: &str) -> Result<()> {
        if let Some(start) = self.thread(index)?.asked.clone() {
            self.request_stopped(index, start, request)?;
        }
        self.close_calls(index, call)
    }

    /// Gives a result to every call of a thread that has none.
    pub(super) fn close_calls(&mut self, index: usize, why: &str) -> Result<()> {
        let open = self.thread(index)?.open_calls().map(|call| call.event.clone());
        for call in open.collect::<Vec<_>>() {
            self.result(index, call, CallEnd::refused(why))?;
        }
        Ok(())
    }

    /// Writes down that a request ended without an answer.
    pub(super) fn request_stopped(
        &mut self,
        index: usize,
        start: EventId,
        why: &str,
    ) -> Result<()> {
        let thread = self.thread_id(index)?;
        let end = Event::ModelRequestEnd {
            model_request_start_id: start,
            model_usage: ModelUsage::default(),
            is_error: true,
            lucid: Some(effects::stopped(why)),
        };
        self.write(Some(&thread), &end).map(drop)
    }

    /// Writes down what a call gave.
    pub(super) fn result(&mut self, index: usize, call: EventId, mut end: CallEnd) -> Result<()> {
        let thread = self.thread_id(index)?;
        let mut asked = String::new();
        if let Some((plugin, lines)) = end.logs {
            self.write_logs(Some(&thread), &plugin, lines)?;
            asked = plugin;
        }
        let via = self.state().call(&call).and_then(|(_, call)| call.via.as_ref());
        if let Some(Via::Mcp { server }) = via {
            end.span.server = Some(server.clone());
            asked.clone_from(server);
        }
        let result = Event::ToolResult {
            tool_use_id: call,
            content: end.content,
            is_error: end.is_error,
            lucid: end.span,
        };
        self.write(Some(&thread), &result)?;
        for credential in end.unusable {
            let error = unusable(&asked, &credential);
            self.write(Some(&thread), &Event::Error { error })?;
        }
        Ok(())
    }

    /// Writes down that nobody works for the outcome any more, where one is open.
    pub(super) fn end_outcome(
        &mut self,
        result: OutcomeResult,
        explanation: String,
        lucid: Value,
    ) -> Result<()> {
        let lead = self.thread_id(0)?;
        let open = self.state().outcome.as_ref().filter(|outcome| outcome.is_open());
        let Some(outcome) = open else { return Ok(()) };
        let end = Event::EvaluationEnd {
            outcome_id: outcome.id.clone(),
            // None where no evaluation had begun.
            outcome_evaluation_start_id: outcome.evaluating.clone(),
            iteration: outcome.iteration,
            result,
            explanation,
            usage: ModelUsage::default(),
            lucid,
        };
        self.write(Some(&lead), &end).map(drop)
    }

    /// Writes down what went wrong in a thread, and whether it is tried again.
    pub(super) fn error(
        &mut self,
        index: usize,
        kind: &str,
        failure: &Failure,
        retry: &str,
    ) -> Result<()> {
        let thread = self.thread_id(index)?;
        let error = serde_json::json!({
            "type": kind,
            "message": failure.to_string(),
            "retry_status": {"type": retry},
            "lucid": failure,
        });
        self.write(Some(&thread), &Event::Error { error }).map(drop)
    }

    /// Writes down that a thread rests.
    pub(super) fn thread_idle(&mut self, index: usize, stop_reason: IdleReason) -> Result<()> {
        let (id, agent_name) = (self.thread_id(index)?, self.thread(index)?.agent.clone());
        let session_thread_id = id.clone();
        let idle = Event::ThreadIdle { session_thread_id, agent_name, stop_reason };
        self.write(Some(&id), &idle).map(drop)
    }

    /// Writes down that the session rests, and what it used by then.
    pub(super) fn session_idle(&mut self, stop_reason: IdleReason) -> Result<()> {
        let lead = self.thread_id(0)?;
        let usage = ModelUsage::from(self.state().usage);
        let used = self.meter().used(self.state(), None, self.clock().now());
        // What has no price is not worth nothing.
        let cost_micro_usd = Some(used.micro_usd).filter(|cost| *cost != u64::MAX);
        self.write(Some(&lead), &Event::Usage { usage, cost_micro_usd })?;
        self.write(Some(&lead), &Event::StatusIdle { stop_reason }).map(drop)
    }

    /// The id of a thread.
    pub(super) fn thread_id(&self, index: usize) -> Result<ThreadId> {
        let id = self.thread(index)?.id.clone();
        id.ok_or_else(|| Failure::bug("a thread without an id"))
    }

    fn thread(&self, index: usize) -> Result<&ThreadState> {
        let thread = self.state().threads.get(index);
        thread.ok_or_else(|| Failure::bug("a thread that is not there"))
    }
}

/// The error of a session whose credential could not be had anew, for the server or plugin that
/// was asked. The turn goes on: its agent knows from the call's result.
fn unusable(asked: &str, credential: &UnusableCredential) -> Value {
    let UnusableCredential { vault_id, credential_id, is_unreached, message } = credential;
    let retry_status = json!({"type": "retrying"});
    if *is_unreached {
        return json!({
            "type": "credential_host_unreachable_error",
            "credential_id": credential_id,
            "vault_id": vault_id,
            "message": message,
            "retry_status": retry_status,
        });
    }
    json!({
        "type": "mcp_authentication_failed_error",
        "mcp_server_name": asked,
        "message": message,
        "retry_status": retry_status,
    })
}

#[cfg(test)]
mod tests;
