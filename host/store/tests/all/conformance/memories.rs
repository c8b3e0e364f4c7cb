//! Memory stores.

use std::sync::Arc;

use lucid_core::{
    FailureKind, MEMORIES_MAX, MEMORY_BYTES_MAX, MemoryOperation, MemoryStore, MemoryStoreId,
    MemoryVersion, Timestamp, sha256_hex,
};
use lucid_store::Store;

use crate::kit::{created, deleted, memory_store, modified};

/// Path and text of every memory.
async fn contents(store: &dyn Store, id: &MemoryStoreId) -> Vec<(String, String)> {
    let memories = store.memories(id).await.unwrap();
    memories.into_iter().map(|memory| (memory.path, memory.content)).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect()
}

async fn refused(store: &dyn Store, versions: Vec<MemoryVersion>) -> FailureKind {
    let id = versions[0].memory_store_id.clone();
    store.write_memories(&id, versions).await.unwrap_err().kind
}

pub(crate) async fn a_memory_store_comes_back_as_it_was(store: Arc<dyn Store>) {
    let first = memory_store(&*store).await;
    let second = MemoryStore {
        id: MemoryStoreId::parse("memstore_01second").unwrap(),
        name: "日本".to_owned(),
        description: String::new(),
        created_at: Timestamp(6),
        dreamt_from: Some(first.clone()),
    };
    store.create_memory_store(&second).await.unwrap();
    assert_eq!(store.memory_store(&second.id).await, Ok(Some(second.clone())));
    let failure = store.create_memory_store(&second).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid);
    let listed = store.memory_stores().await.unwrap();
    assert_eq!(listed.iter().map(|store| &store.id).collect::<Vec<_>>(), [&first, &second.id]);
    let unknown = MemoryStoreId::parse("memstore_01unknown").unwrap();
    assert_eq!(store.memory_store(&unknown).await, Ok(None));
    assert_eq!(store.memories(&unknown).await, Ok(vec![]));
}

pub(crate) async fn memory_stores_are_found_by_the_start_of_their_ids(store: Arc<dyn Store>) {
    let ids = ["memstore_01a", "memstore_01ab", "memstore_01b", "memstore_02"];
    let id = |text: &str| MemoryStoreId::parse(text).unwrap();
    for text in ids.iter().rev() {
        let made = MemoryStore {
            id: id(text),
            name: "Notes".to_owned(),
            description: String::new(),
            created_at: Timestamp(6),
            dreamt_from: None,
        };
        store.create_memory_store(&made).await.unwrap();
    }
    for (start, limit, expected) in [
        ("", 9, &ids[..]),
        ("memstore_01", 9, &ids[..3]),
        ("memstore_01", 2, &ids[..2]),
        ("memstore_01ab", 9, &ids[1..2]),
        // Nothing of it is a pattern.
        ("memstore_0%", 9, &[]),
        ("memstore_0_", 9, &[]),
        ("MEMSTORE_01", 9, &[]),
        ("memstore_03", 9, &[]),
        ("memstore_01", 0, &[]),
    ] {
        let found = store.memory_stores_named(start, limit).await.unwrap();
        let expected: Vec<_> = expected.iter().map(|text| id(text)).collect();
        assert_eq!(found, expected, "{start:?} {limit}");
    }
}

pub(crate) async fn memories_are_listed_by_path_as_they_are_now(store: Arc<dyn Store>) {
    let (id, other) = (memory_store(&*store).await, memory_store(&*store).await);
    let b = created(&id, "/b.md", "one");
    let a = created(&id, "/a/c.md", "");
    store.write_memories(&id, vec![b.clone(), a]).await.unwrap();
    store.write_memories(&other, vec![created(&other, "/b.md", "theirs")]).await.unwrap();
    let later = modified(&b, "/b.md", "two\r\n\0é");
    store.write_memories(&id, vec![later.clone()]).await.unwrap();
    let listed = store.memories(&id).await.unwrap();
    assert_eq!(contents(&*store, &id).await, pairs(&[("/a/c.md", ""), ("/b.md", "two\r\n\0é")]));
    let memory = &listed[1];
    assert_eq!((&memory.id, &memory.memory_version_id), (&b.memory_id, &later.id));
    assert_eq!(memory.content_sha256, sha256_hex("two\r\n\0é".as_bytes()));
    assert_eq!((memory.created_at, memory.updated_at), (b.created_at, later.created_at));
    assert_eq!(memory.memory_store_id, id);
}

