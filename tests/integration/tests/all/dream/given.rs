//! A memory store and past sessions in a state folder of their own, to dream of.

use std::collections::BTreeMap;

use lucid_core::{Dream, MemoryStoreId, ReviewPolicy, SessionId};
use lucid_dream_corpus::truth::{Score, StoreEntry, Stores, Truth, score};
use lucid_runtime::{DreamAsked, DreamRun, Runtime, SessionChoice, Snapshot, apply_proposed};
use lucid_tests::Missions;
use tempfile::TempDir;

pub(super) type Texts = BTreeMap<String, String>;

pub(super) struct Given {
    pub(super) runtime: Runtime,
    pub(super) store: MemoryStoreId,
    _state: TempDir,
}

impl Given {
    pub(super) async fn store(memories: &Texts) -> Self {
        let state = tempfile::tempdir().unwrap();
        let runtime = Runtime::open(Missions::options(&state.path().join("state"))).unwrap();
        let store = runtime.import_memory_store("notes", "", memories.clone()).await.unwrap();
        Self { runtime, store: store.id, _state: state }
    }

    /// Takes in sessions as JSON lines.
    pub(super) async fn sessions(&self, lines: &[u8]) -> Vec<SessionId> {
        self.runtime.import(std::str::from_utf8(lines).unwrap()).await.unwrap()
    }

    /// Dreams with `consolidate` over every session that is there.
    pub(super) async fn dream(&self, policy: ReviewPolicy) -> Dream {
        let asked = DreamAsked {
            policy,
            ..DreamAsked::new("consolidate", self.store.clone(), SessionChoice::All)
        };
        let dream = self.runtime.start_dream(&asked, &DreamRun::default()).await.unwrap();
        assert_eq!(dream.error, None);
        dream
    }

    pub(super) async fn texts(&self, store: &MemoryStoreId) -> Texts {
        let memories = self.runtime.store.memories(store).await.unwrap();
        memories.into_iter().map(|memory| (memory.path, memory.content)).collect()
    }

    /// What a dream left, with nothing but what its policy accepted.
    pub(super) async fn left(&self, dream: &Dream) -> Texts {
        self.texts(dream.memory_store_out.as_ref().unwrap()).await
    }

    /// What it would leave if nobody objected.
    pub(super) async fn proposed(&self, dream: &Dream) -> Texts {
        apply_proposed(&self.snapshot(dream).await, &dream.operations)
    }

    pub(super) async fn score(&self, dream: &Dream, truth: &Truth) -> Score {
        let entries = self.snapshot(dream).await.entries().into_iter();
        let entry = |entry: lucid_runtime::Entry| StoreEntry {
            id: entry.id,
            path: entry.path,
            text: entry.text,
        };
        let stores =
            Stores { entries: entries.map(entry).collect(), output: self.proposed(dream).await };
        score(&serde_json::to_string(dream).unwrap(), truth, &stores).unwrap()
    }

    async fn snapshot(&self, dream: &Dream) -> Snapshot {
        let memories = self.runtime.store.memories(&dream.memory_store_in).await.unwrap();
        Snapshot::of(&memories)
    }
}
