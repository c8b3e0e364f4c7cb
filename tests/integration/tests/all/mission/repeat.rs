//! The same seed, the same log.

use std::path::Path;

use lucid_runtime::{Mission, RunOptions, Runtime, SessionFilter, StudyOptions};
use lucid_tests::{Missions, log, repository};

use super::alike::Alike;

/// One session: its title, and the bodies of its events.
type Log = Vec<(String, Vec<String>)>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_seed_gives_the_same_calls_and_results_in_any_run() {
    let root = tempfile::tempdir().unwrap();
    let mission = load(root.path()).await;
    let first = run(&mission, &root.path().join("first"), false, (4, 24)).await;
    let second = run(&mission, &root.path().join("second"), false, (4, 24)).await;
    assert_ne!(first, second, "without --deterministic, ids and times are the machine's");
    assert_same(&done(&first), &done(&second));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deterministic_run_repeats_byte_for_byte() {
    let root = tempfile::tempdir().unwrap();
    let mission = load(root.path()).await;
    let first = run(&mission, &root.path().join("first"), true, (4, 24)).await;
    let second = run(&mission, &root.path().join("second"), true, (4, 24)).await;
    assert_same(&first, &second);
    let other = run(&mission, &root.path().join("other"), true, (5, 1)).await;
    let training = |log: &Log| alike(&log[..1].to_vec());
    assert_eq!(first[0].0, other[0].0);
    assert_ne!(training(&first), training(&other), "another seed is another run");
}

async fn load(root: &Path) -> Mission {
    let runtime = Runtime::open(Missions::options(root)).unwrap();
    runtime.load(&repository().join("examples/lumara")).await.unwrap()
}

/// Runs the study with a seed and so many training sessions.
async fn run(mission: &Mission, state: &Path, deterministic: bool, size: (u64, u32)) -> Log {
    let (seed, training) = size;
    let runtime = Runtime::open(Missions::options(state)).unwrap();
    let options = StudyOptions {
        seed: Some(seed),
        training: Some(training),
        held_out: Some(2),
        deterministic,
        ..StudyOptions::default()
    };
    runtime.run_study(mission, &options, &RunOptions::default()).await.unwrap();
    let sessions = runtime.store.sessions(&SessionFilter::default()).await.unwrap();
    let mut logs = Vec::new();
    for summary in sessions {
        let log = log(&runtime, &summary.session.id).await;
        let bodies = log.into_iter().map(|(_, record, _)| record.body).collect();
        logs.push((summary.session.title, bodies));
    }
    logs
}

fn alike(log: &Log) -> Log {
    let mut alike = Alike::default();
    let mut session = |(title, bodies): &(String, Vec<String>)| {
        let bodies = bodies.iter().map(|body| alike.body(body)).collect();
        (title.clone(), bodies)
    };
    log.iter().map(&mut session).collect()
}

/// What was called, what came of it and how it was judged, in no order: threads run beside
/// each other, so which of two messages their lead hears first is chance, unless the run is
/// deterministic.
fn done(log: &Log) -> Log {
    let kinds = ["agent.tool_use", "agent.tool_result", "span.outcome_evaluation_end"];
    let picked =
        |body: &&String| kinds.iter().any(|kind| body.contains(&format!("\"type\":\"{kind}\"")));
    let session = |(title, bodies): &(String, Vec<String>)| {
        let bodies = bodies.iter().filter(picked);
        let mut bodies: Vec<_> = bodies.map(|body| Alike::default().body(body)).collect();
        bodies.sort();
        (title.clone(), bodies)
    };
    log.iter().map(session).collect()
}

/// As `assert_eq`, but shows the first difference alone.
fn assert_same(one: &Log, other: &Log) {
    let titles = |log: &Log| log.iter().map(|(title, _)| title.clone()).collect::<Vec<_>>();
    assert_eq!(titles(one), titles(other));
    for ((title, bodies), (_, others)) in one.iter().zip(other) {
        for (number, (body, other)) in bodies.iter().zip(others).enumerate() {
            assert_eq!(body, other, "event {number} of {title}");
        }
        assert_eq!(bodies.len(), others.len(), "{title}");
    }
}
