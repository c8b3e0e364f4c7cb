//! The whole state machine as a table, and the promises about leases.

use lucid_core::{EnvironmentId, SessionId, WorkId};
use proptest::prelude::*;
use serde_json::json;

use super::WorkState::{Active, Queued, Starting, Stopped, Stopping};
use super::*;
use crate::read;

const T: Timestamp = Timestamp(1_000_000);

fn at(millis: u64) -> Timestamp {
    Timestamp(T.as_millis() + millis)
}

fn work() -> Work {
    let environment = EnvironmentId::parse("env_01A").unwrap();
    let session = SessionId::parse("sesn_01A").unwrap();
    Work::new(WorkId::parse("work_01A").unwrap(), environment, session, T)
}

fn beat(expected: &str) -> Heartbeat {
    Heartbeat { expected: Some(expected.to_owned()), ttl_seconds: None }
}

/// An item in a state, the way it comes there.
fn in_state(state: WorkState) -> Work {
    let active = || {
        let starting = work().acknowledged(T).unwrap();
        starting.beaten(&beat(NO_HEARTBEAT), T).unwrap().work
    };
    match state {
        Queued => work(),
        Starting => work().acknowledged(T).unwrap(),
        Active => active(),
        Stopping => active().stopped(false, T).unwrap(),
        Stopped => active().stopped(true, T).unwrap(),
    }
}

/// The state after something was done, or the status of the error.
fn then(state: WorkState, what: &str) -> Result<WorkState, u16> {
    let (work, now) = (in_state(state), at(10));
    let last = work.latest_heartbeat_at.map(|at| at.to_string()).unwrap_or_default();
    let done = match what {
        "ack" => work.acknowledged(now),
        "first beat" => work.beaten(&beat(NO_HEARTBEAT), now).map(|beat| beat.work),
        "next beat" => work.beaten(&beat(&last), now).map(|beat| beat.work),
        "any beat" => work.beaten(&Heartbeat::default(), now).map(|beat| beat.work),
        "stop" => work.stopped(false, now),
        "force" => work.stopped(true, now),
        "lease over" => Ok(work.settled(at(300_000))),
        _ => work.reserved(now, 5_000).ok_or_else(|| crate::ApiError::conflict("taken")),
    };
    done.map(|work| work.state).map_err(|error| error.status)
}

#[test]
fn every_state_answers_everything_as_the_table_says() {
    let doings = ["poll", "ack", "first beat", "next beat", "any beat", "stop", "force"];
    let table = [
        (
            Queued,
            [Ok(Queued), Ok(Starting), Err(412), Err(412), Err(412), Ok(Stopped), Ok(Stopped)],
        ),
        (
            Starting,
            [Err(409), Ok(Starting), Ok(Active), Err(412), Ok(Active), Ok(Stopping), Ok(Stopped)],
        ),
        (Active, [Err(409), Err(409), Err(412), Ok(Active), Ok(Active), Ok(Stopping), Ok(Stopped)]),
        (
            Stopping,
            [
                Err(409),
                Err(409),
                Ok(Stopping),
                Ok(Stopping),
                Ok(Stopping),
                Ok(Stopping),
                Ok(Stopped),
            ],
        ),
        (Stopped, [Err(409), Err(409), Ok(Stopped), Ok(Stopped), Ok(Stopped), Err(409), Err(409)]),
    ];
    for (state, row) in table {
        for (what, expected) in doings.iter().zip(row) {
            assert_eq!(then(state, what), expected, "{state:?}: {what}");
        }
    }
    let over = [(Queued, Queued), (Starting, Queued), (Active, Queued), (Stopping, Stopped)];
    for (state, expected) in over {
        assert_eq!(then(state, "lease over"), Ok(expected), "{state:?}");
    }
}