pub(crate) async fn every_change_is_a_version(store: Arc<dyn Store>) {
    let id = memory_store(&*store).await;
    let first = created(&id, "/a.md", "one");
    let other = created(&id, "/b.md", "else");
    let second = modified(&first, "/a.md", "two");
    let third = deleted(&first);
    let all = vec![first.clone(), other.clone(), second.clone(), third.clone()];
    store.write_memories(&id, all[..2].to_vec()).await.unwrap();
    store.write_memories(&id, all[2..].to_vec()).await.unwrap();
    let newest_first: Vec<_> = all.into_iter().rev().collect();
    assert_eq!(store.memory_versions(&id, None).await, Ok(newest_first));
    let of_path = store.memory_versions(&id, Some("/a.md")).await;
    assert_eq!(of_path, Ok(vec![third, second, first]));
    assert_eq!(store.memory_versions(&id, Some("/c.md")).await, Ok(vec![]));
    assert_eq!(contents(&*store, &id).await, pairs(&[("/b.md", "else")]));
}

pub(crate) async fn paths_are_unique_among_live_memories(store: Arc<dyn Store>) {
    let (id, other) = (memory_store(&*store).await, memory_store(&*store).await);
    let a = created(&id, "/a.md", "a");
    let b = created(&id, "/b.md", "b");
    store.write_memories(&id, vec![a.clone(), b.clone()]).await.unwrap();
    let invalid = FailureKind::Invalid;
    assert_eq!(refused(&*store, vec![created(&id, "/a.md", "again")]).await, invalid);
    assert_eq!(refused(&*store, vec![modified(&b, "/a.md", "moved")]).await, invalid);
    store.write_memories(&other, vec![created(&other, "/a.md", "elsewhere")]).await.unwrap();
    assert_eq!(contents(&*store, &id).await, pairs(&[("/a.md", "a"), ("/b.md", "b")]));
}

pub(crate) async fn a_path_is_free_again_after_a_delete(store: Arc<dyn Store>) {
    let id = memory_store(&*store).await;
    let first = created(&id, "/a.md", "first");
    store.write_memories(&id, vec![first.clone()]).await.unwrap();
    let again = vec![deleted(&first), created(&id, "/a.md", "second")];
    store.write_memories(&id, again).await.unwrap();
    assert_eq!(contents(&*store, &id).await, pairs(&[("/a.md", "second")]));
    assert_eq!(refused(&*store, vec![deleted(&first)]).await, FailureKind::Invalid);
}

pub(crate) async fn a_memory_can_move(store: Arc<dyn Store>) {
    let id = memory_store(&*store).await;
    let first = created(&id, "/a.md", "text");
    store.write_memories(&id, vec![first.clone()]).await.unwrap();
    store.write_memories(&id, vec![modified(&first, "/b.md", "text")]).await.unwrap();
    store.write_memories(&id, vec![created(&id, "/a.md", "new")]).await.unwrap();
    assert_eq!(contents(&*store, &id).await, pairs(&[("/a.md", "new"), ("/b.md", "text")]));
}

pub(crate) async fn a_path_is_not_both_a_file_and_a_folder(store: Arc<dyn Store>) {
    let (id, other) = (memory_store(&*store).await, memory_store(&*store).await);
    let (a, b) = (created(&id, "/a/b.md", "b"), created(&id, "/c", "c"));
    // What only begins alike is in nobody's way.
    let near = [created(&id, "/a-", "x"), created(&id, "/a0", "x"), created(&id, "/c.md", "x")];
    let all = [a.clone(), b.clone()].into_iter().chain(near).collect();
    store.write_memories(&id, all).await.unwrap();
    let wrong = [
        (created(&id, "/a", "x"), "/a/b.md"),
        (created(&id, "/c/d/e", "x"), "/c"),
        (created(&id, "/a/b.md/c", "x"), "/a/b.md"),
        (modified(&b, "/a", "x"), "/a/b.md"),
        (modified(&b, "/a/b.md/c", "x"), "/a/b.md"),
    ];
    for (version, way) in wrong {
        let path = version.path.clone();
        let failure = store.write_memories(&id, vec![version.clone()]).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Invalid, "{path}");
        assert!(failure.message.contains(&format!("memory {path} ")), "{failure}");
        assert!(failure.message.contains(&format!("beside {way} ")), "{failure}");
        let newest = store.newest_memory_version(&id).await.unwrap();
        let after = store.write_memories_after(&id, newest.as_ref(), vec![version]).await;
        assert!(after.is_err(), "{path}");
    }
    let both = vec![created(&other, "/x/y", ""), created(&other, "/x", "")];
    assert_eq!(refused(&*store, both).await, FailureKind::Invalid);
    assert_eq!(store.memories(&other).await, Ok(vec![]));
    // Another store's are nobody's; what goes makes room; one may move to below itself.
    store.write_memories(&other, vec![created(&other, "/a", "")]).await.unwrap();
    let room = vec![deleted(&a), created(&id, "/a", "file"), modified(&b, "/c/d", "deeper")];
    store.write_memories(&id, room).await.unwrap();
    store.write_memories(&id, vec![modified(&b, "/c", "back")]).await.unwrap();
    store.write_memories(&id, vec![modified(&b, "/c", "again")]).await.unwrap();
}

