//! What a session is now: a fold over its event log, and nothing else.
//!
//! [`SessionState::apply`] takes one event after the other, as they stand in the log. Whoever
//! runs a session decides from this state, and so does whoever goes on with it after a crash:
//! there is no other memory of it.

mod content;
mod outcome;
mod thread;

use serde_json::Value;

use crate::{
    Confirmation, Event, EventId, EventRecord, IdleReason, SessionStatus, ThreadId, Timestamp,
    TokenUsage,
};

pub use content::letter;
pub use outcome::OutcomeState;
pub use thread::{CallState, ThreadState};

use content::blocks;

/// A session as its log says it is.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionState {
    /// Where it stands.
    pub status: SessionStatus,
    /// Why it is idle, where it is.
    pub idle: Option<IdleReason>,
    /// Its threads: the primary one first, then in the order they were started.
    pub threads: Vec<ThreadState>,
    /// Tokens of all models of its threads.
    pub usage: TokenUsage,
    /// Tokens of the models that graders asked; counted apart.
    pub grading: TokenUsage,
    /// Tool calls that have a result.
    pub tool_calls: u32,
    /// What it is to achieve, the last that was defined.
    pub outcome: Option<OutcomeState>,
    /// How it began, where a process of Lucid began it.
    pub start: Option<Value>,
    /// When its first event was written.
    pub started_at: Option<Timestamp>,
    /// When its last event was written.
    pub updated_at: Option<Timestamp>,
    /// Events applied.
    pub events: u32,
    /// Bytes of their bodies.
    pub bytes: u64,
}

impl Default for SessionState {
    fn default() -> Self {
        Self::new()
    }
}

impl SessionState {
    /// A session without events.
    #[must_use]
    pub fn new() -> Self {
        Self {
            status: SessionStatus::Idle,
            idle: None,
            threads: Vec::new(),
            usage: TokenUsage::default(),
            grading: TokenUsage::default(),
            tool_calls: 0,
            outcome: None,
            start: None,
            started_at: None,
            updated_at: None,
            events: 0,
            bytes: 0,
        }
    }

