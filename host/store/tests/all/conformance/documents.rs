//! Documents, their versions and their families.

use std::sync::Arc;

use lucid_core::{FailureKind, Timestamp};
use lucid_store::DocumentChange::Create;
use lucid_store::DocumentWrite::{Changed, Done, KeyTaken, Missing};
use lucid_store::{Document, DocumentFilter, Store};

use crate::kit::{create, delete, document, put, write};

fn id(id: &str) -> String {
    id.to_owned()
}

fn keyed(name: &str, parent: Option<&str>, key: &str) -> Document {
    let (parent, key) = (parent.map(str::to_owned), Some(key.to_owned()));
    Document { parent, key, ..document("skill", name) }
}

/// All there is of a document.
async fn all_of(store: &dyn Store, id: &str) -> (Option<Document>, Vec<Document>) {
    let versions = store.document_versions(id, None, u32::MAX).await.unwrap();
    (store.document(id).await.unwrap(), versions)
}

pub(crate) async fn a_document_comes_back_as_it_was(store: Arc<dyn Store>) {
    let plain = document("agent", "agent_1");
    let full = Document {
        parent: Some(id("quote\" ' --")),
        key: Some(id("k\u{0}\u{1F680}")),
        archived_at: Some(Timestamp(2_000)),
        version: 7,
        ..document("agent", "agent_2")
    };
    create(&*store, &[&plain, &full]).await;
    assert_eq!(store.document("agent_1").await, Ok(Some(plain.clone())));
    assert_eq!(store.document("agent_2").await, Ok(Some(full.clone())));
    assert_eq!(store.document("agent_3").await, Ok(None));
    assert_eq!(all_of(&*store, "agent_3").await, (None, vec![]));
    let filter = DocumentFilter { kind: id("agent"), archived: true, ..Default::default() };
    assert_eq!(store.documents(&filter).await, Ok(vec![plain, full]));
    assert_eq!(store.write_documents(vec![]).await, Ok(Done));
}

pub(crate) async fn a_document_is_made_once(store: Arc<dyn Store>) {
    // The store counts, whatever it is told.
    let first = document("agent", "agent_1");
    create(&*store, &[&Document { revision: 40, ..first.clone() }]).await;
    let again = Document { body: id("{}"), ..document("vault", "agent_1") };
    let outcome = store.write_documents(vec![Create(again.clone())]).await;
    assert_eq!(outcome, Ok(Changed { id: id("agent_1") }));
    assert_eq!(store.document("agent_1").await, Ok(Some(first)));
    write(&*store, vec![delete("agent_1"), Create(again.clone())]).await;
    assert_eq!(store.document("agent_1").await, Ok(Some(again)));
}

pub(crate) async fn a_document_is_put_only_as_it_was_read(store: Arc<dyn Store>) {
    let first = document("agent", "agent_1");
    assert_eq!(
        store.write_documents(vec![put(1, &first)]).await,
        Ok(Missing { id: id("agent_1") })
    );
    create(&*store, &[&first]).await;
    let second = Document { body: id("2"), archived_at: Some(Timestamp(9)), ..first.clone() };
    for stale in [0, 2, u32::MAX] {
        let outcome = store.write_documents(vec![put(stale, &second)]).await;
        assert_eq!(outcome, Ok(Changed { id: id("agent_1") }));
    }
    assert_eq!(all_of(&*store, "agent_1").await, (Some(first.clone()), vec![first]));
    write(&*store, vec![put(1, &second)]).await;
    let second = Document { revision: 2, ..second };
    // A change with the same version keeps nothing of the one before.
    assert_eq!(all_of(&*store, "agent_1").await, (Some(second.clone()), vec![second.clone()]));
    assert_eq!(
        store.write_documents(vec![put(1, &second)]).await,
        Ok(Changed { id: id("agent_1") })
    );
    assert_eq!(
        store.write_documents(vec![delete("agent_2")]).await,
        Ok(Missing { id: id("agent_2") })
    );
}

