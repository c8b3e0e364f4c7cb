//! The event log.

use std::sync::Arc;

use lucid_core::{EventRecord, FailureKind, SessionId, ThreadId, Timestamp};
use lucid_store::{PAGE_BYTES_MAX, Store};

use crate::kit::{event, log, message, session};

pub(crate) async fn acknowledged_events_are_dense_and_in_order(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    let events: Vec<_> = (0..10).map(|number| message(&number.to_string())).collect();
    assert_eq!(store.append_events(&id, 0, vec![]).await, Ok(0));
    assert_eq!(store.append_events(&id, 0, events[..3].to_vec()).await, Ok(3));
    assert_eq!(store.append_events(&id, 0, events[3..].to_vec()).await, Ok(10));
    let read = store.events(&id, None, 100).await.unwrap();
    assert_eq!(read, (0..).zip(events).collect::<Vec<_>>());
}

pub(crate) async fn bodies_come_back_byte_for_byte(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    let bodies = [
        r#"{"b":1.0,"a":1e400,"a":2,"z":"\u0000\ud83d\ude80 \/"}"#.to_owned(),
        "{\"emoji\":\"\u{1F680}\u{200D}e\u{301}\"}".to_owned(),
        "{ \"spaces\" :\t1 }\r\n".to_owned(),
        "not JSON, with a \0 in it".to_owned(),
        String::new(),
        format!("{{\"long\":\"{}\"}}", "é".repeat(1 << 19)),
    ];
    let mut events: Vec<EventRecord> =
        bodies.iter().map(|body| event("lucid.log", body, 1)).collect();
    events[1].thread_id = ThreadId::parse("sthr_01abc");
    store.append_events(&id, 0, events.clone()).await.unwrap();
    assert_eq!(log(&*store, &id).await, events);
    let last = events.last().unwrap();
    assert_eq!(store.event(&id, &last.id).await.unwrap().as_ref(), Some(last));
}

pub(crate) async fn events_are_read_in_pages(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    let events: Vec<_> = (0..7).map(|number| message(&number.to_string())).collect();
    store.append_events(&id, 0, events.clone()).await.unwrap();
    let mut read = Vec::new();
    let mut after = None;
    loop {
        let page = store.events(&id, after, 3).await.unwrap();
        assert!(page.len() <= 3);
        let Some((seq, _)) = page.last() else { break };
        after = Some(*seq);
        read.extend(page.into_iter().map(|(_, event)| event));
    }
    assert_eq!(read, events);
    assert_eq!(store.events(&id, None, 0).await, Ok(vec![]));
    assert_eq!(store.events(&id, Some(u32::MAX), 3).await, Ok(vec![]));
    let unknown = SessionId::parse("sesn_01unknown").unwrap();
    assert_eq!(store.events(&unknown, None, 3).await, Ok(vec![]));
}

pub(crate) async fn a_page_of_large_events_ends_early_and_never_before_the_first(
    store: Arc<dyn Store>,
) {
    let id = session(&*store).await;
    // Two of them do not make a page, and three do; the fourth alone does.
    let sizes = [PAGE_BYTES_MAX / 5 * 2, PAGE_BYTES_MAX / 5 * 2, PAGE_BYTES_MAX / 5 * 2];
    let sizes = sizes.into_iter().chain([PAGE_BYTES_MAX + 1, 1]);
    let events: Vec<_> = sizes.map(|size| event("lucid.log", &"a".repeat(size), 1)).collect();
    for event in &events {
        store.append_events(&id, 0, vec![event.clone()]).await.unwrap();
    }
    let (mut read, mut pages) = (Vec::new(), Vec::new());
    while read.len() < events.len() {
        let after = u32::try_from(read.len()).unwrap().checked_sub(1);
        let page = store.events(&id, after, 100).await.unwrap();
        assert!(!page.is_empty(), "only the end of a log is an empty page");
        pages.push(page.len());
        read.extend(page.into_iter().map(|(_, event)| event));
    }
    assert_eq!(pages, [3, 1, 1]);
    assert!(read == events);
    assert_eq!(store.events(&id, Some(4), 100).await, Ok(vec![]));
    assert_eq!(store.events(&id, Some(0), 1).await.unwrap().len(), 1);
}

