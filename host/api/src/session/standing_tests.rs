use lucid_core::{Content, Permission, SeededEntropy, StepClock, Via};

use super::*;

fn thread(number: u32) -> ThreadId {
    ThreadId::parse(&format!("sthr_{number}")).unwrap()
}

fn folded(events: &[(u64, u32, Event)]) -> Standing {
    let (clock, entropy) = (StepClock::starting_at(Timestamp(1)), SeededEntropy::new(1));
    let mut standing = Standing::default();
    for (at, of, event) in events {
        let id = EventId::new(&clock, &entropy);
        let of = Some(thread(*of));
        let record = EventRecord::new(id, event, of, false, Timestamp(*at)).unwrap();
        standing.apply(&record);
    }
    standing
}

fn said() -> Event {
    Event::UserMessage { content: Content::text("go") }
}

fn idle(stop_reason: IdleReason) -> Event {
    Event::StatusIdle { stop_reason }
}

#[test]
fn a_session_runs_from_the_moment_somebody_said_something() {
    let status = |events: &[(u64, u32, Event)]| folded(events).status().as_str();
    assert_eq!(status(&[]), "idle");
    assert_eq!(status(&[(0, 1, said())]), "running");
    let run = (1, 1, Event::StatusRunning {});
    let rest = (2, 1, idle(IdleReason::EndTurn));
    assert_eq!(status(&[(0, 1, said()), run.clone(), rest.clone()]), "idle");
    assert_eq!(status(&[run.clone(), rest.clone(), (3, 1, said())]), "running");
    let out = (4, 1, idle(IdleReason::BudgetReached));
    assert_eq!(status(&[out, (5, 1, said())]), "idle");
    let over = (6, 1, Event::StatusTerminated {});
    assert_eq!(status(&[over, (7, 1, said()), run]), "terminated");
}

/// A log that waits for two calls, of which somebody outside runs the second, and what comes
/// behind.
fn waiting(behind: impl FnOnce(EventId, EventId) -> Vec<Event>) -> Standing {
    let (clock, entropy) = (StepClock::starting_at(Timestamp(1)), SeededEntropy::new(1));
    let call = |lucid: Option<Via>| Event::ToolUse {
        name: "fly".into(),
        input: json!({}),
        evaluated_permission: Permission::Ask,
        evaluation: None,
        lucid,
    };
    let mut standing = Standing::default();
    let mut take = |event: &Event| {
        let id = EventId::new(&clock, &entropy);
        let record = EventRecord::new(id.clone(), event, Some(thread(1)), false, Timestamp(1));
        standing.apply(&record.unwrap());
        id
    };
    take(&said());
    take(&Event::StatusRunning {});
    let (here, outside) = (take(&call(None)), take(&call(Some(Via::Worker))));
    let event_ids = vec![here.clone(), outside.clone()];
    take(&idle(IdleReason::RequiresAction { event_ids }));
    for event in behind(here, outside) {
        take(&event);
    }
    standing
}

#[test]
fn a_session_runs_from_the_moment_its_last_call_is_settled() {
    let decided = |tool_use_id: &EventId, result| Event::ToolConfirmation {
        tool_use_id: tool_use_id.clone(),
        result,
        deny_message: None,
    };
    let result = |tool_use_id: &EventId| Event::WorkerToolResult {
        tool_use_id: tool_use_id.clone(),
        content: Vec::new(),
        is_error: false,
    };
    let (allow, deny) = (Confirmation::Allow, Confirmation::Deny);
    assert_eq!(waiting(|_, _| vec![]).status().as_str(), "idle");
    let one = waiting(|here, _| vec![decided(&here, allow)]);
    assert_eq!(one.status().as_str(), "idle");
    // It may run, and nobody has run it yet.
    let allowed = waiting(|here, out| vec![decided(&here, allow), decided(&out, allow)]);
    assert_eq!(allowed.status().as_str(), "idle");
    let denied = waiting(|here, out| vec![decided(&out, deny), decided(&here, deny)]);
    assert_eq!(denied.status().as_str(), "running");
    let ran = waiting(|here, out| vec![decided(&out, allow), result(&out), decided(&here, allow)]);
    assert!(ran.is_working());
    let stop = Event::Interrupt { session_thread_id: None };
    assert_eq!(waiting(|_, _| vec![stop.clone()]).status().as_str(), "idle");
    assert_eq!(waiting(|_, _| vec![stop, said()]).status().as_str(), "running");
}

