//! Who may append.

use std::sync::Arc;

use lucid_core::{FailureKind, SessionId, Timestamp};
use lucid_store::{Lease, Store};

use crate::kit::{log, message, session};

async fn claim(
    store: &dyn Store,
    id: &SessionId,
    owner: &str,
    (until, now): (u64, u64),
) -> Option<u64> {
    store.claim(id, owner, Timestamp(until), Timestamp(now)).await.unwrap()
}

async fn take_over(
    store: &dyn Store,
    id: &SessionId,
    (owner, from): (&str, &str),
    (until, now): (u64, u64),
) -> Option<u64> {
    store.take_over(id, owner, from, Timestamp(until), Timestamp(now)).await.unwrap()
}

pub(crate) async fn a_session_nobody_claimed_takes_epoch_zero_only(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    assert_eq!(store.append_events(&id, 0, vec![message("x")]).await, Ok(1));
    assert!(store.append_events(&id, 1, vec![message("x")]).await.is_err());
    let epoch = claim(&*store, &id, "a", (100, 0)).await.unwrap();
    assert!(epoch > 0);
    assert!(store.append_events(&id, 0, vec![message("x")]).await.is_err());
    assert_eq!(store.append_events(&id, epoch, vec![message("x")]).await, Ok(2));
}

pub(crate) async fn a_stale_epoch_cannot_append(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    let first = claim(&*store, &id, "a", (100, 0)).await.unwrap();
    assert_eq!(store.append_events(&id, first, vec![message("mine")]).await, Ok(1));
    let second = claim(&*store, &id, "b", (300, 100)).await.unwrap();
    assert!(second > first);
    let failure = store.append_events(&id, first, vec![message("late")]).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Failed);
    assert!(failure.message.contains("another process took over session"), "{failure}");
    assert_eq!(store.append_events(&id, second, vec![message("theirs")]).await, Ok(2));
    assert_eq!(log(&*store, &id).await.len(), 2);
}

pub(crate) async fn a_claim_keeps_others_out_until_it_ends(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    let epoch = claim(&*store, &id, "a", (100, 0)).await.unwrap();
    assert_eq!(claim(&*store, &id, "b", (200, 99)).await, None);
    assert_eq!(store.heartbeat(&id, epoch, Timestamp(150)).await, Ok(true));
    assert_eq!(claim(&*store, &id, "b", (200, 149)).await, None);
    assert!(claim(&*store, &id, "b", (200, 150)).await.is_some());
    let unknown = SessionId::parse("sesn_01unknown").unwrap();
    let failure = store.claim(&unknown, "a", Timestamp(1), Timestamp(0)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid);
}

pub(crate) async fn an_owner_takes_over_from_itself_at_once(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    let before = claim(&*store, &id, "a", (100, 0)).await.unwrap();
    let after = claim(&*store, &id, "a", (100, 1)).await.unwrap();
    assert!(after > before);
    assert!(store.append_events(&id, before, vec![message("ghost")]).await.is_err());
    assert_eq!(store.heartbeat(&id, before, Timestamp(500)).await, Ok(false));
    assert_eq!(store.append_events(&id, after, vec![message("x")]).await, Ok(1));
}

pub(crate) async fn a_lost_claim_has_no_heartbeat(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    assert_eq!(store.heartbeat(&id, 0, Timestamp(10)).await, Ok(false));
    let lost = claim(&*store, &id, "a", (100, 0)).await.unwrap();
    claim(&*store, &id, "b", (200, 100)).await.unwrap();
    assert_eq!(store.heartbeat(&id, lost, Timestamp(900)).await, Ok(false));
    // Giving back what is lost takes nothing from the new owner.
    store.release(&id, lost).await.unwrap();
    assert_eq!(claim(&*store, &id, "c", (300, 150)).await, None);
    let unknown = SessionId::parse("sesn_01unknown").unwrap();
    assert_eq!(store.heartbeat(&unknown, 0, Timestamp(10)).await, Ok(false));
}

pub(crate) async fn a_released_session_can_be_claimed(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    let first = claim(&*store, &id, "a", (1_000, 0)).await.unwrap();
    store.release(&id, first).await.unwrap();
    assert_eq!(store.heartbeat(&id, first, Timestamp(2_000)).await, Ok(false));
    let second = claim(&*store, &id, "b", (1_000, 1)).await.unwrap();
    assert!(second > first, "an epoch is never given twice");
}

pub(crate) async fn of_many_that_claim_at_once_one_gets_it(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    let tasks: Vec<_> = (0..20)
        .map(|owner| {
            let (store, id) = (Arc::clone(&store), id.clone());
            tokio::spawn(async move {
                claim(&*store, &id, &owner.to_string(), (100, 0)).await.is_some()
            })
        })
        .collect();
    let mut winners = 0;
    for task in tasks {
        winners += u32::from(task.await.unwrap());
    }
    assert_eq!(winners, 1);
}

