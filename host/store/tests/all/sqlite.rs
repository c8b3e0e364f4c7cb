//! What only the store in a file does.
#![expect(clippy::disallowed_methods, reason = "looks at the files from outside")]

use std::path::Path;
use std::sync::Arc;

use lucid_core::{FailureKind, Timestamp};
use lucid_store::{Durability, SqliteStore, Store};
use rusqlite::Connection;

use crate::kit::{created, log, memory_store, message, session};

fn open(folder: &Path) -> SqliteStore {
    SqliteStore::open(&folder.join("lucid.db"), Durability::Full).unwrap()
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let id = session(&store).await;
    let events = vec![message("one"), message("two")];
    store.append_events(&id, 0, events.clone()).await.unwrap();
    let epoch = store.claim(&id, "a", Timestamp(100), Timestamp(0)).await.unwrap().unwrap();
    let memories = memory_store(&store).await;
    let version = created(&memories, "/a.md", "text");
    store.write_memories(&memories, vec![version.clone()]).await.unwrap();
    drop(store);
    let store = open(folder.path());
    assert_eq!(log(&store, &id).await, events);
    assert_eq!(store.memory_versions(&memories, None).await, Ok(vec![version]));
    assert_eq!(store.claim(&id, "b", Timestamp(100), Timestamp(50)).await, Ok(None));
    assert_eq!(store.append_events(&id, epoch, vec![message("three")]).await, Ok(3));
}

#[tokio::test]
async fn what_was_acknowledged_is_there_without_a_tidy_end() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let id = session(&store).await;
    store.append_events(&id, 0, vec![message("one")]).await.unwrap();
    // What a process that was killed leaves behind: the files as they are now.
    let copy = tempfile::tempdir().unwrap();
    for name in ["lucid.db", "lucid.db-wal"] {
        std::fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
    }
    assert_eq!(log(&open(copy.path()), &id).await.len(), 1);
}

#[tokio::test]
async fn two_processes_share_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (Arc::new(open(folder.path())), Arc::new(open(folder.path())));
    let id = session(&*one).await;
    let append = |store: &Arc<SqliteStore>| {
        let (store, id) = (Arc::clone(store), id.clone());
        tokio::spawn(async move {
            for _ in 0..20 {
                store.append_events(&id, 0, vec![message("x")]).await.unwrap();
            }
        })
    };
    let tasks = [append(&one), append(&other)];
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(log(&*other, &id).await.len(), 40);
    let first = one.claim(&id, "one", Timestamp(10), Timestamp(0)).await.unwrap().unwrap();
    other.claim(&id, "other", Timestamp(30), Timestamp(10)).await.unwrap().unwrap();
    assert!(one.append_events(&id, first, vec![message("late")]).await.is_err());
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    session(&store).await;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", file.file_name());
    }
}

#[test]
fn a_newer_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let path = folder.path().join("lucid.db");
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = std::fs::read(&path).unwrap();
    let failure = SqliteStore::open(&path, Durability::Full).err().unwrap();
    assert_eq!(failure.kind, FailureKind::Failed);
    assert!(failure.message.contains("newer"), "{failure}");
    assert!(failure.hint.is_some());
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn another_programs_file_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("other.db");
    Connection::open(&database).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "not a database, ".repeat(100)).unwrap();
    for path in [database, text] {
        let before = std::fs::read(&path).unwrap();
        let failure = SqliteStore::open(&path, Durability::Full).err().unwrap();
        assert!(failure.message.contains(path.to_str().unwrap()), "{failure}");
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }
    let nowhere = folder.path().join("no/such/folder/lucid.db");
    let failure = SqliteStore::open(&nowhere, Durability::Full).err().unwrap();
    assert_eq!(failure.kind, FailureKind::Failed);
}

#[tokio::test]
async fn closing_leaves_everything_in_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let id = session(&store).await;
    store.append_events(&id, 0, vec![message("one")]).await.unwrap();
    store.close().await.unwrap();
    let copy = tempfile::tempdir().unwrap();
    std::fs::copy(folder.path().join("lucid.db"), copy.path().join("lucid.db")).unwrap();
    assert_eq!(log(&open(copy.path()), &id).await.len(), 1);
    store.append_events(&id, 0, vec![message("two")]).await.unwrap();
}
