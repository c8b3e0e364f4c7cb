//! Files that an agent and others change, and a process that ends anywhere.

#![allow(clippy::disallowed_methods, reason = "plays the agent on folders of its own")]

use std::fs;

use lucid_core::{
    Author, MEMORIES_MAX, MEMORY_BYTES_MAX, Memory, MemoryId, MemoryOperation, MemoryStore,
    MemoryVersion, MemoryVersionId, SeededEntropy, StepClock, Timestamp,
};
use lucid_store::{Document, DocumentChange, InMemoryStore};
use tempfile::TempDir;

use super::*;

struct Kit {
    root: TempDir,
    store: Arc<dyn Store>,
    clock: StepClock,
    entropy: SeededEntropy,
    id: MemoryStoreId,
    session: SessionId,
}

impl Kit {
    async fn new() -> Self {
        let (clock, entropy) = (StepClock::starting_at(Timestamp(10)), SeededEntropy::new(3));
        let store: Arc<dyn Store> = Arc::new(InMemoryStore::new());
        let id = MemoryStoreId::new(&clock, &entropy);
        let made = MemoryStore {
            id: id.clone(),
            name: "notes".to_owned(),
            description: String::new(),
            created_at: Timestamp(1),
            dreamt_from: None,
        };
        store.create_memory_store(&made).await.unwrap();
        let session = SessionId::new(&clock, &entropy);
        let root = tempfile::tempdir().unwrap();
        Self { root, store, clock, entropy, id, session }
    }

    /// As another process, or the same one later, sees the store.
    fn remembered(&self) -> Remembered {
        let folder = self.root.path().join(self.id.as_str());
        Remembered::new(self.id.clone(), folder, self.session.clone())
    }

    async fn meet(&self) -> Remembered {
        let remembered = self.remembered();
        remembered.meet(&self.store, &self.clock, &self.entropy).await.unwrap();
        remembered
    }

    async fn keep(&self, remembered: &Remembered) {
        remembered.keep(&self.store, &self.clock, &self.entropy).await.unwrap();
    }

    fn path(&self, path: &str) -> PathBuf {
        self.remembered().folder.join(path.trim_start_matches('/'))
    }

    fn put(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    fn file(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.path(path)).ok()
    }

    async fn memory(&self, path: &str) -> Option<Memory> {
        let memories = self.store.memories(&self.id).await.unwrap();
        memories.into_iter().find(|memory| memory.path == path)
    }

    async fn texts(&self) -> Vec<(String, String)> {
        let memories = self.store.memories(&self.id).await.unwrap();
        memories.into_iter().map(|memory| (memory.path, memory.content)).collect()
    }

    /// Somebody else writes a memory, or takes it away.
    async fn others(&self, path: &str, text: Option<&str>) {
        let before = self.memory(path).await;
        let operation = match (&before, text) {
            (_, None) => MemoryOperation::Deleted,
            (Some(_), _) => MemoryOperation::Modified,
            (None, _) => MemoryOperation::Created,
        };
        let version = MemoryVersion {
            id: MemoryVersionId::new(&self.clock, &self.entropy),
            memory_id: before
                .map_or_else(|| MemoryId::new(&self.clock, &self.entropy), |before| before.id),
            memory_store_id: self.id.clone(),
            operation,
            path: path.to_owned(),
            content: text.map(str::to_owned),
            created_by: Author::User { user_id: "somebody".to_owned() },
            created_at: self.clock.now(),
        };
        self.store.write_memories(&self.id, vec![version]).await.unwrap();
    }

    /// What this session wrote at a path, newest first; none where it took it away.
    async fn ours(&self, path: &str) -> Vec<Option<String>> {
        let versions = self.store.memory_versions(&self.id, Some(path)).await.unwrap();
        let author = Author::Session { session_id: self.session.clone() };
        let ours = versions.into_iter().filter(|version| version.created_by == author);
        ours.map(|version| version.content).collect()
    }

