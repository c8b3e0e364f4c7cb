//! What only the store in a file does.
#![expect(clippy::disallowed_methods, reason = "looks at the files from outside")]

use std::path::Path;

use lucid_core::{FailureKind, SessionId, Timestamp};
use lucid_store::{
    Digest, Document, DocumentChange, DocumentStore as _, DocumentWrite, DreamStore as _,
    Durability, SqliteStore, Store,
};
use rusqlite::Connection;

use crate::kit::{
    create, created, delete, document, event, log, memory_store, message, put, session, session_of,
    write,
};

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
async fn documents_and_their_versions_are_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let first = Document { key: Some("k".to_owned()), ..document("agent", "agent_1") };
    let second = Document { version: 2, body: "2".to_owned(), ..first.clone() };
    create(&store, &[&first]).await;
    write(&store, vec![put(1, &second)]).await;
    let second = Document { revision: 2, ..second };
    let other = Document { id: "agent_2".to_owned(), ..first.clone() };
    let taken = store.write_documents(vec![delete("agent_1"), delete("agent_2")]).await;
    assert_eq!(taken, Ok(DocumentWrite::Missing { id: "agent_2".to_owned() }));
    drop(store);
    let store = open(folder.path());
    assert_eq!(store.document("agent_1").await, Ok(Some(second.clone())));
    let versions = store.document_versions("agent_1", None, 10).await;
    assert_eq!(versions, Ok(vec![second.clone(), first]));
    let taken = store.write_documents(vec![DocumentChange::Create(other)]).await;
    assert_eq!(taken, Ok(DocumentWrite::KeyTaken { id: "agent_1".to_owned() }));
    write(&store, vec![put(2, &second)]).await;
}

#[tokio::test]
async fn deleted_documents_leave_nothing_in_the_tables() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let parent = document("vault", "vlt_1");
    let child = Document { parent: Some("vlt_1".to_owned()), ..document("credential", "vcrd_1") };
    create(&store, &[&parent, &child]).await;
    let changed = [parent, child].map(|before| put(1, &Document { version: 2, ..before }));
    write(&store, changed.to_vec()).await;
    write(&store, vec![delete("vlt_1")]).await;
    let connection = Connection::open(folder.path().join("lucid.db")).unwrap();
    let sql = "SELECT (SELECT count(*) FROM documents) + (SELECT count(*) FROM document_versions)";
    assert_eq!(connection.query_row(sql, [], |row| row.get::<_, u32>(0)), Ok(0));
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
async fn deleting_leaves_nothing_in_any_table() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let sessions: Vec<_> = (0..3).map(|_| session_of(&[("a", "1"), ("b", "2")], 1)).collect();
    let kinds =
        ["user.message", "session.status_idle", "span.outcome_evaluation_end", "someone.elses"];
    for session in &sessions {
        let events = kinds.map(|kind| event(kind, "{}", 1)).to_vec();
        store.import_sessions(vec![(session.clone(), events)]).await.unwrap();
    }
    let kept = &sessions[1].id;
    // What strategies keep of a session goes with it.
    let ids: Vec<_> = sessions.iter().map(|session| session.id.clone()).collect();
    store.content_hashes(&ids).await.unwrap();
    let digest = |id: &SessionId| Digest {
        session_id: id.clone(),
        key: "k".to_owned(),
        body: id.as_str().as_bytes().to_vec(),
    };
    store.put_digests("c", ids.iter().map(digest).collect()).await.unwrap();
    for session in [&sessions[0], &sessions[2]] {
        store.delete_session(&session.id, 0).await.unwrap();
    }
    store.close().await.unwrap();
    let connection = Connection::open(folder.path().join("lucid.db")).unwrap();
    let mut tables =
        connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let tables = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
    for table in tables.map(Result::unwrap) {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                let value = format!("{:?}", row.get_ref(column).unwrap());
                for gone in [&sessions[0], &sessions[2]] {
                    // Bytes of text are shown as numbers.
                    let id = format!("{:?}", gone.id.as_str().as_bytes());
                    assert!(!value.contains(&id), "{table}: {value}");
                }
            }
        }
    }
    let count = |table: &str| -> u32 {
        let sql = format!("SELECT count(*) FROM {table}");
        connection.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!((count("sessions"), count("events"), count("session_metadata")), (1, 4, 2));
    assert_eq!(log(&store, kept).await.len(), 4);
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
