//! Sessions and their summaries.

use std::sync::Arc;

use lucid_core::{FailureKind, OutcomeResult, SessionId, SessionStatus, Timestamp};
use lucid_store::{SessionFilter, Store};

use crate::kit::{event, message, session, session_of};

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

pub(crate) async fn a_page_behind_an_unknown_session_is_refused(store: Arc<dyn Store>) {
    let after = SessionId::parse("sesn_01unknown");
    let filter = SessionFilter { after, ..SessionFilter::default() };
    let failure = store.sessions(&filter).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid);
}
