//! The events of a session: types and fields of the Managed Agents API, and a few of our
//! own under `lucid.`.
//!
//! An event is written once, as exact JSON text ([`EventRecord::body`]); what a session is
//! now is derived from them. Events of a child thread carry `session_thread_id`.

mod absent;
mod parts;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Class, Evaluation, EventId, Failure, Operation, OutcomeId, OutcomeResult, Rejection, SessionId,
    SessionStatus, ThreadId, Timestamp,
};

pub use parts::{
    Compaction, Confirmation, Content, IdleReason, LogLevel, ModelUsage, Permission, Span, Thought,
    Via,
};

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// A person (or mission) said something.
    #[serde(rename = "user.message")]
    UserMessage {
        /// What.
        #[serde(deserialize_with = "parts::content")]
        content: Vec<Content>,
    },
    /// A person stops a turn; it jumps the queue.
    #[serde(rename = "user.interrupt")]
    Interrupt {
        /// The thread whose turn it is; every thread's when none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session_thread_id: Option<ThreadId>,
    },
    /// A person decides on a call that waits.
    #[serde(rename = "user.tool_confirmation")]
    ToolConfirmation {
        /// The event of the call.
        tool_use_id: EventId,
        /// What they decided.
        result: Confirmation,
        /// What the agent is told, where it may not run.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deny_message: Option<String>,
    },
    /// Whoever talks to the session answers a call of a tool of their own.
    #[serde(rename = "user.custom_tool_result")]
    CustomToolResult {
        /// The event of the call.
        custom_tool_use_id: EventId,
        /// The result.
        #[serde(default, deserialize_with = "parts::content")]
        content: Vec<Content>,
        /// Whether it failed.
        #[serde(default)]
        is_error: bool,
    },
    /// A worker answers a call that it ran where it is.
    #[serde(rename = "user.tool_result")]
    WorkerToolResult {
        /// The event of the call.
        tool_use_id: EventId,
        /// The result.
        #[serde(default, deserialize_with = "parts::content")]
        content: Vec<Content>,
        /// Whether it failed.
        #[serde(default)]
        is_error: bool,
    },
    /// An outcome was defined.
    #[serde(rename = "user.define_outcome")]
    DefineOutcome {
        /// Its id.
        outcome_id: OutcomeId,
        /// What it is about.
        description: String,
        /// What done looks like: `{"type":"text","content":…}`.
        rubric: Value,
        /// How often it is evaluated at most.
        max_iterations: u32,
    },
    /// An agent said something.
    #[serde(rename = "agent.message")]
    AgentMessage {
        /// What.
        #[serde(deserialize_with = "parts::content")]
        content: Vec<Content>,
    },
    /// An agent thought.
    #[serde(rename = "agent.thinking")]
    AgentThinking {
        /// What, where its provider wants it back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lucid: Option<Thought>,
    },
    /// A thread's model is asked to put the older part of its context in short.
    #[serde(rename = "lucid.compaction_started")]
    CompactionStarted {},
    /// The older part of a thread's context was put in short.
    #[serde(rename = "agent.thread_context_compacted")]
    ContextCompacted {
        /// What stands for it.
        lucid: Compaction,
    },
    /// An agent called a tool; written before the call runs.
    #[serde(rename = "agent.tool_use")]
    ToolUse {
        /// The tool.
        name: String,
        /// The input object; a text where the model wrote something else.
        input: Value,
        /// What policy said.
        evaluated_permission: Permission,
        /// The rule that decided, as the API writes it: `{"type": "always_ask"}`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evaluation: Option<Value>,
        /// By which way it is run, where that is not simply a plugin of the agent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lucid: Option<Via>,
    },
    /// What a call gave; written after it returned.
    #[serde(rename = "agent.tool_result")]
    ToolResult {
        /// The event of the call.
        tool_use_id: EventId,
        /// The result.
        #[serde(default)]
        #[serde(deserialize_with = "parts::content")]
        content: Vec<Content>,
        /// Whether it failed.
        #[serde(default)]
        is_error: bool,
        /// What the call used, and why it failed.
        #[serde(default)]
        lucid: Span,
    },
    /// An agent wrote to another.
    #[serde(rename = "agent.thread_message_sent")]
    ThreadMessageSent {
        /// To which thread.
        to_session_thread_id: ThreadId,
        /// The agent there.
        to_agent_name: String,
        /// What.
        #[serde(deserialize_with = "parts::content")]
        content: Vec<Content>,
    },
    /// An agent heard from another.
    #[serde(rename = "agent.thread_message_received")]
    ThreadMessageReceived {
        /// From which thread.
        from_session_thread_id: ThreadId,
        /// The agent there.
        from_agent_name: String,
        /// What.
        #[serde(deserialize_with = "parts::content")]
        content: Vec<Content>,
    },
    /// The session works.
    #[serde(rename = "session.status_running")]
    StatusRunning {},
    /// The session waits.
    #[serde(rename = "session.status_idle")]
    StatusIdle {
        /// Why.
        stop_reason: IdleReason,
    },
    /// The session waits to ask a model again.
    #[serde(rename = "session.status_rescheduled")]
    StatusRescheduled {},
    /// The session is over.
    #[serde(rename = "session.status_terminated")]
    StatusTerminated {},
    /// How a session began: what a process needs to go on with it.
    #[serde(rename = "lucid.session_started")]
    SessionStarted {
        /// What.
        start: Value,
        /// The agent of its primary thread, where no event before says it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent_name: Option<String>,
    },
    /// What the session cost so far.
    #[serde(rename = "session.usage")]
    Usage {
        /// Tokens.
        usage: ModelUsage,
        /// What it cost by the list of prices, in millionths of a US dollar, where that is
        /// known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cost_micro_usd: Option<u64>,
    },
    /// Something went wrong with the session as a whole.
    #[serde(rename = "session.error")]
    Error {
        /// `{type, message, retry_status}`.
        error: Value,
    },
    /// A thread was started.
    #[serde(rename = "session.thread_created")]
    ThreadCreated {
        /// The thread.
        session_thread_id: ThreadId,
        /// Its agent.
        agent_name: String,
    },
    /// A thread works.
    #[serde(rename = "session.thread_status_running")]
    ThreadRunning {
        /// The thread.
        session_thread_id: ThreadId,
        /// Its agent.
        agent_name: String,
    },
    /// A thread waits to ask its model again.
    #[serde(rename = "session.thread_status_rescheduled")]
    ThreadRescheduled {
        /// The thread.
        session_thread_id: ThreadId,
        /// Its agent.
        agent_name: String,
    },
    /// A thread is over.
    #[serde(rename = "session.thread_status_terminated")]
    ThreadTerminated {
        /// The thread.
        session_thread_id: ThreadId,
        /// Its agent.
        agent_name: String,
    },
    /// A thread waits.
    #[serde(rename = "session.thread_status_idle")]
    ThreadIdle {
        /// The thread.
        session_thread_id: ThreadId,
        /// Its agent.
        agent_name: String,
        /// Why.
        stop_reason: IdleReason,
    },
    /// A model is asked; written before it is.
    #[serde(rename = "span.model_request_start")]
    ModelRequestStart {},
    /// A model answered or failed.
    #[serde(rename = "span.model_request_end")]
    ModelRequestEnd {
        /// The event of the start.
        model_request_start_id: EventId,
        /// What it cost.
        model_usage: ModelUsage,
        /// Whether it failed.
        #[serde(default)]
        is_error: bool,
        /// Which model it was, why it stopped, and what the call used.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lucid: Option<Span>,
    },
    /// A grader starts.
    #[serde(rename = "span.outcome_evaluation_start")]
    EvaluationStart {
        /// The outcome.
        outcome_id: OutcomeId,
        /// Which evaluation, from 0.
        iteration: u32,
    },
    /// A grader still judges.
    #[serde(rename = "span.outcome_evaluation_ongoing")]
    EvaluationOngoing {
        /// The outcome.
        outcome_id: OutcomeId,
        /// Which evaluation, from 0.
        iteration: u32,
    },
    /// A grader is done.
    #[serde(rename = "span.outcome_evaluation_end")]
    EvaluationEnd {
        /// The outcome.
        outcome_id: OutcomeId,
        /// The event of the start; none, written as an empty text, where the work was
        /// interrupted before an evaluation began.
        #[serde(with = "absent")]
        outcome_evaluation_start_id: Option<EventId>,
        /// Which evaluation, from 0.
        iteration: u32,
        /// What becomes of the outcome.
        result: OutcomeResult,
        /// The reasons.
        explanation: String,
        /// Tokens the grader spent.
        #[serde(default)]
        usage: ModelUsage,
        /// The verdict per criterion, and what the call used.
        #[serde(default)]
        lucid: Value,
    },
    /// A plugin wrote a log message.
    #[serde(rename = "lucid.log")]
    Log {
        /// The plugin.
        plugin: String,
        /// How much it matters.
        level: LogLevel,
        /// The message.
        message: String,
    },
    /// A dream says how far it is.
    #[serde(rename = "lucid.dream_progress")]
    DreamProgress {
        /// What it does.
        phase: String,
        /// Steps done.
        done: u32,
        /// Steps in all; 0 when not known.
        total: u32,
        /// The session that it reads, where it reads one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session_id: Option<SessionId>,
    },
    /// A dream proposed an operation, and what the host said.
    #[serde(rename = "lucid.dream_operation")]
    DreamOperation {
        /// Its id in the dream, such as `dop_1`; logs of older versions have none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        operation_id: Option<String>,
        /// Its number in the ledger, where the host took it.
        number: Option<u32>,
        /// What the host says it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        class: Option<Class>,
        /// The operation, with secrets and personal data masked.
        operation: Operation,
        /// Why it was refused.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rejection: Option<Rejection>,
    },
}

