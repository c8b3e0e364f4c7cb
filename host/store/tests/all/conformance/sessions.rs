//! Sessions and their summaries.

use std::sync::Arc;

use lucid_core::{FailureKind, OutcomeResult, SessionId, SessionStatus, Timestamp};
use lucid_store::{SessionFilter, Store};

use crate::kit::{event, log, message, session, session_of};

pub(crate) async fn a_session_comes_back_as_it_was(store: Arc<dyn Store>) {
    let session = session_of(&[("lucid.task", "3"), ("quote\"", "$.x' --"), ("", "")], 7);
    store.create_session(&session).await.unwrap();
    assert_eq!(store.session(&session.id).await, Ok(Some(session.clone())));
    let summary = store.session_summary(&session.id).await.unwrap().unwrap();
    assert_eq!(summary.session, session);
    let unknown = SessionId::parse("sesn_01unknown").unwrap();
    assert_eq!(store.session(&unknown).await, Ok(None));
    assert_eq!(store.session_summary(&unknown).await, Ok(None));
}

pub(crate) async fn a_session_is_made_once(store: Arc<dyn Store>) {
    let first = session_of(&[("a", "1")], 7);
    store.create_session(&first).await.unwrap();
    let second = lucid_core::Session { title: "other".to_owned(), ..first.clone() };
    let failure = store.create_session(&second).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid);
    assert_eq!(store.session(&first.id).await, Ok(Some(first)));
}

pub(crate) async fn summaries_follow_the_log(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    let mut count = 0;
    let steps = [
        ("user.message", SessionStatus::Idle),
        ("session.status_running", SessionStatus::Running),
        ("session.thread_status_idle", SessionStatus::Running),
        ("session.status_idle", SessionStatus::Idle),
        ("session.status_running", SessionStatus::Running),
        ("session.status_rescheduled", SessionStatus::Rescheduling),
        ("session.status_running", SessionStatus::Running),
        ("session.status_terminated", SessionStatus::Terminated),
        ("agent.message", SessionStatus::Terminated),
    ];
    let fresh = store.session_summary(&id).await.unwrap().unwrap();
    assert_eq!((fresh.status, fresh.updated_at), (SessionStatus::Idle, Timestamp(1_000)));
    assert_eq!((fresh.outcome, fresh.events), (None, 0));
    for (kind, status) in steps {
        let time = 2_000 + u64::from(count);
        store.append_events(&id, 0, vec![event(kind, "{}", time)]).await.unwrap();
        count += 1;
        let summary = store.session_summary(&id).await.unwrap().unwrap();
        assert_eq!((summary.status, summary.events), (status, count), "{kind}");
        assert_eq!(summary.updated_at, Timestamp(time));
        let listed = store.sessions(&SessionFilter::default()).await.unwrap();
        assert_eq!(listed, [summary]);
    }
}

