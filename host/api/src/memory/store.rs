//! Memory stores.

use lucid_core::{MemoryStore, MemoryStoreId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::check::{Metadata, MetadataPatch, check_metadata, patched, text};
use crate::error::{ApiError, Result};
use crate::field::Field;

const NAME_MAX: usize = 255;
const DESCRIPTION_MAX: usize = 1_024;

/// What says of which store a dream made another.
const DREAMT_FROM: &str = "lucid.dreamt_from";

/// A store that is asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreCreate {
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// What else is noted.
    #[serde(default)]
    pub metadata: Option<Metadata>,
}

impl StoreCreate {
    /// Makes the store and what is noted beside it.
    ///
    /// # Errors
    /// Invalid, naming the field and its rule.
    pub fn made(self, id: MemoryStoreId, at: Timestamp) -> Result<(MemoryStore, StoreMeta)> {
        let Self { name, description, metadata } = self;
        let description = description.unwrap_or_default();
        let metadata = metadata.unwrap_or_default();
        check_name(&name)?;
        text("description", &description, 0..=DESCRIPTION_MAX)?;
        check_metadata(&metadata)?;
        let store = MemoryStore { id, name, description, created_at: at, dreamt_from: None };
        Ok((store, StoreMeta { metadata, updated_at: at }))
    }
}

/// A change of a store.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreUpdate {
    /// Another name; none leaves it.
    #[serde(default)]
    pub name: Field<String>,
    /// Another description; none takes it away.
    #[serde(default)]
    pub description: Field<String>,
    /// Changed metadata; none takes all of it away.
    #[serde(default)]
    pub metadata: Field<MetadataPatch>,
}

impl StoreUpdate {
    /// Changes a store and what is noted beside it; false where all is as it was.
    ///
    /// # Errors
    /// Invalid, naming the field and its rule.
    pub fn apply(self, store: &mut MemoryStore, meta: &mut StoreMeta) -> Result<bool> {
        let before = (store.clone(), meta.clone());
        if let Field::Set(name) = self.name {
            check_name(&name)?;
            store.name = name;
        }
        let described = Some(std::mem::take(&mut store.description));
        store.description = self.description.over(described).unwrap_or_default();
        text("description", &store.description, 0..=DESCRIPTION_MAX)?;
        meta.metadata = match self.metadata {
            Field::Keep => std::mem::take(&mut meta.metadata),
            Field::Clear => Metadata::new(),
            Field::Set(patch) => patched(&meta.metadata, patch),
        };
        check_metadata(&meta.metadata)?;
        Ok(before != (store.clone(), meta.clone()))
    }
}

fn check_name(name: &str) -> Result<()> {
    text("name", name, 1..=NAME_MAX)?;
    if name.chars().any(char::is_control) {
        return Err(ApiError::invalid("name: it has no control characters"));
    }
    Ok(())
}

/// What the API notes beside a store: its document. Stores that missions and dreams make have
/// none, until they are changed here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreMeta {
    /// What somebody noted.
    pub metadata: Metadata,
    /// When the store itself was last changed.
    pub updated_at: Timestamp,
}

impl StoreMeta {
    /// What is noted beside a store that has no document.
    #[must_use]
    pub fn standard(store: &MemoryStore) -> Self {
        let from = store.dreamt_from.iter().map(|id| (DREAMT_FROM.to_owned(), id.to_string()));
        Self { metadata: from.collect(), updated_at: store.created_at }
    }
}

/// A memory store as the API writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoreObject {
    /// Its id.
    pub id: MemoryStoreId,
    #[serde(rename = "type")]
    kind: &'static str,
    /// Its name.
    pub name: String,
    /// What it is for; empty where nobody said.
    pub description: String,
    /// What somebody noted.
    pub metadata: Metadata,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Since when nothing is written to it.
    pub archived_at: Option<Timestamp>,
}

impl StoreObject {
    /// A store with what is noted beside it.
    #[must_use]
    pub fn of(store: &MemoryStore, meta: StoreMeta, archived_at: Option<Timestamp>) -> Self {
        Self {
            id: store.id.clone(),
            kind: "memory_store",
            name: store.name.clone(),
            description: store.description.clone(),
            metadata: meta.metadata,
            created_at: store.created_at,
            updated_at: meta.updated_at,
            archived_at,
        }
    }

    /// Whether something may be written to it.
    ///
    /// # Errors
    /// Invalid, when it is archived.
    pub fn check_open(&self) -> Result<()> {
        if self.archived_at.is_none() {
            return Ok(());
        }
        let why = format!("memory store {} is archived: it can only be read", self.id);
        Err(ApiError::invalid(why).code("memory_store_archived"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn made(body: Value) -> Result<(MemoryStore, StoreMeta)> {
        let create: StoreCreate = crate::value(body)?;
        create.made(MemoryStoreId::parse("memstore_01A").unwrap(), Timestamp(5))
    }

    #[test]
    fn a_store_has_a_name_without_control_characters() {
        for good in [json!({"name": "n"}), json!({"name": "é".repeat(255), "metadata": null})] {
            assert!(made(good.clone()).is_ok(), "{good}");
        }
        for bad in [
            json!({}),
            json!({"name": ""}),
            json!({"name": "a".repeat(256)}),
            json!({"name": "a\nb"}),
            json!({"name": "n", "description": "d".repeat(1_025)}),
            json!({"name": "n", "metadata": {"": "x"}}),
            json!({"name": "n", "colour": "red"}),
        ] {
            assert_eq!(made(bad.clone()).unwrap_err().status, 400, "{bad}");
        }
    }

    #[test]
    fn an_update_changes_what_it_names() {
        let body = json!({"name": "n", "description": "d", "metadata": {"a": "1", "b": "2"}});
        let (mut store, mut meta) = made(body).unwrap();
        let mut apply = |body: Value| {
            let update: StoreUpdate = crate::value(body).unwrap();
            update.apply(&mut store, &mut meta)
        };
        assert_eq!(apply(json!({})), Ok(false));
        assert_eq!(apply(json!({"name": null})), Ok(false));
        assert_eq!(apply(json!({"name": "m", "metadata": {"a": null, "c": "3"}})), Ok(true));
        assert!(apply(json!({"name": ""})).is_err());
        assert_eq!(apply(json!({"description": null})), Ok(true));
        assert_eq!((store.name.as_str(), store.description.as_str()), ("m", ""));
        assert_eq!(json!(meta.metadata), json!({"b": "2", "c": "3"}));
    }

    #[test]
    fn a_store_that_a_dream_made_says_of_which() {
        let (mut store, _) = made(json!({"name": "n"})).unwrap();
        store.dreamt_from = MemoryStoreId::parse("memstore_00");
        let object = StoreObject::of(&store, StoreMeta::standard(&store), None);
        let expected = json!({"id": "memstore_01A", "type": "memory_store", "name": "n",
            "description": "", "metadata": {"lucid.dreamt_from": "memstore_00"},
            "created_at": "1970-01-01T00:00:00.005Z", "updated_at": "1970-01-01T00:00:00.005Z",
            "archived_at": null});
        assert_eq!(json!(object), expected);
    }
}
