//! What goes wrong in one session goes wrong in that one alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use lucid_core::{Event, IdleReason, SessionId};
use lucid_policy::http::Target;
use lucid_runtime::{Credentials, Lent, NotLent, Runtime};
use lucid_tests::log;

use super::managed::{Talk, says};
use super::unattended::{ECHO, live, new_session, rests};

/// Makes another session that somebody talks to.
async fn another(runtime: &Runtime) -> SessionId {
    let new = new_session(ECHO);
    let id = new.id.clone();
    runtime.create_session(new).await.unwrap();
    id
}

async fn last_text(runtime: &Runtime, id: &SessionId) -> String {
    runtime.session_state(id).await.unwrap().last_text().to_owned()
}

/// Writes into the database what no process of ours writes.
fn write(talk: &Talk, sql: &str, id: &SessionId) {
    let database = rusqlite::Connection::open(talk.folder.path().join("state/lucid.db")).unwrap();
    database.busy_timeout(Duration::from_secs(20)).unwrap();
    assert_eq!(database.execute(sql, [id.as_str()]).unwrap(), 1, "{sql}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_cannot_be_read_keeps_no_other_from_being_found() {
    let talk = Talk::new(ECHO.to_owned(), &[]).await;
    let (runtime, (live, told)) = (&talk.runtime, live(&talk.runtime));
    let (unread, unknown, fine) = (talk.id.clone(), another(runtime).await, another(runtime).await);
    for id in [&unread, &unknown, &fine] {
        runtime.post_events(id, vec![says("Go.")]).await.unwrap();
    }
    // Of one the log cannot be read, of another who has it.
    write(&talk, "UPDATE events SET created_at = -1 WHERE session_id = ?1 AND seq = 0", &unread);
    let lease = "UPDATE sessions SET lease_owner = 'x', lease_until = -1 WHERE id = ?1";
    write(&talk, lease, &unknown);
    let found = runtime.unattended().await.unwrap();
    assert_eq!(found.sessions, std::slice::from_ref(&fine));
    assert!(found.unread.unwrap().message.contains("damaged"));
    // That there are such is told, and the other goes on.
    assert!(live.wake_all().await.unwrap_err().message.contains("damaged"));
    rests(&live, &fine).await;
    assert!(last_text(runtime, &fine).await.contains("Go."));
    // Those that can be read again are found again.
    write(&talk, "UPDATE events SET created_at = 1 WHERE session_id = ?1 AND seq = 0", &unread);
    write(&talk, "UPDATE sessions SET lease_owner = NULL, lease_until = 0 WHERE id = ?1", &unknown);
    assert_eq!(live.wake_all().await.unwrap(), 2);
    for id in [&unread, &unknown] {
        rests(&live, id).await;
        assert!(last_text(runtime, id).await.contains("Go."));
    }
    assert!(told.lock().unwrap().is_empty());
}

/// Has no credentials.
struct Nothing;

#[async_trait]
impl Credentials for Nothing {
    async fn lend(&self, _: &Target, _: &str) -> Result<Lent, NotLent> {
        Ok(Lent::default())
    }

    async fn renew(&self, _: &Target, _: &str, _: &Lent) -> Result<Option<Lent>, NotLent> {
        Ok(None)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_in_the_work_of_one_session_ends_it_with_an_error_and_others_go_on() {
    let talk = Talk::new(ECHO.to_owned(), &[]).await;
    let (runtime, (live, told)) = (&talk.runtime, live(&talk.runtime));
    let (broken, other) = (talk.id.clone(), another(runtime).await);
    let breaks = Arc::new(AtomicBool::new(true));
    let (which, whether) = (broken.clone(), breaks.clone());
    // It is asked for in the middle of the work, when the session is claimed.
    runtime.lend(Arc::new(move |id| {
        assert!(*id != which || !whether.load(Ordering::SeqCst), "in the middle of the work");
        Arc::new(Nothing)
    }));
    for id in [&broken, &other] {
        runtime.post_events(id, vec![says("Go.")]).await.unwrap();
        live.wake(id);
    }
    rests(&live, &other).await;
    rests(&live, &broken).await;
    assert!(last_text(runtime, &other).await.contains("Go."));
    let state = runtime.session_state(&broken).await.unwrap();
    assert_eq!(state.idle, Some(IdleReason::RetriesExhausted));
    assert!(!state.is_working() && !live.is_working(&broken));
    let events = log(runtime, &broken).await;
    let errors = events.iter().filter(|(_, _, event)| matches!(event, Event::Error { .. }));
    assert_eq!(errors.count(), 1);
    let lines = told.lock().unwrap().clone();
    assert!(lines.len() == 1 && lines[0].contains("panicked"), "{lines:?}");
    // Nobody has it any more, and it hears what is said next.
    breaks.store(false, Ordering::SeqCst);
    for id in [&broken, &other] {
        runtime.post_events(id, vec![says("And now?")]).await.unwrap();
        live.wake(id);
        rests(&live, id).await;
        assert!(last_text(runtime, id).await.contains("And now?"));
    }
    assert_eq!(told.lock().unwrap().len(), 1);
}