pub(crate) async fn a_failed_write_leaves_nothing_behind(store: Arc<dyn Store>) {
    let id = memory_store(&*store).await;
    let kept = created(&id, "/kept.md", "kept");
    store.write_memories(&id, vec![kept.clone()]).await.unwrap();
    let fine = created(&id, "/fine.md", "fine");
    let wrong = created(&id, "/kept.md", "taken");
    let batch = vec![fine.clone(), deleted(&kept), fine.clone(), wrong];
    assert_eq!(refused(&*store, batch).await, FailureKind::Invalid);
    assert_eq!(contents(&*store, &id).await, pairs(&[("/kept.md", "kept")]));
    assert_eq!(store.memory_versions(&id, None).await, Ok(vec![kept]));
    store.write_memories(&id, vec![fine]).await.unwrap();
}

pub(crate) async fn versions_that_do_not_fit_are_refused(store: Arc<dyn Store>) {
    let (id, other) = (memory_store(&*store).await, memory_store(&*store).await);
    let live = created(&id, "/live.md", "x");
    store.write_memories(&id, vec![live.clone()]).await.unwrap();
    let unknown = created(&id, "/unknown.md", "x");
    let without_text = MemoryVersion { content: None, ..created(&id, "/a.md", "x") };
    let with_text = MemoryVersion { content: Some("x".to_owned()), ..deleted(&live) };
    let again = MemoryVersion { path: "/b.md".to_owned(), ..live.clone() };
    let same_memory =
        MemoryVersion { operation: MemoryOperation::Created, ..modified(&live, "/c.md", "x") };
    let wrong = [
        ("not there", modified(&unknown, "/unknown.md", "x")),
        ("not there", deleted(&unknown)),
        ("no text", without_text),
        ("a text", with_text),
        ("a version twice", again),
        ("a memory twice", same_memory),
        ("a relative path", created(&id, "a.md", "x")),
        ("a long path", created(&id, &format!("/{}.md", "a".repeat(1_024)), "x")),
    ];
    for (why, version) in wrong {
        assert_eq!(refused(&*store, vec![version]).await, FailureKind::Invalid, "{why}");
    }
    let strangers = [modified(&live, "/live.md", "y"), created(&id, "/d.md", "x")];
    for version in strangers {
        let failure = store.write_memories(&other, vec![version]).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Invalid);
    }
    let moved_in = MemoryVersion { memory_store_id: other.clone(), ..deleted(&live) };
    assert_eq!(refused(&*store, vec![moved_in]).await, FailureKind::Invalid);
    let nowhere = MemoryStoreId::parse("memstore_01unknown").unwrap();
    let version = created(&nowhere, "/a.md", "x");
    assert_eq!(refused(&*store, vec![version]).await, FailureKind::Invalid);
    assert_eq!(store.memory_versions(&id, None).await, Ok(vec![live]));
}

pub(crate) async fn a_memory_is_at_most_so_large(store: Arc<dyn Store>) {
    let id = memory_store(&*store).await;
    let full = created(&id, "/full.md", &"x".repeat(MEMORY_BYTES_MAX));
    store.write_memories(&id, vec![full.clone()]).await.unwrap();
    let more = modified(&full, "/full.md", &"x".repeat(MEMORY_BYTES_MAX + 1));
    assert_eq!(refused(&*store, vec![more]).await, FailureKind::Exceeded);
}

pub(crate) async fn a_store_has_at_most_so_many_memories(store: Arc<dyn Store>) {
    let id = memory_store(&*store).await;
    let path = |number| format!("/{number}.md");
    let most = (0..MEMORIES_MAX).map(|number| created(&id, &path(number), "x"));
    let most: Vec<_> = most.collect();
    store.write_memories(&id, most.clone()).await.unwrap();
    let more = created(&id, "/more.md", "x");
    assert_eq!(refused(&*store, vec![more.clone()]).await, FailureKind::Exceeded);
    assert_eq!(store.memories(&id).await.unwrap().len(), MEMORIES_MAX);
    store.write_memories(&id, vec![deleted(&most[0]), more]).await.unwrap();
    assert_eq!(store.memories(&id).await.unwrap().len(), MEMORIES_MAX);
}

