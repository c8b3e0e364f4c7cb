//! Runs that do nothing but what a test wants of them.

use lucid_core::{FailureKind, SessionId};

use super::*;

fn new() -> NewRun {
    let (again, what) = ("do it again".to_owned(), "study".to_owned());
    NewRun { kind: RunKind::Study, again, what, alone: false }
}

fn done(name: &str) -> RunResult {
    let id = SessionId::parse(&format!("sesn_01{name}")).unwrap();
    RunResult::Session { id, mission: "m".to_owned() }
}

/// Begins a run that ends at once.
fn quick(runs: &Runs, name: &str) -> RunId {
    let result = done(name);
    runs.start(runs.turn().unwrap(), new(), |_| async move { Ok(result) }).unwrap()
}

/// Begins a run that never ends by itself.
fn endless(runs: &Runs) -> RunId {
    runs.start(runs.turn().unwrap(), new(), |_| std::future::pending()).unwrap()
}

/// Waits until a run has ended.
async fn ended(runs: &Runs, id: &RunId) -> RunEnd {
    let mut after = 0;
    loop {
        let seen = runs.await_news(id, after, Duration::from_secs(60)).await.unwrap();
        after = seen.at;
        if let Some(ended) = seen.ended {
            return ended;
        }
    }
}

async fn failure(runs: &Runs, id: &RunId) -> Failure {
    match ended(runs, id).await {
        RunEnd::Failed(failure) => failure,
        RunEnd::Done(result) => panic!("it came to {result:?}"),
    }
}

#[tokio::test]
async fn so_many_runs_go_on_at_once_and_one_that_ends_makes_room() {
    let runs = Runs::default();
    let all: Vec<RunId> = (0..AT_ONCE).map(|_| endless(&runs)).collect();
    let refused = runs.turn().err().unwrap();
    assert_eq!(refused.kind, FailureKind::Exceeded);
    assert!(refused.hint.unwrap().contains("--watch"));
    assert_eq!(runs.cancel(&all[0]).await, Ok(true));
    let canceled = failure(&runs, &all[0]).await;
    assert_eq!(
        (canceled.message.as_str(), canceled.hint.as_deref()),
        ("the run was canceled", Some("do it again"))
    );
    let next = quick(&runs, "a");
    assert!(matches!(ended(&runs, &next).await, RunEnd::Done(RunResult::Session { .. })));
    assert_eq!(runs.cancel(&all[0]).await, Ok(false));
    // Room that nobody used is given back.
    drop(runs.turn().unwrap());
    assert!(runs.turn().is_ok());
}

#[tokio::test]
async fn who_cancels_a_run_has_the_answer_when_nothing_of_it_goes_on_any_more() {
    let runs = Runs::default();
    let (held, mut dropped) = tokio::sync::mpsc::channel::<()>(1);
    let id = runs.start(runs.turn().unwrap(), new(), |_| async move {
        let _held = held;
        std::future::pending().await
    });
    let id = id.unwrap();
    assert_eq!(runs.cancel(&id).await, Ok(true));
    // Nobody holds the other end: what the run did is dropped.
    assert_eq!(dropped.try_recv(), Err(tokio::sync::mpsc::error::TryRecvError::Disconnected));
    let seen = runs.await_news(&id, 0, Duration::ZERO).await.unwrap();
    assert!(matches!(seen.ended, Some(RunEnd::Failed(_))), "{seen:?}");
}

#[tokio::test]
async fn runs_are_not_remembered_for_ever_but_one_that_goes_on_is() {
    let runs = Runs::default();
    let goes_on = endless(&runs);
    let mut first = None;
    for number in 0..ENDED_MAX + 20 {
        let id = quick(&runs, &format!("{number}"));
        ended(&runs, &id).await;
        first.get_or_insert(id);
    }
    assert_eq!(runs.runs().len(), ENDED_MAX + 1);
    let forgotten = runs.find(first.unwrap().as_str()).unwrap_err();
    assert_eq!(forgotten.kind, FailureKind::Invalid);
    assert_eq!(runs.find(goes_on.as_str()), Ok(goes_on.clone()));
    // It began before all others, and is the last to be forgotten now.
    assert_eq!(runs.cancel(&goes_on).await, Ok(true));
    failure(&runs, &goes_on).await;
    for number in 1..ENDED_MAX {
        let id = quick(&runs, &format!("{number}"));
        ended(&runs, &id).await;
    }
    assert_eq!(runs.find(goes_on.as_str()), Ok(goes_on));
    assert_eq!(runs.runs().len(), ENDED_MAX);
}

#[tokio::test]
async fn what_a_run_has_to_do_alone_does_not_begin_beside_the_same() {
    let runs = Runs::default();
    let alone = |what: &str| {
        let new = NewRun { what: what.to_owned(), alone: true, ..new() };
        runs.start(runs.turn().unwrap(), new, |_| std::future::pending())
    };
    let goes_on = endless(&runs);
    let refused = alone("study").unwrap_err();
    assert_eq!(refused.kind, FailureKind::Invalid);
    assert!(refused.hint.unwrap().contains(&format!("--watch {goes_on}")));
    // Nothing of it is left, and something else may be done.
    let other = alone("another study").unwrap();
    runs.cancel(&other).await.unwrap();
    failure(&runs, &other).await;
    runs.cancel(&goes_on).await.unwrap();
    failure(&runs, &goes_on).await;
    alone("study").unwrap();
}