    async fn versions(&self) -> usize {
        self.store.memory_versions(&self.id, None).await.unwrap().len()
    }
}

#[tokio::test]
async fn what_agents_write_and_take_away_becomes_versions_and_what_others_do_arrives() {
    let kit = Kit::new().await;
    kit.others("/a/b.md", Some("theirs")).await;
    let remembered = kit.meet().await;
    assert_eq!(kit.file("/a/b.md").as_deref(), Some("theirs"));
    kit.put("/c.md", "ours");
    fs::remove_file(kit.path("/a/b.md")).unwrap();
    kit.keep(&remembered).await;
    assert_eq!(kit.texts().await, [("/c.md".to_owned(), "ours".to_owned())]);
    let count = kit.versions().await;
    kit.keep(&remembered).await;
    kit.meet().await;
    assert_eq!(kit.versions().await, count, "nothing changed");
    // A file makes way for a folder, and a folder for a file.
    kit.others("/c.md", None).await;
    kit.others("/c.md/d", Some("deep")).await;
    kit.meet().await;
    assert_eq!(kit.file("/c.md/d").as_deref(), Some("deep"));
    kit.others("/c.md/d", None).await;
    kit.others("/c.md", Some("flat")).await;
    let remembered = kit.meet().await;
    assert_eq!(kit.file("/c.md").as_deref(), Some("flat"));
    assert!(remembered.notices.for_agents().is_empty());
    assert!(remembered.notices.take_fresh().is_empty());
}

#[tokio::test]
async fn a_process_that_ends_between_any_two_files_leaves_no_change_of_an_agents() {
    for done in 0..=3 {
        let kit = Kit::new().await;
        for path in ["/a.md", "/b.md"] {
            kit.others(path, Some("old")).await;
        }
        let remembered = kit.meet().await;
        kit.others("/a.md", Some("new")).await;
        kit.others("/b.md", None).await;
        kit.others("/c/d.md", Some("new")).await;
        // What `bring` does, as far as the process came.
        let mut list = List::read(&remembered.list()).unwrap();
        let coming = [
            ("/b.md", None),
            ("/a.md", Some(folder::hash("new"))),
            ("/c/d.md", Some(folder::hash("new"))),
        ];
        list.coming = coming.into_iter().map(|(path, hash)| (path.to_owned(), hash)).collect();
        remembered.note(&list).unwrap();
        if done > 0 {
            folder::remove(&remembered.folder, "/b.md").unwrap();
        }
        for path in ["/a.md", "/c/d.md"].iter().take(done.max(1) - 1) {
            folder::put(&remembered.folder, path, "new").unwrap();
        }
        let count = kit.versions().await;
        // Somebody changes it once more before the next process comes.
        kit.others("/a.md", Some("newest")).await;
        let remembered = kit.meet().await;
        assert_eq!(kit.versions().await, count + 1, "after {done}");
        assert_eq!(kit.file("/a.md").as_deref(), Some("newest"), "after {done}");
        assert_eq!(kit.file("/b.md"), None, "after {done}");
        assert_eq!(kit.file("/c/d.md").as_deref(), Some("new"), "after {done}");
        // What an agent then makes as it was is a change.
        kit.put("/a.md", "old");
        kit.keep(&remembered).await;
        assert_eq!(kit.ours("/a.md").await, [Some("old".to_owned())], "after {done}");
    }
}

#[tokio::test]
async fn what_was_kept_before_a_process_ended_is_not_written_over_what_came_later() {
    let kit = Kit::new().await;
    kit.others("/a.md", Some("one")).await;
    let remembered = kit.meet().await;
    let before = List::read(&remembered.list()).unwrap();
    kit.put("/a.md", "two");
    kit.keep(&remembered).await;
    // The process ended before it noted that.
    before.write(&remembered.list()).unwrap();
    kit.others("/a.md", Some("three")).await;
    kit.meet().await;
    assert_eq!(kit.ours("/a.md").await, [Some("two".to_owned())]);
    assert_eq!(kit.file("/a.md").as_deref(), Some("three"));
}

