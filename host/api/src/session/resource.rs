//! What a session works with: files and memory stores.

use lucid_core::{MemoryStore, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{ApiError, Result};

/// Where files of clients are.
const UPLOADS: &str = "/mnt/session/uploads";
const PATH_CHARACTERS_MAX: usize = 512;
const NAME_BYTES_MAX: usize = 255;
const INSTRUCTIONS_MAX: usize = 4_096;

/// What may be done with a memory store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// It is read and written.
    #[default]
    ReadWrite,
    /// It is read.
    ReadOnly,
}

/// A resource as a request has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ResourceParam {
    /// A file that was uploaded.
    File {
        /// Its id.
        file_id: String,
        /// Where its copy is, below `/mnt/session/uploads`.
        #[serde(default)]
        mount_path: Option<String>,
    },
    /// A repository, which nothing here brings.
    GithubRepository {
        /// Where it is.
        url: String,
        /// Who may read it.
        #[serde(default)]
        authorization_token: Option<String>,
        /// Which state of it.
        #[serde(default)]
        checkout: Option<Value>,
        /// Where it would be.
        #[serde(default)]
        mount_path: Option<String>,
    },
    /// A memory store.
    MemoryStore {
        /// Its id.
        memory_store_id: String,
        /// What may be done with it.
        #[serde(default)]
        access: Option<Access>,
        /// What it is for in this session.
        #[serde(default)]
        instructions: Option<String>,
    },
}

impl ResourceParam {
    /// Checks a resource by itself.
    ///
    /// # Errors
    /// Invalid, naming the field; not implemented, for repositories.
    pub fn check(&self, field: &str) -> Result<()> {
        match self {
            Self::File { file_id, mount_path: path } => {
                crate::id(&format!("{field}.file_id"), "file_", file_id)?;
                mount_path(field, file_id, path.as_deref()).map(drop)
            }
            Self::GithubRepository { .. } => Err(ApiError::not_implemented(format!(
                "{field}: this server brings no repositories into sessions; upload files instead"
            ))),
            Self::MemoryStore { memory_store_id, instructions, .. } => {
                let name = format!("{field}.memory_store_id");
                crate::id(&name, "memstore_", memory_store_id)?;
                let instructions = instructions.as_deref().unwrap_or_default();
                let name = format!("{field}.instructions");
                crate::text(&name, instructions, 0..=INSTRUCTIONS_MAX)
            }
        }
    }
}

/// A change of a resource, which only repositories have.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateResource {
    /// Who may read it from now on.
    pub authorization_token: String,
}

/// Where the copy of a file is: a path that is given is taken as one below the uploads.
///
/// # Errors
/// Invalid, when the path leads elsewhere.
pub fn mount_path(field: &str, file_id: &str, path: Option<&str>) -> Result<String> {
    let path = path.unwrap_or(file_id);
    let inner = path.strip_prefix(UPLOADS).filter(|rest| rest.starts_with('/')).unwrap_or(path);
    let inner = inner.trim_start_matches('/');
    let plain = |part: &str| {
        let dots = part == "." || part == "..";
        let odd = |c: char| c.is_control() || c == '\\';
        !part.is_empty() && !dots && part.len() <= NAME_BYTES_MAX && !part.chars().any(odd)
    };
    if path.chars().count() > PATH_CHARACTERS_MAX || !inner.split('/').all(plain) {
        return Err(ApiError::invalid(format!(
            "{field}.mount_path: write names with single slashes between them, such as \
             `data/report.csv`"
        )));
    }
    Ok(format!("{UPLOADS}/{inner}"))
}

/// A resource of a session, as the API writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Resource {
    /// A file: the session's own copy.
    File {
        /// The resource's id.
        id: String,
        /// The copy's id.
        file_id: String,
        /// Where it is.
        mount_path: String,
        /// Since when.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    },
    /// A memory store, as it was when the session began.
    MemoryStore {
        /// Its id.
        memory_store_id: String,
        /// What may be done with it.
        access: Access,
        /// What it is for in this session.
        instructions: Option<String>,
        /// Its name.
        name: String,
        /// What it is for.
        description: String,
        /// Where it is.
        mount_path: String,
    },
}

impl Resource {
    /// A memory store, as it is now.
    #[must_use]
    pub fn memory(
        store: &MemoryStore,
        access: Option<Access>,
        instructions: Option<String>,
    ) -> Self {
        Self::MemoryStore {
            memory_store_id: store.id.to_string(),
            access: access.unwrap_or_default(),
            instructions,
            name: store.name.clone(),
            description: store.description.clone(),
            mount_path: format!("/mnt/memory/{}", store.slug()),
        }
    }

    /// Its id: a memory store has that of the store.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::File { id, .. } => id,
            Self::MemoryStore { memory_store_id, .. } => memory_store_id,
        }
    }

    /// Where it is below the uploads, where it is a file.
    #[must_use]
    pub fn upload(&self) -> Option<&str> {
        match self {
            Self::File { mount_path, .. } => {
                mount_path.strip_prefix(UPLOADS).map(|path| path.trim_start_matches('/'))
            }
            Self::MemoryStore { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_below_the_uploads_wherever_it_is_wanted() {
        let path = |path: Option<&str>| mount_path("r", "file_1", path).ok();
        for (wanted, expected) in [
            (None, "file_1"),
            (Some("data.csv"), "data.csv"),
            (Some("/a/b.csv"), "a/b.csv"),
            (Some("/mnt/session/uploads/a.csv"), "a.csv"),
            (Some("/mnt/session/uploadsx"), "mnt/session/uploadsx"),
        ] {
            assert_eq!(path(wanted), Some(format!("{UPLOADS}/{expected}")), "{wanted:?}");
        }
        let long = "a".repeat(513);
        for wrong in ["", "/", "a/../b", "..", "a//b", "a\\b", "a\u{0}", "a/", &long] {
            assert_eq!(path(Some(wrong)), None, "{wrong:?}");
        }
    }
}
