//! Outcomes while people steer, budgets end and evaluations take long.

#[allow(dead_code, clippy::duplicate_mod, reason = "`remote` has it too, and uses more of it")]
#[path = "remote/server.rs"]
mod server;
#[allow(dead_code, clippy::duplicate_mod, reason = "`remote` has it too, and uses more of it")]
#[path = "remote/wire.rs"]
mod wire;

use std::sync::Arc;

use lucid_core::{Content, Event, IdleReason, OutcomeId, OutcomeResult};
use lucid_runtime::{
    RunOptions, Runtime, RuntimeOptions, SystemClock, SystemEntropy, VariableSource,
};
use lucid_tests::{Missions, log};
use tokio::sync::Notify;

use super::{kinds, missions, once, solo, until};
use server::{Reply, Server};
use wire::{Answer, Format};

/// A mission with an outcome.
fn judged(script: &str, budget: &str, rubric: &str) -> Missions {
    let outcome = format!(
        "{budget}\n[outcome]\ndescription = \"There is a report.\"\nrubric = \"rubric.md\"\n\
         grader = \"checks\"\nmax_iterations = 2\n"
    );
    let missions = missions(&solo(script, &outcome));
    missions.write("rubric.md", rubric);
    missions
}

const NOTHING: &str = "- There is a report. `check: exists('report.md')`\n";
const ANYTHING: &str = "- All is well. `check: true`\n";

fn defined(rubric: &str) -> Event {
    Event::DefineOutcome {
        outcome_id: OutcomeId::new(&SystemClock::default(), &SystemEntropy),
        description: "Another.".to_owned(),
        rubric: serde_json::json!({"type": "text", "content": rubric}),
        max_iterations: 3,
    }
}

/// The ends of evaluations in a log: what each came to, and whether it had begun.
async fn ends(
    runtime: &lucid_runtime::Runtime,
    id: &lucid_core::SessionId,
) -> Vec<(OutcomeResult, bool)> {
    let log = log(runtime, id).await;
    let ends = log.iter().filter_map(|(_, _, event)| match event {
        Event::EvaluationEnd { result, outcome_evaluation_start_id, .. } => {
            Some((*result, outcome_evaluation_start_id.is_some()))
        }
        _ => None,
    });
    ends.collect()
}

/// A mission whose outcome a model judges, behind this address.
fn asking(url: &str) -> String {
    let model = Format::OpenAi.model();
    format!(
        r#"
name = "asking"
lead = "lead"
message = "Go."

[models."{model}"]
base_url = "{url}"
key = {{ env = "OPENAI_API_KEY" }}

[plugins.files]
files = "read-write"

[plugins.judge]
model = "{model}"

[agents.lead]
model = "plugin:script"
system = '''
call write {{"file_path": "/mnt/session/outputs/report.md", "content": "All is well.\n"}}
say Done.
say Again.
'''
tools = ["files.write"]
view = {{ "/mnt/session/outputs" = "rw" }}

[outcome]
description = "There is a report."
rubric = "rubric.md"
grader = "judge"
max_iterations = 2
"#
    )
}

