use serde_json::json;

use super::*;
use crate::{
    Block, Clock as _, Compaction, Content, ModelUsage, Permission, Role, SeededEntropy, Span,
    StepClock,
};

/// Writes a log by hand.
struct Log {
    clock: StepClock,
    entropy: SeededEntropy,
    records: Vec<EventRecord>,
    lead: ThreadId,
}

impl Log {
    fn new() -> Self {
        let (clock, entropy) = (StepClock::starting_at(Timestamp(1_000)), SeededEntropy::new(1));
        let lead = ThreadId::new(&clock, &entropy);
        Self { clock, entropy, records: Vec::new(), lead }
    }

    fn write(&mut self, event: &Event) -> EventId {
        let id = EventId::new(&self.clock, &self.entropy);
        let thread = Some(self.lead.clone());
        let now = self.clock.now();
        self.records.push(EventRecord::new(id.clone(), event, thread, false, now).unwrap());
        id
    }

    fn says(&mut self, text: &str) {
        self.write(&Event::UserMessage { content: Content::text(text) });
    }

    fn asks(&mut self) -> EventId {
        self.write(&Event::ModelRequestStart {})
    }

    fn answers(&mut self, start: EventId, is_error: bool) {
        let usage = ModelUsage { input_tokens: 10, output_tokens: 5, ..ModelUsage::default() };
        self.write(&Event::ModelRequestEnd {
            model_request_start_id: start,
            model_usage: usage,
            is_error,
            lucid: None,
        });
    }

    fn calls(&mut self, permission: Permission) -> EventId {
        self.write(&Event::ToolUse {
            name: "fly".into(),
            input: json!({"x": 0.1}),
            evaluated_permission: permission,
            evaluation: None,
            lucid: None,
        })
    }

    fn gives(&mut self, call: EventId, text: &str) {
        self.write(&Event::ToolResult {
            tool_use_id: call,
            content: Content::text(text),
            is_error: false,
            lucid: Span::default(),
        });
    }

    fn state(&self) -> SessionState {
        SessionState::of(&self.records)
    }
}

#[test]
fn a_turn_is_a_conversation_of_what_was_said_called_and_given() {
    let mut log = Log::new();
    log.says("Go.");
    assert!(log.state().threads[0].wants_model());
    let start = log.asks();
    let call = log.calls(Permission::Allow);
    log.answers(start, false);
    let state = log.state();
    assert_eq!(state.call(&call).unwrap().1.input, json!({"x": 0.1}));
    assert!(state.threads[0].is_working() && !state.threads[0].wants_model());
    log.gives(call.clone(), "landed");
    // A second result of the same call changes nothing.
    log.gives(call, "crashed");
    assert!(log.state().threads[0].wants_model());
    assert_eq!(log.state().tool_calls, 1);
    let start = log.asks();
    log.write(&Event::AgentMessage { content: Content::text("Done.") });
    log.answers(start, false);
    let state = log.state();
    assert!(!state.is_working());
    assert_eq!(state.last_text(), "Done.");
    assert_eq!(state.usage.total(), 30);
    let roles: Vec<_> = state.threads[0].messages.iter().map(|message| message.role).collect();
    assert_eq!(roles, [Role::User, Role::Assistant, Role::User, Role::Assistant]);
    let result = &state.threads[0].messages[2].content[0];
    assert!(matches!(result, Block::ToolResult { tool_use_id, text, .. }
        if tool_use_id == "toolu_0" && text == "landed"));
}

#[test]
fn a_request_that_failed_is_asked_again_with_the_same_context_and_costs_nothing() {
    let mut log = Log::new();
    log.says("Go.");
    let start = log.asks();
    let before = log.state().threads[0].messages.clone();
    log.answers(start, true);
    assert!(log.state().threads[0].wants_model());
    assert_eq!(log.state().threads[0].failures, 1);
    log.asks();
    assert_eq!(log.state().threads[0].messages, before);
    assert_eq!(log.state().usage.total(), 0);
}

#[test]
fn a_call_waits_for_a_person_and_the_first_decision_counts() {
    let mut log = Log::new();
    log.says("Go.");
    let start = log.asks();
    let call = log.calls(Permission::Ask);
    log.answers(start, false);
    assert_eq!(log.state().asks().count(), 1);
    assert!(!log.state().is_working());
    for result in [Confirmation::Allow, Confirmation::Deny] {
        let deny_message = None;
        let tool_use_id = call.clone();
        log.write(&Event::ToolConfirmation { tool_use_id, result, deny_message });
    }
    let state = log.state();
    assert_eq!(state.asks().count(), 0);
    assert!(state.is_working());
    assert_eq!(state.call(&call).unwrap().1.confirmation, Some((Confirmation::Allow, None)));
}

#[test]
fn an_interrupted_turn_ends_and_what_was_said_meanwhile_begins_the_next() {
    let mut log = Log::new();
    log.says("Go.");
    let start = log.asks();
    let call = log.calls(Permission::Allow);
    log.answers(start, false);
    log.write(&Event::Interrupt { session_thread_id: None });
    assert!(log.state().threads[0].interrupted);
    log.gives(call, "interrupted");
    let idle = |log: &Log| Event::ThreadIdle {
        session_thread_id: log.lead.clone(),
        agent_name: "lead".into(),
        stop_reason: IdleReason::EndTurn,
    };
    let event = idle(&log);
    log.write(&event);
    let state = log.state();
    assert!(!state.is_working() && !state.threads[0].interrupted);
    log.says("Rather this.");
    assert!(log.state().threads[0].wants_model());
    log.asks();
    let state = log.state();
    let last = state.threads[0].messages.last().unwrap();
    assert_eq!(last.content.len(), 2, "the result and the new message: {last:?}");
    // Nothing works: an interrupt changes nothing.
    let mut log = Log::new();
    log.write(&Event::StatusRunning {});
    log.write(&Event::Interrupt { session_thread_id: None });
    assert!(log.state().threads.iter().all(|thread| !thread.interrupted));
}

