use std::future::pending as for_ever;
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lucid_core::{MemoryStoreId, ReviewPolicy};
use tokio::sync::Notify;

use super::*;
use crate::schedule::tests::{asked, dream, overdue, plan, runtime, store};
use crate::schedule::{ScheduleAsked, SchedulerPlace, Taken};
use crate::state::Runtime;

/// How long a scheduler waits from one look to the next.
const SOON: Duration = Duration::from_millis(1);

/// A place whose store fails for a while: so often before it checks, and so often before it
/// takes.
struct Fails {
    checks: AtomicU32,
    takes: AtomicU32,
}

impl Fails {
    fn so_often(checks: u32, takes: u32) -> Arc<Self> {
        Arc::new(Self { checks: checks.into(), takes: takes.into() })
    }
}

fn count_down(left: &AtomicU32) -> Result<()> {
    let step = |left: u32| left.checked_sub(1);
    match left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, step) {
        Ok(_) => Err(Failure::failed("the disk is full")),
        Err(_) => Ok(()),
    }
}

#[async_trait::async_trait]
impl SchedulerPlace for Fails {
    async fn check(&self, _: &MemoryStoreId, _: ReviewPolicy) -> Result<()> {
        count_down(&self.checks)
    }

    async fn take(&self, _: &DreamId) -> Result<Option<Taken>> {
        count_down(&self.takes).map(|()| Some(Box::new(|_| ()) as Taken))
    }
}

/// What a scheduler tells of, in short.
fn short(note: &SchedulerNote<'_>) -> &'static str {
    match note {
        SchedulerNote::Started { .. } => "started",
        SchedulerNote::Waits { .. } => "waits",
        SchedulerNote::Began { .. } => "began",
        SchedulerNote::Ended { .. } => "ended",
        SchedulerNote::Failed { .. } => "failed",
        SchedulerNote::Stopped => "stopped",
        _ => "something else",
    }
}

/// A schedule whose time came an hour ago.
async fn due(runtime: &Runtime) -> Schedule {
    let any = ScheduleAsked { min_new: 0, ..asked(store(runtime).await) };
    let schedule = runtime.add_schedule(&any).await.unwrap();
    overdue(runtime, &schedule).await;
    runtime.store.schedule(&schedule.id).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_time_that_comes_while_the_store_fails_stays_due_until_it_works_and_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = runtime(folder.path());
    let schedule = due(&runtime).await;
    let told = Mutex::new(Vec::new());
    let tell = |note: SchedulerNote<'_>| told.lock().unwrap().push(short(&note));
    let mut once = Scheduler::within(&runtime, Fails::so_often(1, 0)).unwrap();
    once.run(true, for_ever(), &tell).await.unwrap();
    drop(once);
    assert_eq!(std::mem::take(&mut *told.lock().unwrap()), ["started", "waits", "stopped"]);
    let now = runtime.store.schedule(&schedule.id).await.unwrap().unwrap();
    assert_eq!(now, schedule, "it is due as it was");

    let (place, failed) = (Fails::so_often(3, 0), Notify::new());
    let tell = |note: SchedulerNote<'_>| {
        told.lock().unwrap().push(short(&note));
        if matches!(note, SchedulerNote::Failed { .. }) {
            failed.notify_one();
        }
    };
    let mut scheduler = Scheduler::within(&runtime, place.clone()).unwrap();
    scheduler.poll = SOON;
    scheduler.run(false, failed.notified(), &tell).await.unwrap();
    // It cannot dream at all: that is no failure of the store, and costs it this time.
    assert_eq!(told.into_inner().unwrap(), ["started", "waits", "failed", "stopped"]);
    assert_eq!(place.checks.load(Ordering::SeqCst), 0);
    let now = runtime.store.schedule(&schedule.id).await.unwrap().unwrap();
    assert!(now.next_run_at > schedule.next_run_at);
}

#[tokio::test]
async fn a_dream_that_cannot_begin_while_the_store_fails_begins_later_and_no_other_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = runtime(folder.path());
    let schedule = due(&runtime).await;
    let planned = dream(&schedule, DreamStatus::Pending);
    plan(&runtime, &planned).await;
    let told = Mutex::new(Vec::new());
    let tell = |note: SchedulerNote<'_>| told.lock().unwrap().push(short(&note));
    let mut scheduler = Scheduler::within(&runtime, Fails::so_often(0, 3)).unwrap();
    let mut stop = pin!(for_ever());
    assert!(!scheduler.begin(&schedule, &planned.id, Some(0), stop.as_mut(), &tell).await);
    for _ in 0..2 {
        assert!(!scheduler.settle(stop.as_mut(), &tell).await);
        let owed = scheduler.owed.get(&schedule.id).map(|(_, owed)| owed.clone());
        assert_eq!(owed, Some(Owed::Dream(planned.id.clone())));
        // Meanwhile its schedule asks for no other.
        assert!(scheduler.turn(stop.as_mut(), &tell).await.unwrap().is_none());
    }
    assert!(!scheduler.settle(stop.as_mut(), &tell).await);
    assert!(scheduler.owed.is_empty());
    assert_eq!(told.into_inner().unwrap(), ["waits", "ended"]);
    let dreams = runtime.store.dreams().await.unwrap();
    assert_eq!(dreams.len(), 1);
    assert_eq!(dreams[0].status, DreamStatus::Failed, "its strategy is no component");
}

#[tokio::test]
async fn a_dream_that_somebody_cancels_before_it_can_begin_does_not_begin() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = runtime(folder.path());
    let schedule = due(&runtime).await;
    let planned = dream(&schedule, DreamStatus::Pending);
    plan(&runtime, &planned).await;
    let mut scheduler = Scheduler::within(&runtime, Fails::so_often(0, 1)).unwrap();
    let mut stop = pin!(for_ever());
    scheduler.begin(&schedule, &planned.id, Some(0), stop.as_mut(), &|_| ()).await;
    runtime.cancel_dream(&planned.id).await.unwrap();
    assert!(!scheduler.settle(stop.as_mut(), &|note| panic!("{note:?}")).await);
    assert!(scheduler.owed.is_empty());
}
