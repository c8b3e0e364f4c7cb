//! A session's spans, and what reaches a collector.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use lucid_core::{
    CallUsage, Clock as _, Content, Event, EventId, EventRecord, IdleReason, ModelUsage,
    Permission, SeededEntropy, SessionId, Span, StepClock, ThreadId, Timestamp,
};
use opentelemetry::trace::{SpanId, Status};
use serde_json::json;
use tokio::sync::mpsc;

use super::*;

/// Writes a log, one event after the other.
struct Writer {
    ids: (StepClock, SeededEntropy),
    session: SessionId,
    runs: Runs,
    ended: Vec<SpanData>,
}

impl Writer {
    fn new() -> Self {
        let ids = (StepClock::starting_at(Timestamp(1_000)), SeededEntropy::new(1));
        let session = SessionId::parse("sesn_01x").unwrap();
        Self { ids, session, runs: Runs::default(), ended: Vec::new() }
    }

    fn thread(&self) -> ThreadId {
        ThreadId::new(&self.ids.0, &self.ids.1)
    }

    fn write(&mut self, thread: Option<&ThreadId>, event: &Event) -> EventId {
        let id = EventId::new(&self.ids.0, &self.ids.1);
        let now = self.ids.0.now();
        let record = EventRecord::new(id.clone(), event, thread.cloned(), false, now).unwrap();
        self.ended.extend(self.runs.read(&self.session, &record));
        id
    }

    fn ended(&self, name: &str) -> &SpanData {
        let mut found = self.ended.iter().filter(|span| span.name == name);
        let (one, other) = (found.next(), found.next());
        assert!(other.is_none(), "{name} ended twice");
        one.unwrap_or_else(|| panic!("{name} is not in {:?}", self.ended))
    }

    /// A turn of one agent that asks its model and calls a tool in vain.
    fn work(&mut self) {
        let thread = self.thread();
        let of = |thread: &ThreadId| (thread.clone(), "lead".to_owned());
        self.write(None, &Event::StatusRunning {});
        let (session_thread_id, agent_name) = of(&thread);
        self.write(Some(&thread), &Event::ThreadRunning { session_thread_id, agent_name });
        let asked = self.write(Some(&thread), &Event::ModelRequestStart {});
        let model_usage = ModelUsage { input_tokens: 7, ..ModelUsage::default() };
        let lucid = Span { model: Some("plugin:script".to_owned()), ..span() };
        let answered = Event::ModelRequestEnd {
            model_request_start_id: asked,
            model_usage,
            is_error: false,
            lucid: Some(lucid),
        };
        self.write(Some(&thread), &answered);
        let call = Event::ToolUse {
            name: "read".to_owned(),
            input: json!({"path": "secret.txt"}),
            evaluated_permission: Permission::Allow,
            evaluation: None,
            lucid: None,
        };
        let call = self.write(Some(&thread), &call);
        let result = Event::ToolResult {
            tool_use_id: call,
            content: Content::text("no such file: secret.txt"),
            is_error: true,
            lucid: span(),
        };
        self.write(Some(&thread), &result);
        let stop_reason = IdleReason::EndTurn;
        let (session_thread_id, agent_name) = of(&thread);
        let idle =
            Event::ThreadIdle { session_thread_id, agent_name, stop_reason: stop_reason.clone() };
        self.write(Some(&thread), &idle);
        self.write(None, &Event::StatusIdle { stop_reason });
    }
}

fn span() -> Span {
    Span { usage: CallUsage::default(), ..Span::default() }
}

