//! A dream reads and proposes; it never writes.

use std::collections::BTreeMap;

use lucid_core::{Event, MemoryStoreId, Place};
use lucid_runtime::{RunOptions, Runtime, StudyOptions, StudyResult};
use lucid_tests::{Missions, log, tree};
use serde_json::Value;

const MISSION: &str = r#"
name = "small"
lead = "listener"
message = "Listen to what they say about task {task}."

[plugins.hostile]
file = "hostile.wasm"
files = "read-write"
environment = { GRANTED = "1" }

[plugins.parrot]
file = "parrot.wasm"

[plugins.nosy-grader]
file = "nosy-grader.wasm"

[plugins.wayward-dream]
file = "wayward-dream.wasm"

[agents.listener]
model = "plugin:parrot"
system = '''
call rumour {"text": "They say the moon is made of cheese."}
'''
tools = ["hostile.rumour"]

[memory.notes]
folder = "memory"

[outcome]
description = "There is a report."
rubric = "rubric.md"
grader = "nosy-grader"
max_iterations = 1

[dream]
strategy = "wayward-dream"
memory = "notes"

[study]
seed = 1
training_tasks = 2
training_sessions = 2
shown_tasks = 1
held_out_tasks = 1

[study.result]
file = "report.json"
result = "result"
measures = []
"#;

const NOTES: &str = "# Notes\n\n- one\n- two\n- three\n- four\n- five\n";

/// What the strategy proposes and what it must get for it, in order.
const ANSWERS: [(&str, &str); 18] = [
    ("unknown", "unknown-entry"),
    ("misquoted", "quote-not-found"),
    ("no such event", "quote-not-found"),
    ("no such session", "quote-not-found"),
    ("no evidence", "unsupported"),
    ("hearsay", "unsupported"),
    ("strangers counted", "unsupported"),
    ("too many lost", "loss-cap"),
    ("large", "too-large"),
    ("/../x.md", "malformed"),
    ("../x.md", "malformed"),
    ("/a/./x.md", "malformed"),
    ("/x.txt", "malformed"),
    ("/a\\..\\x.md", "malformed"),
    ("//x.md", "malformed"),
    ("good", "0"),
    ("keep", "1"),
    ("twice", "already-settled"),
];

fn missions() -> Missions {
    let files = [
        ("mission.toml", MISSION),
        ("rubric.md", "- There is a report.\n"),
        ("memory/notes.md", NOTES),
    ];
    Missions::new(&files, &["hostile", "nosy-grader", "parrot", "wayward-dream"])
}

async fn run(missions: &Missions) -> (Runtime, StudyResult) {
    let (runtime, mission) = missions.load().await;
    let options = StudyOptions::default();
    let result = runtime.run_study(&mission, &options, &RunOptions::default()).await.unwrap();
    (runtime, result)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dream_cannot_write() {
    let missions = missions();
    let before = tree(&missions.mission());
    let (runtime, result) = run(&missions).await;
    let told: Value = serde_json::from_str(&result.dream.summary).unwrap();
    assert_eq!(told["wrote"], serde_json::json!([]));
    assert_eq!((&told["listed"], &told["environment"]), (&0.into(), &0.into()));
    assert_eq!(told["stranger_refused"], true, "only its own sessions can be read");
    let kept = serde_json::json!({
        "before": null,
        "stranger": "unknown-session",
        "large": "too-large",
        "own": "kept",
        "page": 2,
        "after": b"own",
        "end": 0,
    });
    assert_eq!(told["digests"], kept);
    assert_eq!(told["late"], true, "what is in the memory must not outlive the dream");
    let log = log(&runtime, result.dream.session_id.as_ref().unwrap()).await;
    let said = log.iter().find_map(|(_, _, event)| match event {
        Event::DreamProgress { phase, session_id, .. } if phase == "told of another" => {
            Some(session_id)
        }
        _ => None,
    });
    assert_eq!(said, Some(&None), "only its own are named");
    assert_eq!(tree(&missions.mission()), before);
    let left: Vec<_> = tree(missions.root()).into_keys().collect();
    assert!(left.iter().all(|path| !path.contains("wayward.md")), "{left:?}");
    let notes = BTreeMap::from([("/notes.md".to_owned(), NOTES.to_owned())]);
    assert_eq!(memories(&runtime, &result.dream.memory_store_in).await, notes);
    let made = memories(&runtime, result.dream.memory_store_out.as_ref().unwrap()).await;
    assert_eq!(made.keys().collect::<Vec<_>>(), ["/notes.md", "/playbook.md"]);
    assert_eq!(made["/notes.md"], NOTES, "what it may not change stays in the new store too");
    assert!(made["/playbook.md"].contains("- Listen first."));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_bad_operation_is_refused_with_its_reason() {
    let missions = missions();
    let (runtime, result) = run(&missions).await;
    let dream = &result.dream;
    let told: Value = serde_json::from_str(&dream.summary).unwrap();
    for (name, answer) in ANSWERS {
        let got = &told["answers"][name];
        let got = got.as_str().map_or_else(|| got.to_string(), str::to_owned);
        assert_eq!(got, answer, "{name}");
    }
    let reason = |value: Value| value["type"].as_str().unwrap().replace('_', "-");
    let refused: Vec<_> = dream
        .operations
        .iter()
        .filter_map(|operation| operation.rejection.as_ref())
        .map(|rejection| reason(serde_json::to_value(rejection).unwrap()))
        .collect();
    let bad = ANSWERS.into_iter().map(|(_, answer)| answer);
    let bad: Vec<_> = bad.filter(|answer| answer.parse::<u32>().is_err()).collect();
    assert_eq!(refused, bad);
    assert_eq!(dream.operations.len() - refused.len(), 2);
    let kept = dream.ledger.iter().filter(|line| line.place == Place::Kept);
    assert_eq!((kept.count(), dream.ledger.len()), (6, 6), "{:?}", dream.ledger);
    // Each proposal is in the dream's own log, with what became of it.
    let log = log(&runtime, dream.session_id.as_ref().unwrap()).await;
    let proposed = log.iter().filter_map(|(_, _, event)| match event {
        Event::DreamOperation { number, rejection, .. } => Some((number, rejection)),
        _ => None,
    });
    let proposed: Vec<_> = proposed.collect();
    assert_eq!(proposed.len(), ANSWERS.len());
    assert!(proposed.iter().all(|(number, rejection)| number.is_some() != rejection.is_some()));
}

async fn memories(runtime: &Runtime, store: &MemoryStoreId) -> BTreeMap<String, String> {
    let memories = runtime.store.memories(store).await.unwrap();
    memories.into_iter().map(|memory| (memory.path, memory.content)).collect()
}