#[tokio::test]
async fn a_failure_repeats_no_more_of_a_name_than_a_line() {
    let runs = Runs::default();
    let long = "\u{7f}".repeat(1 << 20);
    let [_, _] = ["a", "b"].map(|name| quick(&runs, name));
    for wanted in [long.as_str(), "mrun_"] {
        let failure = runs.find(wanted).unwrap_err();
        assert!(failure.message.len() < 400, "{}", failure.message.len());
    }
}

#[tokio::test]
async fn a_run_that_panics_has_failed_and_is_not_lost() {
    let runs = Runs::default();
    let id = runs.start(runs.turn().unwrap(), new(), |_| async { panic!("as the test wants") });
    let id = id.unwrap();
    assert_eq!(failure(&runs, &id).await.kind, FailureKind::Bug);
    // Its room is there again.
    let all: Vec<_> = (0..AT_ONCE).map(|_| runs.turn()).collect();
    assert!(all.iter().all(Result::is_ok));
}

#[tokio::test]
async fn runs_that_are_stopped_say_how_they_are_gone_on_with_and_no_more_begin() {
    let runs = Runs::default();
    let id = endless(&runs);
    runs.stop().await;
    let stopped = failure(&runs, &id).await;
    assert!(stopped.message.contains("stopped before the run ended"), "{stopped}");
    assert_eq!(stopped.hint.as_deref(), Some("do it again"));
    let late = endless(&runs);
    assert!(failure(&runs, &late).await.message.contains("stopped"));
}

#[tokio::test]
async fn notes_are_seen_once_each_in_their_order_and_waited_for() {
    let runs = Runs::default();
    let (tell, mut told) = tokio::sync::mpsc::channel::<u64>(1);
    let id = runs.start(runs.turn().unwrap(), new(), |observer| async move {
        while let Some(total) = told.recv().await {
            observer.note(Note::Phase { title: "part", total });
        }
        Ok(done("a"))
    });
    let id = id.unwrap();
    let wait = Duration::from_secs(60);
    let mut after = 0;
    for number in 1..=3 {
        let asked = runs.await_news(&id, after, wait);
        let (seen, sent) = tokio::join!(asked, tell.send(number));
        sent.unwrap();
        let seen = seen.unwrap();
        let note = RunNote::Phase { title: "part".to_owned(), total: number };
        assert_eq!((seen.notes, seen.at), (vec![note], number));
        assert!(seen.ended.is_none());
        after = seen.at;
    }
    // Nothing new: the time is over first.
    let quiet = runs.await_news(&id, after, Duration::ZERO).await.unwrap();
    assert!(quiet.notes.is_empty() && quiet.ended.is_none());
    drop(tell);
    ended(&runs, &id).await;
    // Whoever comes late sees all that is kept.
    let all = runs.await_news(&id, 0, wait).await.unwrap();
    assert_eq!((all.notes.len(), all.at), (3, 3));
}

#[tokio::test]
async fn notes_are_bounded_and_where_parts_began_is_kept() {
    let runs = Runs::default();
    let id = runs.start(runs.turn().unwrap(), new(), |observer| async move {
        observer.note(Note::Phase { title: "first", total: 9 });
        for done in 0..100 {
            let (phase, total, session_id) = ("read", 100, None);
            observer.note(Note::DreamProgress { phase, done, total, session_id });
        }
        for _ in 0..2 * NOTES_MAX {
            observer.note(Note::SessionEnded { succeeded: Some(true) });
        }
        Ok(done("a"))
    });
    let id = id.unwrap();
    ended(&runs, &id).await;
    let seen = runs.await_news(&id, 0, Duration::ZERO).await.unwrap();
    assert_eq!(seen.notes.len(), NOTES_MAX);
    assert_eq!(seen.notes[0], RunNote::Phase { title: "first".to_owned(), total: 9 });
    let how_far = |note: &&RunNote| matches!(note, RunNote::DreamProgress { .. });
    assert!(seen.notes.iter().filter(how_far).count() <= 1);
}

#[tokio::test]
async fn a_run_is_found_by_its_id_its_start_or_as_the_latest() {
    let runs = Runs::default();
    assert!(runs.find("latest").unwrap_err().hint.is_some());
    let [one, two] = ["a", "b"].map(|name| quick(&runs, name));
    assert_eq!(runs.find(one.as_str()), Ok(one));
    assert_eq!(runs.find("latest"), Ok(two));
    assert!(runs.find("mrun_").unwrap_err().message.contains("several"));
    assert!(runs.find("mrun_nothing").unwrap_err().message.contains("no such run"));
}