    /// Folds a log.
    pub fn of<'a>(records: impl IntoIterator<Item = &'a EventRecord>) -> Self {
        let mut state = Self::new();
        for record in records {
            state.apply(record);
        }
        state
    }

    /// Takes the next event of the log. One of a type that this version does not know, or of
    /// a form that makes no sense, is counted and changes nothing else.
    pub fn apply(&mut self, record: &EventRecord) {
        match record.event() {
            Some(event) => self.apply_event(record, &event),
            None => self.count(record),
        }
    }

    /// The same for an event that was parsed already.
    pub fn apply_event(&mut self, record: &EventRecord, event: &Event) {
        self.count(record);
        let thread = record.thread_id.as_ref();
        match event {
            Event::SessionStarted { start, agent_name } => {
                self.start = Some(start.clone());
                if let Some(name) = agent_name {
                    self.thread_mut(thread).agent.clone_from(name);
                }
            }
            Event::StatusRunning {} => self.is(SessionStatus::Running, None),
            Event::StatusIdle { stop_reason } => {
                self.is(SessionStatus::Idle, Some(stop_reason.clone()));
            }
            Event::StatusRescheduled {} => self.is(SessionStatus::Rescheduling, None),
            Event::StatusTerminated {} => self.is(SessionStatus::Terminated, None),
            Event::DefineOutcome { .. }
            | Event::EvaluationStart { .. }
            | Event::EvaluationEnd { .. } => self.apply_outcome(record, event),
            Event::Interrupt { session_thread_id } => self.interrupt(session_thread_id.as_ref()),
            Event::ToolConfirmation { tool_use_id, result, deny_message } => {
                if let Some((_, call)) = self.call_mut(tool_use_id) {
                    let why = deny_message.clone();
                    call.confirmation.get_or_insert((*result, why));
                }
            }
            Event::ToolResult { tool_use_id, .. }
            | Event::CustomToolResult { custom_tool_use_id: tool_use_id, .. }
            | Event::WorkerToolResult { tool_use_id, .. } => {
                if let Some((index, call)) = self.call_mut(tool_use_id)
                    && call.settle(event)
                {
                    self.tool_calls += 1;
                    self.threads[index].tool_calls += 1;
                }
            }
            Event::ModelRequestEnd { model_usage, is_error, lucid, .. } => {
                let usage = TokenUsage::from(*model_usage);
                if !is_error {
                    self.usage = self.usage.plus(usage);
                }
                self.thread_mut(thread).answered(usage, *is_error, lucid.as_ref());
            }
            Event::ThreadCreated { session_thread_id, agent_name } => {
                // Never the primary one, whatever that is called.
                self.thread_mut(None);
                let index = self.child(session_thread_id);
                self.threads[index].agent.clone_from(agent_name);
            }
            Event::ThreadRunning { session_thread_id, agent_name }
            | Event::ThreadRescheduled { session_thread_id, agent_name }
            | Event::ThreadIdle { session_thread_id, agent_name, .. }
            | Event::ThreadTerminated { session_thread_id, agent_name } => {
                let thread = self.named(session_thread_id);
                thread.agent.clone_from(agent_name);
                thread.apply_status(event);
            }
            Event::ContextCompacted { lucid } => {
                self.usage = self.usage.plus(TokenUsage::from(lucid.usage));
                self.thread_mut(thread).apply(event);
            }
            Event::UserMessage { content } => self.thread_mut(thread).hear(blocks(content)),
            Event::ToolUse { .. } => self.thread_mut(thread).call(record.id.clone(), event),
            Event::ModelRequestStart {} => {
                self.thread_mut(thread).ask(record.id.clone());
            }
            _ => self.thread_mut_if(thread, event),
        }
    }

    fn count(&mut self, record: &EventRecord) {
        self.events = self.events.saturating_add(1);
        self.bytes = self.bytes.saturating_add(record.body.len() as u64);
        self.started_at.get_or_insert(record.created_at);
        self.updated_at = Some(record.created_at);
    }

    fn is(&mut self, status: SessionStatus, idle: Option<IdleReason>) {
        // What is over stays over.
        if self.status != SessionStatus::Terminated {
            (self.status, self.idle) = (status, idle);
        }
    }

    /// What only concerns the context of one thread; other events concern none.
    fn thread_mut_if(&mut self, thread: Option<&ThreadId>, event: &Event) {
        let concerns = matches!(
            event,
            Event::AgentThinking { .. }
                | Event::AgentMessage { .. }
                | Event::ThreadMessageReceived { .. }
                | Event::Error { .. }
        );
        if concerns {
            self.thread_mut(thread).apply(event);
        }
    }

    fn interrupt(&mut self, which: Option<&ThreadId>) {
        // An outcome is open also while nobody works for it.
        let outcome = self.outcome.as_ref().is_some_and(OutcomeState::is_open);
        for (index, thread) in self.threads.iter_mut().enumerate() {
            let meant = which.is_none_or(|id| thread.id.as_ref() == Some(id))
                && thread.status != SessionStatus::Terminated;
            let open = thread.open_calls().next().is_some() || (index == 0 && outcome);
            thread.interrupted |= meant && (open || thread.is_working());
        }
    }

    /// The thread of an event; one without is of the primary thread.
    fn thread_mut(&mut self, id: Option<&ThreadId>) -> &mut ThreadState {
        match id {
            Some(id) => self.named(id),
            None => {
                if self.threads.is_empty() {
                    self.threads.push(ThreadState::new(None));
                }
                &mut self.threads[0]
            }
        }
    }

    fn named(&mut self, id: &ThreadId) -> &mut ThreadState {
        let found = self.threads.iter().position(|thread| thread.id.as_ref() == Some(id));
        let index = match found {
            Some(index) => index,
            // The primary thread's id is learnt from the first event that has it.
            None if self.threads.first().is_some_and(|first| first.id.is_none()) => {
                self.threads[0].id = Some(id.clone());
                0
            }
            None => self.child(id),
        };
        &mut self.threads[index]
    }

    /// The place of a thread, which is added where it is not there.
    fn child(&mut self, id: &ThreadId) -> usize {
        self.thread(id).map(|(index, _)| index).unwrap_or_else(|| {
            self.threads.push(ThreadState::new(Some(id.clone())));
            self.threads.len() - 1
        })
    }

    /// The thread of an id.
    #[must_use]
    pub fn thread(&self, id: &ThreadId) -> Option<(usize, &ThreadState)> {
        self.threads.iter().enumerate().find(|(_, thread)| thread.id.as_ref() == Some(id))
    }

    /// The call that an event made, of those whose turn still goes on, with its thread's place.
    #[must_use]
    pub fn call(&self, event: &EventId) -> Option<(usize, &CallState)> {
        self.threads.iter().enumerate().find_map(|(index, thread)| {
            thread.calls.iter().find(|call| call.event == *event).map(|call| (index, call))
        })
    }

    fn call_mut(&mut self, event: &EventId) -> Option<(usize, &mut CallState)> {
        self.threads.iter_mut().enumerate().find_map(|(index, thread)| {
            let mut calls = thread.calls.iter_mut();
            calls.find(|call| call.event == *event).map(|call| (index, call))
        })
    }

    /// The calls that wait for somebody outside, each with its thread's place.
    pub fn asks(&self) -> impl Iterator<Item = (usize, &CallState)> {
        let calls = |(index, thread)| {
            let thread: &ThreadState = thread;
            thread.calls.iter().filter(|call| call.waits()).map(move |call| (index, call))
        };
        self.threads.iter().enumerate().flat_map(calls)
    }

    /// Whether anything is left to do that needs no person.
    #[must_use]
    pub fn is_working(&self) -> bool {
        self.threads.iter().any(ThreadState::is_working)
            || self.outcome.as_ref().is_some_and(|outcome| outcome.evaluating.is_some())
    }

    /// What the lead said last.
    #[must_use]
    pub fn last_text(&self) -> &str {
        self.threads.first().map_or("", |lead| lead.last_text.as_str())
    }
}

/// What a person decided, with the reason that the agent is told.
type Decided = (Confirmation, Option<String>);

#[cfg(test)]
mod outcome_table;
#[cfg(test)]
mod tests;
