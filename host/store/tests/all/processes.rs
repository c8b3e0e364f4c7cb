//! Several processes with one file.
//!
//! SQLite's locks are between connections, so two stores in one process meet each other as
//! those of two processes do; one test starts a second process nevertheless.
#![expect(clippy::disallowed_methods, reason = "starts this program again")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use lucid_core::{EventRecord, SessionId, Timestamp};
use lucid_store::{
    DocumentChange, DocumentStore as _, DocumentWrite, Durability, SessionFilter, SqliteStore,
    Store,
};
use rusqlite::Connection;

use crate::kit::{create, document, log, message, put, session, write};

fn file(folder: &Path) -> PathBuf {
    folder.join("lucid.db")
}

fn open(folder: &Path) -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(&file(folder), Durability::Full).unwrap())
}

#[tokio::test]
async fn a_claim_in_one_process_holds_in_another() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (open(folder.path()), open(folder.path()));
    let id = session(&*one).await;
    let first = one.claim(&id, "one", Timestamp(10), Timestamp(0)).await.unwrap().unwrap();
    assert_eq!(other.claim(&id, "other", Timestamp(30), Timestamp(9)).await, Ok(None));
    let lease = other.lease(&id).await.unwrap().unwrap();
    assert_eq!((lease.owner.as_str(), lease.epoch), ("one", first));
    let (until, now) = (Timestamp(30), Timestamp(9));
    let second = other.take_over(&id, "other", "one", until, now).await.unwrap().unwrap();
    assert!(one.append_events(&id, first, vec![message("late")]).await.is_err());
    assert_eq!(other.append_events(&id, second, vec![message("x")]).await, Ok(1));
    assert_eq!(one.head(&id).await, Ok(Some(1)));
}

#[tokio::test]
async fn who_watches_hears_of_writes_of_the_own_process_only() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (open(folder.path()), open(folder.path()));
    let id = session(&*one).await;
    let mut head = one.watch(&id);
    other.post_events(&id, vec![message("a")]).await.unwrap();
    assert!(!head.has_changed().unwrap());
    one.post_events(&id, vec![message("b")]).await.unwrap();
    assert!(head.has_changed().unwrap());
    assert_eq!(*head.borrow_and_update(), 2);
}

#[tokio::test]
async fn documents_of_one_process_are_changed_by_another_only_as_it_read_them() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (open(folder.path()), open(folder.path()));
    let first = document("agent", "agent_1");
    create(&*one, &[&first]).await;
    assert_eq!(other.document("agent_1").await, Ok(Some(first.clone())));
    write(&*other, vec![put(1, &first)]).await;
    let changed = DocumentWrite::Changed { id: "agent_1".to_owned() };
    assert_eq!(one.write_documents(vec![put(1, &first)]).await, Ok(changed.clone()));
    assert_eq!(one.write_documents(vec![DocumentChange::Create(first)]).await, Ok(changed));
}

#[test]
fn a_new_file_can_be_opened_by_many_at_once() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path());
        let start = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            let opening: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        SqliteStore::open(&path, Durability::Full).map(drop)
                    })
                })
                .collect();
            for store in opening {
                assert_eq!(store.join().unwrap(), Ok(()));
            }
        });
    }
}

