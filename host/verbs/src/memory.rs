//! Memory stores: what they hold and held.

pub(crate) mod redact;
pub(crate) mod why;

use std::collections::BTreeMap;

use lucid_core::{
    EntryInterval, Failure, Memory, MemoryStore, MemoryStoreId, MemoryVersion, MemoryVersionId,
    Result,
};
use serde::{Deserialize, Serialize};

use crate::events::ANSWER_BYTES;
use crate::find::pick;
use crate::stage::Stage;
use crate::verb::Verb;

/// Lists memory stores, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListMemoryStores {}

impl Verb for ListMemoryStores {
    const NAME: &'static str = "list_memory_stores";
    const CHANGES: bool = false;
    type Answer = Vec<MemoryStore>;

    /// # Errors
    /// Failed, when the store fails.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        newest_first(stage).await
    }
}

/// Reads the memories of a store, or one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadMemories {
    /// The store: an id, the unique start of one, or `latest`.
    pub store: String,
    /// Only this memory.
    pub path: Option<String>,
}

impl Verb for ReadMemories {
    const NAME: &'static str = "read_memories";
    const CHANGES: bool = false;
    type Answer = Vec<Memory>;

    /// # Errors
    /// Invalid, when there is no such store or memory.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        let found = find_store(stage, &self.store).await?;
        let Some(path) = self.path else { return stage.store().memories(&found.id).await };
        // The texts of the others are not read.
        let memories = stage.store().memories_in_short(&found.id).await?;
        let memory = memories.into_iter().map(|(memory, _)| memory).find(|one| one.path == path);
        let version = match &memory {
            Some(memory) => stage.store().memory_version(&memory.memory_version_id).await?,
            None => None,
        };
        let text = version.and_then(|version| version.content);
        let (Some(memory), Some(content)) = (memory, text) else {
            return Err(Failure::invalid(format!("no such memory: `{path}`"))
                .hint(format!("`lucid memory show {}` shows all", found.id)));
        };
        Ok(vec![Memory { content, ..memory }])
    }
}

/// Versions that one answer has at most.
const VERSIONS_MAX: usize = 1_000;

/// Lists the versions of a store's memories, or of one, newest first: so many as one answer
/// has. Ask again behind the last for more, until there are none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListMemoryVersions {
    /// The store: an id, the unique start of one, or `latest`.
    pub store: String,
    /// Only those of this memory.
    pub path: Option<String>,
    /// Start behind this version.
    #[serde(default)]
    pub after: Option<MemoryVersionId>,
}

impl Verb for ListMemoryVersions {
    const NAME: &'static str = "list_memory_versions";
    const CHANGES: bool = false;
    type Answer = Vec<MemoryVersion>;

    /// # Errors
    /// Invalid, when there is no such store, or no version to start behind.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        let Self { store, path, after } = self;
        let found = find_store(stage, &store).await?;
        let versions = stage.store().memory_versions_in_short(&found.id).await?;
        let start = match &after {
            None => 0,
            Some(after) => {
                let place = versions.iter().position(|version| version.id == *after);
                let no_version = || Failure::invalid(format!("no such memory version: {after}"));
                place.ok_or_else(no_version)?.saturating_add(1)
            }
        };
        let (mut page, mut bytes) = (Vec::new(), 0_usize);
        for short in versions.into_iter().skip(start) {
            if path.as_ref().is_some_and(|path| short.path != *path) {
                continue;
            }
            let Some(version) = stage.store().memory_version(&short.id).await? else { continue };
            bytes = bytes.saturating_add(version.content.as_ref().map_or(0, String::len));
            page.push(version);
            if bytes >= ANSWER_BYTES || page.len() >= VERSIONS_MAX {
                break;
            }
        }
        Ok(page)
    }
}

/// Lists what a store held and holds no more, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListMemoryHistory {
    /// The store: an id, the unique start of one, or `latest`.
    pub store: String,
    /// Only entries of this memory.
    pub path: Option<String>,
}

impl Verb for ListMemoryHistory {
    const NAME: &'static str = "list_memory_history";
    const CHANGES: bool = false;
    type Answer = Vec<EntryInterval>;

    /// # Errors
    /// Invalid, when there is no such store.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        let found = find_store(stage, &self.store).await?;
        let mut intervals = stage.runtime.memory_history(&found.id).await?;
        intervals.retain(|interval| self.path.as_ref().is_none_or(|path| interval.path == *path));
        Ok(intervals)
    }
}

/// Makes a store of texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportMemoryStore {
    /// Its name, 1 to 255 characters.
    pub name: String,
    /// What it is for; agents see it.
    pub description: String,
    /// The memories: path in the store, such as `/notes.md`, to text.
    pub texts: BTreeMap<String, String>,
}

impl Verb for ImportMemoryStore {
    const NAME: &'static str = "import_memory_store";
    const CHANGES: bool = true;
    type Answer = MemoryStore;

    /// # Errors
    /// Invalid, when the name is none or a path is no memory's; exceeded, when a text is too
    /// large or there are too many.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        let Self { name, description, texts } = self;
        stage.runtime.import_memory_store(&name, &description, texts).await
    }
}