impl Event {
    /// The evaluation's details for [`Event::EvaluationEnd`].
    #[must_use]
    pub fn evaluation_details(
        evaluation: Option<&Evaluation>,
        span: &Span,
        models: &BTreeMap<String, ModelUsage>,
    ) -> Value {
        let criteria = evaluation.map(|evaluation| &evaluation.criteria);
        serde_json::json!({
            "criteria": criteria,
            "models": models,
            "usage": span.usage,
            "failure": span.failure,
        })
    }

    /// What each model that a grader asked used, from the details of an
    /// [`Event::EvaluationEnd`].
    #[must_use]
    pub fn evaluation_models(details: &Value) -> BTreeMap<String, ModelUsage> {
        let models = details.get("models").cloned().unwrap_or_default();
        serde_json::from_value(models).unwrap_or_default()
    }

    /// What status a session is in after this event, where it says so.
    #[must_use]
    pub fn session_status(kind: &str) -> Option<SessionStatus> {
        match kind {
            "session.status_running" => Some(SessionStatus::Running),
            "session.status_idle" => Some(SessionStatus::Idle),
            "session.status_rescheduled" => Some(SessionStatus::Rescheduling),
            "session.status_terminated" => Some(SessionStatus::Terminated),
            _ => None,
        }
    }
}