/// Appends to a session of its own, and posts to another's.
async fn work(store: Arc<SqliteStore>, own: SessionId, others: SessionId) -> Vec<EventRecord> {
    let (until, now) = (Timestamp(100), Timestamp(0));
    let epoch = store.claim(&own, own.as_str(), until, now).await.unwrap().unwrap();
    let mut written = Vec::new();
    for number in 0..40 {
        let own_event = message(&format!("own {number}"));
        written.push(own_event.clone());
        store.append_events(&own, epoch, vec![own_event]).await.unwrap();
        store.post_events(&others, vec![message(&format!("post {number}"))]).await.unwrap();
        assert!(store.heartbeat(&own, epoch, until).await.unwrap());
        assert!(store.head(&own).await.unwrap() > Some(number));
        if number % 10 == 0 {
            store.sessions(&SessionFilter::default()).await.unwrap();
            store.close().await.unwrap();
        }
    }
    written
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_stores_on_one_file_under_load_lose_nothing_and_are_never_locked_out() {
    const WRITERS: usize = 8;
    let folder = tempfile::tempdir().unwrap();
    let stores = [open(folder.path()), open(folder.path())];
    let mut sessions = Vec::new();
    for _ in 0..WRITERS {
        sessions.push(session(&*stores[0]).await);
    }
    let tasks: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = Arc::clone(&stores[writer % 2]);
            let (own, others) = (&sessions[writer], &sessions[(writer + 1) % WRITERS]);
            tokio::spawn(work(store, own.clone(), others.clone()))
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.unwrap());
    }
    for (written, id) in all.into_iter().zip(&sessions) {
        let read = stores[1].events(id, None, u32::MAX).await.unwrap();
        assert!(read.iter().map(|(number, _)| *number).eq(0..80), "gaps in {id}");
        let posted = |event: &EventRecord| event.body.contains("\"post ");
        let (posts, own): (Vec<_>, Vec<_>) =
            read.into_iter().map(|(_, event)| event).partition(posted);
        assert_eq!(own, written);
        for (number, post) in posts.iter().enumerate() {
            assert!(post.body.contains(&format!("post {number}\"")), "{}", post.body);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_waits_for_another_process_and_reads_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let id = session(&*store).await;
    let other = Connection::open(file(folder.path())).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let waiting = {
        let (store, id) = (Arc::clone(&store), id.clone());
        tokio::spawn(async move { store.append_events(&id, 0, vec![message("x")]).await })
    };
    for _ in 0..200 {
        assert_eq!(store.head(&id).await, Ok(Some(0)));
    }
    assert!(!waiting.is_finished());
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(waiting.await.unwrap(), Ok(1));
}

#[tokio::test]
async fn closing_does_not_fail_because_another_process_writes() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let id = session(&*store).await;
    store.append_events(&id, 0, vec![message("x")]).await.unwrap();
    let other = Connection::open(file(folder.path())).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(store.close().await, Ok(()));
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(store.append_events(&id, 0, vec![message("y")]).await, Ok(2));
}

/// Where the second process finds the file and the session.
const FOLDER: &str = "LUCID_TEST_FOLDER";
const SESSION: &str = "LUCID_TEST_SESSION";
const POSTS: usize = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_process_reads_and_posts_while_the_first_writes() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return post_in_second_process(Path::new(&folder)).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let id = session(&*store).await;
    let (until, now) = (Timestamp(100), Timestamp(0));
    let epoch = store.claim(&id, "first", until, now).await.unwrap().unwrap();
    let name = "processes::a_second_process_reads_and_posts_while_the_first_writes";
    let mut second = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(FOLDER, folder.path())
        .env(SESSION, id.as_str())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut appended = 0;
    // The first one writes until the second has ended.
    let status = loop {
        store.append_events(&id, epoch, vec![message("first")]).await.unwrap();
        appended += 1;
        if let Some(status) = second.try_wait().unwrap() {
            break status;
        }
    };
    assert!(status.success());
    let read = store.events(&id, None, u32::MAX).await.unwrap();
    assert!(read.iter().map(|(number, _)| *number).zip(0..).all(|(number, place)| number == place));
    let of = |text: &str| {
        let text = format!("\"{text}\"");
        read.iter().filter(|(_, event)| event.body.contains(&text)).count()
    };
    assert_eq!((of("first"), of("second"), read.len()), (appended, POSTS, appended + POSTS));
}

async fn post_in_second_process(folder: &Path) {
    let id = SessionId::parse(&std::env::var(SESSION).unwrap()).unwrap();
    let store = open(folder);
    for number in 1..=POSTS {
        // Ids of a test are the same in each process, so these are of another kind.
        let unlike = format!("sevt_01second{number}");
        let event =
            EventRecord { id: lucid_core::EventId::parse(&unlike).unwrap(), ..message("second") };
        store.post_events(&id, vec![event]).await.unwrap();
        assert!(log(&*store, &id).await.len() >= number);
    }
}