pub(crate) async fn a_document_keeps_its_place(store: Arc<dyn Store>) {
    let first = Document { version: 2, ..document("agent", "agent_1") };
    create(&*store, &[&first]).await;
    for other in [
        Document { kind: id("vault"), ..first.clone() },
        Document { parent: Some(id("p")), ..first.clone() },
        Document { created_at: Timestamp(1), ..first.clone() },
        Document { version: 1, ..first.clone() },
    ] {
        let changes = vec![Create(document("agent", "agent_2")), put(1, &other)];
        let failure = store.write_documents(changes).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Bug, "{failure}");
        assert_eq!(store.document("agent_1").await, Ok(Some(first.clone())));
        assert_eq!(store.document("agent_2").await, Ok(None));
    }
}

pub(crate) async fn older_versions_are_there_to_be_read(store: Arc<dyn Store>) {
    let mut now = Document { key: Some(id("a")), ..document("agent", "agent_1") };
    create(&*store, &[&now, &Document { version: 9, ..document("agent", "agent_2") }]).await;
    // Newest first; the second version was changed once without a new number.
    let mut expected = vec![now.clone()];
    for (version, body, key) in
        [(2, "two", "a"), (2, "two!", "b"), (3, "three", "c"), (8, "8", "d")]
    {
        let before = now.revision;
        now = Document { version, body: id(body), key: Some(id(key)), ..now };
        write(&*store, vec![put(before, &now)]).await;
        now.revision = before + 1;
        if expected[0].version == version {
            expected.remove(0);
        }
        expected.insert(0, now.clone());
    }
    let (newest, versions) = all_of(&*store, "agent_1").await;
    assert_eq!((newest, &versions), (Some(now), &expected));
    for version in 0..10 {
        let wanted = expected.iter().find(|document| document.version == version);
        let read = store.document_version("agent_1", version).await;
        assert_eq!(read, Ok(wanted.cloned()), "version {version}");
    }
    for (before, limit, range) in [
        (None, 2, 0..2),
        (Some(3), 1, 2..3),
        (Some(3), 9, 2..4),
        (Some(8), 9, 1..4),
        (Some(9), 9, 0..4),
        (Some(u32::MAX), 9, 0..4),
        (Some(1), 9, 4..4),
        (Some(0), 9, 4..4),
        (None, 0, 0..0),
    ] {
        let read = store.document_versions("agent_1", before, limit).await;
        assert_eq!(read, Ok(expected[range].to_vec()), "{before:?} {limit}");
    }
    assert_eq!(store.document_version("agent_1", u32::MAX).await, Ok(None));
}

pub(crate) async fn a_write_is_done_whole_or_not_at_all(store: Arc<dyn Store>) {
    let (there, child) = (keyed("skill_1", None, "taken"), keyed("skill_2", Some("skill_1"), "c"));
    create(&*store, &[&there, &child]).await;
    let next = Document { version: 2, body: id("2"), key: None, ..there.clone() };
    let fine = || vec![Create(document("agent", "agent_1")), put(1, &next), delete("skill_2")];
    for (bad, outcome) in [
        (delete("skill_9"), Missing { id: id("skill_9") }),
        (put(1, &document("skill", "skill_9")), Missing { id: id("skill_9") }),
        (put(7, &there), Changed { id: id("skill_1") }),
        (Create(document("agent", "agent_1")), Changed { id: id("agent_1") }),
        (put(1, &child), Missing { id: id("skill_2") }),
    ] {
        let mut changes = fine();
        changes.push(bad);
        // What comes behind it is not looked at.
        changes.push(delete("nothing"));
        assert_eq!(store.write_documents(changes).await, Ok(outcome));
        assert_eq!(all_of(&*store, "skill_1").await, (Some(there.clone()), vec![there.clone()]));
        assert_eq!(store.document("skill_2").await, Ok(Some(child.clone())));
        assert_eq!(store.document("agent_1").await, Ok(None));
    }
    write(&*store, fine()).await;
}