/// One event as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRecord {
    /// Its id.
    pub id: EventId,
    /// Its type.
    pub kind: String,
    /// The thread it belongs to.
    pub thread_id: Option<ThreadId>,
    /// When it was written.
    pub created_at: Timestamp,
    /// The event as exact JSON text.
    pub body: String,
}

impl EventRecord {
    /// Writes an event down. `child` says that its thread is not the primary one.
    ///
    /// # Errors
    /// A bug, when the event cannot be written as a JSON object.
    pub fn new(
        id: EventId,
        event: &Event,
        thread_id: Option<ThreadId>,
        child: bool,
        created_at: Timestamp,
    ) -> Result<Self, Failure> {
        let Ok(Value::Object(fields)) = serde_json::to_value(event) else {
            return Err(Failure::bug("an event that is not a JSON object"));
        };
        let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut body = Map::new();
        body.insert("id".into(), id.as_str().into());
        body.extend(fields);
        if let (true, Some(thread)) = (child, &thread_id)
            && !body.contains_key("session_thread_id")
        {
            body.insert("session_thread_id".into(), thread.as_str().into());
        }
        body.insert("processed_at".into(), created_at.to_string().into());
        let body = Value::Object(body).to_string();
        Ok(Self { id, kind, thread_id, created_at, body })
    }

    /// Reads the event back; `None` when it is of a type this version does not know.
    #[must_use]
    pub fn event(&self) -> Option<Event> {
        serde_json::from_str(&self.body).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock as _, SeededEntropy, StepClock};

    #[test]
    fn an_event_survives_being_written_and_read() {
        let clock = StepClock::starting_at(Timestamp(1_795_230_245_678));
        let entropy = SeededEntropy::new(1);
        let event = Event::ToolUse {
            name: "fly".into(),
            input: serde_json::json!({"b": 1.5, "a": [1, 2]}),
            evaluated_permission: Permission::Allow,
            evaluation: None,
            lucid: None,
        };
        let id = EventId::new(&clock, &entropy);
        let thread = ThreadId::new(&clock, &entropy);
        let record = EventRecord::new(id, &event, Some(thread.clone()), true, clock.now()).unwrap();
        assert_eq!(record.kind, "agent.tool_use");
        assert_eq!(record.event(), Some(event));
        assert!(record.body.contains(r#""input":{"b":1.5,"a":[1,2]}"#), "{}", record.body);
        assert!(record.body.contains(&format!(r#""session_thread_id":"{thread}""#)));
        assert!(record.body.ends_with(r#""processed_at":"2026-11-21T03:04:05.680Z"}"#));
    }

    #[test]
    fn an_evaluation_that_never_began_is_written_as_the_api_does() {
        let clock = StepClock::starting_at(Timestamp(1));
        let entropy = SeededEntropy::new(1);
        let id = EventId::new(&clock, &entropy);
        for (start, text) in [(None, String::new()), (Some(id.clone()), id.to_string())] {
            let event = Event::EvaluationEnd {
                outcome_id: OutcomeId::new(&clock, &entropy),
                outcome_evaluation_start_id: start,
                iteration: 0,
                result: OutcomeResult::Interrupted,
                explanation: String::new(),
                usage: ModelUsage::default(),
                lucid: Value::Null,
            };
            let record = EventRecord::new(id.clone(), &event, None, false, Timestamp(1)).unwrap();
            let body: Value = serde_json::from_str(&record.body).unwrap();
            assert_eq!(body["outcome_evaluation_start_id"], text);
            assert_eq!(record.event(), Some(event));
        }
    }
}