pub(crate) async fn an_event_is_found_by_its_id_in_its_session_only(store: Arc<dyn Store>) {
    let (one, other) = (session(&*store).await, session(&*store).await);
    let event = message("here");
    store.append_events(&one, 0, vec![message("first"), event.clone()]).await.unwrap();
    assert_eq!(store.event(&one, &event.id).await, Ok(Some(event.clone())));
    assert_eq!(store.event(&other, &event.id).await, Ok(None));
}

pub(crate) async fn a_failed_append_leaves_nothing_behind(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    let first = message("first");
    store.append_events(&id, 0, vec![first.clone()]).await.unwrap();
    let twice = message("twice");
    for events in [vec![message("new"), first.clone()], vec![twice.clone(), twice]] {
        let failure = store.append_events(&id, 0, events).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Invalid, "{failure}");
    }
    assert_eq!(log(&*store, &id).await, std::slice::from_ref(&first));
    assert_eq!(store.append_events(&id, 0, vec![message("next")]).await, Ok(2));
}

pub(crate) async fn nothing_is_appended_to_a_session_that_is_not_there(store: Arc<dyn Store>) {
    let unknown = SessionId::parse("sesn_01unknown").unwrap();
    let failure = store.append_events(&unknown, 0, vec![message("x")]).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid);
    assert!(failure.message.contains("sesn_01unknown"), "{failure}");
}

pub(crate) async fn concurrent_appends_to_many_sessions_all_arrive(store: Arc<dyn Store>) {
    let tasks: Vec<_> = (0..25)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let id = session(&*store).await;
                let mut sent = Vec::new();
                for number in 0..20_u32 {
                    let events = vec![message(&number.to_string()), message("more")];
                    sent.extend(events.clone());
                    let next = store.append_events(&id, 0, events).await;
                    assert_eq!(next, Ok(2 * number + 2));
                    // Failures among them spoil nothing.
                    let again = store.append_events(&id, 0, vec![sent[0].clone()]).await;
                    assert_eq!(again.unwrap_err().kind, FailureKind::Invalid);
                }
                (id, sent)
            })
        })
        .collect();
    for task in tasks {
        let (id, sent) = task.await.unwrap();
        assert_eq!(log(&*store, &id).await, sent);
    }
}

pub(crate) async fn concurrent_appends_to_one_session_stay_whole(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    let tasks: Vec<_> = (0..20)
        .map(|task| {
            let (store, id) = (Arc::clone(&store), id.clone());
            let events = (0..5).map(|number| message(&format!("{task}.{number}"))).collect();
            tokio::spawn(async move { store.append_events(&id, 0, events).await.unwrap() })
        })
        .collect();
    let mut nexts = Vec::new();
    for task in tasks {
        nexts.push(task.await.unwrap());
    }
    nexts.sort_unstable();
    assert_eq!(nexts, (1..=20).map(|append| append * 5).collect::<Vec<u32>>());
    let bodies: Vec<_> = log(&*store, &id).await.into_iter().map(|event| event.body).collect();
    for append in bodies.chunks(5) {
        let task = append[0].split('.').next().unwrap();
        for (number, body) in append.iter().enumerate() {
            assert!(body.starts_with(task) && body.contains(&format!(".{number}\"")), "{body}");
        }
    }
}

pub(crate) async fn an_acknowledged_append_is_seen_at_once(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    for count in 1..=50 {
        let event = message("now");
        store.append_events(&id, 0, vec![event.clone()]).await.unwrap();
        assert_eq!(store.event(&id, &event.id).await, Ok(Some(event)));
        let summary = store.session_summary(&id).await.unwrap().unwrap();
        assert_eq!(summary.events, count);
    }
}

pub(crate) async fn posted_and_appended_events_are_numbered_together(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    let events: Vec<_> = (0..6).map(|number| message(&number.to_string())).collect();
    let epoch = store.claim(&id, "a", Timestamp(100), Timestamp(0)).await.unwrap().unwrap();
    assert_eq!(store.append_events(&id, epoch, events[..2].to_vec()).await, Ok(2));
    assert_eq!(store.post_events(&id, events[2..4].to_vec()).await, Ok(4));
    assert_eq!(store.post_events(&id, vec![]).await, Ok(4));
    assert_eq!(store.append_events(&id, epoch, events[4..].to_vec()).await, Ok(6));
    let read = store.events(&id, None, 100).await.unwrap();
    assert_eq!(read, (0..).zip(events).collect::<Vec<_>>());
}

