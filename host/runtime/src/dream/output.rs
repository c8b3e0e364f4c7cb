//! The store a dream makes: a copy of what it read, and then what was accepted of its
//! operations. Every change of it is a version, with the dream as its author.

use std::collections::BTreeMap;

use lucid_core::{
    Author, Clock, Entropy, Memory, MemoryId, MemoryOperation, MemoryStore, MemoryStoreId,
    MemoryVersion, MemoryVersionId, Result, Timestamp,
};
use lucid_memory::{MemoryText, Snapshot};
use lucid_store::Store;

/// A clock and ids for what is written.
#[derive(Clone, Copy)]
pub(super) struct Pen<'a> {
    pub(super) clock: &'a dyn Clock,
    pub(super) entropy: &'a dyn Entropy,
}

/// Makes a store with its first memories; what of it is there already stays as it is.
pub(crate) async fn make_store(
    store: &dyn Store,
    made: &MemoryStore,
    versions: Vec<MemoryVersion>,
) -> Result<()> {
    if store.memory_store(&made.id).await?.is_none() {
        store.create_memory_store(made).await?;
    }
    if store.memories(&made.id).await?.is_empty() {
        store.write_memories(&made.id, versions).await?;
    }
    Ok(())
}

/// The first versions of a store's memories.
pub(crate) fn first_versions(
    store: &MemoryStoreId,
    texts: impl IntoIterator<Item = (String, String)>,
    author: &Author,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Vec<MemoryVersion> {
    // All at one moment: none of them is newer than another.
    let created_at = clock.now();
    let version = |(path, content)| MemoryVersion {
        id: MemoryVersionId::new(clock, entropy),
        memory_id: MemoryId::new(clock, entropy),
        memory_store_id: store.clone(),
        operation: MemoryOperation::Created,
        path,
        content: Some(content),
        created_by: author.clone(),
        created_at,
    };
    texts.into_iter().map(version).collect()
}

/// The versions that make of a store's memories what they are to be; none where they are it.
pub(super) fn towards(
    store: &MemoryStoreId,
    heads: &[Memory],
    wanted: &BTreeMap<String, String>,
    author: &Author,
    pen: Pen<'_>,
) -> Vec<MemoryVersion> {
    let mut versions = Vec::new();
    let mut write =
        |memory_id, operation, path: &str, content: Option<&String>, before: Timestamp| {
            let later = Timestamp(before.as_millis().saturating_add(1));
            versions.push(MemoryVersion {
                id: MemoryVersionId::new(pen.clock, pen.entropy),
                memory_id,
                memory_store_id: store.clone(),
                operation,
                path: path.to_owned(),
                content: content.cloned(),
                created_by: author.clone(),
                // Behind what it replaces, whatever the clock of its writer said.
                created_at: pen.clock.now().max(later),
            });
        };
    // What goes, goes first: a file may have to make room for a folder.
    for head in heads {
        if !wanted.contains_key(&head.path) {
            let (id, before) = (head.id.clone(), head.updated_at);
            write(id, MemoryOperation::Deleted, &head.path, None, before);
        }
    }
    let here: BTreeMap<&str, &Memory> = heads.iter().map(|m| (m.path.as_str(), m)).collect();
    for (path, content) in wanted {
        match here.get(path.as_str()) {
            Some(head) if head.content == *content => {}
            Some(head) => {
                let (id, before) = (head.id.clone(), head.updated_at);
                write(id, MemoryOperation::Modified, path, Some(content), before);
            }
            None => {
                let id = MemoryId::new(pen.clock, pen.entropy);
                write(id, MemoryOperation::Created, path, Some(content), Timestamp(0));
            }
        }
    }
    versions
}

/// What stood in some versions, as a dream reads it; none where the text of one was taken out.
pub(super) fn snapshot_of(versions: Vec<MemoryVersion>) -> Option<Snapshot> {
    let text = |version: MemoryVersion| {
        let updated_at = version.created_at;
        let content = version.content?;
        Some((version.path, MemoryText { content, updated_at }))
    };
    versions.into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use lucid_core::{DreamId, SeededEntropy, StepClock};
    use lucid_store::InMemoryStore;

    use super::*;

    fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect()
    }

    #[tokio::test]
    async fn a_store_becomes_what_it_is_to_be_and_back_byte_for_byte() {
        let (clock, entropy) = (StepClock::starting_at(Timestamp(5)), SeededEntropy::new(1));
        let pen = Pen { clock: &clock, entropy: &entropy };
        let author = Author::Dream { dream_id: DreamId::new(&clock, &entropy) };
        let made = MemoryStore {
            id: MemoryStoreId::new(&clock, &entropy),
            name: "notes".to_owned(),
            description: String::new(),
            created_at: clock.now(),
            dreamt_from: None,
        };
        let store = InMemoryStore::new();
        let one = texts(&[("/a.md", "- a\n"), ("/b.md", "- b\r\n"), ("/c.md", "")]);
        let other = texts(&[("/a.md", "- a\n- x\n"), ("/c.md", ""), ("/d/e.md", "# E\n")]);
        let first = first_versions(&made.id, one.clone(), &author, &clock, &entropy);
        make_store(&store, &made, first).await.unwrap();
        for wanted in [&other, &one, &other, &one] {
            let heads = store.memories(&made.id).await.unwrap();
            let versions = towards(&made.id, &heads, wanted, &author, pen);
            store.write_memories(&made.id, versions).await.unwrap();
            let heads = store.memories(&made.id).await.unwrap();
            assert_eq!(Snapshot::of(&heads).contents(), *wanted);
            assert!(towards(&made.id, &heads, wanted, &author, pen).is_empty());
        }
    }

    #[test]
    fn a_snapshot_without_the_text_of_one_version_is_none() {
        let (clock, entropy) = (StepClock::starting_at(Timestamp(5)), SeededEntropy::new(1));
        let author = Author::User { user_id: "test".to_owned() };
        let id = MemoryStoreId::new(&clock, &entropy);
        let pairs = texts(&[("/a.md", "- a"), ("/b.md", "- b")]);
        let mut versions = first_versions(&id, pairs.clone(), &author, &clock, &entropy);
        assert_eq!(snapshot_of(versions.clone()).unwrap().contents(), pairs);
        versions[1].content = None;
        assert!(snapshot_of(versions).is_none());
    }
}
