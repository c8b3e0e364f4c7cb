//! A session's log as spans: a run from its work's beginning to its rest, in it its agents'
//! turns, and in those what they asked of models, tools and graders.
//!
//! Names and attributes are OpenTelemetry's for generative AI. Ids follow from the events', so a
//! log gives the same spans whenever it is read. What was said is in no span.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use lucid_core::{
    Event, EventId, EventRecord, ModelUsage, SessionId, ThreadId, Timestamp, sha256_hex,
};
use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

/// What has begun and has not ended; more of it than this has no spans.
const OPEN_MAX: usize = 1_024;

/// Characters of a name: models make up names of tools.
const NAME_CHARACTERS_MAX: usize = 128;

/// A span that has begun.
#[derive(Debug, Clone)]
pub(super) struct Begun {
    /// The trace it is part of.
    pub(super) trace: TraceId,
    /// Its id.
    pub(super) id: SpanId,
    /// The span it is in; an invalid id when it is in none.
    pub(super) parent: SpanId,
    /// Whether that one is somebody else's.
    pub(super) is_parent_remote: bool,
    /// What it is.
    pub(super) kind: SpanKind,
    /// Its name.
    pub(super) name: String,
    /// When it began.
    pub(super) start: SystemTime,
    /// What is known of it.
    pub(super) attributes: Vec<KeyValue>,
}

impl Begun {
    /// The span, now that it has ended; `failed` names the kind of failure.
    pub(super) fn ended(mut self, end: SystemTime, failed: Option<String>) -> SpanData {
        let status = match failed {
            None => Status::Unset,
            Some(kind) => {
                self.attributes.push(KeyValue::new("error.type", kind));
                Status::error("")
            }
        };
        let flags = TraceFlags::SAMPLED;
        SpanData {
            span_context: SpanContext::new(self.trace, self.id, flags, false, TraceState::NONE),
            parent_span_id: self.parent,
            parent_span_is_remote: self.is_parent_remote,
            span_kind: self.kind,
            name: self.name.into(),
            start_time: self.start,
            // A clock that was set back makes no span end before it began.
            end_time: end.max(self.start),
            attributes: self.attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status,
            instrumentation_scope: InstrumentationScope::builder("lucid")
                .with_version(env!("CARGO_PKG_VERSION"))
                .build(),
        }
    }
}

/// What a session's log has begun, as far as it was read.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    run: Option<Begun>,
    turns: BTreeMap<ThreadId, Begun>,
    /// Requests of models, calls of tools and evaluations, by the events that began them.
    calls: BTreeMap<EventId, Begun>,
}

impl Runs {
    /// Reads the log's next event; gives the spans that it ends.
    pub(crate) fn read(&mut self, session: &SessionId, record: &EventRecord) -> Vec<SpanData> {
        let Some(event) = record.event() else { return Vec::new() };
        let now = time(record.created_at);
        let thread = record.thread_id.as_ref();
        match event {
            Event::StatusRunning {} => self.begin_run(session, record),
            Event::StatusIdle { .. } | Event::StatusTerminated {} => return self.rest(now),
            Event::ThreadRunning { session_thread_id, agent_name } => {
                self.begin_turn(session_thread_id, &agent_name, record);
            }
            Event::ThreadIdle { session_thread_id, .. }
            | Event::ThreadTerminated { session_thread_id, .. } => {
                let turn = self.turns.remove(&session_thread_id);
                return turn.map(|turn| turn.ended(now, None)).into_iter().collect();
            }
            Event::ModelRequestStart {} => {
                let call = self.begin(thread, record, "chat".to_owned(), "chat");
                self.keep_call(record, call, SpanKind::Client);
            }
            Event::ModelRequestEnd { model_request_start_id, model_usage, is_error, lucid } => {
                let model = lucid.as_ref().and_then(|span| span.model.clone());
                return self.end_call(&model_request_start_id, now, is_error, |call| {
                    if let Some(model) = &model {
                        call.name = format!("chat {}", short(model));
                        call.attributes.push(KeyValue::new("gen_ai.request.model", short(model)));
                    }
                    call.attributes.extend(tokens(&model_usage));
                });
            }
            Event::ToolUse { name, .. } => self.begin_tool(&name, record),
            Event::ToolResult { tool_use_id, is_error, .. }
            | Event::WorkerToolResult { tool_use_id, is_error, .. } => {
                return self.end_call(&tool_use_id, now, is_error, |_| ());
            }
            Event::CustomToolResult { custom_tool_use_id, is_error, .. } => {
                return self.end_call(&custom_tool_use_id, now, is_error, |_| ());
            }
            Event::EvaluationStart { iteration, .. } => self.begin_evaluation(iteration, record),
            Event::EvaluationEnd {
                outcome_evaluation_start_id: Some(start),
                result,
                usage,
                ..
            } => {
                return self.end_call(&start, now, false, |call| {
                    let result = serde_json::to_value(result).unwrap_or_default();
                    let result = result.as_str().unwrap_or_default().to_owned();
                    call.attributes.push(KeyValue::new("lucid.outcome.result", result));
                    call.attributes.extend(tokens(&usage));
                });
            }
            _ => {}
        }
        Vec::new()
    }

