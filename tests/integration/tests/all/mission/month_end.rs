//! The month-end close: what grading finds, and what the loop is worth.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clerks::mistake::{HABITS, Habit};
use futures::{StreamExt as _, stream};
use lucid_core::{Event, LogLevel, OutcomeResult};
use lucid_runtime::{Mission, RunOptions, Runtime, World, paired_difference};
use lucid_tests::{Missions, log, repository, tree};
use serde_json::Value;

/// Sessions of each kind: with the loop, and with one evaluation.
const SESSIONS: u64 = 240;
const SESSIONS_AT_ONCE: usize = 8;

/// How a line of the log begins that says what is in a draft.
const SEEDED: &str = "seeded ";

/// One draft of the work, and what was said about it.
#[derive(Debug, PartialEq)]
struct Draft {
    /// The mistakes in it, by name.
    seeded: Vec<String>,
    /// The criteria that it did not meet, in lower case.
    unmet: Vec<String>,
    result: OutcomeResult,
}

impl Draft {
    fn is_satisfied(&self) -> bool {
        self.result == OutcomeResult::Satisfied
    }

    fn made(&self) -> impl Iterator<Item = &'static Habit> {
        self.seeded.iter().map(|name| HABITS.iter().find(|habit| habit.name == name).unwrap())
    }

    fn finds(&self, habit: &Habit) -> bool {
        self.unmet.iter().any(|text| habit.words.iter().any(|words| text.contains(words)))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn grading_raises_the_rate_rejects_nothing_right_and_finds_what_can_be_checked() {
    let root = tempfile::tempdir().unwrap();
    let folder = repository().join("examples/month-end");
    let sources = tree(&folder);
    let runtime = Runtime::open(Missions::options(&root.path().join("state"))).unwrap();
    let with = runtime.load(&folder).await.unwrap();
    let without = runtime.load(&with_one_evaluation(&folder, root.path())).await.unwrap();
    let with = sessions(&runtime, with).await;
    let without = sessions(&runtime, without).await;
    runtime.store.close().await.unwrap();
    assert_eq!(tree(&folder), sources, "a run changes nothing of the mission");

    let mut kinds: BTreeMap<&str, u32> = BTreeMap::new();
    for draft in with.iter().chain(&without).flatten() {
        check(draft);
        draft.made().for_each(|habit| *kinds.entry(habit.name).or_default() += 1);
    }
    let checkable = kinds
        .keys()
        .filter(|name| HABITS.iter().any(|habit| habit.name == **name && habit.is_checkable()));
    assert!(checkable.count() >= 10, "{kinds:?}");

    let pairs = without.iter().zip(&with).map(|(once, often)| {
        assert_eq!(once.len(), 1, "{once:?}");
        // The same draft: what the loop adds is what follows.
        assert_eq!((&once[0].seeded, &once[0].unmet), (&often[0].seeded, &often[0].unmet));
        assert!(often.len() <= 3);
        (once[0].is_satisfied(), often.last().is_some_and(Draft::is_satisfied))
    });
    let difference = paired_difference(&pairs.collect::<Vec<_>>());
    assert_eq!(u64::from(difference.n), SESSIONS);
    assert!((0.4..=0.7).contains(&difference.before_rate), "{difference:?}");
    assert!(difference.difference >= 0.10 && difference.ci95[0] >= 0.10, "{difference:?}");
}

/// No right result is rejected, and every mistake that a check can find is found.
fn check(draft: &Draft) {
    for habit in draft.made().filter(|habit| habit.is_checkable()) {
        assert!(draft.finds(habit), "{} is not found: {draft:?}", habit.name);
    }
    let right = draft.made().all(|habit| !habit.is_checkable());
    assert_eq!(draft.is_satisfied(), right, "{draft:?}");
    assert_eq!(draft.unmet.is_empty(), right, "{draft:?}");
}

/// A copy of the mission whose result is judged once.
fn with_one_evaluation(folder: &Path, root: &Path) -> PathBuf {
    let copy = root.join("once");
    std::fs::create_dir_all(copy.join("plugins")).unwrap();
    let text = std::fs::read_to_string(folder.join("mission.toml")).unwrap();
    let once = text.replace("max_iterations = 3", "max_iterations = 1");
    assert_ne!(once, text);
    std::fs::write(copy.join("mission.toml"), once).unwrap();
    for file in ["rubric.md", "plugins/till.wasm", "plugins/clerks.wasm"] {
        std::fs::copy(folder.join(file), copy.join(file)).unwrap();
    }
    copy
}

/// Runs the sessions of a mission, and reads their drafts from their logs.
async fn sessions(runtime: &Runtime, mission: Mission) -> Vec<Vec<Draft>> {
    let mission = Arc::new(mission);
    let run = |seed: u64| {
        let (runtime, mission) = (runtime.clone(), mission.clone());
        // A task of its own, so that all threads have work.
        tokio::spawn(async move {
            let (world, options) = (World::real(), RunOptions::default());
            let (session, end) = runtime.run_once(&mission, seed, &world, &options).await.unwrap();
            let drafts = drafts(&log(&runtime, &session.id).await);
            let last = drafts.last().map(|draft| draft.result);
            assert_eq!(last, end.outcome, "{drafts:?}");
            drafts
        })
    };
    let sessions = stream::iter((1..=SESSIONS).map(run)).buffered(SESSIONS_AT_ONCE);
    sessions.map(Result::unwrap).collect().await
}

fn drafts(log: &[(u32, lucid_core::EventRecord, Event)]) -> Vec<Draft> {
    let (mut seeded, mut drafts) = (None, Vec::new());
    for (_, record, event) in log {
        match event {
            Event::Log { plugin, level, message } if message.starts_with(SEEDED) => {
                assert_eq!((plugin.as_str(), level), ("plugin:clerks", &LogLevel::Debug));
                let told: Value = serde_json::from_str(&message[SEEDED.len()..]).unwrap();
                seeded = Some(texts(&told["mistakes"]));
            }
            Event::EvaluationEnd { result, lucid, .. } => {
                let criteria = lucid["criteria"].as_array().unwrap().iter();
                let unmet = criteria.filter(|criterion| criterion["verdict"] != "met");
                let text = |criterion: &Value| criterion["text"].as_str().unwrap().to_lowercase();
                drafts.push(Draft {
                    seeded: seeded.clone().expect("the log says what is in the draft"),
                    unmet: unmet.map(text).collect(),
                    result: *result,
                });
            }
            // What is in a draft is said in the log, and nowhere that an agent or a grader sees.
            _ => assert!(!record.body.contains(SEEDED), "{}", record.body),
        }
    }
    drafts
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}
