//! Lumara at a small size: everything of it is in the log afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lucid_core::{Change, Dream, DreamStatus, MemoryStoreId, OperationState};
use lucid_runtime::{
    Mission, RunOptions, Runtime, SessionFilter, Snapshot, StudyOptions, StudyResult,
};
use lucid_tests::{Missions, log, repository, tree};

use super::grammar;

const TRAINING: u32 = 40;
const SHOWN: u32 = 6;
const HELD_OUT: u32 = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_mission_runs_at_a_small_size_and_its_log_reads_back() {
    let folder = repository().join("examples/lumara");
    let sources = tree(&folder);
    let root = tempfile::tempdir().unwrap();
    let state = root.path().join("state");
    let (result, mission) = run(&state, &folder).await;
    // Another process reads what this one left.
    let runtime = Runtime::open(Missions::options(&state)).unwrap();
    check_counts(&result);
    check_sessions(&runtime, &result).await;
    check_dream(&runtime, &mission, &result).await;
    assert_eq!(tree(&folder), sources, "a run changes nothing of the mission");
}

async fn run(state: &Path, folder: &Path) -> (StudyResult, Mission) {
    let (runtime, mission) = Runtime::open_for(Missions::options(state), folder).await.unwrap();
    let options = StudyOptions {
        training: Some(TRAINING),
        held_out: Some(HELD_OUT),
        ..StudyOptions::default()
    };
    let result = runtime.run_study(&mission, &options, &RunOptions::default()).await.unwrap();
    runtime.store.close().await.unwrap();
    (result, mission)
}

fn check_counts(result: &StudyResult) {
    let report = &result.report;
    assert_eq!((report.training_sessions, report.held_out.n), (TRAINING, HELD_OUT));
    assert_eq!((report.before.total, report.after.total), (SHOWN, SHOWN));
    assert_eq!(report.before.succeeded, 4, "{:?}", report.before);
    let lost = report.before.tasks.iter().zip(&report.after.tasks);
    for (before, after) in lost {
        assert!(!before.success || after.success, "{before:?} {after:?}");
    }
}

/// Every session of the study is there, each with a log that makes sense.
async fn check_sessions(runtime: &Runtime, result: &StudyResult) {
    let report = &result.report;
    let sessions = runtime.store.sessions(&SessionFilter::default()).await.unwrap();
    assert_eq!(sessions.len() as u32, TRAINING + 2 * (SHOWN + HELD_OUT) + 1);
    let (mut events, mut tool_calls) = (0, 0);
    for summary in &sessions {
        let log = log(runtime, &summary.session.id).await;
        assert_eq!(log.len() as u32, summary.events);
        grammar::check(&log);
        events += log.len() as u64;
        let calls = log.iter().filter(|(_, record, _)| record.kind == "agent.tool_use");
        tool_calls += calls.count() as u64;
    }
    assert_eq!((events, tool_calls), (report.events, report.tool_calls));
    let succeeded = sessions.iter().filter(|summary| {
        summary.session.metadata.get("lucid.phase").is_some_and(|phase| phase == "train")
            && summary.outcome.is_some_and(|outcome| outcome.as_str() == "satisfied")
    });
    assert_eq!(succeeded.count() as u32, report.training_succeeded);
}

/// The dream accounts for every entry, left its input alone, and made what it says.
async fn check_dream(runtime: &Runtime, mission: &Mission, result: &StudyResult) {
    let dream = runtime.store.dream(&result.dream.id).await.unwrap().unwrap();
    assert_eq!(dream, result.dream);
    assert_eq!(dream.status, DreamStatus::Completed);
    assert_eq!(dream.input_session_ids.len() as u32, TRAINING);
    let texts = contents(runtime, &dream.memory_store_in).await;
    assert_eq!(texts, mission.memory["lumara"].memories, "the input store is as it was");
    let versions = runtime.store.memory_versions(&dream.memory_store_in, None).await.unwrap();
    assert_eq!(versions.len(), texts.len(), "one version of each memory");
    check_ledger(runtime, &dream).await;
    let out = dream.memory_store_out.clone().unwrap();
    let made = contents(runtime, &out).await;
    let store = runtime.store.memory_store(&out).await.unwrap().unwrap();
    assert_eq!(store.dreamt_from.as_ref(), Some(&dream.memory_store_in));
    assert!(result.report.dream.rules > 0, "a test of a playbook needs one");
    for operation in dream.in_state(OperationState::Accepted) {
        if let Change::Add { draft, .. } = &operation.change {
            assert!(made[&draft.path].contains(&draft.text), "{draft:?} is not in {made:?}");
        }
    }
    assert!(made.contains_key("/playbook.md"), "{:?}", made.keys());
}

async fn check_ledger(runtime: &Runtime, dream: &Dream) {
    let memories = runtime.store.memories(&dream.memory_store_in).await.unwrap();
    let entries = Snapshot::of(&memories).entries();
    let entries: Vec<_> = entries.iter().map(|entry| entry.id.as_str()).collect();
    let lines: Vec<_> = dream.ledger.iter().map(|line| line.entry_id.as_str()).collect();
    assert_eq!(lines, entries, "one line for each entry, in the store's order");
    assert_eq!(lines.iter().collect::<BTreeSet<_>>().len(), lines.len());
    for line in &dream.ledger {
        let by = line.operation.as_ref();
        let known = |id: &String| dream.operations.iter().any(|operation| operation.id == *id);
        assert!(by.is_none_or(known), "{line:?}");
    }
}

async fn contents(runtime: &Runtime, store: &MemoryStoreId) -> BTreeMap<String, String> {
    let memories = runtime.store.memories(store).await.unwrap();
    memories.into_iter().map(|memory| (memory.path, memory.content)).collect()
}
