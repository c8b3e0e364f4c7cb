//! Where an entry of a memory store comes from.

use lucid_core::{Failure, Result};
use lucid_runtime::{Entry, Snapshot, Why};
use serde::{Deserialize, Serialize};

use crate::memory::find_store;
use crate::short::short;
use crate::stage::Stage;
use crate::verb::Verb;

/// What ids of entries start with.
const ENTRY: &str = "ent_";

/// Follows an entry back to the quotes it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExplainEntry {
    /// The store: an id, the unique start of one, or `latest`.
    pub store: String,
    /// The entry: its id, the unique start of one, or words that stand in it and in no other.
    pub entry: String,
}

impl Verb for ExplainEntry {
    const NAME: &'static str = "explain_entry";
    const CHANGES: bool = false;
    type Answer = Why;

    /// # Errors
    /// Invalid, when there is no such store, or none or several of its entries fit.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        let store = find_store(stage, &self.store).await?;
        let entries = Snapshot::of(&stage.store().memories(&store.id).await?).entries();
        stage.runtime.memory_why(&store.id, &meant(&entries, &self.entry)?).await
    }
}

/// The id of the entry that is meant. One that is not in the store may have been in it.
fn meant(entries: &[Entry], wanted: &str) -> Result<String> {
    let is_id = wanted.starts_with(ENTRY);
    let words = wanted.trim().to_lowercase();
    if words.is_empty() {
        return Err(Failure::invalid("no entry is named").hint("give its id, or words of it"));
    }
    let fits = |entry: &&Entry| match is_id {
        true => entry.id.starts_with(wanted),
        false => entry.text.to_lowercase().contains(&words),
    };
    let found: Vec<&Entry> = entries.iter().filter(fits).collect();
    match found.as_slice() {
        [one] => Ok(one.id.clone()),
        [] if is_id => Ok(wanted.to_owned()),
        [] => Err(Failure::invalid(format!("no entry says `{}`", short(wanted, 60)))
            .hint("`lucid memory show STORE` has them; `--memory STORE` names another store")),
        [first, second, ..] => {
            let message = format!("{} entries fit `{}`", found.len(), short(wanted, 60));
            let name = |entry: &Entry| format!("{} “{}”", entry.id, short(&entry.text, 40));
            Err(Failure::invalid(message).hint(format!(
                "name one by its id, such as {} or {}",
                name(first),
                name(second)
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use lucid_core::{Memory, MemoryId, MemoryStoreId, MemoryVersionId, Timestamp};

    use super::*;

    fn entries(content: &str) -> Vec<Entry> {
        let memory = Memory {
            id: MemoryId::parse("mem_01a").unwrap(),
            memory_store_id: MemoryStoreId::parse("memstore_01a").unwrap(),
            memory_version_id: MemoryVersionId::parse("memver_01a").unwrap(),
            path: "/notes.md".to_owned(),
            content: content.to_owned(),
            content_sha256: String::new(),
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        };
        Snapshot::of(&[memory]).entries()
    }

    #[test]
    fn an_entry_is_named_by_its_id_or_by_words_that_stand_in_no_other() {
        let all = entries("- The port is 8080.\n- The port of the other is 9090.\n");
        assert_eq!(meant(&all, "8080"), Ok(all[0].id.clone()));
        assert_eq!(meant(&all, "THE OTHER"), Ok(all[1].id.clone()));
        assert_eq!(meant(&all, &all[1].id), Ok(all[1].id.clone()));
        // It may have been superseded.
        assert_eq!(meant(&all, "ent_gone"), Ok("ent_gone".to_owned()));
        for (wanted, why) in [("the port", "2 entries"), ("7070", "no entry"), (" ", "no entry")] {
            let failure = meant(&all, wanted).unwrap_err();
            assert!(failure.message.contains(why), "{wanted}: {}", failure.message);
            assert!(failure.hint.is_some(), "{wanted}");
        }
    }
}
