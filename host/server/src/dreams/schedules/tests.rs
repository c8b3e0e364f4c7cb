use lucid_core::{Clock as _, ReviewPolicy, Schedule, ScheduleId, Timestamp};
use lucid_runtime::{Runtime, SystemClock};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::*;
use crate::documents::New;
use crate::testing::TestServer;
use crate::workspaces::{folder, named};

/// How soon it is tried again to be the scheduler.
const SOON: Duration = Duration::from_millis(5);

/// A server whose configuration is this, and what it tells whoever runs it.
async fn server(sections: &str) -> (TestServer, mpsc::Receiver<String>) {
    let (sender, lines) = mpsc::channel(64);
    let log = Log::new(move |_, line| drop(sender.try_send(line.to_owned())));
    let sections = sections.to_owned();
    let change = |options: &mut crate::app::ServerOptions| {
        (options.sections, options.log) = (sections, log);
    };
    (TestServer::with(change).await, lines)
}

/// The next line that is told and has these words.
async fn told(lines: &mut mpsc::Receiver<String>, words: &str) -> String {
    loop {
        let line = lines.recv().await.unwrap();
        if line.contains(words) {
            return line;
        }
    }
}

/// A memory store of the default workspace.
async fn memory_store(server: &TestServer) -> MemoryStoreId {
    let (status, store) = server.post("/v1/memory_stores", json!({"name": "Notes"})).await;
    assert_eq!(status, 200, "{store}");
    MemoryStoreId::parse(store["id"].as_str().unwrap()).unwrap()
}

/// A schedule that was due an hour ago, of a strategy that is not there, in a place without
/// sessions: whoever runs it takes its time and says that it cannot dream.
async fn overdue(
    runtime: &Runtime,
    id: &str,
    memory_store: &MemoryStoreId,
    policy: ReviewPolicy,
) -> Schedule {
    let hour_ago = SystemClock::default().now().as_millis() - 3_600_000;
    let schedule = Schedule {
        id: ScheduleId::parse(id).unwrap(),
        memory_store: memory_store.clone(),
        strategy: "nobody".to_owned(),
        instructions: String::new(),
        cron: "@weekly".to_owned(),
        time_zone: "UTC".to_owned(),
        policy,
        mission: None,
        last_n: None,
        min_new: 0,
        paused: false,
        jitter_ms: 0,
        last_run_at: None,
        next_run_at: Some(Timestamp(hour_ago)),
    };
    runtime.store.put_schedule(&schedule).await.unwrap();
    schedule
}

