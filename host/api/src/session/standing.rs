//! What a session's log says at a glance: a fold that keeps no conversation, so that many
//! sessions can be listed.

use std::collections::BTreeSet;

use lucid_core::{
    Confirmation, Event, EventId, EventRecord, IdleReason, ModelUsage, OutcomeId, OutcomeResult,
    SessionStatus, ThreadId, Timestamp, TokenUsage,
};
use serde_json::{Value, json};

/// A session at a glance.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Where it stands, as its log says.
    status: SessionStatus,
    /// Whether it waits for its budget to be raised.
    paused: bool,
    /// Whether somebody said something that no turn answers yet.
    heard: bool,
    /// The calls that it waits for, where it rests for that.
    waits: BTreeSet<EventId>,
    /// The calls without a result that somebody outside has to run.
    outside: BTreeSet<EventId>,
    /// Tokens of its threads.
    pub usage: TokenUsage,
    /// What it cost, in millionths of a US dollar; none where nobody knows.
    pub cost_micro_usd: Option<u64>,
    /// Its threads, the primary one first.
    pub threads: Vec<ThreadStanding>,
    /// What it worked for, in order.
    pub outcomes: Vec<OutcomeStanding>,
    /// The model that its primary thread asked last.
    pub model: Option<String>,
    /// When its last event was written.
    pub updated_at: Option<Timestamp>,
    /// How many events it has.
    pub events: u32,
    /// Bytes of their bodies.
    pub bytes: u64,
    running: Running,
}

/// One thread at a glance.
#[derive(Debug, Clone, PartialEq)]
pub struct ThreadStanding {
    /// Its id; none for the primary one of a log that never names it.
    pub id: Option<ThreadId>,
    /// Its agent's name.
    pub agent: String,
    /// Where it stands.
    pub status: SessionStatus,
    /// Tokens of its model.
    pub usage: TokenUsage,
    /// When it was started.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was put away.
    pub archived_at: Option<Timestamp>,
    running: Running,
}

/// What a session worked for.
#[derive(Debug, Clone, PartialEq)]
pub struct OutcomeStanding {
    id: OutcomeId,
    description: String,
    iteration: u32,
    is_evaluated: bool,
    result: Option<OutcomeResult>,
    explanation: Option<String>,
    completed_at: Option<Timestamp>,
}

/// For how long something runs.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Running {
    since: Option<Timestamp>,
    before_ms: u64,
    first: Option<Timestamp>,
}

impl Running {
    fn is(&mut self, runs: bool, at: Timestamp) {
        match (self.since, runs) {
            (None, true) => {
                self.since = Some(at);
                self.first.get_or_insert(at);
            }
            (Some(_), false) => {
                self.before_ms = self.ms(at);
                self.since = None;
            }
            _ => {}
        }
    }

    fn ms(&self, now: Timestamp) -> u64 {
        let since = self.since.map_or(0, |since| now.as_millis().saturating_sub(since.as_millis()));
        self.before_ms.saturating_add(since)
    }
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            status: SessionStatus::Idle,
            paused: false,
            heard: false,
            waits: BTreeSet::new(),
            outside: BTreeSet::new(),
            usage: TokenUsage::default(),
            cost_micro_usd: Some(0),
            threads: Vec::new(),
            outcomes: Vec::new(),
            model: None,
            updated_at: None,
            events: 0,
            bytes: 0,
            running: Running::default(),
        }
    }
}

impl Standing {
    /// Takes the next event of the log.
    pub fn apply(&mut self, record: &EventRecord) {
        let at = record.created_at;
        self.events = self.events.saturating_add(1);
        self.bytes = self.bytes.saturating_add(record.body.len() as u64);
        self.updated_at = Some(at);
        if let Some(event) = record.event() {
            self.apply_event(record, &event);
        }
    }