    fn begin_run(&mut self, session: &SessionId, record: &EventRecord) {
        if self.run.is_some() {
            return;
        }
        let hash = sha256_hex(record.id.as_str().as_bytes());
        self.run = Some(Begun {
            trace: TraceId::from_hex(&hash[..32]).unwrap_or(TraceId::INVALID),
            id: span_id(record),
            parent: SpanId::INVALID,
            is_parent_remote: false,
            kind: SpanKind::Internal,
            name: "session run".to_owned(),
            start: time(record.created_at),
            attributes: vec![KeyValue::new("gen_ai.conversation.id", session.to_string())],
        });
    }

    fn begin_turn(&mut self, thread: ThreadId, agent: &str, record: &EventRecord) {
        let agent = short(agent);
        let turn = self.begin(None, record, format!("invoke_agent {agent}"), "invoke_agent");
        let Some(mut turn) = turn.filter(|_| self.turns.len() < OPEN_MAX) else { return };
        turn.attributes.push(KeyValue::new("gen_ai.agent.name", agent));
        self.turns.entry(thread).or_insert(turn);
    }

    fn begin_tool(&mut self, name: &str, record: &EventRecord) {
        let (thread, tool) = (record.thread_id.as_ref(), short(name));
        let call = self.begin(thread, record, format!("execute_tool {tool}"), "execute_tool");
        let call = call.map(|mut call| {
            call.attributes.push(KeyValue::new("gen_ai.tool.name", tool));
            call.attributes.push(KeyValue::new("gen_ai.tool.call.id", record.id.to_string()));
            call
        });
        self.keep_call(record, call, SpanKind::Internal);
    }

    fn begin_evaluation(&mut self, iteration: u32, record: &EventRecord) {
        let call = self.begin(None, record, "evaluate outcome".to_owned(), "evaluate");
        let call = call.map(|mut call| {
            let iteration = i64::from(iteration);
            call.attributes.push(KeyValue::new("lucid.outcome.iteration", iteration));
            call
        });
        self.keep_call(record, call, SpanKind::Internal);
    }

    /// A span inside a thread's turn, or inside the run; none where the run's beginning was not
    /// read.
    fn begin(
        &self,
        thread: Option<&ThreadId>,
        record: &EventRecord,
        name: String,
        operation: &'static str,
    ) -> Option<Begun> {
        let run = self.run.as_ref()?;
        let parent = thread.and_then(|thread| self.turns.get(thread)).unwrap_or(run);
        let conversation = run.attributes.iter().take(1).cloned();
        let operation = KeyValue::new("gen_ai.operation.name", operation);
        Some(Begun {
            trace: run.trace,
            id: span_id(record),
            parent: parent.id,
            is_parent_remote: false,
            kind: SpanKind::Internal,
            name,
            start: time(record.created_at),
            attributes: conversation.chain([operation]).collect(),
        })
    }

    fn keep_call(&mut self, record: &EventRecord, call: Option<Begun>, kind: SpanKind) {
        let Some(call) = call.filter(|_| self.calls.len() < OPEN_MAX) else { return };
        self.calls.insert(record.id.clone(), Begun { kind, ..call });
    }

    fn end_call(
        &mut self,
        begun_by: &EventId,
        end: SystemTime,
        is_error: bool,
        add: impl FnOnce(&mut Begun),
    ) -> Vec<SpanData> {
        let Some(mut call) = self.calls.remove(begun_by) else { return Vec::new() };
        add(&mut call);
        vec![call.ended(end, is_error.then(|| "_OTHER".to_owned()))]
    }

    /// The session rests: its run ends, and with it every turn. Calls that wait for somebody
    /// end when they are answered.
    fn rest(&mut self, end: SystemTime) -> Vec<SpanData> {
        let turns = std::mem::take(&mut self.turns).into_values();
        turns.chain(self.run.take()).map(|span| span.ended(end, None)).collect()
    }
}

fn tokens(usage: &ModelUsage) -> [KeyValue; 4] {
    let count = |tokens: u64| i64::try_from(tokens).unwrap_or(i64::MAX);
    [
        KeyValue::new("gen_ai.usage.input_tokens", count(usage.input_tokens)),
        KeyValue::new("gen_ai.usage.output_tokens", count(usage.output_tokens)),
        KeyValue::new("gen_ai.usage.cache_read.input_tokens", count(usage.cache_read_input_tokens)),
        KeyValue::new(
            "gen_ai.usage.cache_creation.input_tokens",
            count(usage.cache_creation_input_tokens),
        ),
    ]
}

fn span_id(record: &EventRecord) -> SpanId {
    let hash = sha256_hex(record.id.as_str().as_bytes());
    SpanId::from_hex(&hash[32..48]).unwrap_or(SpanId::INVALID)
}

fn short(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(NAME_CHARACTERS_MAX).collect()
}

/// A moment as the standard library has it.
pub(super) fn time(moment: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(moment.as_millis())
}
