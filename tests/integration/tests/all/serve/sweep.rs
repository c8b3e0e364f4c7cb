//! Sessions that nobody works on are looked for, and one that is damaged is in nobody's way.

use lucid_core::{Content, Event, SessionId};

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_goes_on_with_what_it_can_read_and_tells_what_it_cannot() {
    let state = Arc::new(tempfile::tempdir().unwrap());
    let mut server = Served::on(state.clone(), "").await;
    let session = || server.session("say Here.", &json!({}), &[]);
    let (unread, unknown, fine) = (session(), session(), session());
    server.shutdown.signal();
    (&mut server.running).await.unwrap().unwrap();
    // Somebody writes while no server runs.
    let runtime = runtime(state.path());
    for session in [&unread, &unknown, &fine] {
        let said = Event::UserMessage { content: Content::text("Go.") };
        let id = SessionId::parse(session).unwrap();
        runtime.post_events(&id, vec![said]).await.unwrap();
    }
    runtime.store.close().await.unwrap();
    let database = rusqlite::Connection::open(state.path().join("lucid.db")).unwrap();
    for (damage, session) in [
        ("UPDATE events SET created_at = -1 WHERE session_id = ?1 AND seq = 0", &unread),
        ("UPDATE sessions SET lease_owner = 'x', lease_until = -1 WHERE id = ?1", &unknown),
    ] {
        assert_eq!(database.execute(damage, [session]).unwrap(), 1);
    }
    drop(database);
    let again = Served::on(state, "").await;
    let path = format!("/v1/sessions/{fine}/events?types[]=agent.message");
    for _ in 0..1_200 {
        let answers = again.get(&path)["data"].as_array().unwrap().len();
        // Which of the two comes first is nobody's promise.
        if answers == 1 && again.lines.lock().unwrap().contains("damaged") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("nobody goes on, or nobody is told: {}", again.lines.lock().unwrap());
}
