#![allow(clippy::disallowed_methods, reason = "makes folders to run in")]

use lucid_core::{Content, Event};
use lucid_store::SessionFilter;
use tokio::net::TcpListener;

use super::*;
use crate::runs::RunOptions;
use crate::state::RuntimeOptions;
use crate::world::World;

/// How often it is looked whether something has come.
const LOOK: Duration = Duration::from_millis(5);

/// Says something into a session, as a client does.
async fn say(runtime: &Runtime, id: &SessionId, text: &str) {
    let said = Event::UserMessage { content: Content::text(text) };
    runtime.post(id, vec![said]).await.unwrap();
}

/// Waits until nobody works on a session in the background.
async fn rests(live: &Live, id: &SessionId) {
    while live.is_working(id) {
        tokio::time::sleep(LOOK).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_before_a_run_was_canceled_starts_nothing_and_what_is_said_after_does() {
    let folder = tempfile::tempdir().unwrap();
    // A model that never answers.
    let model = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let text = format!(
        "name = \"fly\"\nlead = \"lead\"\nmessage = \"Go.\"\n\
         [agents.lead]\nmodel = \"openai:mute\"\nsystem = \"Fly.\"\n\
         [models.\"openai:mute\"]\nbase_url = \"http://{}\"\n",
        model.local_addr().unwrap()
    );
    std::fs::write(folder.path().join("mission.toml"), text).unwrap();
    let runtime = Runtime::open(RuntimeOptions::new(folder.path().join("state"))).unwrap();
    let mission = runtime.load(folder.path()).await.unwrap();
    let ran = runtime.clone();
    let run = tokio::spawn(async move {
        ran.run_once(&mission, 0, &World::real(), &RunOptions::default()).await.map(drop)
    });
    let (_asked, _) = model.accept().await.unwrap();
    let id = runtime.store.sessions(&SessionFilter::default()).await.unwrap().remove(0).session.id;
    let live = Live::new(runtime.clone(), Arc::new(|_, _| ()));
    say(&runtime, &id, "Faster.").await;
    live.wake(&id);
    rests(&live, &id).await;

    run.abort();
    assert!(run.await.unwrap_err().is_cancelled());
    // The claim is given back beside.
    while runtime.is_running(&id).await.unwrap() {
        tokio::time::sleep(LOOK).await;
    }
    let head = runtime.store.head(&id).await.unwrap();
    // As it is looked at again, because it was the run's when it was woken.
    live.begin(&id, 0);
    rests(&live, &id).await;
    assert!(runtime.owner.is_left(&id));
    assert_eq!(runtime.store.head(&id).await.unwrap(), head);

    say(&runtime, &id, "Slower.").await;
    live.wake(&id);
    let (_again, _) = model.accept().await.unwrap();
    assert!(!runtime.owner.is_left(&id) && live.is_working(&id));
    live.stop().await;
    let events = runtime.store.events(&id, None, 100).await.unwrap();
    let log = events.iter().map(|(_, record)| record.body.as_str()).collect::<String>();
    assert!(log.contains("Faster.") && log.contains("Slower."), "{log}");
}

#[tokio::test]
async fn a_session_that_its_run_left_is_not_even_looked_for_until_somebody_says_something() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::open(RuntimeOptions::new(folder.path().to_owned())).unwrap();
    let live = Live::new(runtime.clone(), Arc::new(|_, _| ()));
    let id = SessionId::parse("sesn_01a").unwrap();
    drop(runtime.owner.drive(&id));
    // There is none.
    assert_eq!(live.work(&id).await, Ok(Ended::Rests));
    runtime.owner.take_up(&id);
    assert!(live.work(&id).await.is_err());
}

#[tokio::test]
async fn who_is_woken_while_it_is_held_is_worked_on_only_when_it_is_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::open(RuntimeOptions::new(folder.path().to_owned())).unwrap();
    let live = Live::new(runtime, Arc::new(|_, _| ()));
    // There is none: whoever works on it finds nothing to do.
    let id = SessionId::parse("sesn_01a").unwrap();
    let held = live.hold(&id).unwrap();
    assert!(live.hold(&id).is_none(), "it is held already");
    drop(held);
    assert!(!live.is_working(&id), "nobody woke it");

    let held = live.hold(&id).unwrap();
    live.wake(&id);
    // It is told by the number of those who listen whether somebody works.
    assert_eq!(live.0.stop.receiver_count(), 0);
    drop(held);
    assert_eq!(live.0.stop.receiver_count(), 1);
    assert!(live.hold(&id).is_none(), "it is worked on");
    rests(&live, &id).await;
    assert!(live.hold(&id).is_some());
}
