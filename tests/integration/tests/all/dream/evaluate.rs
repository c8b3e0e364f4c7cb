//! A dream is kept where it helps: pairs of held-out tasks say so.

use lucid_core::{Dream, DreamStatus, FailureKind, MemoryStore, OperationState, SessionSummary};
use lucid_runtime::{
    Chosen, DreamAsked, DreamRun, EvaluateOptions, Mission, RunOptions, Runtime, SessionChoice,
    SessionFilter,
};
use lucid_tests::{Missions, dream_of_doors};

struct Doors {
    _missions: Missions,
    runtime: Runtime,
    mission: Mission,
    folder: std::path::PathBuf,
}

async fn doors(more: &str) -> Doors {
    let missions = Missions::doors(more);
    let (runtime, mission) = missions.load().await;
    let folder = missions.mission();
    Doors { _missions: missions, runtime, mission, folder }
}

impl Doors {
    /// What asks for a dream that does nothing, over the same store as another.
    fn asked(&self, like: &Dream) -> DreamAsked {
        let ids = like.input_session_ids.clone();
        DreamAsked {
            instructions: Some("[]".to_owned()),
            mission: Some(self.folder.clone()),
            ..DreamAsked::new("told-dream", like.memory_store_in.clone(), SessionChoice::These(ids))
        }
    }