#[test]
fn time_at_work_is_counted_and_no_other() {
    let standing = folded(&[
        (1_000, 1, said()),
        (2_000, 1, Event::StatusRunning {}),
        (5_000, 1, idle(IdleReason::EndTurn)),
        (8_000, 1, Event::StatusRunning {}),
    ]);
    let stats = standing.stats(Timestamp(1_000), Timestamp(9_500));
    assert_eq!(stats, json!({"active_seconds": 4.5, "duration_seconds": 8.5}));
    let over =
        folded(&[(2_000, 1, Event::StatusRunning {}), (3_000, 1, Event::StatusTerminated {})]);
    let stats = over.stats(Timestamp(1_000), Timestamp(99_000));
    assert_eq!(stats, json!({"active_seconds": 1.0, "duration_seconds": 2.0}));
}

#[test]
fn threads_have_tokens_and_times_of_their_own() {
    let spent = |tokens: u64| Event::ModelRequestEnd {
        model_request_start_id: EventId::parse("sevt_1").unwrap(),
        model_usage: ModelUsage { input_tokens: tokens, ..ModelUsage::default() },
        is_error: false,
        lucid: None,
    };
    let (id, agent_name) = (thread(2), "reader".to_owned());
    let created =
        Event::ThreadCreated { session_thread_id: id.clone(), agent_name: agent_name.clone() };
    let running =
        Event::ThreadRunning { session_thread_id: id.clone(), agent_name: agent_name.clone() };
    let over = Event::ThreadTerminated { session_thread_id: id, agent_name };
    let standing = folded(&[
        (0, 1, said()),
        (10, 1, created),
        (10, 2, running),
        (20, 1, spent(5)),
        (30, 2, spent(7)),
        (40, 2, over),
    ]);
    assert_eq!(standing.usage.input_tokens, 12);
    let tokens: Vec<_> = standing.threads.iter().map(|t| t.usage.input_tokens).collect();
    assert_eq!(tokens, [5, 7]);
    let (primary, child) = standing.thread(&thread(2)).unwrap();
    assert!(!primary && child.status == SessionStatus::Terminated);
    assert_eq!((child.agent.as_str(), child.archived_at), ("reader", Some(Timestamp(40))));
    let stats = child.stats(false, Timestamp(1_000));
    assert_eq!(stats["active_seconds"], 0.03);
    assert_eq!(standing.primary(), Some(&thread(1)));
}

#[test]
fn an_outcome_goes_from_pending_to_its_end() {
    let outcome_id = OutcomeId::parse("outc_1").unwrap();
    let defined = Event::DefineOutcome {
        outcome_id: outcome_id.clone(),
        description: "a".into(),
        rubric: json!({}),
        max_iterations: 3,
    };
    let start = |iteration| Event::EvaluationStart { outcome_id: outcome_id.clone(), iteration };
    let end = |iteration, result| Event::EvaluationEnd {
        outcome_id: outcome_id.clone(),
        outcome_evaluation_start_id: None,
        iteration,
        result,
        explanation: "e".into(),
        usage: ModelUsage::default(),
        lucid: Value::Null,
    };
    let log = [
        (1, 1, defined),
        (2, 1, Event::StatusRunning {}),
        (3, 1, start(0)),
        (4, 1, end(0, OutcomeResult::NeedsRevision)),
        (5, 1, start(1)),
        (6, 1, end(1, OutcomeResult::Satisfied)),
    ];
    let results: Vec<_> = (1..=log.len())
        .map(|count| {
            let standing = folded(&log[..count]);
            standing.outcomes[0].object(standing.is_working())
        })
        .collect();
    let words: Vec<_> = results.iter().map(|o| o["result"].as_str().unwrap()).collect();
    let expected = ["pending", "running", "evaluating", "running", "evaluating", "satisfied"];
    assert_eq!(words, expected);
    let last = results.last().unwrap();
    assert_eq!((&last["iteration"], &last["explanation"]), (&json!(1), &json!("e")));
    assert!(last["completed_at"].is_string() && results[3]["completed_at"].is_null());
}
