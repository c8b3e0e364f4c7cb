//! What a grader can see and say.

use std::collections::BTreeMap;

use lucid_core::{Event, OutcomeResult, SessionId};
use lucid_runtime::{RunOptions, Runtime, World};
use lucid_tests::{Missions, log, tree};
use serde_json::{Value, json};

const OUTPUTS: &str = "/mnt/session/outputs";

const MISSION: &str = r#"
name = "small"
lead = "writer"
message = "Write a report. MESSAGE-SECRET"

[plugins.files]
files = "read-write"

[plugins.parrot]
file = "parrot.wasm"
environment = { KEY = "ENVIRONMENT-SECRET" }

[plugins.hostile]
file = "hostile.wasm"
files = "read-write"
environment = { GRANTED = "ENVIRONMENT-SECRET" }

[plugins.GRADER]
file = "GRADER.wasm"

[agents.writer]
model = "plugin:parrot"
system = '''
SYSTEM-SECRET
call write {"file_path": "/mnt/session/outputs/report.txt", "content": "a fine report"}
call write {"file_path": "/workspace/notes.txt", "content": "NOTES-SECRET"}
call link {"target": "../workspace/notes.txt", "name": "leak", "hard": false}
call link {"target": "../workspace", "name": "leaks", "hard": false}
'''
tools = ["files.write", "hostile.link"]
view = { "/workspace" = "rw", "/mnt/session/outputs" = "rw" }

[memory.notes]
folder = "memory"
description = "DESCRIPTION-SECRET"

[outcome]
description = "There is a report."
rubric = "rubric.md"
grader = "GRADER"
max_iterations = 1
"#;

fn mission(grader: &str) -> Missions {
    let text = MISSION.replace("GRADER", grader);
    let files = [
        ("mission.toml", text.as_str()),
        ("rubric.md", "# Done\n\n- There is a report.\n"),
        ("memory/notes.md", "- MEMORY-SECRET\n"),
    ];
    Missions::new(&files, &["hostile", "parrot", grader])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grader_cannot_see_the_transcript() {
    let missions = mission("nosy-grader");
    let (runtime, mission) = missions.load().await;
    let (session, end) =
        runtime.run_once(&mission, 1, &World::real(), &RunOptions::default()).await.unwrap();
    let transcript = transcript(&runtime, &session.id).await;
    for secret in ["MESSAGE-SECRET", "SYSTEM-SECRET", "NOTES-SECRET"] {
        assert!(transcript.contains(secret), "{secret} is in the log, to be found");
    }
    let evaluation = end.evaluation.unwrap();
    let told = &evaluation.explanation;
    assert!(!told.contains("SECRET"), "{told}");
    let told: Value = serde_json::from_str(told).unwrap();
    assert_eq!(told["folders"], json!([OUTPUTS]));
    let seen: BTreeMap<String, Value> = serde_json::from_value(told["seen"].clone()).unwrap();
    let report = format!("{OUTPUTS}/report.txt");
    let outputs = [(OUTPUTS.to_owned(), Value::Null), (report, json!("a fine report"))];
    assert_eq!(seen, BTreeMap::from(outputs), "it sees the outputs and nothing else");
    assert_eq!((&told["environment"], &told["arguments"]), (&json!([]), &json!([])));
    assert_eq!(told["ages"], json!([0]), "when the work was done is nothing of a grader's");
    assert!(!told["request"].as_str().unwrap().contains(session.id.as_str()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grader_cannot_change_what_it_judges() {
    let missions = mission("nosy-grader");
    let (runtime, mission) = missions.load().await;
    let (session, end) =
        runtime.run_once(&mission, 1, &World::real(), &RunOptions::default()).await.unwrap();
    let told: Value = serde_json::from_str(&end.evaluation.unwrap().explanation).unwrap();
    assert_eq!(told["changed"], json!([]), "no way to write worked");
    assert_eq!(end.workspace.read_output("report.txt").unwrap(), "a fine report");
    let outputs = missions.state().join("sessions").join(session.id.as_str()).join("outputs");
    let left = tree(&outputs).into_keys().collect::<Vec<_>>();
    assert_eq!(left, ["leak", "leaks", "report.txt"], "what the agent made, and nothing else");
    for link in ["leak", "leaks/notes.txt"] {
        assert!(end.workspace.read_output(link).is_err(), "the host follows {link}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lying_grader_is_refused() {
    let missions = mission("lying-grader");
    let (runtime, mission) = missions.load().await;
    let (session, end) =
        runtime.run_once(&mission, 1, &World::real(), &RunOptions::default()).await.unwrap();
    assert_eq!(end.outcome, Some(OutcomeResult::Failed));
    assert_eq!(end.evaluation, None);
    let ends = log(&runtime, &session.id).await.into_iter().filter_map(|(_, _, event)| {
        let Event::EvaluationEnd { result, explanation, lucid, .. } = event else { return None };
        Some((result, explanation, lucid))
    });
    let ends: Vec<_> = ends.collect();
    let [(result, explanation, lucid)] = ends.as_slice() else { panic!("{ends:?}") };
    assert_eq!(*result, OutcomeResult::Failed);
    assert!(explanation.contains("`lying-grader` says satisfied"), "{explanation}");
    assert_eq!(lucid["failure"]["kind"], "failed");
    let summary = runtime.store.session_summary(&session.id).await.unwrap().unwrap();
    assert_eq!(summary.outcome, Some(OutcomeResult::Failed));
}

async fn transcript(runtime: &Runtime, session: &SessionId) -> String {
    let log = log(runtime, session).await;
    log.into_iter().map(|(_, record, _)| record.body).collect()
}
