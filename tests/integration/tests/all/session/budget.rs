//! Budgets stop work cleanly, and work goes on when they are raised.

use lucid_core::IdleReason;
use lucid_runtime::RunOptions;
use lucid_tests::Missions;

use super::{kinds, missions, once, results, solo};

const SCRIPT: &str = r#"
call fine {"text": "one"}
call fine {"text": "two"}
call fine {"text": "three"}
say Done.
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_stops_when_its_calls_are_used_up() {
    let missions = missions(&solo(SCRIPT, "[budget]\ntool_calls = 2"));
    let (runtime, mission) = missions.load().await;
    let (session, end) = once(&runtime, &mission, &RunOptions::default()).await;
    assert_eq!(end.idle, IdleReason::BudgetReached);
    assert_eq!(end.tool_calls, 2);
    let kinds = kinds(&runtime, &session.id).await;
    let last: Vec<_> = kinds.iter().rev().take(3).rev().map(String::as_str).collect();
    let idle = ["session.thread_status_idle", "session.usage", "session.status_idle"];
    assert_eq!(last, idle);
    let results = results(&runtime, &session.id).await;
    assert!(results.iter().all(|(is_error, _)| !is_error), "{results:?}");
    // Nothing changed: going on stops at once and writes nothing.
    runtime.resume(&session.id, &RunOptions::default()).await.unwrap();
    assert_eq!(super::kinds(&runtime, &session.id).await, kinds);
    // With more of it the work goes on to its end.
    missions.write("mission.toml", &solo(SCRIPT, "[budget]\ntool_calls = 9"));
    let end = runtime.resume(&session.id, &RunOptions::default()).await.unwrap();
    assert_eq!((end.idle, end.tool_calls), (IdleReason::EndTurn, 3));
    assert_eq!(end.last_text, "Done.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_stops_when_its_tokens_are_used_up() {
    let missions = missions(&solo(SCRIPT, "[budget]\ntokens = 1"));
    let (runtime, mission) = missions.load().await;
    let (session, end) = once(&runtime, &mission, &RunOptions::default()).await;
    assert_eq!(end.idle, IdleReason::BudgetReached);
    // The request that was made cost more than there was; its call is told so.
    let results = results(&runtime, &session.id).await;
    assert_eq!(results.len(), 1);
    assert!(results[0].0 && results[0].1.contains("budget of 1 tokens is used up"), "{results:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_used_up_its_own_budget_gives_up_and_says_why() {
    let missions = missions(&solo(SCRIPT, "budget = { tool_calls = 1 }"));
    let (runtime, mission) = missions.load().await;
    let (_, end) = once(&runtime, &mission, &RunOptions::default()).await;
    assert_eq!(end.idle, IdleReason::RetriesExhausted);
    let said = &end.last_text;
    assert!(said.contains("the budget of agent `lead` of 1 tool calls"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_of_one_turn_do_not_run_beyond_the_budget() {
    let read = r#"call glob {"pattern": "*"}"#;
    let script = format!("{read}\nand {read}\nand {read}\nand {read}\nsay Done.");
    let missions = missions(&solo(&script, "[budget]\ntool_calls = 2"));
    let (runtime, mission) = missions.load().await;
    let (session, _) = once(&runtime, &mission, &RunOptions::default()).await;
    let results = results(&runtime, &session.id).await;
    let refused = results.iter().filter(|(is_error, _)| *is_error);
    assert_eq!((results.len(), refused.clone().count()), (4, 2), "{results:?}");
    assert!(refused.clone().all(|(_, text)| text.contains("of 2 tool calls")), "{results:?}");
}

const TEAM: &str = r#"
name = "team"
lead = "lead"
message = "Go."

[plugins.files]
files = "read-write"

[agents.lead]
model = "plugin:script"
system = '''
call start_thread {"agent_name": "worker", "message": "first"}
call await_threads {}
call start_thread {"agent_name": "worker", "message": "second"}
call await_threads {}
say Done.
'''
roster = ["worker"]

[agents.worker]
model = "plugin:script"
system = '''
call glob {"pattern": "*"}
say Found.
'''
tools = ["files.glob"]
view = { "/workspace" = "ro" }
budget = { tool_calls = 1 }
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_without_budget_that_is_asked_again_says_so_once() {
    let missions = Missions::new(&[("mission.toml", TEAM)], &[]);
    let (runtime, mission) = missions.load().await;
    let (session, end) = once(&runtime, &mission, &RunOptions::default()).await;
    assert_eq!(end.last_text, "Done.");
    let kinds = kinds(&runtime, &session.id).await;
    let errors = kinds.iter().filter(|kind| *kind == "session.error").count();
    assert_eq!(errors, 2, "one for each thread of the worker: {kinds:?}");
}
