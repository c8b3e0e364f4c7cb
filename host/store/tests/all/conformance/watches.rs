//! Who watches a session is told of what is added to it.

use std::future::ready;
use std::sync::Arc;

use lucid_store::Store;

use crate::kit::{event, log, message, session, session_of};

pub(crate) async fn every_write_that_adds_events_is_told_before_it_is_answered(
    store: Arc<dyn Store>,
) {
    let new = session_of(&[], 1);
    let mut head = store.watch(&new.id);
    assert_eq!((*head.borrow(), head.has_changed().unwrap()), (0, false));
    store.import_sessions(vec![(new.clone(), vec![message("a"), message("b")])]).await.unwrap();
    assert!(head.has_changed().unwrap());
    assert_eq!(*head.borrow_and_update(), 2);
    store.append_events(&new.id, 0, vec![message("c")]).await.unwrap();
    assert!(head.has_changed().unwrap());
    assert_eq!(*head.borrow_and_update(), 3);
    store.post_events(&new.id, vec![message("d"), message("e")]).await.unwrap();
    assert!(head.has_changed().unwrap());
    assert_eq!(*head.borrow_and_update(), 5);
    // A second one sees what the first one does.
    let other = store.watch(&new.id);
    store.post_events(&new.id, vec![message("f")]).await.unwrap();
    assert_eq!((*head.borrow(), *other.borrow()), (6, 6));
}

pub(crate) async fn only_the_session_that_is_watched_is_told_of(store: Arc<dyn Store>) {
    let (one, other) = (session(&*store).await, session(&*store).await);
    let head = store.watch(&one);
    store.append_events(&other, 0, vec![message("a")]).await.unwrap();
    let same = message("twice");
    assert!(store.append_events(&one, 0, vec![same.clone(), same]).await.is_err());
    assert!(store.append_events(&one, 7, vec![message("stale")]).await.is_err());
    assert!(store.delete_session(&one, 7).await.is_err());
    assert!(!head.has_changed().unwrap());
}

pub(crate) async fn a_write_that_nobody_waits_for_is_told_nevertheless(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    let mut head = store.watch(&id);
    // The write is on its way when it is given up.
    tokio::select! {
        biased;
        _ = store.post_events(&id, vec![message("a")]) => {}
        () = ready(()) => {}
    }
    head.changed().await.unwrap();
    assert_eq!(*head.borrow(), 1);
    assert_eq!(store.head(&id).await, Ok(Some(1)));
}

pub(crate) async fn who_watches_a_deleted_session_wakes_a_last_time(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    store.append_events(&id, 0, vec![message("a")]).await.unwrap();
    let mut head = store.watch(&id);
    let waiting = tokio::spawn(async move { (head.changed().await, head.changed().await) });
    store.delete_session(&id, 0).await.unwrap();
    let (last, gone) = waiting.await.unwrap();
    assert!(last.is_ok() && gone.is_err());
}

pub(crate) async fn an_id_that_is_used_again_can_be_watched_again(store: Arc<dyn Store>) {
    let session = session_of(&[], 1);
    store.create_session(&session).await.unwrap();
    let before = store.watch(&session.id);
    store.append_events(&session.id, 0, vec![message("a"), message("b")]).await.unwrap();
    store.delete_session(&session.id, 0).await.unwrap();
    store.create_session(&session).await.unwrap();
    let after = store.watch(&session.id);
    store.append_events(&session.id, 0, vec![message("c")]).await.unwrap();
    assert_eq!((*before.borrow(), *after.borrow()), (2, 1));
}

pub(crate) async fn who_watches_misses_nothing_while_many_write(store: Arc<dyn Store>) {
    const WRITERS: usize = 4;
    const POSTS: usize = 25;
    let id = session(&*store).await;
    let mut head = store.watch(&id);
    let reader = {
        let (store, id) = (Arc::clone(&store), id.clone());
        tokio::spawn(async move {
            let mut read = Vec::new();
            while read.len() < WRITERS * POSTS {
                let after = u32::try_from(read.len()).unwrap().checked_sub(1);
                let events = store.events(&id, after, 7).await.unwrap();
                if events.is_empty() {
                    head.changed().await.unwrap();
                }
                read.extend(events.into_iter().map(|(_, event)| event));
            }
            read
        })
    };
    let writers = (0..WRITERS).map(|_| {
        let (store, id) = (Arc::clone(&store), id.clone());
        tokio::spawn(async move {
            for _ in 0..POSTS {
                store.post_events(&id, vec![event("user.message", "{}", 1)]).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    assert_eq!(reader.await.unwrap(), log(&*store, &id).await);
}
