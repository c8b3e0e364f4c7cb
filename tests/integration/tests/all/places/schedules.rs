//! A schedule that is made over a server is run by the server.

use std::path::Path;
use std::time::Duration;

use lucid_core::{Clock as _, Schedule, ScheduleId, Timestamp};
use lucid_runtime::{Runtime, SystemClock};
use lucid_tests::Missions;
use serde_json::Value;

use super::bench::{Both, lucid};
use super::dreams::Dreamt;

/// What a command over the server answers.
fn asked(both: &Both, words: &[&str]) -> Value {
    let told = both.there(&[words, &["--json"]].concat());
    assert_eq!(told.code, Some(0), "{words:?}: {told:?}");
    serde_json::from_str(&told.out).unwrap()
}

/// The id and the status of every dream, the newest first.
fn dreams(both: &Both) -> Vec<(String, String)> {
    let list = asked(both, &["dream", "list"]);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let dreams = list["data"].as_array().unwrap().iter();
    dreams.map(|dream| (text(&dream["id"]), text(&dream["status"]))).collect()
}

/// Lets a schedule's time have come an hour ago.
fn let_be_due(state: &Path, id: &str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let runtime = Runtime::open(Missions::options(state)).unwrap();
        let id = ScheduleId::parse(id).unwrap();
        let schedule = runtime.store.schedule(&id).await.unwrap().unwrap();
        let hour_ago = SystemClock::default().now().as_millis() - 3_600_000;
        let due = Schedule { next_run_at: Some(Timestamp(hour_ago)), ..schedule };
        runtime.store.put_schedule(&due).await.unwrap();
        runtime.store.close().await.unwrap();
    });
}

#[test]
fn a_schedule_that_is_added_over_a_server_is_run_by_the_server() {
    let dreamt = Dreamt::new();
    let both = dreamt.places.part();
    let add = ["dream", "schedule", "add", "--memory", &dreamt.input, "--cron", "0 3 1 1 *"];
    let more = ["--time-zone", "UTC", "--last", "20", "--min-new", "0"];
    let schedule = asked(&both, &[&add[..], &more].concat());
    let id = schedule["id"].as_str().unwrap();
    let before = dreams(&both);
    let_be_due(&both.there, id);
    let is_new = |(found, _): &(String, String)| before.iter().all(|(known, _)| found != known);
    let (mut new, mut looks) = (None, 0);
    while new.as_ref().is_none_or(|(_, status)| status != "completed") {
        assert!(looks < 1_200, "it does not dream: {new:?}");
        std::thread::sleep(Duration::from_millis(50));
        new = dreams(&both).into_iter().find(is_new);
        looks += 1;
    }
    let (dream, _) = new.unwrap();
    // It is a dream as any other, for whoever asks the server and whoever has its folder.
    assert_eq!(both.there(&["dream", "watch", &dream]).code, Some(0));
    let show = ["dream", "show", &dream, "--json"];
    let state = both.there.to_str().unwrap();
    assert_eq!(lucid(&[&show[..], &["--state", state]].concat(), &[]), both.there(&show));
    let list = asked(&both, &["dream", "schedule", "list"]);
    let mut schedules = list["data"].as_array().unwrap().iter();
    let schedule = schedules.find(|schedule| schedule["id"] == id).unwrap();
    assert!(schedule["last_run_at"].is_string(), "{schedule}");
    // Nobody else need be, or can be, the scheduler of the folder.
    let second = lucid(&["dream", "scheduler", "--once", "--state", state], &[]);
    assert_eq!(second.code, Some(1), "{second:?}");
    assert!(second.err.contains("another process runs the schedules"), "{second:?}");
}