pub(crate) async fn the_last_evaluation_is_the_outcome(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    let steps = [
        (r#"{"result":"needs_revision"}"#, Some(OutcomeResult::NeedsRevision)),
        (r#"{"explanation":"\"result\"","result":"satisfied"}"#, Some(OutcomeResult::Satisfied)),
        (r#"{"result":"max_iterations_reached"}"#, Some(OutcomeResult::MaxIterationsReached)),
        (r#"{"result":"something new"}"#, None),
        (r#"{"result":"failed"}"#, Some(OutcomeResult::Failed)),
    ];
    for (body, outcome) in steps {
        let evaluation = event("span.outcome_evaluation_end", body, 5);
        store.append_events(&id, 0, vec![evaluation, message("after")]).await.unwrap();
        let summary = store.session_summary(&id).await.unwrap().unwrap();
        assert_eq!(summary.outcome, outcome, "{body}");
    }
}

pub(crate) async fn a_body_that_is_not_json_spoils_no_list(store: Arc<dyn Store>) {
    for body in ["", "{\"result\":", "[]", r#"{"result":7}"#] {
        let id = session(&*store).await;
        let evaluation = event("span.outcome_evaluation_end", body, 5);
        store.append_events(&id, 0, vec![evaluation]).await.unwrap();
    }
    let listed = store.sessions(&SessionFilter::default()).await.unwrap();
    assert_eq!(listed.len(), 4);
    assert!(listed.iter().all(|summary| summary.outcome.is_none()));
}

async fn ids(store: &dyn Store, filter: &SessionFilter) -> Vec<SessionId> {
    let listed = store.sessions(filter).await.unwrap();
    listed.into_iter().map(|summary| summary.session.id).collect()
}

pub(crate) async fn sessions_are_listed_in_order_and_in_pages(store: Arc<dyn Store>) {
    let mut sessions: Vec<_> =
        [30, 10, 20, 20, 20].map(|created_at| session_of(&[], created_at)).to_vec();
    for session in &sessions {
        store.create_session(session).await.unwrap();
    }
    sessions.sort_by_key(|session| (session.created_at, session.id.clone()));
    let mut expected: Vec<_> = sessions.into_iter().map(|session| session.id).collect();
    for newest_first in [false, true] {
        let all = SessionFilter { newest_first, ..SessionFilter::default() };
        assert_eq!(ids(&*store, &all).await, expected);
        let mut paged = Vec::new();
        loop {
            let after = paged.last().cloned();
            let page = SessionFilter { limit: Some(2), after, ..all.clone() };
            let page = ids(&*store, &page).await;
            assert!(page.len() <= 2);
            if page.is_empty() {
                break;
            }
            paged.extend(page);
        }
        assert_eq!(paged, expected);
        expected.reverse();
    }
}

pub(crate) async fn sessions_are_found_by_all_their_metadata(store: Arc<dyn Store>) {
    let both = session_of(&[("lucid.task", "1"), ("part", "train")], 1);
    let task = session_of(&[("lucid.task", "1"), ("part", "held-out")], 2);
    let part = session_of(&[("lucid.task", "2"), ("part", "train")], 3);
    for session in [&both, &task, &part] {
        store.create_session(session).await.unwrap();
    }
    let by = |pairs: &[(&str, &str)]| SessionFilter {
        metadata: pairs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
        ..SessionFilter::default()
    };
    let one = by(&[("lucid.task", "1")]);
    assert_eq!(ids(&*store, &one).await, [both.id.clone(), task.id.clone()]);
    let two = by(&[("lucid.task", "1"), ("part", "train")]);
    assert_eq!(ids(&*store, &two).await, std::slice::from_ref(&both.id));
    let behind = SessionFilter { after: Some(both.id), ..one };
    assert_eq!(ids(&*store, &behind).await, [task.id]);
    assert!(ids(&*store, &by(&[("part", "1")])).await.is_empty());
}

pub(crate) async fn sessions_are_found_that_do_not_rest(store: Arc<dyn Store>) {
    let logs: [(&[&str], bool); 6] = [
        (&[], false),
        (&["session.status_idle"], false),
        (&["user.message", "session.status_terminated"], false),
        (&["session.status_idle", "user.message"], true),
        (&["session.status_idle", "session.updated"], true),
        (&["session.status_running", "agent.message"], true),
    ];
    let (mut all, mut restless) = (Vec::new(), Vec::new());
    for (time, (kinds, listed)) in (0..).zip(logs) {
        let session = session_of(&[], time);
        store.create_session(&session).await.unwrap();
        let events = kinds.iter().map(|kind| event(kind, "{}", 5)).collect();
        store.append_events(&session.id, 0, events).await.unwrap();
        all.push(session.id.clone());
        restless.extend(listed.then_some(session.id));
    }
    assert_eq!(ids(&*store, &SessionFilter::default()).await, all);
    let filter = SessionFilter { restless: true, ..SessionFilter::default() };
    assert_eq!(ids(&*store, &filter).await, restless);
    let idle = SessionFilter { status: Some(SessionStatus::Idle), ..filter };
    assert_eq!(ids(&*store, &idle).await, restless[..2]);
}

pub(crate) async fn sessions_are_found_by_where_they_stand(store: Arc<dyn Store>) {
    use SessionStatus::{Idle, Rescheduling, Running, Terminated};
    let steps: [(&[&str], SessionStatus); 7] = [
        (&[], Idle),
        (&["user.message"], Idle),
        (&["session.status_running"], Running),
        (&["session.status_running", "session.status_idle", "agent.message"], Idle),
        (&["session.status_idle", "session.status_running", "agent.message"], Running),
        (&["session.status_running", "session.status_rescheduled"], Rescheduling),
        (&["session.status_running", "session.status_terminated"], Terminated),
    ];
    let mut expected = Vec::new();
    for (time, (kinds, status)) in (0..).zip(steps) {
        let session = session_of(&[("part", &(time % 2).to_string())], time);
        store.create_session(&session).await.unwrap();
        let events = kinds.iter().map(|kind| event(kind, "{}", 5)).collect();
        store.append_events(&session.id, 0, events).await.unwrap();
        expected.push((session.id, status));
    }
    for status in [Idle, Running, Rescheduling, Terminated] {
        let stand = expected.iter().filter(|(_, stands)| *stands == status);
        let stand: Vec<_> = stand.map(|(id, _)| id.clone()).collect();
        let filter = SessionFilter { status: Some(status), ..SessionFilter::default() };
        assert_eq!(ids(&*store, &filter).await, stand, "{status:?}");
    }
    // With the other conditions.
    let filter = SessionFilter {
        status: Some(Idle),
        metadata: vec![("part".to_owned(), "1".to_owned())],
        newest_first: true,
        limit: Some(1),
        ..SessionFilter::default()
    };
    assert_eq!(ids(&*store, &filter).await, [expected[3].0.clone()]);
    let behind = SessionFilter { after: Some(expected[3].0.clone()), ..filter };
    assert_eq!(ids(&*store, &behind).await, [expected[1].0.clone()]);
}

pub(crate) async fn a_deleted_session_leaves_nothing(store: Arc<dyn Store>) {
    let (gone, stays) = (session_of(&[("k", "v")], 1), session_of(&[("k", "v")], 2));
    let events = vec![message("a"), event("session.status_running", "{}", 5)];
    for session in [&gone, &stays] {
        store.create_session(session).await.unwrap();
        store.append_events(&session.id, 0, events.clone()).await.unwrap();
    }
    let (until, now) = (Timestamp(100), Timestamp(0));
    let epoch = store.claim(&gone.id, "a", until, now).await.unwrap().unwrap();
    store.delete_session(&gone.id, epoch).await.unwrap();
    assert_eq!(store.session(&gone.id).await, Ok(None));
    assert_eq!(store.session_summary(&gone.id).await, Ok(None));
    assert_eq!(store.head(&gone.id).await, Ok(None));
    assert_eq!(store.lease(&gone.id).await, Ok(None));
    assert_eq!(store.events(&gone.id, None, 10).await, Ok(vec![]));
    assert_eq!(store.event(&gone.id, &events[0].id).await, Ok(None));
    assert_eq!(store.heartbeat(&gone.id, epoch, Timestamp(200)).await, Ok(false));
    assert!(store.append_events(&gone.id, epoch, vec![message("x")]).await.is_err());
    assert!(store.post_events(&gone.id, vec![message("x")]).await.is_err());
    let by_metadata = SessionFilter {
        metadata: vec![("k".to_owned(), "v".to_owned())],
        ..SessionFilter::default()
    };
    assert_eq!(ids(&*store, &by_metadata).await, std::slice::from_ref(&stays.id));
    assert_eq!(log(&*store, &stays.id).await, events);
    // The id is free again, and nothing of before comes back.
    store.create_session(&gone).await.unwrap();
    assert_eq!(store.head(&gone.id).await, Ok(Some(0)));
    assert_eq!(store.append_events(&gone.id, 0, events).await, Ok(2));
}

pub(crate) async fn a_session_is_deleted_by_who_may_append_only(store: Arc<dyn Store>) {
    let id = session(&*store).await;
    store.append_events(&id, 0, vec![message("a")]).await.unwrap();
    let failure = store.delete_session(&id, 1).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Failed);
    let epoch = store.claim(&id, "a", Timestamp(100), Timestamp(0)).await.unwrap().unwrap();
    assert!(store.delete_session(&id, 0).await.is_err());
    assert_eq!(log(&*store, &id).await.len(), 1);
    assert_eq!(store.delete_session(&id, epoch).await, Ok(()));
    let failure = store.delete_session(&id, epoch).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid, "{failure}");
}

pub(crate) async fn imported_sessions_come_back_as_they_were(store: Arc<dyn Store>) {
    let sessions: Vec<_> = (0..3_u64)
        .map(|number| {
            let session = session_of(&[("lucid.task", &number.to_string())], number);
            let events = (0..number).map(|_| event("someone.elses", "{ \"a\" :1.0}", 5)).collect();
            (session, events)
        })
        .collect();
    store.import_sessions(vec![]).await.unwrap();
    store.import_sessions(sessions.clone()).await.unwrap();
    for (session, events) in sessions {
        assert_eq!(store.session(&session.id).await, Ok(Some(session.clone())));
        assert_eq!(log(&*store, &session.id).await, events);
        assert_eq!(store.lease(&session.id).await, Ok(None));
        let head = u32::try_from(events.len()).unwrap();
        assert_eq!(store.append_events(&session.id, 0, vec![message("on")]).await, Ok(head + 1));
    }
}

pub(crate) async fn an_import_with_one_bad_session_changes_nothing(store: Arc<dyn Store>) {
    let there = session_of(&[("k", "v")], 1);
    store.create_session(&there).await.unwrap();
    store.append_events(&there.id, 0, vec![message("kept")]).await.unwrap();
    let before = store.sessions(&SessionFilter::default()).await.unwrap();
    let fine = || (session_of(&[("k", "v")], 2), vec![message("a"), message("b")]);
    let twice = message("twice");
    let same = fine();
    let bad = [
        (there.clone(), vec![message("new")]),
        (session_of(&[], 3), vec![twice.clone(), message("between"), twice]),
        same.clone(),
    ];
    for (place, wrong) in [0, 1, 2].into_iter().zip(bad) {
        // The bad one comes last, first, and behind one that has the same id.
        let mut sessions = vec![fine(), same.clone()];
        sessions.insert(if place == 1 { 0 } else { 2 }, wrong);
        let failure = store.import_sessions(sessions.clone()).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Invalid, "{failure}");
        assert_eq!(store.sessions(&SessionFilter::default()).await, Ok(before.clone()));
        for (session, _) in sessions.iter().filter(|(session, _)| session.id != there.id) {
            assert_eq!(store.head(&session.id).await, Ok(None));
            assert_eq!(log(&*store, &session.id).await, []);
        }
        assert_eq!(log(&*store, &there.id).await.len(), 1);
    }
    // What was fine among them still is.
    store.import_sessions(vec![same]).await.unwrap();
}

pub(crate) async fn a_page_behind_an_unknown_session_is_refused(store: Arc<dyn Store>) {
    let after = SessionId::parse("sesn_01unknown");
    let filter = SessionFilter { after, ..SessionFilter::default() };
    let failure = store.sessions(&filter).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid);
}

pub(crate) async fn sessions_are_found_by_when_they_were_made(store: Arc<dyn Store>) {
    let sessions = [10, 20, 20, 30].map(|created_at| session_of(&[], created_at));
    for session in &sessions {
        store.create_session(session).await.unwrap();
    }
    let all: Vec<_> = sessions.iter().map(|session| session.id.clone()).collect();
    let spans = [
        (None, None, &all[..]),
        (Some(20), None, &all[1..]),
        (Some(21), None, &all[3..]),
        (None, Some(20), &all[..1]),
        (None, Some(21), &all[..3]),
        (Some(20), Some(30), &all[1..3]),
        (Some(30), Some(20), &[]),
        (Some(u64::MAX), None, &[]),
        (None, Some(u64::MAX), &all[..]),
    ];
    for (from, until, expected) in spans {
        let (from, until) = (from.map(Timestamp), until.map(Timestamp));
        let filter = SessionFilter { from, until, ..SessionFilter::default() };
        assert_eq!(ids(&*store, &filter).await, expected, "{filter:?}");
    }
    // With the other conditions.
    let (from, after) = (Some(Timestamp(20)), Some(all[3].clone()));
    let filter = SessionFilter { from, after, newest_first: true, ..SessionFilter::default() };
    let found = ids(&*store, &filter).await;
    assert_eq!(found, [all[2].clone(), all[1].clone()]);
}

pub(crate) async fn a_changed_session_keeps_its_log_and_is_found_by_its_new_metadata(
    store: Arc<dyn Store>,
) {
    let before = session_of(&[("stays", "1"), ("goes", "2"), ("changes", "3")], 7);
    store.create_session(&before).await.unwrap();
    store.append_events(&before.id, 0, vec![message("a")]).await.unwrap();
    let changed = lucid_core::Session {
        id: before.id.clone(),
        title: "Another".to_owned(),
        agent: "other".to_owned(),
        ..session_of(&[("stays", "1"), ("changes", "4"), ("new", "5")], 999)
    };
    store.change_session(&changed).await.unwrap();
    let expected = lucid_core::Session { created_at: before.created_at, ..changed.clone() };
    assert_eq!(store.session(&before.id).await, Ok(Some(expected.clone())));
    assert_eq!(store.session_summary(&before.id).await.unwrap().unwrap().session, expected);
    assert_eq!(log(&*store, &before.id).await.len(), 1);
    for (pair, found) in [
        (("stays", "1"), true),
        (("goes", "2"), false),
        (("changes", "3"), false),
        (("changes", "4"), true),
        (("new", "5"), true),
    ] {
        let metadata = vec![(pair.0.to_owned(), pair.1.to_owned())];
        let filter = SessionFilter { metadata, ..SessionFilter::default() };
        assert_eq!(!ids(&*store, &filter).await.is_empty(), found, "{pair:?}");
    }
    let failure = store.change_session(&session_of(&[("a", "b")], 1)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid, "{failure}");
}

pub(crate) async fn sessions_are_found_by_the_start_of_their_ids(store: Arc<dyn Store>) {
    let ids = ["sesn_01a", "sesn_01ab", "sesn_01b", "sesn_02"];
    let id = |text: &str| SessionId::parse(text).unwrap();
    for text in ids.iter().rev() {
        let made = lucid_core::Session { id: id(text), ..session_of(&[], 7) };
        store.create_session(&made).await.unwrap();
    }
    for (start, limit, expected) in [
        ("", 9, &ids[..]),
        ("sesn_01", 9, &ids[..3]),
        ("sesn_01", 2, &ids[..2]),
        ("sesn_01a", 9, &ids[..2]),
        ("sesn_01ab", 9, &ids[1..2]),
        ("sesn_02", 9, &ids[3..]),
        // Nothing of it is a pattern.
        ("sesn_0%", 9, &[]),
        ("sesn_0_", 9, &[]),
        ("SESN_01", 9, &[]),
        ("sesn_03", 9, &[]),
        ("sesn_01\0", 9, &[]),
        ("sesn_01", 0, &[]),
    ] {
        let found = store.sessions_named(start, limit).await.unwrap();
        let expected: Vec<_> = expected.iter().map(|text| id(text)).collect();
        assert_eq!(found, expected, "{start:?} {limit}");
    }
}