    /// A dream that adds what somebody said to a file.
    async fn dream(&self, path: &str) -> Dream {
        dream_of_doors(&self.runtime, &self.folder, path).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dream_that_helps_is_proved_and_accepted_and_the_interval_is_kept() {
    let doors = doors("").await;
    let dream = doors.dream("/doors.md").await;
    let (options, how) = (EvaluateOptions::new(8), RunOptions::default());
    let runtime = &doors.runtime;
    let evaluated =
        runtime.evaluate_dream(&dream.id, &doors.mission, &options, &how).await.unwrap();
    let proof = &evaluated.proof;
    assert_eq!((proof.n, proof.before_rate, proof.after_rate), (8, 0.0, 1.0), "{proof:?}");
    assert!(proof.passed && proof.lower_bound > 0.4, "{proof:?}");
    assert_eq!(evaluated.sessions, 16);
    let kept = runtime.store.dream(&dream.id).await.unwrap().unwrap();
    assert_eq!(kept.proof.as_ref(), Some(proof));
    assert_eq!(kept.in_state(OperationState::Accepted).count(), 1);
    let output = runtime.store.memories(kept.memory_store_out.as_ref().unwrap()).await.unwrap();
    assert!(output.iter().any(|memory| memory.path == "/doors.md"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dream_whose_mission_does_not_load_any_more_does_not_say_where_that_lies() {
    let doors = doors("").await;
    let dream = doors.dream("/doors.md").await;
    let planned = doors.runtime.plan_dream(&doors.asked(&dream)).await.unwrap();
    let file = doors.folder.join("mission.toml");
    std::fs::write(&file, "secret = \"of whoever wrote it\"").unwrap();
    let ended = doors.runtime.run_dream(&planned.id, &DreamRun::default()).await.unwrap();
    assert_eq!(ended.status, DreamStatus::Failed);
    let message = ended.error.unwrap().message;
    assert!(message.contains("does not load any more"), "{message}");
    let place = doors.folder.display().to_string();
    assert!(!message.contains(&place) && !message.contains("secret"), "{message}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proof_takes_nothing_away_from_another_one_of_the_same_dream() {
    let doors = doors("").await;
    let dream = doors.dream("/doors.md").await;
    let how = RunOptions::default();
    // The short ones end at the same moment, while the long one works with its own store, or has
    // yet to.
    let prove = async |n| {
        let options = EvaluateOptions { accept: false, ..EvaluateOptions::new(n) };
        doors.runtime.evaluate_dream(&dream.id, &doors.mission, &options, &how).await.unwrap()
    };
    let (long, one, two, three) = tokio::join!(prove(16), prove(2), prove(2), prove(2));
    for (evaluated, n) in [(&long, 16), (&one, 2), (&two, 2), (&three, 2)] {
        let proof = &evaluated.proof;
        assert_eq!((proof.n, proof.before_rate, proof.after_rate), (n, 0.0, 1.0), "{proof:?}");
    }
    // None is lost to the moment at which another one is written, and the one that says most stays.
    let kept = doors.runtime.store.dream(&dream.id).await.unwrap().unwrap();
    assert_eq!(kept.proof, Some(long.proof));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_proof_was_run_with_is_gone_and_no_dream_is_proved_by_what_it_read() {
    let doors = doors("").await;
    let dream = doors.dream("/doors.md").await;
    let (options, how) = (EvaluateOptions::new(2), RunOptions::default());
    let runtime = &doors.runtime;
    runtime.evaluate_dream(&dream.id, &doors.mission, &options, &how).await.unwrap();
    let kept = [Some(&dream.memory_store_in), dream.memory_store_out.as_ref()];
    let stores = runtime.store.memory_stores().await.unwrap();
    let from_it = |store: &&MemoryStore| store.dreamt_from.is_some();
    let tried: Vec<_> =
        stores.iter().filter(from_it).filter(|one| !kept.contains(&Some(&one.id))).collect();
    assert_eq!(tried.len(), 1, "one store of proposals was tried");
    let versions = runtime.store.memory_versions(&tried[0].id, None).await.unwrap();
    assert!(versions.iter().all(|version| version.content.is_none()), "{versions:?}");
    // Sessions that prove are read by nobody who does not name them.
    let all = DreamAsked { sessions: SessionChoice::All, ..doors.asked(&dream) };
    let chosen = runtime.plan_dream(&all).await.unwrap().input_session_ids;
    assert_eq!(chosen, dream.input_session_ids);
    let sessions = runtime.store.sessions(&SessionFilter::default()).await.unwrap();
    let phase = |one: &SessionSummary| one.session.metadata.get("lucid.phase").cloned();
    let proved = sessions.iter().find(|one| phase(one).as_deref() == Some("evaluate-after"));
    let proved = SessionChoice::These(vec![proved.unwrap().session.id.clone()]);
    let asked = DreamAsked { sessions: proved, ..doors.asked(&dream) };
    let cheat = runtime.start_dream(&asked, &DreamRun::default()).await.unwrap();
    let refused = runtime.evaluate_dream(&cheat.id, &doors.mission, &options, &how).await;
    assert!(refused.unwrap_err().message.contains("is a proof with this mission"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dream_that_does_not_help_is_not_accepted_and_nothing_of_it_is_in_the_store() {
    let doors = doors("").await;
    let dream = doors.dream("/elsewhere.md").await;
    let (options, how) = (EvaluateOptions::new(4), RunOptions::default());
    let runtime = &doors.runtime;
    let evaluated =
        runtime.evaluate_dream(&dream.id, &doors.mission, &options, &how).await.unwrap();
    assert!(!evaluated.proof.passed && evaluated.proof.lower_bound < 0.0);
    let kept = runtime.store.dream(&dream.id).await.unwrap().unwrap();
    assert_eq!(kept.proof, Some(evaluated.proof));
    assert_eq!(kept.in_state(OperationState::Proposed).count(), 1);
    let output = runtime.store.memories(kept.memory_store_out.as_ref().unwrap()).await.unwrap();
    assert_eq!(output.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mission_that_wants_a_proof_gets_one_before_anything_mined_is_accepted() {
    let doors = doors("proof = 6\nmargin = 0.1").await;
    let dream = doors.dream("/doors.md").await;
    let (runtime, how) = (&doors.runtime, RunOptions::default());
    let early = runtime.accept_dream(&dream.id, &Chosen::All).await.unwrap_err();
    assert_eq!(early.kind, FailureKind::Denied);
    assert!(early.hint.is_some_and(|hint| hint.contains("evaluate")));
    // Of too few tasks: it is kept, and proves too little.
    let few = EvaluateOptions { margin: Some(0.1), ..EvaluateOptions::new(5) };
    let evaluated = runtime.evaluate_dream(&dream.id, &doors.mission, &few, &how).await.unwrap();
    assert!(evaluated.proof.passed);
    assert_eq!(evaluated.dream.in_state(OperationState::Proposed).count(), 1);
    let enough = EvaluateOptions::new(6);
    let evaluated = runtime.evaluate_dream(&dream.id, &doors.mission, &enough, &how).await.unwrap();
    assert_eq!(evaluated.proof.margin.to_bits(), 0.1_f64.to_bits(), "the mission's margin");
    assert_eq!(evaluated.dream.in_state(OperationState::Accepted).count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proof_of_nothing_or_without_bounds_is_refused() {
    let doors = doors("").await;
    let dream = doors.dream("/doors.md").await;
    let (runtime, how) = (&doors.runtime, RunOptions::default());
    for options in [
        EvaluateOptions::new(0),
        EvaluateOptions::new(10_001),
        EvaluateOptions { margin: Some(f64::NAN), ..EvaluateOptions::new(4) },
        EvaluateOptions { margin: Some(1.5), ..EvaluateOptions::new(4) },
    ] {
        let failure = runtime.evaluate_dream(&dream.id, &doors.mission, &options, &how).await;
        assert_eq!(failure.unwrap_err().kind, FailureKind::Invalid, "{options:?}");
    }
    runtime.reject_dream(&dream.id, &Chosen::All).await.unwrap();
    let options = EvaluateOptions::new(4);
    let nothing = runtime.evaluate_dream(&dream.id, &doors.mission, &options, &how).await;
    assert!(nothing.unwrap_err().message.contains("no change"));
}
