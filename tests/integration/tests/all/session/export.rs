//! Sessions that go from one folder of state to another.

use lucid_core::{read_sessions, write_session};
use lucid_runtime::{RunOptions, Runtime, SystemClock, SystemEntropy};
use lucid_tests::{Missions, log};

use super::{missions, once, solo};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exported_session_is_the_same_where_it_is_imported() {
    let missions = missions(&solo("call fine {\"text\": \"x\"}\nsay {result}", ""));
    let (runtime, mission) = missions.load().await;
    let (session, _) = once(&runtime, &mission, &RunOptions::default()).await;
    let before = log(&runtime, &session.id).await;
    let records: Vec<_> = before.iter().map(|(_, record, _)| record.clone()).collect();
    let text = write_session(&session, None, &records);
    let elsewhere = Runtime::open(Missions::options(&missions.root().join("elsewhere"))).unwrap();
    assert_eq!(elsewhere.import(&text).await.unwrap(), std::slice::from_ref(&session.id));
    let after = log(&elsewhere, &session.id).await;
    for (event, other) in before.iter().zip(&after) {
        assert_eq!(event, other);
    }
    assert_eq!(before.len(), after.len());
    // It is no part of a run here: `--resume` would take its word for what it came to.
    let there = elsewhere.store.session(&session.id).await.unwrap().unwrap();
    let of_a_run = |session: &lucid_core::Session| session.metadata.contains_key("lucid.run");
    assert!(of_a_run(&session) && !of_a_run(&there));
    // A second time it is there already, and nothing changes.
    let refused = elsewhere.import(&text).await.unwrap_err();
    assert!(refused.message.contains(session.id.as_str()), "{refused}");
    let read = read_sessions(&text, &SystemClock::default(), &SystemEntropy).unwrap();
    assert_eq!(read[0].1, records);
}