/// What a model says that finds what is asked for in the report.
const MET: &str = r#"{"verdict": "met", "explanation": "so it seems",
    "quotes": [{"path": "report.md", "text": "All is well."}]}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_evaluation_says_that_it_goes_on_and_an_interrupt_ends_it() {
    // A model that has the question and says nothing, for as long as anybody listens.
    let reached = Arc::new(Notify::new());
    let met = Answer { text: MET, tokens: (90, 0, 10), ..Answer::default() };
    let replies = vec![Reply::stalled("", 0, &reached), Format::OpenAi.says(&met)];
    let server = Server::start(replies).await;
    let (text, rubric) = (asking(&server.url), "- All is well.\n");
    let missions = Missions::new(&[("mission.toml", text.as_str()), ("rubric.md", rubric)], &[]);
    let options = RuntimeOptions {
        variables: VariableSource::new(|name| {
            (name == "OPENAI_API_KEY").then(|| "sk-scripted-0123456789".to_owned())
        }),
        ..Missions::options(&missions.state())
    };
    let (runtime, mission) = Runtime::open_for(options, &missions.mission()).await.unwrap();
    let other = runtime.clone();
    let run = tokio::spawn(async move { once(&runtime, &mission, &RunOptions::default()).await });
    let (id, _) =
        until(&other, None, |event| matches!(event, Event::EvaluationOngoing { .. })).await;
    let interrupt = Event::Interrupt { session_thread_id: None };
    assert!(other.post(&id, vec![interrupt]).await.unwrap().is_running);
    let (_, end) = run.await.unwrap();
    assert_eq!(end.outcome, Some(OutcomeResult::Interrupted));
    assert_eq!(ends(&other, &id).await, [(OutcomeResult::Interrupted, true)]);
    let kinds = kinds(&other, &id).await;
    let evaluation: Vec<&str> =
        kinds.iter().filter_map(|kind| kind.strip_prefix("span.outcome_evaluation_")).collect();
    assert_eq!((evaluation[0], evaluation[evaluation.len() - 1]), ("start", "end"));
    assert!(evaluation[1..evaluation.len() - 1].iter().all(|kind| *kind == "ongoing"));
    // What comes next is not held up by it.
    other.post(&id, vec![defined(rubric)]).await.unwrap();
    let end = other.resume(&id, &RunOptions::default()).await.unwrap();
    assert_eq!(end.outcome, Some(OutcomeResult::Satisfied), "{:?}", end.evaluation);
    assert_eq!(end.last_text, "Again.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outcome_that_the_budget_left_unjudged_is_judged_when_there_is_more() {
    // What one turn takes, so that the budget ends with it.
    let whole = judged("say Done.", "", ANYTHING);
    let (runtime, mission) = whole.load().await;
    let (session, _) = once(&runtime, &mission, &RunOptions::default()).await;
    let state = runtime.session_state(&session.id).await.unwrap();
    let tokens = state.usage.total();

    let missions = judged("say Done.", &format!("[budget]\ntokens = {tokens}"), ANYTHING);
    let (runtime, mission) = missions.load().await;
    let (session, end) = once(&runtime, &mission, &RunOptions::default()).await;
    assert_eq!((end.outcome, &end.idle), (None, &IdleReason::BudgetReached));
    assert!(ends(&runtime, &session.id).await.is_empty());
    missions.write("mission.toml", &{
        let text = std::fs::read_to_string(missions.mission().join("mission.toml")).unwrap();
        text.replace(&format!("tokens = {tokens}"), &format!("tokens = {}", tokens + 1))
    });
    let end = runtime.resume(&session.id, &RunOptions::default()).await.unwrap();
    assert_eq!((end.outcome, end.idle), (Some(OutcomeResult::Satisfied), IdleReason::EndTurn));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outcome_that_nobody_works_for_can_be_given_up_and_the_next_one_defined() {
    let script = "call fine {\"text\": \"one\"}\ncall fine {\"text\": \"two\"}\nsay Done.";
    let missions = judged(script, "budget = { tool_calls = 1 }", NOTHING);
    let (runtime, mission) = missions.load().await;
    let (session, end) = once(&runtime, &mission, &RunOptions::default()).await;
    assert_eq!((end.outcome, &end.idle), (None, &IdleReason::RetriesExhausted));
    let refused = runtime.post(&session.id, vec![defined(ANYTHING)]).await.unwrap_err();
    assert!(refused.hint.unwrap().contains("lucid session interrupt"), "{}", refused.message);

    let interrupt = Event::Interrupt { session_thread_id: None };
    runtime.post(&session.id, vec![interrupt]).await.unwrap();
    let end = runtime.resume(&session.id, &RunOptions::default()).await.unwrap();
    assert_eq!(end.outcome, Some(OutcomeResult::Interrupted));
    // Whoever sent the interrupt waits for the session to rest, whatever it rested for before.
    assert_eq!(end.idle, IdleReason::EndTurn);
    let kinds = kinds(&runtime, &session.id).await;
    assert_eq!(kinds.last().map(String::as_str), Some("session.status_idle"), "{kinds:?}");
    // None had begun, and the log says so as the API does.
    assert_eq!(ends(&runtime, &session.id).await, [(OutcomeResult::Interrupted, false)]);
    runtime.post(&session.id, vec![defined(ANYTHING)]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gaps_go_back_as_one_message_that_names_each_and_where() {
    let rubric = "- There is a report. `check: exists('report.md')`\n\
                  - It is short. (should) `check: size('report.md') < 9`\n\
                  - All is well. `check: true`\n";
    let missions = judged("say Done.\nsay I cannot.\nsay Bye.", "", rubric);
    let (runtime, mission) = missions.load().await;
    let (session, end) = once(&runtime, &mission, &RunOptions::default()).await;
    assert_eq!((end.outcome, end.evaluations), (Some(OutcomeResult::MaxIterationsReached), 2));
    let log = log(&runtime, &session.id).await;
    let told = log.iter().filter_map(|(_, _, event)| match event {
        Event::UserMessage { content } => Some(Content::join(content)),
        _ => None,
    });
    let told: Vec<String> = told.skip(1).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("\n- There is a report: there is no 'report.md' (see report.md)"));
    assert!(told[0].contains("\n- It is short (it should, and does not have to): "), "{}", told[0]);
    assert!(!told[0].contains("All is well"));
    assert!(told[1].contains("no evaluations are left"), "{}", told[1]);
}