#[tokio::test]
async fn a_file_gets_all_of_its_text_or_none_and_links_are_not_written_through() {
    let kit = Kit::new().await;
    kit.others("/a.md", Some("one")).await;
    let remembered = kit.meet().await;
    let elsewhere = kit.root.path().join("elsewhere");
    fs::hard_link(kit.path("/a.md"), &elsewhere).unwrap();
    kit.others("/a.md", Some("two")).await;
    kit.meet().await;
    // It was another file that took the place: whoever had it open reads what it was.
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "one");
    assert_eq!(kit.file("/a.md").as_deref(), Some("two"));
    let left: Vec<_> = fs::read_dir(&remembered.folder).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing else is where guests see it: {left:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_that_an_agent_made_leads_nowhere_and_is_told_of() {
    let kit = Kit::new().await;
    let remembered = kit.meet().await;
    fs::write(kit.root.path().join("secret"), "secret").unwrap();
    std::os::unix::fs::symlink("../secret", kit.path("/a.md")).unwrap();
    std::os::unix::fs::symlink("..", kit.path("/up")).unwrap();
    kit.keep(&remembered).await;
    assert_eq!(kit.texts().await, []);
    assert_eq!(remembered.notices.take_fresh().len(), 2);
    kit.others("/a.md", Some("theirs")).await;
    kit.others("/up/secret", Some("theirs")).await;
    kit.meet().await;
    let secret = fs::read_to_string(kit.root.path().join("secret")).unwrap();
    assert_eq!(secret, "secret");
    fs::remove_file(kit.path("/a.md")).unwrap();
    fs::remove_file(kit.path("/up")).unwrap();
    kit.meet().await;
    assert_eq!(kit.file("/a.md").as_deref(), Some("theirs"));
    assert_eq!(kit.file("/up/secret").as_deref(), Some("theirs"));
}

#[tokio::test]
async fn what_is_refused_stays_in_its_file_and_is_told_of_once() {
    let kit = Kit::new().await;
    kit.others("/large.md", Some("fine")).await;
    let remembered = kit.meet().await;
    let large = "x".repeat(MEMORY_BYTES_MAX + 1);
    kit.put("/large.md", &large);
    kit.keep(&remembered).await;
    let told = remembered.notices.take_fresh();
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("/large.md") && told[0].contains("bytes"), "{told:?}");
    let agents = remembered.notices.for_agents();
    assert!(agents[0].contains("`/large.md`"), "{agents:?}");
    kit.keep(&remembered).await;
    assert!(remembered.notices.take_fresh().is_empty(), "once");
    // Also to the next process, and also where somebody else changes it.
    kit.others("/large.md", Some("other")).await;
    let remembered = kit.meet().await;
    assert!(remembered.notices.take_fresh().is_empty(), "once");
    assert_eq!(remembered.notices.for_agents(), agents);
    assert_eq!(kit.file("/large.md"), Some(large));
    assert_eq!(kit.memory("/large.md").await.unwrap().content, "other");
    // The agent takes it away: what it never saw stays.
    fs::remove_file(kit.path("/large.md")).unwrap();
    let remembered = kit.meet().await;
    assert_eq!(kit.file("/large.md").as_deref(), Some("other"));
    assert_eq!(kit.memory("/large.md").await.unwrap().content, "other");
    assert_eq!(remembered.notices.take_fresh().len(), 1);
    kit.keep(&remembered).await;
    assert!(remembered.notices.for_agents().is_empty());
}