    fn apply_event(&mut self, record: &EventRecord, event: &Event) {
        let at = record.created_at;
        let of = record.thread_id.as_ref();
        match event {
            Event::SessionStarted { agent_name, .. } => {
                let thread = self.thread_mut(of, at);
                thread.agent = agent_name.clone().unwrap_or_default();
            }
            Event::UserMessage { .. } => {
                self.thread_mut(of, at);
                self.heard = true;
            }
            Event::StatusRunning {} => self.is(SessionStatus::Running, at),
            Event::StatusRescheduled {} => self.is(SessionStatus::Rescheduling, at),
            Event::StatusTerminated {} => self.is(SessionStatus::Terminated, at),
            Event::StatusIdle { stop_reason } => {
                self.is(SessionStatus::Idle, at);
                self.paused = matches!(
                    stop_reason,
                    IdleReason::BudgetReached | IdleReason::RequiresAction { .. }
                );
                if let IdleReason::RequiresAction { event_ids } = stop_reason {
                    self.waits = event_ids.iter().cloned().collect();
                }
            }
            Event::ToolUse { lucid: Some(via), .. } if via.is_outside() => {
                self.outside.insert(record.id.clone());
            }
            // One that may run is not settled where somebody outside has to run it.
            Event::ToolConfirmation { tool_use_id: call, result, .. }
                if *result == Confirmation::Deny || !self.outside.contains(call) =>
            {
                self.settled(call);
            }
            Event::ToolResult { tool_use_id: call, .. }
            | Event::CustomToolResult { custom_tool_use_id: call, .. }
            | Event::WorkerToolResult { tool_use_id: call, .. } => {
                self.outside.remove(call);
                self.settled(call);
            }
            // It waits for no call any more: what is said behind it begins a turn.
            Event::Interrupt { session_thread_id: None } if !self.waits.is_empty() => {
                self.waits.clear();
                self.paused = false;
            }
            Event::Usage { cost_micro_usd, .. } => self.cost_micro_usd = *cost_micro_usd,
            Event::ModelRequestEnd { model_usage, is_error: false, lucid, .. } => {
                self.spent(of, *model_usage, at);
                let model = lucid.as_ref().and_then(|span| span.model.clone());
                let primary = self.threads.first().is_some_and(|first| first.id.as_ref() == of);
                if let (Some(model), true) = (model, primary) {
                    self.model = Some(model);
                }
            }
            Event::ContextCompacted { lucid } => self.spent(of, lucid.usage, at),
            Event::DefineOutcome { .. }
            | Event::EvaluationStart { .. }
            | Event::EvaluationEnd { .. } => self.apply_outcome(event, at),
            Event::ThreadCreated { session_thread_id, agent_name }
            | Event::ThreadRunning { session_thread_id, agent_name }
            | Event::ThreadRescheduled { session_thread_id, agent_name }
            | Event::ThreadIdle { session_thread_id, agent_name, .. }
            | Event::ThreadTerminated { session_thread_id, agent_name } => {
                if matches!(event, Event::ThreadCreated { .. }) {
                    // The primary thread is there before any other.
                    self.thread_mut(None, at);
                    self.added(session_thread_id, at);
                }
                let thread = self.thread_mut(Some(session_thread_id), at);
                thread.agent.clone_from(agent_name);
                thread.apply(event, at);
            }
            _ => {}
        }
    }

    /// A call has what it waited for; behind the last one a turn goes on.
    fn settled(&mut self, call: &EventId) {
        if self.waits.remove(call) && self.waits.is_empty() {
            (self.paused, self.heard) = (false, true);
        }
    }

    fn is(&mut self, status: SessionStatus, at: Timestamp) {
        // What is over stays over.
        if self.status == SessionStatus::Terminated {
            return;
        }
        self.status = status;
        self.running.is(status == SessionStatus::Running, at);
        (self.paused, self.heard) = (false, false);
        self.waits.clear();
        if status == SessionStatus::Terminated {
            for thread in &mut self.threads {
                thread.status = status;
                thread.running.is(false, at);
            }
        }
    }

    fn spent(&mut self, of: Option<&ThreadId>, usage: ModelUsage, at: Timestamp) {
        let usage = TokenUsage::from(usage);
        self.usage = self.usage.plus(usage);
        let thread = self.thread_mut(of, at);
        thread.usage = thread.usage.plus(usage);
    }

    fn added(&mut self, id: &ThreadId, at: Timestamp) {
        if !self.threads.iter().any(|thread| thread.id.as_ref() == Some(id)) {
            self.threads.push(ThreadStanding::new(Some(id.clone()), at));
        }
    }

    /// The thread of an id, which is added where it is not there; without an id, the primary
    /// one, whose id is learnt from the first event that names it.
    fn thread_mut(&mut self, id: Option<&ThreadId>, at: Timestamp) -> &mut ThreadStanding {
        if self.threads.is_empty() {
            self.threads.push(ThreadStanding::new(id.cloned(), at));
        }
        let index = match id {
            None => 0,
            Some(id) => {
                let first = &mut self.threads[0];
                if first.id.is_none() {
                    first.id = Some(id.clone());
                }
                self.added(id, at);
                let found = self.threads.iter().position(|thread| thread.id.as_ref() == Some(id));
                found.unwrap_or(0)
            }
        };
        &mut self.threads[index]
    }

    fn apply_outcome(&mut self, event: &Event, at: Timestamp) {
        if let Event::DefineOutcome { outcome_id, description, .. } = event {
            let open = self.outcomes.last().is_some_and(OutcomeStanding::is_open);
            if !open {
                self.outcomes.push(OutcomeStanding {
                    id: outcome_id.clone(),
                    description: description.clone(),
                    iteration: 0,
                    is_evaluated: false,
                    result: None,
                    explanation: None,
                    completed_at: None,
                });
            }
            return;
        }
        let Some(outcome) = self.outcomes.last_mut().filter(|outcome| outcome.is_open()) else {
            return;
        };
        match event {
            Event::EvaluationStart { outcome_id, iteration } if *outcome_id == outcome.id => {
                (outcome.is_evaluated, outcome.iteration) = (true, *iteration);
            }
            Event::EvaluationEnd { outcome_id, iteration, result, explanation, .. }
                if *outcome_id == outcome.id =>
            {
                (outcome.is_evaluated, outcome.iteration) = (false, *iteration);
                outcome.result = Some(*result);
                outcome.explanation = Some(explanation.clone());
                outcome.completed_at = (!outcome.is_open()).then_some(at);
            }
            _ => {}
        }
    }

