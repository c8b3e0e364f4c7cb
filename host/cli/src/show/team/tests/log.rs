//! A log that is made up for a test.

use lucid_core::{
    CallUsage, Compaction, Confirmation, Content, Event, EventId, EventRecord, Failure, FileChange,
    FileChangeKind, IdleReason, ModelUsage, OutcomeId, OutcomeResult, Permission, SeededEntropy,
    Span, StepClock, ThreadId, Timestamp,
};
use serde_json::{Value, json};

/// Whoever writes a log, with a clock that goes as the test says.
pub(super) struct Log {
    pub(super) ids: (StepClock, SeededEntropy),
    pub(super) now: u64,
    pub(super) threads: Vec<(ThreadId, String)>,
    pub(super) records: Vec<(u32, EventRecord)>,
}

impl Log {
    pub(super) fn new(agents: &[&str]) -> Self {
        let ids = (StepClock::starting_at(Timestamp(1_000)), SeededEntropy::new(1));
        let thread = |name: &&str| (ThreadId::new(&ids.0, &ids.1), (*name).to_owned());
        let threads = agents.iter().map(thread).collect();
        let mut log = Self { ids, now: 1_795_230_000_000, threads, records: Vec::new() };
        log.write(0, Event::StatusRunning {});
        log.running(0);
        log
    }

    pub(super) fn write(&mut self, who: usize, event: Event) -> EventId {
        let id = EventId::new(&self.ids.0, &self.ids.1);
        let thread = Some(self.threads[who].0.clone());
        let at = Timestamp(self.now);
        let record = EventRecord::new(id.clone(), &event, thread, who > 0, at).unwrap();
        self.records.push((self.records.len() as u32, record));
        id
    }

    pub(super) fn after(&mut self, ms: u64) -> &mut Self {
        self.now += ms;
        self
    }

    pub(super) fn thread(&self, who: usize) -> (ThreadId, String) {
        self.threads[who].clone()
    }

    pub(super) fn running(&mut self, who: usize) {
        let (session_thread_id, agent_name) = self.thread(who);
        self.write(who, Event::ThreadRunning { session_thread_id, agent_name });
    }

    pub(super) fn idle(&mut self, who: usize, stop_reason: IdleReason) {
        let (session_thread_id, agent_name) = self.thread(who);
        self.write(who, Event::ThreadIdle { session_thread_id, agent_name, stop_reason });
    }

    pub(super) fn create(&mut self, who: usize) {
        let (session_thread_id, agent_name) = self.thread(who);
        self.write(0, Event::ThreadCreated { session_thread_id, agent_name });
    }

    pub(super) fn mail(&mut self, from: usize, to: usize, text: &str) {
        let (to_session_thread_id, to_agent_name) = self.thread(to);
        let (from_session_thread_id, from_agent_name) = self.thread(from);
        let content = Content::text(text);
        let sent = Event::ThreadMessageSent {
            to_session_thread_id,
            to_agent_name,
            content: content.clone(),
        };
        self.write(from, sent);
        let received =
            Event::ThreadMessageReceived { from_session_thread_id, from_agent_name, content };
        self.write(to, received);
    }

    pub(super) fn ask_model(&mut self, who: usize) -> EventId {
        self.write(who, Event::ModelRequestStart {})
    }

    pub(super) fn answered(&mut self, who: usize, start: EventId, tokens: (u64, u64), said: &str) {
        if !said.is_empty() {
            self.write(who, Event::AgentMessage { content: Content::text(said) });
        }
        self.model_end(who, start, tokens);
    }

    pub(super) fn model_end(
        &mut self,
        who: usize,
        start: EventId,
        (input_tokens, output_tokens): (u64, u64),
    ) {
        let span = Span { model: Some("some-model".to_owned()), ..Span::default() };
        let end = Event::ModelRequestEnd {
            model_request_start_id: start,
            model_usage: ModelUsage { input_tokens, output_tokens, ..ModelUsage::default() },
            is_error: false,
            lucid: Some(span),
        };
        self.write(who, end);
    }

    pub(super) fn call(
        &mut self,
        who: usize,
        name: &str,
        input: Value,
        permission: Permission,
    ) -> EventId {
        let event = Event::ToolUse {
            name: name.to_owned(),
            input,
            evaluated_permission: permission,
            evaluation: None,
            lucid: None,
        };
        self.write(who, event)
    }

    pub(super) fn result(
        &mut self,
        who: usize,
        call: &EventId,
        text: &str,
        is_error: bool,
        lucid: Span,
    ) {
        let (tool_use_id, content) = (call.clone(), Content::text(text));
        self.write(who, Event::ToolResult { tool_use_id, content, is_error, lucid });
    }