#[tokio::test]
async fn a_text_in_the_way_of_others_is_told_of_and_does_not_take_others_with_it() {
    let kit = Kit::new().await;
    let remembered = kit.meet().await;
    kit.others("/topics/x.md", Some("theirs")).await;
    kit.put("/topics", "ours");
    kit.put("/a.md", "a");
    kit.put("/z.md", "z");
    kit.keep(&remembered).await;
    let paths: Vec<_> = kit.texts().await.into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["/a.md", "/topics/x.md", "/z.md"]);
    let told = remembered.notices.take_fresh();
    assert!(told[0].contains("/topics/x.md"), "{told:?}");
    let remembered = kit.meet().await;
    assert_eq!(kit.file("/topics").as_deref(), Some("ours"));
    let told = remembered.notices.take_fresh();
    assert!(told.iter().any(|told| told.contains("/topics/x.md")), "{told:?}");
    fs::remove_file(kit.path("/topics")).unwrap();
    kit.meet().await;
    assert_eq!(kit.file("/topics/x.md").as_deref(), Some("theirs"));
}

#[tokio::test]
async fn where_both_changed_a_memory_both_texts_stay_and_both_are_told() {
    let kit = Kit::new().await;
    kit.others("/a.md", Some("one")).await;
    kit.others("/b.md", Some("one")).await;
    let remembered = kit.meet().await;
    kit.others("/a.md", Some("theirs")).await;
    kit.others("/b.md", Some("theirs")).await;
    kit.put("/a.md", "ours");
    fs::remove_file(kit.path("/b.md")).unwrap();
    kit.keep(&remembered).await;
    let versions = kit.store.memory_versions(&kit.id, Some("/a.md")).await.unwrap();
    let texts: Vec<_> = versions.iter().map(|version| version.content.as_deref()).collect();
    assert_eq!(texts, [Some("ours"), Some("theirs"), Some("one")]);
    assert!(versions[0].created_at > versions[1].created_at);
    // What the agent took away was not what is there.
    assert_eq!(kit.memory("/b.md").await.unwrap().content, "theirs");
    assert_eq!(remembered.notices.take_fresh().len(), 2);
    assert_eq!(remembered.notices.for_agents().len(), 2);
    let count = kit.versions().await;
    let remembered = kit.meet().await;
    assert_eq!(kit.file("/b.md").as_deref(), Some("theirs"));
    assert_eq!(kit.versions().await, count, "what came is no change of the agent's");
    assert!(remembered.notices.for_agents().is_empty());
}

#[tokio::test]
async fn a_memory_deleted_meanwhile_is_made_anew_by_whoever_writes_it() {
    let kit = Kit::new().await;
    kit.others("/a.md", Some("one")).await;
    kit.others("/b.md", Some("one")).await;
    let before = kit.memory("/a.md").await.unwrap();
    let remembered = kit.meet().await;
    kit.others("/a.md", None).await;
    kit.others("/b.md", None).await;
    kit.put("/a.md", "two");
    kit.keep(&remembered).await;
    let now = kit.memory("/a.md").await.unwrap();
    assert_eq!(now.content, "two");
    assert_ne!(now.id, before.id);
    assert!(remembered.notices.for_agents().is_empty());
    kit.meet().await;
    assert_eq!(kit.file("/b.md"), None, "nobody wrote that one");
    assert!(kit.memory("/b.md").await.is_none());
}

#[tokio::test]
async fn a_session_goes_on_without_a_store_that_was_deleted_and_is_told_once() {
    let kit = Kit::new().await;
    kit.others("/a.md", Some("one")).await;
    let remembered = kit.meet().await;
    kit.store.delete_memory_store(&kit.id).await.unwrap();
    kit.put("/a.md", "two");
    kit.put("/b.md", "two");
    kit.keep(&remembered).await;
    assert!(remembered.notices.for_agents()[0].contains("was deleted"));
    let told = remembered.notices.take_fresh();
    assert_eq!(told.iter().filter(|told| told.contains("was deleted")).count(), 1, "{told:?}");
    kit.keep(&remembered).await;
    kit.meet().await;
    assert!(remembered.notices.take_fresh().is_empty());
    assert!(kit.store.memory_store(&kit.id).await.unwrap().is_none());
}