pub(crate) async fn lists_in_short_have_all_but_the_texts(store: Arc<dyn Store>) {
    let (id, other) = (memory_store(&*store).await, memory_store(&*store).await);
    let (b, a) = (created(&id, "/b.md", "é"), created(&id, "/a.md", ""));
    let later = modified(&b, "/b.md", "two\0é");
    store.write_memories(&id, vec![b.clone(), a, later.clone()]).await.unwrap();
    store.write_memories(&other, vec![created(&other, "/b.md", "theirs")]).await.unwrap();
    let in_short = store.memories_in_short(&id).await.unwrap();
    assert_eq!(in_short.iter().map(|(_, bytes)| *bytes).collect::<Vec<_>>(), [0, 6]);
    let whole = store.memories(&id).await.unwrap();
    for ((short, bytes), whole) in in_short.into_iter().zip(&whole) {
        assert_eq!(bytes, whole.content.len() as u64);
        assert_eq!((short.content.as_str(), short.path.as_str()), ("", whole.path.as_str()));
        assert_eq!(lucid_core::Memory { content: whole.content.clone(), ..short }, *whole);
    }
    assert_eq!(store.memory(&b.memory_id).await, Ok(Some(whole[1].clone())));
    assert_eq!(store.memory(&crate::kit::memory_id()).await, Ok(None));
    let mut versions = store.memory_versions(&id, None).await.unwrap();
    versions.iter_mut().for_each(|version| version.content = None);
    assert_eq!(store.memory_versions_in_short(&id).await, Ok(versions));
    assert_eq!(store.newest_memory_version(&id).await, Ok(Some(later.id)));
}

pub(crate) async fn a_write_over_what_somebody_else_changed_changes_nothing(store: Arc<dyn Store>) {
    let (id, other) = (memory_store(&*store).await, memory_store(&*store).await);
    let (first, second) = (created(&id, "/a.md", "one"), created(&id, "/b.md", "two"));
    assert_eq!(store.newest_memory_version(&id).await, Ok(None));
    let write = async |known: Option<&MemoryVersion>, versions: Vec<MemoryVersion>| {
        store.write_memories_after(&id, known.map(|one| &one.id), versions).await
    };
    assert_eq!(write(Some(&second), vec![first.clone()]).await, Ok(false));
    assert_eq!(write(None, vec![first.clone()]).await, Ok(true));
    // What happens in another store is nothing to this one.
    store.write_memories(&other, vec![created(&other, "/a.md", "")]).await.unwrap();
    assert_eq!(write(None, vec![second.clone()]).await, Ok(false));
    assert_eq!(contents(&*store, &id).await, pairs(&[("/a.md", "one")]));
    let taken = created(&id, "/a.md", "");
    assert_eq!(write(Some(&first), vec![taken]).await.unwrap_err().kind, FailureKind::Invalid);
    assert_eq!(write(Some(&first), vec![second]).await, Ok(true));
    assert_eq!(contents(&*store, &id).await, pairs(&[("/a.md", "one"), ("/b.md", "two")]));
}

pub(crate) async fn a_memory_store_is_called_something_else_and_stays_the_same(
    store: Arc<dyn Store>,
) {
    let id = memory_store(&*store).await;
    let before = store.memory_store(&id).await.unwrap().unwrap();
    let name = "Other notes".to_owned();
    let wanted = MemoryStore { name, description: String::new(), ..before.clone() };
    let changed = MemoryStore { created_at: Timestamp(9), ..wanted.clone() };
    store.change_memory_store(&changed).await.unwrap();
    assert_eq!(store.memory_store(&id).await, Ok(Some(wanted)));
    let unknown = MemoryStoreId::parse("memstore_01unknown").unwrap();
    let nobody = MemoryStore { id: unknown, ..before };
    assert!(store.change_memory_store(&nobody).await.is_err());
}

pub(crate) async fn a_deleted_memory_store_leaves_nothing(store: Arc<dyn Store>) {
    let (id, other) = (memory_store(&*store).await, memory_store(&*store).await);
    let (a, b) = (created(&id, "/a.md", "one"), created(&other, "/a.md", "theirs"));
    let gone = deleted(&a);
    store.write_memories(&id, vec![a.clone(), created(&id, "/b.md", "")]).await.unwrap();
    store.write_memories(&id, vec![gone]).await.unwrap();
    store.write_memories(&other, vec![b]).await.unwrap();
    store.delete_memory_store(&id).await.unwrap();
    assert_eq!(store.memory_store(&id).await, Ok(None));
    assert_eq!(store.memories(&id).await, Ok(vec![]));
    assert_eq!(store.memory_versions(&id, None).await, Ok(vec![]));
    assert_eq!(store.memory_version(&a.id).await, Ok(None));
    assert_eq!(contents(&*store, &other).await, pairs(&[("/a.md", "theirs")]));
    assert!(store.delete_memory_store(&id).await.is_err());
}