pub(crate) async fn changes_of_one_write_meet_what_those_before_them_left(store: Arc<dyn Store>) {
    let one = keyed("skill_1", None, "key");
    let two = keyed("skill_2", None, "key");
    let freed = Document { key: None, ..one.clone() };
    let changes = vec![Create(one.clone()), put(1, &freed), Create(two.clone()), put(2, &freed)];
    write(&*store, changes).await;
    let freed = Document { revision: 3, ..freed };
    assert_eq!(store.document("skill_1").await, Ok(Some(freed)));
    assert_eq!(store.document("skill_2").await, Ok(Some(two)));
    let back = Document { key: Some(id("key")), ..one };
    let outcome = store.write_documents(vec![put(3, &back), delete("skill_2")]).await;
    assert_eq!(outcome, Ok(KeyTaken { id: id("skill_2") }));
    write(&*store, vec![delete("skill_2"), put(3, &back)]).await;
}

pub(crate) async fn keys_are_unique_among_what_is_not_archived(store: Arc<dyn Store>) {
    let first = keyed("skill_1", Some("p"), "key");
    let others = [
        keyed("skill_2", Some("q"), "key"),
        keyed("skill_3", None, "key"),
        keyed("skill_4", Some("p"), "Key"),
        keyed("skill_5", Some("p"), ""),
        Document { kind: id("agent"), ..keyed("agent_1", Some("p"), "key") },
        Document { archived_at: Some(Timestamp(5)), ..keyed("skill_6", Some("p"), "key") },
        Document { key: None, ..keyed("skill_7", Some("p"), "") },
        Document { key: None, ..keyed("skill_8", Some("p"), "") },
    ];
    create(&*store, &[&first]).await;
    create(&*store, &others.iter().collect::<Vec<_>>()).await;
    let taken = || Ok(KeyTaken { id: id("skill_1") });
    let second = keyed("skill_9", Some("p"), "key");
    assert_eq!(store.write_documents(vec![Create(second.clone())]).await, taken());
    // Nor can one get it by a change, or by coming back.
    let renamed = Document { key: Some(id("key")), ..others[2].clone() };
    assert_eq!(store.write_documents(vec![put(1, &renamed)]).await, taken());
    let returned = Document { archived_at: None, ..others[5].clone() };
    assert_eq!(store.write_documents(vec![put(1, &returned)]).await, taken());
    // Who has it keeps it, until it is archived.
    write(&*store, vec![put(1, &first)]).await;
    let archived = Document { archived_at: Some(Timestamp(5)), ..first };
    write(&*store, vec![put(2, &archived), Create(second)]).await;
    let outcome = store.write_documents(vec![put(1, &returned)]).await;
    assert_eq!(outcome, Ok(KeyTaken { id: id("skill_9") }));
}

pub(crate) async fn a_deleted_document_takes_its_family_along(store: Arc<dyn Store>) {
    let child = |kind, name, parent: &str| Document {
        parent: Some(parent.to_owned()),
        ..document(kind, name)
    };
    let gone = [
        document("vault", "vlt_1"),
        child("credential", "vcrd_1", "vlt_1"),
        child("file", "file_1", "vlt_1"),
        Document { archived_at: Some(Timestamp(1)), ..child("file", "file_2", "vcrd_1") },
        child("file", "file_3", "file_2"),
    ];
    let stays = [
        document("vault", "vlt_2"),
        child("credential", "vcrd_2", "vlt_2"),
        child("credential", "vcrd_3", "elsewhere"),
    ];
    create(&*store, &gone.iter().chain(&stays).collect::<Vec<_>>()).await;
    for document in gone.iter().chain(&stays) {
        let next = Document { version: 2, ..document.clone() };
        write(&*store, vec![put(1, &next)]).await;
    }
    write(&*store, vec![delete("vlt_1")]).await;
    for document in &gone {
        assert_eq!(all_of(&*store, &document.id).await, (None, vec![]), "{}", document.id);
        assert_eq!(store.document_version(&document.id, 1).await, Ok(None));
    }
    for document in &stays {
        let (now, versions) = all_of(&*store, &document.id).await;
        assert_eq!((now.unwrap().version, versions.len()), (2, 2));
    }
    // Nothing of before comes back with the id.
    create(&*store, &gone.iter().collect::<Vec<_>>()).await;
    for document in &gone {
        assert_eq!(all_of(&*store, &document.id).await.1, std::slice::from_ref(document));
    }
}