pub(crate) async fn a_lease_says_who_has_claimed_a_session(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    assert_eq!(store.lease(&id).await, Ok(None));
    let epoch = claim(&*store, &id, "a", (100, 0)).await.unwrap();
    let lease = Lease { owner: "a".to_owned(), until: Timestamp(100), epoch };
    assert_eq!(store.lease(&id).await, Ok(Some(lease.clone())));
    store.heartbeat(&id, epoch, Timestamp(150)).await.unwrap();
    let later = Lease { until: Timestamp(150), ..lease };
    assert_eq!(store.lease(&id).await, Ok(Some(later)));
    store.release(&id, epoch).await.unwrap();
    assert_eq!(store.lease(&id).await, Ok(None));
    let unknown = SessionId::parse("sesn_01unknown").unwrap();
    assert_eq!(store.lease(&unknown).await, Ok(None));
}

pub(crate) async fn a_dead_owners_session_is_taken_over_at_once(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    let dead = claim(&*store, &id, "dead", (1_000, 0)).await.unwrap();
    assert_eq!(claim(&*store, &id, "b", (2_000, 1)).await, None);
    assert_eq!(take_over(&*store, &id, ("b", "another"), (2_000, 1)).await, None);
    let epoch = take_over(&*store, &id, ("b", "dead"), (2_000, 1)).await.unwrap();
    assert!(epoch > dead);
    let lease = Lease { owner: "b".to_owned(), until: Timestamp(2_000), epoch };
    assert_eq!(store.lease(&id).await, Ok(Some(lease)));
    assert_eq!(store.append_events(&id, epoch, vec![message("x")]).await, Ok(1));
    // Somebody who also saw it dead comes too late.
    assert_eq!(take_over(&*store, &id, ("c", "dead"), (2_000, 1)).await, None);
    assert_eq!(store.append_events(&id, epoch, vec![message("x")]).await, Ok(2));
    let unknown = SessionId::parse("sesn_01unknown").unwrap();
    let failure = store.take_over(&unknown, "b", "dead", Timestamp(1), Timestamp(0)).await;
    assert_eq!(failure.unwrap_err().kind, FailureKind::Invalid);
}

pub(crate) async fn what_a_claim_gets_a_take_over_gets_too(store: Arc<dyn Store>) {
    let free = session(&*store).await;
    assert!(take_over(&*store, &free, ("b", "dead"), (100, 0)).await.is_some());
    assert!(take_over(&*store, &free, ("b", "dead"), (100, 1)).await.is_some(), "its own");
    let past = session(&*store).await;
    claim(&*store, &past, "another", (50, 0)).await.unwrap();
    assert_eq!(take_over(&*store, &past, ("b", "dead"), (100, 49)).await, None);
    assert!(take_over(&*store, &past, ("b", "dead"), (100, 50)).await.is_some());
}

pub(crate) async fn a_zombie_can_do_nothing_after_a_take_over(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    let old = claim(&*store, &id, "zombie", (1_000, 0)).await.unwrap();
    store.append_events(&id, old, vec![message("alive")]).await.unwrap();
    let new = take_over(&*store, &id, ("b", "zombie"), (1_000, 1)).await.unwrap();
    let before = (log(&*store, &id).await, store.lease(&id).await.unwrap());
    let append = store.append_events(&id, old, vec![message("late")]).await.unwrap_err();
    let delete = store.delete_session(&id, old).await.unwrap_err();
    for failure in [append, delete] {
        assert_eq!(failure.kind, FailureKind::Failed);
        assert!(failure.message.contains("another process took over session"), "{failure}");
    }
    assert_eq!(store.heartbeat(&id, old, Timestamp(9_000)).await, Ok(false));
    store.release(&id, old).await.unwrap();
    assert_eq!((log(&*store, &id).await, store.lease(&id).await.unwrap()), before);
    assert_eq!(store.heartbeat(&id, new, Timestamp(2_000)).await, Ok(true));
    assert_eq!(store.append_events(&id, new, vec![message("mine")]).await, Ok(2));
    assert_eq!(store.delete_session(&id, new).await, Ok(()));
}

pub(crate) async fn of_many_that_take_over_at_once_one_gets_it(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    claim(&*store, &id, "dead", (1_000, 0)).await.unwrap();
    let tasks: Vec<_> = (0..20)
        .map(|owner| {
            let (store, id) = (Arc::clone(&store), id.clone());
            tokio::spawn(async move {
                let owner = owner.to_string();
                take_over(&*store, &id, (&owner, "dead"), (1_000, 1)).await.is_some()
            })
        })
        .collect();
    let mut winners = 0;
    for task in tasks {
        winners += u32::from(task.await.unwrap());
    }
    assert_eq!(winners, 1);
}