#[test]
fn an_item_is_given_to_one_worker_until_it_may_be_reclaimed() {
    let reserved = work().reserved(at(0), 5_000).unwrap();
    assert!(reserved.clone().reserved(at(4_999), 5_000).is_none());
    assert!(reserved.clone().reserved(at(5_000), 5_000).is_some());
    assert!(reserved.reserved(at(100), 100).is_some());
}

#[test]
fn a_lease_that_ran_out_is_another_workers() {
    let active = in_state(Active);
    let mine = active.latest_heartbeat_at.unwrap().to_string();
    assert!(active.clone().beaten(&beat(&mine), at(299_999)).is_ok());
    let error = active.clone().beaten(&beat(&mine), at(300_000)).unwrap_err();
    let current = &error.fields["details"]["current_state"];
    assert_eq!(current["state"], "queued");
    assert_eq!(current["last_heartbeat"], json!(null));
    assert_eq!(current["lease_extended"], false);
    assert_eq!(error.fields["details"]["error_code"], "heartbeat_precondition_failed");
    let again = active.reserved(at(300_000), 5_000).unwrap();
    assert_eq!((again.acknowledged_at, again.started_at), (None, None));
}

#[test]
fn a_heartbeat_is_like_none_before_even_in_the_same_millisecond() {
    let first = in_state(Active);
    let last = first.latest_heartbeat_at.unwrap();
    let second = first.beaten(&beat(&last.to_string()), T).unwrap().work;
    assert!(second.latest_heartbeat_at.unwrap() > last);
    assert_eq!(second.beaten(&beat(&last.to_string()), T).unwrap_err().status, 412);
}

#[test]
fn a_lease_lasts_as_long_as_its_worker_asked() {
    let asked = Heartbeat { expected: None, ttl_seconds: Some(10) };
    let beat = in_state(Starting).beaten(&asked, T).unwrap();
    assert_eq!(beat.to_object()["ttl_seconds"], 10);
    assert_eq!(beat.work.clone().settled(at(9_999)).state, Active);
    assert_eq!(beat.work.settled(at(10_000)).state, Queued);
}

#[test]
fn a_heartbeat_of_what_stops_says_so_and_extends_nothing() {
    let answer = in_state(Stopping).beaten(&beat("whatever"), at(9)).unwrap().to_object();
    assert_eq!((&answer["state"], &answer["lease_extended"]), (&json!("stopping"), &json!(false)));
    let never = work().stopped(true, T).unwrap().beaten(&beat("x"), T).unwrap();
    assert_eq!(never.to_object()["last_heartbeat"], "");
}

#[test]
fn what_workers_give_back_comes_later_each_time_and_in_the_end_no_more() {
    let (mut work, mut waits) = (work(), Vec::new());
    while let Some(next) = work.again(WorkId::parse("work_01B").unwrap(), T) {
        assert!(!next.is_ready(T, 0));
        waits.push(next.ready_at.as_millis() - T.as_millis());
        work = next;
    }
    assert_eq!(waits, [1_000, 2_000, 4_000, 8_000, 16_000]);
}

#[test]
fn the_object_is_the_apis_and_shows_no_more() {
    let object = work().to_object(None);
    let expected = json!({
        "id": "work_01A", "type": "work", "environment_id": "env_01A", "state": "queued",
        "data": {"type": "session", "id": "sesn_01A"}, "metadata": {}, "secret": null,
        "created_at": T, "acknowledged_at": null, "started_at": null,
        "latest_heartbeat_at": null, "stop_requested_at": null, "stopped_at": null,
    });
    assert_eq!(object, expected);
}

#[test]
fn the_queue_counts_what_waits_and_what_is_not_acknowledged() {
    let items = [work(), work().reserved(at(1), 5_000).unwrap(), in_state(Active)];
    let stats = stats(&items, at(2), 3);
    assert_eq!(stats["depth"], 1);
    assert_eq!(stats["pending"], 1);
    assert_eq!(stats["oldest_queued_at"], json!(T));
    assert_eq!(stats["workers_polling"], 3);
    assert_eq!(super::stats(&[], T, 0)["oldest_queued_at"], json!(null));
}

