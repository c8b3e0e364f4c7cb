//! Stores and things to keep in them.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use lucid_core::{
    Author, EventId, EventRecord, MemoryId, MemoryOperation, MemoryStore, MemoryStoreId,
    MemoryVersion, MemoryVersionId, SeededEntropy, Session, SessionId, StepClock, Timestamp,
};
use lucid_store::{
    Document, DocumentChange, DocumentWrite, Durability, InMemoryStore, SqliteStore, Store,
};
use tempfile::TempDir;

static CLOCK: LazyLock<StepClock> =
    LazyLock::new(|| StepClock::starting_at(Timestamp(1_795_230_245_678)));
static ENTROPY: LazyLock<SeededEntropy> = LazyLock::new(|| SeededEntropy::new(7));

pub(crate) fn in_memory() -> (Arc<dyn Store>, ()) {
    (Arc::new(InMemoryStore::new()), ())
}

pub(crate) fn in_sqlite() -> (Arc<dyn Store>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    // The promises are the same, and this one does not wait for the disk.
    let store = SqliteStore::open(&folder.path().join("lucid.db"), Durability::Normal).unwrap();
    (Arc::new(store), folder)
}

/// A session with some metadata, made at some moment.
pub(crate) fn session_of(metadata: &[(&str, &str)], created_at: u64) -> Session {
    let metadata = metadata.iter().map(|(key, value)| (key.to_string(), value.to_string()));
    Session {
        id: SessionId::new(&*CLOCK, &*ENTROPY),
        title: "Landing \u{1F680}".to_owned(),
        agent: "lead".to_owned(),
        metadata: metadata.collect::<BTreeMap<_, _>>(),
        created_at: Timestamp(created_at),
    }
}

pub(crate) async fn session(store: &dyn Store) -> SessionId {
    let session = session_of(&[], 1_000);
    store.create_session(&session).await.unwrap();
    session.id
}

pub(crate) fn event(kind: &str, body: &str, created_at: u64) -> EventRecord {
    EventRecord {
        id: EventId::new(&*CLOCK, &*ENTROPY),
        kind: kind.to_owned(),
        thread_id: None,
        created_at: Timestamp(created_at),
        body: body.to_owned(),
    }
}

pub(crate) fn message(text: &str) -> EventRecord {
    event("user.message", &format!(r#"{{"type":"user.message","text":"{text}"}}"#), 2_000)
}

pub(crate) async fn log(store: &dyn Store, id: &SessionId) -> Vec<EventRecord> {
    let events = store.events(id, None, u32::MAX).await.unwrap();
    events.into_iter().map(|(_, event)| event).collect()
}

pub(crate) async fn memory_store(store: &dyn Store) -> MemoryStoreId {
    let memory_store = MemoryStore {
        id: MemoryStoreId::new(&*CLOCK, &*ENTROPY),
        name: "Notes".to_owned(),
        description: "What was learned".to_owned(),
        created_at: Timestamp(5),
        dreamt_from: None,
    };
    store.create_memory_store(&memory_store).await.unwrap();
    memory_store.id
}

pub(crate) fn memory_id() -> MemoryId {
    MemoryId::new(&*CLOCK, &*ENTROPY)
}

/// A version that makes a new memory.
pub(crate) fn created(store_id: &MemoryStoreId, path: &str, content: &str) -> MemoryVersion {
    let session_id = SessionId::parse("sesn_01author").unwrap();
    MemoryVersion {
        id: MemoryVersionId::new(&*CLOCK, &*ENTROPY),
        memory_id: memory_id(),
        memory_store_id: store_id.clone(),
        operation: MemoryOperation::Created,
        path: path.to_owned(),
        content: Some(content.to_owned()),
        created_by: Author::Session { session_id },
        created_at: Timestamp(100),
    }
}

/// A version that changes the memory of another version.
pub(crate) fn modified(before: &MemoryVersion, path: &str, content: &str) -> MemoryVersion {
    MemoryVersion {
        memory_id: before.memory_id.clone(),
        operation: MemoryOperation::Modified,
        created_at: Timestamp(200),
        ..created(&before.memory_store_id, path, content)
    }
}

/// A version that deletes the memory of another version.
pub(crate) fn deleted(before: &MemoryVersion) -> MemoryVersion {
    MemoryVersion {
        operation: MemoryOperation::Deleted,
        content: None,
        ..modified(before, &before.path, "")
    }
}

/// A document with the body of its first version.
pub(crate) fn document(kind: &str, id: &str) -> Document {
    Document {
        id: id.to_owned(),
        kind: kind.to_owned(),
        parent: None,
        key: None,
        created_at: Timestamp(1_000),
        archived_at: None,
        version: 1,
        revision: 1,
        body: format!("{{ \"id\" : \"{id}\",\"n\":1.0, \"\u{1F680}\": null }}\n"),
    }
}

pub(crate) fn put(before_revision: u32, document: &Document) -> DocumentChange {
    DocumentChange::Put { before_revision, document: document.clone() }
}

pub(crate) fn delete(id: &str) -> DocumentChange {
    DocumentChange::Delete { id: id.to_owned() }
}

/// Writes what fits.
pub(crate) async fn write(store: &dyn Store, changes: Vec<DocumentChange>) {
    assert_eq!(store.write_documents(changes).await, Ok(DocumentWrite::Done));
}

pub(crate) async fn create(store: &dyn Store, documents: &[&Document]) {
    let changes = documents.iter().map(|document| DocumentChange::Create((*document).clone()));
    write(store, changes.collect()).await;
}