    /// Where the session stands: one to which something was said, or whose last call was
    /// settled, runs, although its first event may not be written yet.
    #[must_use]
    pub fn status(&self) -> SessionStatus {
        match self.status {
            SessionStatus::Idle if self.heard && !self.paused => SessionStatus::Running,
            status => status,
        }
    }

    /// Whether it works, so that it cannot be put away.
    #[must_use]
    pub fn is_working(&self) -> bool {
        matches!(self.status(), SessionStatus::Running | SessionStatus::Rescheduling)
    }

    /// The thread of an id, and whether it is the primary one.
    #[must_use]
    pub fn thread(&self, id: &ThreadId) -> Option<(bool, &ThreadStanding)> {
        let mut threads = self.threads.iter().enumerate();
        let found = threads.find(|(_, thread)| thread.id.as_ref() == Some(id));
        found.map(|(index, thread)| (index == 0, thread))
    }

    /// The primary thread's id.
    #[must_use]
    pub fn primary(&self) -> Option<&ThreadId> {
        self.threads.first().and_then(|thread| thread.id.as_ref())
    }

    /// The object `stats` of the session.
    pub(super) fn stats(&self, created_at: Timestamp, now: Timestamp) -> Value {
        let over = self.status == SessionStatus::Terminated;
        let until = self.updated_at.filter(|_| over).unwrap_or(now);
        json!({
            "active_seconds": seconds(self.running.ms(until)),
            "duration_seconds": seconds(between(created_at, until)),
        })
    }

    /// The object `usage` of the session.
    pub(super) fn usage(&self, now: Timestamp) -> Value {
        let cost = self.cost_micro_usd.map(super::cents);
        usage(&self.usage, self.running.ms(now), cost.unwrap_or_default())
    }
}

impl ThreadStanding {
    fn new(id: Option<ThreadId>, at: Timestamp) -> Self {
        Self {
            id,
            agent: String::new(),
            status: SessionStatus::Idle,
            usage: TokenUsage::default(),
            created_at: at,
            updated_at: at,
            archived_at: None,
            running: Running::default(),
        }
    }

    fn apply(&mut self, event: &Event, at: Timestamp) {
        // What is over stays over.
        if self.archived_at.is_some() {
            return;
        }
        self.updated_at = at;
        self.status = match event {
            Event::ThreadRunning { .. } => SessionStatus::Running,
            Event::ThreadRescheduled { .. } => SessionStatus::Rescheduling,
            Event::ThreadTerminated { .. } => {
                self.archived_at = Some(at);
                SessionStatus::Terminated
            }
            _ => SessionStatus::Idle,
        };
        self.running.is(self.status == SessionStatus::Running, at);
    }

    /// The object `stats` of the thread.
    pub(super) fn stats(&self, primary: bool, now: Timestamp) -> Value {
        let until = self.archived_at.unwrap_or(now);
        // Only the primary one waits for anything before it can begin.
        let startup = self.running.first.filter(|_| primary);
        let startup = startup.map_or(0, |first| between(self.created_at, first));
        json!({
            "active_seconds": seconds(self.running.ms(until)),
            "duration_seconds": seconds(between(self.created_at, until)),
            "startup_seconds": seconds(startup),
        })
    }

    /// The object `usage` of the thread.
    pub(super) fn usage(&self, now: Timestamp) -> Value {
        usage(&self.usage, self.running.ms(now), Value::Null)
    }
}

impl OutcomeStanding {
    fn is_open(&self) -> bool {
        matches!(self.result, None | Some(OutcomeResult::NeedsRevision))
    }

    /// The outcome as the API writes it.
    pub(super) fn object(&self, works: bool) -> Value {
        let result = match self.result {
            _ if self.is_evaluated => "evaluating",
            Some(result) if !self.is_open() => result.as_str(),
            None if !works => "pending",
            _ => "running",
        };
        json!({
            "type": "outcome_evaluation",
            "outcome_id": self.id,
            "description": self.description,
            "iteration": self.iteration,
            "result": result,
            "explanation": self.explanation,
            "completed_at": self.completed_at,
        })
    }
}

fn between(from: Timestamp, until: Timestamp) -> u64 {
    until.as_millis().saturating_sub(from.as_millis())
}

fn seconds(ms: u64) -> f64 {
    std::time::Duration::from_millis(ms).as_secs_f64()
}

fn usage(tokens: &TokenUsage, active_ms: u64, list_cost: Value) -> Value {
    json!({
        "input_tokens": tokens.input_tokens,
        "output_tokens": tokens.output_tokens,
        "cache_read_input_tokens": tokens.cache_read_tokens,
        "cache_creation": {
            "ephemeral_5m_input_tokens": tokens.cache_write_tokens,
            "ephemeral_1h_input_tokens": 0,
        },
        "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 0},
        "active_seconds": seconds(active_ms),
        "list_cost": list_cost,
    })
}

#[cfg(test)]
#[path = "standing_tests.rs"]
mod tests;
