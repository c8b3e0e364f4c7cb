//! Memory stores: sets of Markdown files whose every change is an immutable version.

use serde::{Deserialize, Serialize};

use crate::{DreamId, MemoryId, MemoryStoreId, MemoryVersionId, SessionId, Timestamp};

/// The largest memory, in bytes, as in the Managed Agents API.
pub const MEMORY_BYTES_MAX: usize = 102_400;

/// The most memories of a store, as in the Managed Agents API.
pub const MEMORIES_MAX: usize = 2_000;

/// A memory store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryStore {
    /// Its id.
    pub id: MemoryStoreId,
    /// Its name, 1 to 255 characters.
    pub name: String,
    /// What it is for; agents see it.
    pub description: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// The store it was dreamt from, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dreamt_from: Option<MemoryStoreId>,
}

impl MemoryStore {
    /// The name as a folder: lower case, every run of other characters one hyphen.
    #[must_use]
    pub fn slug(&self) -> String {
        let mut slug = String::new();
        for character in self.name.chars() {
            if character.is_ascii_alphanumeric() {
                slug.push(character.to_ascii_lowercase());
            } else if !slug.ends_with('-') && !slug.is_empty() {
                slug.push('-');
            }
        }
        let slug = slug.trim_end_matches('-');
        if slug.is_empty() { "store".to_owned() } else { slug.to_owned() }
    }
}

/// One memory: a Markdown file in a store, as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// Its id.
    pub id: MemoryId,
    /// The store it is in.
    pub memory_store_id: MemoryStoreId,
    /// Its latest version.
    pub memory_version_id: MemoryVersionId,
    /// Where it stands, such as `/notes.md`.
    pub path: String,
    /// Its text, at most 102,400 bytes.
    pub content: String,
    /// SHA-256 of the text.
    pub content_sha256: String,
    /// When it was first written.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

/// What a version did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemoryOperation {
    /// It made the memory.
    Created,
    /// It changed the memory.
    Modified,
    /// It removed the memory.
    Deleted,
}

/// Who made a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Author {
    /// An agent, in a session.
    #[serde(rename = "session_actor")]
    Session {
        /// The session.
        session_id: SessionId,
    },
    /// Whoever has an API key.
    #[serde(rename = "api_actor")]
    Api {
        /// The key's id.
        api_key_id: String,
    },
    /// A person at this machine, with what they used.
    #[serde(rename = "user_actor")]
    User {
        /// Such as `mission field-notes` or `lucid memory import`.
        user_id: String,
    },
    /// A dream.
    #[serde(rename = "dream_actor")]
    Dream {
        /// The dream.
        dream_id: DreamId,
    },
}

/// One version of a memory; never changed once written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryVersion {
    /// Its id.
    pub id: MemoryVersionId,
    /// The memory.
    pub memory_id: MemoryId,
    /// The store.
    pub memory_store_id: MemoryStoreId,
    /// What it did.
    pub operation: MemoryOperation,
    /// The memory's path in this version.
    pub path: String,
    /// The text; none in a version that deletes.
    pub content: Option<String>,
    /// Who made it.
    pub created_by: Author,
    /// When.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_lower_case_with_single_hyphens() {
        let slug = |name: &str| {
            MemoryStore {
                id: MemoryStoreId::parse("memstore_1").unwrap(),
                name: name.to_owned(),
                description: String::new(),
                created_at: Timestamp(0),
                dreamt_from: None,
            }
            .slug()
        };
        assert_eq!(slug("Landing Notes (v2)"), "landing-notes-v2");
        assert_eq!(slug("../../etc"), "etc");
        assert_eq!(slug("日本"), "store");
    }
}
