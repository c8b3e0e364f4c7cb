//! What people get wrong about grading is named, with what to do, and harms no session.

use lucid_core::{
    Content, Event, Failure, FailureKind, IdleReason, Judgement, OutcomeId, OutcomeResult, Verdict,
};
use lucid_runtime::{GraderChoice, RunOptions, SystemClock, SystemEntropy, World};
use lucid_tests::{Missions, log};

use super::graded::{Desk, File, alone, on_line, put, verdicts};
use FailureKind::{Denied, Invalid};

const GOOD: &str = "- There is a file. `check: exists('good.txt')`\n";

/// One sentence that says this, and a hint of one line.
#[track_caller]
fn assert_named(failure: &Failure, kind: FailureKind, says: &str) {
    assert_eq!(failure.kind, kind, "{failure:?}");
    assert!(failure.message.contains(says), "no `{says}` in {failure:?}");
    assert!(!failure.message.contains('\n'), "{failure:?}");
    let hint = failure.hint.as_deref().unwrap_or_default();
    assert!(!hint.is_empty() && !hint.contains('\n'), "{failure:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grader_that_is_none_is_named_with_what_there_is() {
    let desk = Desk::of_checks().await;
    let with =
        |member: &str| GraderChoice { members: vec![(member.to_owned(), 1.0)], ..alone("panel") };
    for (choice, kind, says) in [
        (alone("nobody"), Invalid, "`nobody`"),
        (alone(""), Invalid, "no such plugin"),
        (alone("../checks"), Invalid, "no such plugin"),
        (alone("echo"), Invalid, "`echo` is a model"),
        (alone("nowhere/none.wasm"), Invalid, "none.wasm"),
        (alone("judge"), Denied, "asks for model"),
        (alone("panel"), Denied, "asks for graders"),
        (with("nobody"), Invalid, "`nobody`"),
        (with("files"), Invalid, "`files` is a tool"),
    ] {
        let failure = desk.runtime.graders(&choice).await.err();
        assert_named(&failure.unwrap_or_else(|| panic!("{choice:?}")), kind, says);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rubric_or_a_folder_that_cannot_be_used_is_named_and_the_next_is_judged() {
    let desk = Desk::of_checks().await;
    put(&desk.outputs(), &[("good.txt", b"good")]);
    for (rubric, says) in [
        ("", "no criteria"),
        ("  \n\n# Done\n", "no criteria"),
        ("- a `check: exists(`\n", "line 1"),
        ("- a\n- b `check: no_such('a')`\n", "line 2"),
        ("# Done `check: exists('a')`\n\n- a\n", "line 1"),
        ("- a `check: exists('a')` `check: exists('b')`\n", "two checks"),
        ("- a `check: text('../a') == ''`\n", "leads out"),
        ("| Criterion | Weight |\n|-|-|\n| a | much |\n", "is not a number"),
    ] {
        let Err(failure) = desk.judge(rubric).await else { panic!("{rubric:?} is judged") };
        assert_named(&failure, Invalid, says);
    }
    let long = "a".repeat((1 << 20) + 1);
    assert_named(&desk.judge(&long).await.err().unwrap(), Invalid, "longer than");

    for place in ["none", "outputs/good.txt"] {
        let folder = desk.outputs().parent().unwrap().join(place);
        let graders = desk.runtime.graders(&alone("checks")).await.unwrap();
        let refused = desk.runtime.grade(&graders, GOOD, &folder).await.err().unwrap();
        assert_named(&refused, Invalid, "no such folder");
    }
    let graded = desk.judge(GOOD).await.unwrap();
    assert_eq!(verdicts(&graded.report.result.unwrap()), [Verdict::Met]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn criteria_that_cannot_be_judged_are_named_and_never_met() {
    let desk = Desk::of_checks().await;
    let evaluation = desk.evaluation("- It is good.\n- It is nice.\n", &[]).await;
    assert_eq!(verdicts(&evaluation), [Verdict::NotGradable; 2]);
    assert_eq!(evaluation.judgement, Judgement::Failed);
    assert!(evaluation.explanation.contains("lines 1-2"), "{}", evaluation.explanation);

    // Missing and unreadable outputs are gaps, each with its path.
    let rubric = "# Done

- a `check: json('none.json').n == 1`
- b `check: json('broken.json').n == 1`
- c `check: text('bytes').size() > 0`
- d `check: text('folder') == ''`
- e `check: exists('good.txt')`
";
    let files: [File<'_>; 4] = [
        ("broken.json", b"{\"n\": "),
        ("bytes", b"\xff\xfe"),
        ("folder/a", b"a"),
        ("good.txt", b"good"),
    ];
    let evaluation = desk.evaluation(rubric, &files).await;
    for (line, path, says) in [
        (3, "none.json", "no such file"),
        (4, "broken.json", "not usable JSON"),
        (5, "bytes", "not UTF-8"),
        (6, "folder", "not a regular file"),
    ] {
        let criterion = on_line(&evaluation, line);
        assert_eq!(criterion.verdict, Verdict::Unmet);
        assert!(criterion.explanation.contains(says), "{criterion:?}");
        assert_eq!(criterion.evidence_paths, [path]);
    }
    assert_eq!(on_line(&evaluation, 7).verdict, Verdict::Met);
}

const MISSION: &str = r#"
name = "careless"
lead = "lead"
message = "Go."

[plugins.files]
files = "read-write"

[agents.lead]
model = "plugin:script"
system = '''
say I did nothing.
call write {"file_path": "/mnt/session/outputs/report.json", "content": "{\"n\": "}
say Now there is one.
say That is all.
'''
tools = ["files.write"]
view = { "/mnt/session/outputs" = "rw" }

[outcome]
description = "There is a report."
rubric = "rubric.md"
grader = "checks"
max_iterations = 2
"#;

const RUBRIC: &str = "- The report counts. `check: json('report.json').n == 1`\n";

/// An agent that makes nothing, and then something broken, hears so; the session rests in
/// order, and goes on when somebody says something.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missing_and_unreadable_outputs_go_back_to_the_agent_and_the_session_goes_on() {
    let missions = Missions::new(&[("mission.toml", MISSION), ("rubric.md", RUBRIC)], &[]);
    let (runtime, mission) = missions.load().await;
    let options = RunOptions::default();
    let (session, end) = runtime.run_once(&mission, 1, &World::real(), &options).await.unwrap();
    assert_eq!(end.outcome, Some(OutcomeResult::MaxIterationsReached));
    assert_eq!((end.idle, end.last_text.as_str()), (IdleReason::EndTurn, "That is all."));
    let log = log(&runtime, &session.id).await;
    let explained = log.iter().filter_map(|(_, _, event)| match event {
        Event::EvaluationEnd { explanation, .. } => Some(explanation.as_str()),
        _ => None,
    });
    let [missing, broken] = explained.collect::<Vec<_>>()[..] else { panic!("two evaluations") };
    assert!(missing.contains("no such file"), "{missing}");
    assert!(broken.contains("not usable JSON"), "{broken}");
    let said = Event::UserMessage { content: Content::text("Thank you.") };
    runtime.post(&session.id, vec![said]).await.unwrap();
    let end = runtime.resume(&session.id, &options).await.unwrap();
    assert_eq!((end.idle, end.last_text.is_empty()), (IdleReason::EndTurn, false));
}

/// Who defines an outcome that makes no sense is told, and nothing of the session changes; a
/// rubric that the grader cannot use ends its outcome as failed, and nothing else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outcome_that_makes_no_sense_is_refused_or_fails_alone() {
    let missions = Missions::new(&[("mission.toml", MISSION), ("rubric.md", RUBRIC)], &[]);
    let (runtime, mission) = missions.load().await;
    let options = RunOptions::default();
    let (session, _) = runtime.run_once(&mission, 1, &World::real(), &options).await.unwrap();
    let before = log(&runtime, &session.id).await.len();
    let defined = |text: &str, max_iterations: u32| Event::DefineOutcome {
        outcome_id: OutcomeId::new(&SystemClock::default(), &SystemEntropy),
        description: "Again.".to_owned(),
        rubric: serde_json::json!({"type": "text", "content": text}),
        max_iterations,
    };
    for (event, says) in [
        (defined("", 3), "no rubric"),
        (defined(" \n", 3), "no rubric"),
        (defined(RUBRIC, 0), "max_iterations is 0"),
        (defined(RUBRIC, 21), "max_iterations is 21"),
    ] {
        let refused = runtime.post(&session.id, vec![event]).await.unwrap_err();
        assert_named(&refused, Invalid, says);
    }
    assert_eq!(log(&runtime, &session.id).await.len(), before, "nothing was written");

    runtime.post(&session.id, vec![defined("- a `check: exists(`\n", 3)]).await.unwrap();
    let end = runtime.resume(&session.id, &options).await.unwrap();
    assert_eq!((end.outcome, end.idle), (Some(OutcomeResult::Failed), IdleReason::EndTurn));
    let good = "- b `check: exists('report.json')`\n";
    runtime.post(&session.id, vec![defined(good, 3)]).await.unwrap();
    let end = runtime.resume(&session.id, &options).await.unwrap();
    assert_eq!((end.outcome, end.idle), (Some(OutcomeResult::Satisfied), IdleReason::EndTurn));
}