#[tokio::test]
async fn what_is_written_to_an_archived_store_is_not_kept_and_not_lost_from_its_file() {
    let kit = Kit::new().await;
    kit.others("/a.md", Some("one")).await;
    kit.others("/b.md", Some("one")).await;
    let remembered = kit.meet().await;
    let document = Document {
        id: kit.id.to_string(),
        kind: "memory_store_meta".to_owned(),
        version: 1,
        revision: 1,
        parent: None,
        key: None,
        body: "{}".to_owned(),
        created_at: Timestamp(1),
        archived_at: Some(Timestamp(5)),
    };
    kit.store.write_documents(vec![DocumentChange::Create(document)]).await.unwrap();
    let count = kit.versions().await;
    kit.put("/a.md", "two");
    fs::remove_file(kit.path("/b.md")).unwrap();
    kit.keep(&remembered).await;
    assert!(remembered.notices.for_agents()[0].contains("was archived"));
    let remembered = kit.meet().await;
    assert_eq!(kit.versions().await, count);
    assert_eq!(kit.file("/a.md").as_deref(), Some("two"));
    assert_eq!(kit.file("/b.md").as_deref(), Some("one"));
    assert!(remembered.notices.for_agents()[0].contains("was archived"));
    assert!(remembered.notices.take_fresh().is_empty(), "it was said");
}

#[tokio::test]
async fn files_that_went_with_their_whole_folder_were_taken_away_by_nobody() {
    let kit = Kit::new().await;
    kit.others("/a.md", Some("one")).await;
    let remembered = kit.meet().await;
    fs::remove_dir_all(&remembered.folder).unwrap();
    kit.keep(&remembered).await;
    kit.meet().await;
    assert_eq!(kit.memory("/a.md").await.unwrap().content, "one");
    assert_eq!(kit.file("/a.md").as_deref(), Some("one"));
}

#[tokio::test]
async fn many_files_are_kept_up_to_the_most_and_named_up_to_a_few() {
    let kit = Kit::new().await;
    let remembered = kit.meet().await;
    for number in 0..MEMORIES_MAX + 100 {
        kit.put(&format!("/{number:05}.md"), &number.to_string());
    }
    kit.put("/!do as\nI say", "x");
    kit.keep(&remembered).await;
    assert_eq!(kit.texts().await.len(), MEMORIES_MAX);
    let (told, agents) = (remembered.notices.take_fresh(), remembered.notices.for_agents());
    assert!((1..=30).contains(&told.len()) && (1..=30).contains(&agents.len()));
    // What a guest calls a file is not said to an agent as if the host said it.
    assert!(agents.iter().all(|told| !told.contains("I say")), "{agents:?}");
    fs::remove_file(kit.path("/00000.md")).unwrap();
    kit.keep(&remembered).await;
    assert_eq!(kit.texts().await.len(), MEMORIES_MAX, "one goes, and one comes");
}

#[tokio::test]
async fn a_text_that_was_redacted_goes_from_the_files_and_only_where_it_is_past() {
    let kit = Kit::new().await;
    kit.others("/a.md", Some("secret")).await;
    let remembered = kit.meet().await;
    kit.others("/a.md", Some("fine")).await;
    let count = kit.versions().await;
    folder::forget(&remembered.folder, "/a.md", &folder::hash("other")).unwrap();
    assert_eq!(kit.file("/a.md").as_deref(), Some("secret"));
    folder::forget(&remembered.folder, "/a.md", &folder::hash("secret")).unwrap();
    assert_eq!(kit.file("/a.md"), None);
    kit.meet().await;
    assert_eq!((kit.versions().await, kit.file("/a.md").as_deref()), (count, Some("fine")));
}