pub(crate) async fn a_family_that_goes_in_a_circle_is_deleted_too(store: Arc<dyn Store>) {
    let child = |name, parent| Document { parent: Some(id(parent)), ..document("a", name) };
    let own = child("a_1", "a_1");
    let circle = [child("a_2", "a_4"), child("a_3", "a_2"), child("a_4", "a_3")];
    create(&*store, &[&own, &circle[0], &circle[1], &circle[2]]).await;
    write(&*store, vec![delete("a_1")]).await;
    let filter = DocumentFilter { kind: id("a"), ..Default::default() };
    assert_eq!(store.documents(&filter).await, Ok(circle.to_vec()));
    write(&*store, vec![delete("a_3")]).await;
    assert_eq!(store.documents(&filter).await, Ok(vec![]));
}

/// Adds one to a document as often as it takes, and makes another with each attempt.
async fn count_up(store: Arc<dyn Store>, worker: u32) -> u32 {
    let mut attempts = 0;
    loop {
        let counter = store.document("counter").await.unwrap().unwrap();
        let number: u32 = counter.body.parse().unwrap();
        let next = Document { body: (number + 1).to_string(), ..counter.clone() };
        let entry = document("entry", &format!("entry_{worker}_{attempts}"));
        let changes = vec![Create(entry), put(counter.revision, &next)];
        attempts += 1;
        match store.write_documents(changes).await.unwrap() {
            Done => return attempts,
            outcome => assert_eq!(outcome, Changed { id: id("counter") }),
        }
    }
}

pub(crate) async fn of_many_that_change_a_document_at_once_all_get_through(store: Arc<dyn Store>) {
    const WORKERS: u32 = 40;
    create(&*store, &[&Document { body: id("0"), ..document("counter", "counter") }]).await;
    let workers: Vec<_> =
        (0..WORKERS).map(|worker| tokio::spawn(count_up(Arc::clone(&store), worker))).collect();
    let mut expected = Vec::new();
    for (worker, attempts) in workers.into_iter().enumerate() {
        expected.push(format!("entry_{worker}_{}", attempts.await.unwrap() - 1));
    }
    let counter = store.document("counter").await.unwrap().unwrap();
    assert_eq!((counter.body, counter.revision), (WORKERS.to_string(), WORKERS + 1));
    // Writes that shared a transaction with those that were refused are whole.
    let filter = DocumentFilter { kind: id("entry"), ..Default::default() };
    let entries = store.documents(&filter).await.unwrap();
    expected.sort();
    assert_eq!(entries.into_iter().map(|entry| entry.id).collect::<Vec<_>>(), expected);
}

pub(crate) async fn of_many_that_want_a_key_at_once_one_gets_it(store: Arc<dyn Store>) {
    let workers = (0..40).map(|worker| {
        let store = Arc::clone(&store);
        let wants = keyed(&format!("skill_{worker}"), None, "key");
        tokio::spawn(async move { store.write_documents(vec![Create(wants)]).await.unwrap() })
    });
    let (mut winners, mut holders) = (0, Vec::new());
    for worker in workers.collect::<Vec<_>>() {
        match worker.await.unwrap() {
            KeyTaken { id } => holders.push(id),
            outcome => winners += u32::from(outcome == Done),
        }
    }
    let filter = DocumentFilter { kind: id("skill"), ..Default::default() };
    let there = store.documents(&filter).await.unwrap();
    assert_eq!((winners, there.len(), holders.len()), (1, 1, 39));
    assert!(holders.iter().all(|holder| *holder == there[0].id));
}