#[test]
fn a_compacted_context_begins_with_its_summary() {
    let mut log = Log::new();
    log.says("Go.");
    let start = log.asks();
    log.write(&Event::AgentMessage { content: Content::text("One.") });
    log.answers(start, false);
    log.says("More.");
    let start = log.asks();
    log.write(&Event::AgentMessage { content: Content::text("Two.") });
    log.answers(start, false);
    let usage = ModelUsage { input_tokens: 7, ..ModelUsage::default() };
    let lucid = Compaction { summary: "Before: one.".into(), messages: 2, usage, model: None };
    log.write(&Event::ContextCompacted { lucid });
    assert_eq!(log.state().usage.total(), 37);
    let messages = log.state().threads[0].messages.clone();
    assert_eq!(messages.len(), 2);
    let text = |block: &Block| match block {
        Block::Text { text } => text.clone(),
        other => panic!("{other:?}"),
    };
    let first: Vec<_> = messages[0].content.iter().map(text).collect();
    assert_eq!(first, ["Before: one.", "More."]);
}

#[test]
fn folding_a_log_in_two_parts_is_folding_it_whole_and_unknown_events_only_count() {
    let mut log = Log::new();
    log.says("Go.");
    let start = log.asks();
    let call = log.calls(Permission::Allow);
    log.answers(start, false);
    log.gives(call, "landed");
    let mut strange = log.records[0].clone();
    strange.body = r#"{"type":"session.of_the_future","id":"sevt_x"}"#.into();
    log.records.push(strange);
    let whole = log.state();
    for cut in 0..log.records.len() {
        let mut state = SessionState::of(&log.records[..cut]);
        log.records[cut..].iter().for_each(|record| state.apply(record));
        assert_eq!(state, whole, "cut at {cut}");
    }
    assert_eq!(whole.events, 6);
}

#[test]
fn images_and_documents_come_back_as_they_were() {
    let content = [Content::image("image/png", &[0, 255, 3]), Content::Other];
    assert_eq!(
        blocks(&content),
        [Block::Image { media_type: "image/png".into(), data: vec![0, 255, 3] }]
    );
    let text = serde_json::to_string(&content[0]).unwrap();
    assert_eq!(serde_json::from_str::<Content>(&text).unwrap(), content[0]);
}

#[test]
fn a_thread_that_was_put_away_works_no_more_whatever_comes_behind() {
    let mut log = Log::new();
    let child = ThreadId::new(&log.clock, &log.entropy);
    let (thread, agent_name) = (|| child.clone(), || "worker".to_owned());
    log.says("go");
    log.write(&Event::ThreadCreated { session_thread_id: thread(), agent_name: agent_name() });
    log.write(&Event::ThreadTerminated { session_thread_id: thread(), agent_name: agent_name() });
    // What was on its way when it was put away.
    log.write(&Event::ThreadRunning { session_thread_id: thread(), agent_name: agent_name() });
    log.lead = child.clone();
    log.says("do");
    let over = |state: &SessionState| {
        let (_, thread) = state.thread(&child).unwrap();
        assert_eq!(thread.status, SessionStatus::Terminated);
        assert!(!thread.wants_model() && !thread.is_left() && !thread.interrupted);
        thread.is_working()
    };
    assert!(!over(&log.state()));
    // A request that was begun has to be closed, and no interrupt makes more of it.
    let start = log.asks();
    log.write(&Event::Interrupt { session_thread_id: None });
    assert!(over(&log.state()));
    log.answers(start, true);
    assert!(!over(&log.state()));
}

#[test]
fn a_turn_that_a_person_stopped_did_not_end_by_its_failures() {
    let mut log = Log::new();
    log.says("go");
    let retry_status = json!({"type": "exhausted"});
    log.write(&Event::Error { error: json!({"message": "m", "retry_status": retry_status}) });
    let (session_thread_id, agent_name) = (log.lead.clone(), "lead".to_owned());
    let idle = |stop_reason: IdleReason| Event::ThreadIdle {
        session_thread_id: session_thread_id.clone(),
        agent_name: agent_name.clone(),
        stop_reason,
    };
    log.write(&idle(IdleReason::RetriesExhausted));
    assert_eq!(log.state().threads[0].ended, IdleReason::RetriesExhausted);
    log.write(&idle(IdleReason::EndTurn));
    assert_eq!(log.state().threads[0].ended, IdleReason::EndTurn);
}

#[test]
fn the_bytes_of_a_log_are_counted_also_of_what_nobody_knows() {
    let mut log = Log::new();
    log.says("go");
    let id = log.asks();
    let (kind, created_at) = ("x.new".to_owned(), Timestamp(9_000));
    log.records[1] = EventRecord { id, kind, thread_id: None, created_at, body: "é".to_owned() };
    let said = log.records[0].body.len() as u64;
    assert_eq!((log.state().events, log.state().bytes), (2, said + 2));
}