#[test]
fn a_run_is_one_trace_of_turns_and_what_they_asked() {
    let mut log = Writer::new();
    log.work();
    let (run, turn) = (log.ended("session run"), log.ended("invoke_agent lead"));
    let (chat, tool) = (log.ended("chat plugin:script"), log.ended("execute_tool read"));
    assert_eq!(log.ended.len(), 4);
    assert_eq!(run.parent_span_id, SpanId::INVALID);
    assert_eq!(turn.parent_span_id, run.span_context.span_id());
    for inner in [chat, tool] {
        assert_eq!(inner.parent_span_id, turn.span_context.span_id());
        assert!(inner.start_time >= turn.start_time && inner.end_time <= turn.end_time);
    }
    for span in &log.ended {
        assert_eq!(span.span_context.trace_id(), run.span_context.trace_id());
        assert!(span.span_context.is_valid() && span.end_time > span.start_time);
        let conversation = span.attributes.iter().find(|a| a.key.as_str().ends_with(".id"));
        assert_eq!(conversation.unwrap().value.as_str(), "sesn_01x");
    }
    assert!(
        chat.attributes
            .iter()
            .any(|a| a.key.as_str() == "gen_ai.usage.input_tokens" && a.value == 7.into())
    );
    assert!(matches!(tool.status, Status::Error { .. }) && chat.status == Status::Unset);
    // A second run is another trace.
    let first = run.span_context.trace_id();
    log.ended.clear();
    log.work();
    assert_ne!(log.ended("session run").span_context.trace_id(), first);
}

#[test]
fn what_was_said_is_in_no_span() {
    let mut log = Writer::new();
    log.work();
    assert!(!format!("{:?}", log.ended).contains("secret"));
}

#[test]
fn a_log_that_is_read_from_its_middle_has_no_half_spans() {
    let mut log = Writer::new();
    let thread = log.thread();
    let asked = log.write(Some(&thread), &Event::ModelRequestStart {});
    let end = Event::ModelRequestEnd {
        model_request_start_id: asked,
        model_usage: ModelUsage::default(),
        is_error: false,
        lucid: None,
    };
    log.write(Some(&thread), &end);
    log.write(None, &Event::StatusIdle { stop_reason: IdleReason::EndTurn });
    assert!(log.ended.is_empty());
}

/// A collector, which hands on what it was sent.
async fn collector() -> (String, mpsc::Receiver<Bytes>) {
    let (took, taken) = mpsc::channel(16);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/traces", listener.local_addr().unwrap());
    let take = async move |body: Bytes| took.send(body).await.unwrap();
    let router = Router::new().route("/v1/traces", post(take));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, taken)
}

#[tokio::test]
async fn what_ended_before_the_server_stopped_reaches_the_collector() {
    let (url, mut taken) = collector().await;
    let traces = Traces::to(&url).unwrap();
    traces.begin(&Log::silent());
    let mut log = Writer::new();
    log.work();
    traces.ended(log.ended.clone());
    traces.end().await;
    let mut all = Vec::new();
    while let Ok(batch) = taken.try_recv() {
        all.extend_from_slice(&batch);
    }
    let has = |text: &str| all.windows(text.len()).any(|part| part == text.as_bytes());
    for text in ["service.name", "session run", "invoke_agent lead", "execute_tool read"] {
        assert!(has(text), "{text}");
    }
}

#[tokio::test]
async fn a_collector_that_is_not_there_is_told_once_and_holds_nobody_up() {
    // Nobody listens there, and nobody else can begin to.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}/v1/traces", socket.local_addr().unwrap());
    let told = Arc::new(AtomicU64::new(0));
    let counted = told.clone();
    let log = Log::new(move |_, _| {
        counted.fetch_add(1, Ordering::Relaxed);
    });
    let traces = Traces::to(&url).unwrap();
    traces.begin(&log);
    let mut writer = Writer::new();
    // More than are sent at once.
    while writer.ended.len() < 1_500 {
        writer.work();
    }
    traces.ended(writer.ended);
    traces.end().await;
    assert_eq!(told.load(Ordering::Relaxed), 1);
}

#[test]
fn only_what_can_be_sent_to_is_a_collector() {
    for wrong in ["", "collector", "ftp://127.0.0.1/", "http://"] {
        let failure = Traces::to(wrong).err().unwrap();
        assert_eq!(failure.kind, lucid_core::FailureKind::Invalid, "{wrong}");
        assert!(failure.hint.is_some(), "{wrong}");
    }
    assert!(Traces::to("https://collector.example/v1/traces").is_ok());
}
