//! Outcomes while people steer, budgets end and evaluations take long.

use lucid_core::{Content, Event, IdleReason, OutcomeId, OutcomeResult};
use lucid_runtime::{RunOptions, SystemClock, SystemEntropy};
use lucid_tests::{Missions, log};

use super::{kinds, missions, once, solo, until};

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

/// Checks that go on until each is stopped: together they take far more than five seconds.
fn endless() -> String {
    let check = |at: u32| {
        format!(
            "- {at} `check: lists.range(5000).all(a, lists.range(5000).all(b, a + b >= -{at}))`\n"
        )
    };
    (1..=200).map(check).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_evaluation_says_that_it_goes_on_and_an_interrupt_ends_it() {
    let missions = judged("say Done.\nsay Again.", "", &endless());
    let (runtime, mission) = missions.load().await;
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
    other.post(&id, vec![defined(ANYTHING)]).await.unwrap();
    let end = other.resume(&id, &RunOptions::default()).await.unwrap();
    assert_eq!(end.outcome, Some(OutcomeResult::Satisfied));
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