/// A schedule as it is now.
async fn now(runtime: &Runtime, schedule: &Schedule) -> Schedule {
    runtime.store.schedule(&schedule.id).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_server_runs_the_schedules_of_all_its_workspaces_until_it_stops() {
    let (server, mut lines) = server("").await;
    let (spaces, state) = (&server.app.spaces, &server.app.options.state);
    let own = &spaces.default.runtime;
    let other = named(own.store.as_ref(), "other").await.unwrap();
    let beside = own.beside(folder(state, &other.id)).unwrap();
    let texts = std::collections::BTreeMap::new();
    let store = beside.import_memory_store("notes", "", texts).await.unwrap().id;
    let second = overdue(&beside, "dsch_01b", &store, ReviewPolicy::Review).await;
    let first = overdue(own, "dsch_01a", &memory_store(&server).await, ReviewPolicy::Review).await;
    spaces.start().await.unwrap();
    // They are two schedulers, in no order.
    let mut failed = [told(&mut lines, "dsch_01").await, told(&mut lines, "dsch_01").await];
    failed.sort();
    assert!(failed[0].contains("dsch_01a") && failed[1].contains("dsch_01b"), "{failed:?}");
    for (runtime, schedule) in [(own, &first), (&beside, &second)] {
        let now = now(runtime, schedule).await;
        assert!(now.last_run_at.is_some() && now.next_run_at > now.last_run_at, "{now:?}");
        assert!(Scheduler::new(runtime).is_err(), "the server is");
    }
    server.app.stopping.cancel();
    spaces.stop().await;
    for runtime in [own, &beside] {
        assert!(Scheduler::new(runtime).is_ok(), "somebody else can be from now on");
    }
}

#[tokio::test]
async fn a_server_that_leaves_schedules_to_somebody_else_runs_none() {
    let (server, _lines) = server("[dreams]\nschedules = false\n").await;
    let space = &server.app.spaces.default;
    let store = memory_store(&server).await;
    let schedule = overdue(&space.runtime, "dsch_01a", &store, ReviewPolicy::Review).await;
    let theirs = Scheduler::new(&space.runtime).unwrap();
    // It ends by itself: nobody told it to stop.
    run(space.clone(), CancellationToken::new()).await;
    assert_eq!(now(&space.runtime, &schedule).await, schedule);
    drop(theirs);
}

#[tokio::test]
async fn a_schedule_decides_no_more_than_whoever_runs_the_server_lets_it() {
    let (server, mut lines) = server("[dreams]\npolicy = \"review\"\n").await;
    let space = &server.app.spaces.default;
    let store = memory_store(&server).await;
    // As somebody who has the folder writes them down, whatever the server says.
    let auto = overdue(&space.runtime, "dsch_01a", &store, ReviewPolicy::Auto).await;
    let review = overdue(&space.runtime, "dsch_01b", &store, ReviewPolicy::Review).await;
    let stopping = CancellationToken::new();
    let running = tokio::spawn(run(space.clone(), stopping.clone()));
    let line = told(&mut lines, "dsch_01a").await;
    assert!(line.contains("a person decides"), "{line}");
    // The other had its time taken: less can always be asked for.
    told(&mut lines, "dsch_01b").await;
    stopping.cancel();
    running.await.unwrap();
    let (auto, review) = (now(&space.runtime, &auto).await, now(&space.runtime, &review).await);
    let moment = SystemClock::default().now();
    assert!(auto.last_run_at.is_none() && auto.next_run_at > Some(moment), "{auto:?}");
    assert!(review.last_run_at.is_some(), "{review:?}");
    assert!(space.runtime.store.dreams().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_schedule_of_a_store_that_is_archived_or_gone_dreams_of_nothing() {
    let (server, mut lines) = server("").await;
    let space = &server.app.spaces.default;
    let archived = memory_store(&server).await;
    let archive = format!("/v1/memory_stores/{archived}/archive");
    assert_eq!(server.post(&archive, Value::Null).await.0, 200);
    let gone = MemoryStoreId::parse("memstore_01gone").unwrap();
    let first = overdue(&space.runtime, "dsch_01a", &archived, ReviewPolicy::Review).await;
    let second = overdue(&space.runtime, "dsch_01b", &gone, ReviewPolicy::Review).await;
    let stopping = CancellationToken::new();
    let running = tokio::spawn(run(space.clone(), stopping.clone()));
    let line = told(&mut lines, "dsch_01a").await;
    assert!(line.contains("archived"), "{line}");
    let line = told(&mut lines, "dsch_01b").await;
    assert!(line.contains(gone.as_str()), "{line}");
    stopping.cancel();
    running.await.unwrap();
    for schedule in [first, second] {
        let now = now(&space.runtime, &schedule).await;
        assert_eq!(now.last_run_at, None, "{now:?}");
    }
}

#[tokio::test]
async fn where_another_process_runs_the_schedules_the_server_waits_for_its_end() {
    let (server, mut lines) = server("").await;
    let space = &server.app.spaces.default;
    let store = memory_store(&server).await;
    overdue(&space.runtime, "dsch_01a", &store, ReviewPolicy::Review).await;
    let theirs = Scheduler::new(&space.runtime).unwrap();
    let stopping = CancellationToken::new();
    let running = tokio::spawn(keep(space.clone(), stopping.clone(), SOON));
    let line = told(&mut lines, "another process").await;
    assert!(line.contains("tried again"), "{line}");
    drop(theirs);
    // It says once why it waits, however often it tries.
    while let Some(line) = lines.recv().await {
        assert!(!line.contains("another process"), "{line}");
        if line.contains("dsch_01a") {
            break;
        }
    }
    stopping.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_dream_is_run_by_the_server_or_by_its_scheduler_and_never_by_both() {
    let (server, _lines) = server("").await;
    let space = &server.app.spaces.default;
    let place = Serving(space.clone());
    let id = |name: &str| DreamId::parse(&format!("drm_01{name}")).unwrap();
    // What waits for its turn with the server.
    let turn = space.dreams.started.begin(&id("a")).unwrap();
    assert!(place.take(&id("a")).await.unwrap().is_none());
    turn.end(None);
    // What was asked for over the server, and is gone on with by its next start.
    let (created_at, value) = (space.clock.now(), &json!({}));
    let noted = New { id: "drm_01b", parent: None, key: None, created_at, value };
    space.create(super::super::DREAM, noted).await.unwrap();
    assert!(place.take(&id("b")).await.unwrap().is_none());
    // All else is the scheduler's, until it has ended; nobody can have it run meanwhile.
    let taken = place.take(&id("c")).await.unwrap().unwrap();
    assert!(space.dreams.started.has(&id("c")));
    assert!(space.dreams.started.begin(&id("c")).is_none());
    taken(Some(Failure::failed("the disk is full")));
    assert!(!space.dreams.started.has(&id("c")));
    assert_eq!(space.dreams.started.failure(&id("c")).unwrap().message, "the disk is full");
    // One that it leaves is over as well: nobody is to wait for it.
    drop(place.take(&id("d")).await.unwrap().unwrap());
    assert!(!space.dreams.started.has(&id("d")));
    assert!(space.dreams.started.failure(&id("d")).is_some());
}