#[test]
fn a_poll_waits_less_than_a_second_and_a_worker_asks_for_a_lease_in_bounds() {
    let poll = |raw: &str| PollWork::read(&mut Query::parse(raw).unwrap());
    assert_eq!(poll("").unwrap(), PollWork { block_ms: 0, reclaim_ms: 5_000 });
    assert_eq!(poll("block_ms=999&reclaim_older_than_ms=1").unwrap().block_ms, 999);
    for wrong in ["block_ms=0", "block_ms=1000", "block_ms=x", "reclaim_older_than_ms=-1", "x=1"] {
        assert!(poll(wrong).is_err(), "{wrong}");
    }
    let beat = |raw: &str| Heartbeat::read(&mut Query::parse(raw).unwrap());
    assert_eq!(beat("desired_ttl_seconds=3600").unwrap().ttl_seconds, Some(3_600));
    for wrong in ["desired_ttl_seconds=0", "desired_ttl_seconds=3601"] {
        assert!(beat(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn metadata_is_changed_key_by_key() {
    let update = |text: &str| read::body::<UpdateWork>(text.as_bytes()).unwrap();
    let noted = work().noted(update(r#"{"metadata":{"a":"1","b":"2"}}"#)).unwrap();
    let noted = noted.noted(update(r#"{"metadata":{"a":null}}"#)).unwrap();
    assert_eq!(noted.metadata, Metadata::from([("b".to_owned(), "2".to_owned())]));
    let long = format!(r#"{{"metadata":{{"{}":"1"}}}}"#, "k".repeat(65));
    assert!(noted.noted(update(&long)).is_err());
}

/// What may happen to an item that two workers want.
#[derive(Debug, Clone, Copy)]
enum Doing {
    Poll,
    Ack,
    Beat(usize),
    Stop(bool),
    Wait(u64),
}

fn doings() -> impl Strategy<Value = Vec<Doing>> {
    let doing = prop_oneof![
        Just(Doing::Poll),
        Just(Doing::Ack),
        (0..2_usize).prop_map(Doing::Beat),
        (0..2_usize).prop_map(Doing::Beat),
        any::<bool>().prop_map(Doing::Stop),
        (0..200_000_u64).prop_map(Doing::Wait),
    ];
    proptest::collection::vec(doing, 0..60)
}

proptest! {
    #[test]
    fn a_lease_is_never_two_workers(doings in doings()) {
        let (mut work, mut now) = (work(), T);
        let mut last = [NO_HEARTBEAT.to_owned(), NO_HEARTBEAT.to_owned()];
        // Who has the lease, and until when.
        let mut held: Option<(usize, Timestamp)> = None;
        for doing in doings {
            let before = work.clone();
            let after = match doing {
                Doing::Wait(millis) => {
                    now = Timestamp(now.as_millis() + millis);
                    Ok(work.clone().settled(now))
                }
                Doing::Poll => work.clone().reserved(now, 5_000).ok_or(()),
                Doing::Ack => work.clone().acknowledged(now).map_err(drop),
                Doing::Stop(force) => work.clone().stopped(force, now).map_err(drop),
                Doing::Beat(who) => work.clone().beaten(&beat(&last[who]), now).map_err(drop).map(
                    |beat| {
                        if beat.extended {
                            if let Some((other, until)) = held {
                                assert!(other == who || until <= now, "two workers");
                            }
                            held = beat.work.lease_until.map(|until| (who, until));
                        }
                        last[who] = beat.work.latest_heartbeat_at.unwrap_or(T).to_string();
                        beat.work
                    },
                ),
            };
            work = after.unwrap_or(work);
            // What is over stays over, and nothing has a lease that nobody could hold.
            prop_assert!(before.state != Stopped || work.state == Stopped);
            let leased = matches!(work.state, Starting | Active | Stopping);
            prop_assert_eq!(work.lease_until.is_some(), leased);
        }
    }
}
