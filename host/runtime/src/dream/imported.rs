//! Memory stores that are made of texts from elsewhere.

use std::collections::BTreeMap;

use lucid_core::{
    Author, Clock as _, Failure, MEMORIES_MAX, MEMORY_BYTES_MAX, MemoryStore, MemoryStoreId, Result,
};
use lucid_memory::check_path;

use super::output::{first_versions, make_store};
use crate::ambient::{SystemClock, SystemEntropy};
use crate::state::Runtime;

/// Characters of a store's name and of what it is for, at most, as the API has it.
const NAME_CHARS_MAX: usize = 255;
const DESCRIPTION_CHARS_MAX: usize = 1_024;

impl Runtime {
    /// Makes a memory store of texts by path, such as `/notes.md`; none makes an empty one.
    ///
    /// # Errors
    /// Invalid, when the name is nothing or too long, or a path is not one of a memory;
    /// exceeded, when there are more than 2,000 texts, or one has more than 102,400 bytes.
    pub async fn import_memory_store(
        &self,
        name: &str,
        description: &str,
        texts: BTreeMap<String, String>,
    ) -> Result<MemoryStore> {
        check(name, description, &texts)?;
        let (clock, entropy) = (SystemClock::default(), SystemEntropy);
        let store = MemoryStore {
            id: MemoryStoreId::new(&clock, &entropy),
            name: name.to_owned(),
            description: description.to_owned(),
            created_at: clock.now(),
            dreamt_from: None,
        };
        let author = Author::User { user_id: "lucid memory import".to_owned() };
        let versions = first_versions(&store.id, texts, &author, &clock, &entropy);
        make_store(self.store.as_ref(), &store, versions).await?;
        Ok(store)
    }
}

fn check(name: &str, description: &str, texts: &BTreeMap<String, String>) -> Result<()> {
    let wrong =
        |text: &str, most: usize| text.chars().count() > most || text.chars().any(char::is_control);
    if name.trim().is_empty() || wrong(name, NAME_CHARS_MAX) {
        return Err(Failure::invalid("a memory store without a name that can be used").hint(
            format!("give it one of 1 to {NAME_CHARS_MAX} characters, without line breaks"),
        ));
    }
    if wrong(description, DESCRIPTION_CHARS_MAX) {
        return Err(Failure::invalid("a description that cannot be used").hint(format!(
            "say in at most {DESCRIPTION_CHARS_MAX} characters what the store is for"
        )));
    }
    if texts.len() > MEMORIES_MAX {
        let message = format!("{} texts, and {MEMORIES_MAX} are the most of a store", texts.len());
        return Err(Failure::exceeded(message).hint("make several stores of them"));
    }
    for (path, text) in texts {
        check_path(path)?;
        if text.len() > MEMORY_BYTES_MAX {
            let message =
                format!("{path} has {} bytes, and {MEMORY_BYTES_MAX} are the most", text.len());
            return Err(Failure::exceeded(message).hint("split it into several files"));
        }
        let folder = format!("{path}/");
        if texts.range(folder.clone()..).next().is_some_and(|(other, _)| other.starts_with(&folder))
        {
            return Err(Failure::invalid(format!("{path} is a file and a folder at once")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use lucid_core::FailureKind;

    use super::*;

    #[test]
    fn what_is_no_memory_is_refused_before_anything_is_written() {
        let texts = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect()
        };
        let kind = |name: &str, pairs: &[(&str, &str)]| {
            check(name, "", &texts(pairs)).map_err(|failure| failure.kind)
        };
        let large = "x".repeat(MEMORY_BYTES_MAX + 1);
        assert_eq!(kind("notes", &[]), Ok(()));
        assert_eq!(kind("notes", &[("/a.md", "- a"), ("/b/c.md", "")]), Ok(()));
        assert_eq!(kind(" ", &[]), Err(FailureKind::Invalid));
        assert_eq!(kind(&"n".repeat(256), &[]), Err(FailureKind::Invalid));
        assert_eq!(kind("notes", &[("../a.md", "")]), Err(FailureKind::Invalid));
        assert_eq!(kind("notes", &[("/a.md", ""), ("/a.md/b.md", "")]), Err(FailureKind::Invalid));
        assert_eq!(kind("notes", &[("/a.md", &large)]), Err(FailureKind::Exceeded));
    }
}