    pub(super) fn confirm(
        &mut self,
        who: usize,
        call: &EventId,
        result: Confirmation,
        why: Option<&str>,
    ) {
        let (tool_use_id, deny_message) = (call.clone(), why.map(str::to_owned));
        self.write(who, Event::ToolConfirmation { tool_use_id, result, deny_message });
    }

    pub(super) fn user(&mut self, text: &str) {
        self.write(0, Event::UserMessage { content: Content::text(text) });
    }
}

pub(super) fn took(wall_ms: u64) -> Span {
    Span { usage: CallUsage { wall_ms, input_bytes: 1, ..CallUsage::default() }, ..Span::default() }
}

pub(super) fn failed(wall_ms: u64, failure: Failure) -> Span {
    Span { failure: Some(failure), ..took(wall_ms) }
}

/// A lead, a writer and a critic: everything that can happen, once.
pub(super) fn everything() -> Log {
    let mut log = Log::new(&["lead", "writer", "critic"]);
    log.user("Write a page about tides, and have it checked.");
    let outcome_id = OutcomeId::new(&log.ids.0, &log.ids.1);
    log.write(
        0,
        Event::DefineOutcome {
            outcome_id: outcome_id.clone(),
            description: "A page about tides.".to_owned(),
            rubric: json!({}),
            max_iterations: 3,
        },
    );
    let start = log.ask_model(0);
    log.after(850).answered(0, start, (120, 30), "The writer begins.");
    for (who, text) in [(1, "Write it."), (2, "Wait for the page.")] {
        log.create(who);
        log.mail(0, who, text);
        log.running(who);
    }
    let start = log.ask_model(1);
    let write = log.after(1_200).call(
        1,
        "write",
        json!({"path": "/workspace/tides.md", "content": "The moon."}),
        Permission::Allow,
    );
    let fetch =
        log.call(1, "web_fetch", json!({"url": "https://example.com/tides"}), Permission::Ask);
    let shell = log.call(1, "bash", json!({"command": "rm -r /"}), Permission::Deny);
    log.model_end(1, start, (4_000, 210));
    log.after(3).result(1, &shell, "not allowed here", true, Span::default());
    let files = vec![FileChange {
        path: "/workspace/tides.md".to_owned(),
        change: FileChangeKind::Created,
        bytes: 9,
    }];
    log.after(2).result(1, &write, "ok", false, Span { files, ..took(4) });
    let reason = IdleReason::RequiresAction { event_ids: vec![fetch.clone()] };
    log.write(0, Event::StatusIdle { stop_reason: reason });
    log.after(65_000).confirm(1, &fetch, Confirmation::Deny, Some("use the almanac"));
    log.result(1, &fetch, "use the almanac", true, Span::default());
    let spin = log.call(2, "spin", json!({}), Permission::Allow);
    log.after(30_000).result(
        2,
        &spin,
        "exceeded: the deadline of 30,000 ms passed",
        true,
        failed(30_000, Failure::exceeded("the deadline of 30,000 ms passed")),
    );
    log.idle(2, IdleReason::RetriesExhausted);
    let (messages, usage) = (41, ModelUsage::default());
    let lucid = Compaction { summary: String::new(), messages, usage, model: None };
    log.write(1, Event::ContextCompacted { lucid });
    log.mail(1, 0, "The page is in /workspace/tides.md.");
    log.idle(1, IdleReason::EndTurn);
    evaluated(&mut log, outcome_id);
    let error = json!({"type": "model_overloaded_error", "message": "try later",
        "retry_status": {"type": "retrying"}});
    log.write(0, Event::Error { error });
    log.write(0, Event::Interrupt { session_thread_id: None });
    let publish = log.call(0, "publish", json!({"page": "tides"}), Permission::Ask);
    log.idle(0, IdleReason::RequiresAction { event_ids: vec![publish] });
    log
}

/// An evaluation that finds a gap.
fn evaluated(log: &mut Log, outcome_id: OutcomeId) {
    let (end, iteration) = (log.records[0].1.id.clone(), 0);
    log.after(600_000)
        .write(0, Event::EvaluationStart { outcome_id: outcome_id.clone(), iteration });
    log.after(40).write(
        0,
        Event::EvaluationEnd {
            outcome_id,
            outcome_evaluation_start_id: Some(end),
            iteration,
            result: OutcomeResult::NeedsRevision,
            explanation: "one gap".to_owned(),
            usage: ModelUsage::default(),
            lucid: json!({"criteria": [
                {"text": "It names the moon.", "line": 1, "verdict": "met", "explanation": "",
                 "evidence_paths": []},
                {"text": "It has a table.", "line": 2, "verdict": "unmet",
                 "explanation": "no table in tides.md", "evidence_paths": []},
            ]}),
        },
    );
}