/// All memory stores, newest first.
pub(crate) async fn newest_first(stage: &Stage) -> Result<Vec<MemoryStore>> {
    let mut stores = stage.store().memory_stores().await?;
    stores.reverse();
    Ok(stores)
}

/// The memory store that is meant.
pub(crate) async fn find_store(stage: &Stage, wanted: &str) -> Result<MemoryStore> {
    let store = stage.store();
    if let Some(id) = MemoryStoreId::parse(wanted)
        && let Some(found) = store.memory_store(&id).await?
    {
        return Ok(found);
    }
    if wanted == "latest" {
        let all = newest_first(stage).await?;
        return pick(&all, |found| found.id.as_str(), wanted, "memory store").cloned();
    }
    // A second one says that there are several.
    let fitting = store.memory_stores_named(wanted, 2).await?;
    let id = pick(&fitting, MemoryStoreId::as_str, wanted, "memory store")?;
    let found = store.memory_store(id).await?;
    found.ok_or_else(|| Failure::invalid(format!("no such memory store: `{id}`")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use lucid_core::Timestamp;
    use lucid_runtime::{Runtime, RuntimeOptions};

    use super::*;
    use crate::memory::redact::FindMemoryVersion;

    #[tokio::test]
    async fn what_is_more_than_one_answer_has_is_read_piece_by_piece() {
        let state = tempfile::tempdir().unwrap();
        let runtime = Runtime::open(RuntimeOptions::new(state.path().to_owned())).unwrap();
        let stage = Stage::alone(runtime);
        let text = "x".repeat(90_000);
        let count = ANSWER_BYTES / text.len() + 20;
        let texts = (0..count).map(|number| (format!("/{number}.md"), text.clone())).collect();
        let (name, description) = ("Notes".to_owned(), String::new());
        ImportMemoryStore { name, description, texts }.perform(&stage).await.unwrap();

        let asked = |path: Option<&str>, after: Option<MemoryVersionId>| ListMemoryVersions {
            store: "latest".to_owned(),
            path: path.map(str::to_owned),
            after,
        };
        let (mut ids, mut pages, mut after) = (BTreeSet::new(), 0, None);
        loop {
            let page = asked(None, after.take()).perform(&stage).await.unwrap();
            let Some(last) = page.last() else { break };
            assert!(page.len() < count);
            after = Some(last.id.clone());
            pages += 1;
            ids.extend(page.into_iter().map(|version| version.id));
        }
        assert_eq!((ids.len(), pages), (count, 2));

        let of_one = asked(Some("/7.md"), None).perform(&stage).await.unwrap();
        let [version] = of_one.as_slice() else { panic!("{} versions", of_one.len()) };
        let read = |path: &str| {
            let (store, path) = ("latest".to_owned(), Some(path.to_owned()));
            ReadMemories { store, path }.perform(&stage)
        };
        let memories = read("/7.md").await.unwrap();
        assert_eq!(memories.len(), 1);
        assert_eq!(Some(&memories[0].content), version.content.as_ref());
        assert!(read("/none.md").await.unwrap_err().hint.is_some());

        let find = |version: &str| FindMemoryVersion { version: version.to_owned() };
        let whole = version.id.as_str();
        assert_eq!(find(whole).perform(&stage).await.as_ref(), Ok(version));
        // The start of an id that no other one has.
        let others = || ids.iter().filter(|id| **id != version.id);
        let is_own = |start: &&str| !others().any(|id| id.as_str().starts_with(start));
        let mut starts = (1..whole.len()).map(|end| &whole[..end]);
        let start = starts.find(|start| is_own(start)).unwrap();
        assert_eq!(find(start).perform(&stage).await.as_ref(), Ok(version));
        assert!(find("memver_").perform(&stage).await.unwrap_err().message.contains("several"));
    }

    #[tokio::test]
    async fn a_store_is_meant_by_its_id_the_start_of_it_or_as_the_latest() {
        let state = tempfile::tempdir().unwrap();
        let runtime = Runtime::open(RuntimeOptions::new(state.path().to_owned())).unwrap();
        let stage = Stage::alone(runtime);
        let meant = async |wanted: &str| find_store(&stage, wanted).await;
        assert_eq!(meant("latest").await.unwrap_err().message, "there is no memory store");
        let store = |id: &str, created_at| MemoryStore {
            id: MemoryStoreId::parse(id).unwrap(),
            name: "Notes".to_owned(),
            description: String::new(),
            created_at: Timestamp(created_at),
            dreamt_from: None,
        };
        // The one whose id comes first was made last.
        let [a, ab] = [store("memstore_01a", 6), store("memstore_01ab", 5)];
        for made in [&a, &ab] {
            stage.store().create_memory_store(made).await.unwrap();
        }
        for (wanted, store) in [("memstore_01a", &a), ("memstore_01ab", &ab), ("latest", &a)] {
            assert_eq!(meant(wanted).await.as_ref(), Ok(store), "{wanted}");
        }
        let several = meant("memstore_").await.unwrap_err();
        assert!(several.message.contains("several memory stores start with"), "{several}");
        let none = meant("memstore_02").await.unwrap_err();
        assert_eq!(none.message, "no such memory store: `memstore_02`");
        assert!(none.hint.is_some());
    }
}