pub(crate) async fn a_failed_post_leaves_nothing_behind(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    let first = message("first");
    store.post_events(&id, vec![first.clone()]).await.unwrap();
    let failure = store.post_events(&id, vec![message("new"), first.clone()]).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid, "{failure}");
    assert_eq!(log(&*store, &id).await, [first]);
    let unknown = SessionId::parse("sesn_01unknown").unwrap();
    let failure = store.post_events(&unknown, vec![message("x")]).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid);
    assert!(failure.message.contains("sesn_01unknown"), "{failure}");
}

pub(crate) async fn an_archived_session_takes_no_posts_and_its_owner_still_appends(
    store: Arc<dyn Store>,
) {
    let id = session(&*store).await;
    let epoch = store.claim(&id, "a", Timestamp(100), Timestamp(0)).await.unwrap().unwrap();
    for kind in ["session.status_running", "session.status_idle", "session.status_rescheduled"] {
        store.append_events(&id, epoch, vec![event(kind, "{}", 1)]).await.unwrap();
        store.post_events(&id, vec![message("welcome")]).await.unwrap();
    }
    // The status that another thread has is not the session's.
    let thread = event("session.thread_status_terminated", "{}", 1);
    store.append_events(&id, epoch, vec![thread]).await.unwrap();
    store.post_events(&id, vec![message("welcome")]).await.unwrap();
    let end = vec![event("session.status_terminated", "{}", 2), message("behind it")];
    store.append_events(&id, epoch, end).await.unwrap();
    let before = log(&*store, &id).await;
    for events in [vec![message("late")], vec![]] {
        let failure = store.post_events(&id, events).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Invalid);
        let expected = format!("session {id} is archived and takes nothing more");
        assert_eq!(failure.message, expected);
        assert!(failure.hint.is_some());
    }
    assert_eq!(log(&*store, &id).await, before);
    let head = u32::try_from(before.len()).unwrap();
    assert_eq!(store.append_events(&id, epoch, vec![message("usage")]).await, Ok(head + 1));
}

pub(crate) async fn the_head_is_how_many_events_there_are(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    assert_eq!(store.head(&id).await, Ok(Some(0)));
    store.append_events(&id, 0, vec![message("a"), message("b")]).await.unwrap();
    assert_eq!(store.head(&id).await, Ok(Some(2)));
    store.post_events(&id, vec![message("c")]).await.unwrap();
    assert_eq!(store.head(&id).await, Ok(Some(3)));
    let unknown = SessionId::parse("sesn_01unknown").unwrap();
    assert_eq!(store.head(&unknown).await, Ok(None));
}

pub(crate) async fn posting_while_another_appends_loses_nothing(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    let epoch = store.claim(&id, "a", Timestamp(100), Timestamp(0)).await.unwrap().unwrap();
    let write = |who: &'static str, number: u32| {
        let (store, id) = (Arc::clone(&store), id.clone());
        tokio::spawn(async move {
            for count in 0..20 {
                let event = vec![message(&format!("{who}.{number}.{count}"))];
                let next = match who {
                    "owner" => store.append_events(&id, epoch, event.clone()).await,
                    _ => store.post_events(&id, event.clone()).await,
                };
                // Whoever wrote sees it at once, under the number that was given.
                let behind = next.unwrap().checked_sub(2);
                let read = store.events(&id, behind, 1).await.unwrap();
                assert_eq!(read[0].1, event[0]);
            }
        })
    };
    let tasks = [write("owner", 0), write("people", 1), write("people", 2), write("people", 3)];
    for task in tasks {
        task.await.unwrap();
    }
    let read = store.events(&id, None, u32::MAX).await.unwrap();
    assert!(read.iter().map(|(number, _)| *number).eq(0..80));
    for who in ["owner.0", "people.1", "people.2", "people.3"] {
        // Each one's events, in the order in which they were sent.
        let of_one: Vec<_> = read.iter().filter(|(_, event)| event.body.contains(who)).collect();
        assert_eq!(of_one.len(), 20);
        for (count, (_, event)) in of_one.iter().enumerate() {
            assert!(event.body.contains(&format!("{who}.{count}\"")), "{}", event.body);
        }
    }
}
