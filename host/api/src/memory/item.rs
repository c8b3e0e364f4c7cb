//! Memories: what may be written, and over what.

use lucid_core::{
    MEMORY_BYTES_MAX, Memory, MemoryId, MemoryStoreId, MemoryVersionId, Timestamp, sha256_hex,
};
use serde::{Deserialize, Serialize};

use super::View;
use super::path::{check_path, in_the_way};
use crate::error::{ApiError, Result};
use crate::field::Field;

/// A memory as a list has it: its text may be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The memory.
    pub memory: Memory,
    /// How long its text is, whether it is there or not.
    pub bytes: u64,
}

impl Head {
    /// A memory with its text.
    #[must_use]
    pub fn of(memory: Memory) -> Self {
        let bytes = memory.content.len() as u64;
        Self { memory, bytes }
    }
}

/// A memory that is asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemoryCreate {
    /// Where it is to stand.
    pub path: String,
    /// Its text; none is an empty one, but it has to be said.
    #[serde(deserialize_with = "Option::deserialize")]
    pub content: Option<String>,
}

/// A change of a memory.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemoryUpdate {
    /// Another text.
    #[serde(default)]
    pub content: Field<String>,
    /// Another place.
    #[serde(default)]
    pub path: Field<String>,
    /// What the text has to be for the change to happen.
    #[serde(default)]
    pub precondition: Option<Precondition>,
}

/// What has to hold for a change to happen.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", deny_unknown_fields, rename_all = "snake_case")]
pub enum Precondition {
    /// The text is the one with this hash.
    ContentSha256 {
        /// Its SHA-256 as 64 lower-case hexadecimal digits.
        content_sha256: String,
    },
}

/// What comes of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// Nothing: the memory is so already.
    Keep,
    /// A version.
    Write {
        /// Where the memory stands then.
        path: String,
        /// Its text then.
        content: String,
    },
}

/// Checks a memory that is to be made beside others.
///
/// # Errors
/// Invalid, naming the field and its rule; a conflict, when something is in its way.
pub fn plan_create(create: MemoryCreate, heads: &[Head]) -> Result<(String, String)> {
    let content = create.content.unwrap_or_default();
    check_path(&create.path)?;
    check_content(&content)?;
    check_free(heads, &create.path, None)?;
    Ok((create.path, content))
}

/// What a change makes of a memory, which is one of `heads`. A memory that is what it is to
/// be needs no precondition: whoever tries again after an answer got lost is answered.
///
/// # Errors
/// Invalid, naming the field and its rule; a conflict, when the memory has another text than
/// the precondition says, or something is in its way.
pub fn plan_update(update: &MemoryUpdate, now: &Memory, heads: &[Head]) -> Result<Plan> {
    let (content, path) = (update.content.set(), update.path.set());
    if content.is_none() && path.is_none() {
        return Err(ApiError::invalid("give `content`, `path`, or both"));
    }
    if let Some(Precondition::ContentSha256 { content_sha256 }) = &update.precondition {
        check_hash("precondition.content_sha256", content_sha256)?;
    }
    content.map_or(Ok(()), |content| check_content(content))?;
    path.map_or(Ok(()), |path| check_path(path))?;
    let content = content.unwrap_or(&now.content);
    let path = path.unwrap_or(&now.path);
    if *content == now.content && *path == now.path {
        return Ok(Plan::Keep);
    }
    if let Some(Precondition::ContentSha256 { content_sha256 }) = &update.precondition
        && *content_sha256 != now.content_sha256
    {
        return Err(other_text(now));
    }
    if *path != now.path {
        check_free(heads, path, Some(&now.id))?;
    }
    Ok(Plan::Write { path: path.clone(), content: content.clone() })
}

/// Checks that a memory that is to be deleted has the text that is expected, where one is.
///
/// # Errors
/// Invalid, when it is no hash; a conflict, when the memory has another text.
pub fn check_expected(expected: Option<&str>, now: &Memory) -> Result<()> {
    let Some(expected) = expected else { return Ok(()) };
    check_hash("expected_content_sha256", expected)?;
    if expected == now.content_sha256 { Ok(()) } else { Err(other_text(now)) }
}

fn check_content(content: &str) -> Result<()> {
    if content.len() <= MEMORY_BYTES_MAX {
        return Ok(());
    }
    let why = format!("content: {} bytes, where 102,400 may be", content.len());
    Err(ApiError::invalid(why))
}

fn check_hash(field: &str, hash: &str) -> Result<()> {
    let is_one = hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if is_one {
        return Ok(());
    }
    Err(ApiError::invalid(format!("{field}: not 64 lower-case hexadecimal digits")))
}

fn check_free(heads: &[Head], path: &str, except: Option<&MemoryId>) -> Result<()> {
    let Some(other) = in_the_way(heads, path, except) else { return Ok(()) };
    let (there, id) = (other.memory.path.as_str(), other.memory.id.as_str());
    let why = if there == path {
        format!("there is a memory at {path} already: {id}")
    } else {
        format!("{path} and {there} cannot both be: one of them would be a folder")
    };
    Err(ApiError::new(409, "memory_path_conflict_error", why)
        .field("conflicting_path", there)
        .field("conflicting_memory_id", id))
}

fn other_text(now: &Memory) -> ApiError {
    let why = format!("memory {} has another text by now: read it again", now.id);
    ApiError::new(409, "memory_precondition_failed_error", why)
}

/// A memory as the API writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MemoryObject {
    /// Its id.
    pub id: MemoryId,
    #[serde(rename = "type")]
    kind: &'static str,
    /// The store it is in.
    pub memory_store_id: MemoryStoreId,
    /// Its latest version.
    pub memory_version_id: MemoryVersionId,
    /// Where it stands.
    pub path: String,
    /// Its text, where it is shown.
    pub content: Option<String>,
    /// SHA-256 of its text.
    pub content_sha256: String,
    /// How long its text is.
    pub content_size_bytes: u64,
    /// When it was first written.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

impl MemoryObject {
    /// A memory, with its text where the view shows it and it was read.
    #[must_use]
    pub fn of(head: &Head, view: View) -> Self {
        let memory = &head.memory;
        Self {
            id: memory.id.clone(),
            kind: "memory",
            memory_store_id: memory.memory_store_id.clone(),
            memory_version_id: memory.memory_version_id.clone(),
            path: memory.path.clone(),
            content: view.shows(&memory.content),
            content_sha256: memory.content_sha256.clone(),
            content_size_bytes: head.bytes,
            created_at: memory.created_at,
            updated_at: memory.updated_at,
        }
    }
}

/// The hash of a text, as memories have it.
pub(super) fn hash(content: &str) -> String {
    sha256_hex(content.as_bytes())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn head(id: &str, path: &str, content: &str) -> Head {
        Head::of(Memory {
            id: MemoryId::parse(id).unwrap(),
            memory_store_id: MemoryStoreId::parse("memstore_01A").unwrap(),
            memory_version_id: MemoryVersionId::parse("memver_01A").unwrap(),
            path: path.to_owned(),
            content: content.to_owned(),
            content_sha256: hash(content),
            created_at: Timestamp(5),
            updated_at: Timestamp(6),
        })
    }

    fn create(body: Value, heads: &[Head]) -> Result<(String, String)> {
        plan_create(crate::value(body)?, heads)
    }

    #[test]
    fn a_new_memory_says_its_text_even_if_it_has_none() {
        for text in [json!(""), json!(null), json!("é".repeat(51_200))] {
            assert!(create(json!({"path": "/a", "content": text}), &[]).is_ok());
        }
        for bad in [
            json!({"path": "/a"}),
            json!({"path": "a", "content": ""}),
            json!({"path": "/a", "content": "a".repeat(102_401)}),
            json!({"path": "/a", "content": 1}),
        ] {
            assert_eq!(create(bad, &[]).unwrap_err().status, 400);
        }
    }

    #[test]
    fn a_file_is_not_where_a_folder_is_nor_a_folder_where_a_file_is() {
        let heads = [head("mem_1", "/a/b", ""), head("mem_2", "/c", "")];
        let conflicts = |path: &str| {
            let error = create(json!({"path": path, "content": ""}), &heads).err()?;
            assert_eq!((error.status, error.kind), (409, "memory_path_conflict_error"));
            Some((
                error.fields["conflicting_path"].clone(),
                error.fields["conflicting_memory_id"].clone(),
            ))
        };
        assert_eq!(conflicts("/a/b"), Some((json!("/a/b"), json!("mem_1"))));
        assert_eq!(conflicts("/a"), Some((json!("/a/b"), json!("mem_1"))));
        assert_eq!(conflicts("/c/d"), Some((json!("/c"), json!("mem_2"))));
        assert_eq!([conflicts("/a/c"), conflicts("/cc"), conflicts("/A/b")], [None, None, None]);
    }

    #[test]
    fn an_update_happens_over_the_text_that_was_read() {
        let heads = [head("mem_1", "/a", "one"), head("mem_2", "/b", "")];
        let now = &heads[0].memory;
        let plan = |body: Value| plan_update(&crate::value(body)?, now, &heads);
        let over = |text: &str| json!({"type": "content_sha256", "content_sha256": hash(text)});
        let write = |path: &str, content: &str| {
            Ok(Plan::Write { path: path.to_owned(), content: content.to_owned() })
        };
        assert_eq!(plan(json!({"content": "two"})), write("/a", "two"));
        assert_eq!(
            plan(json!({"content": "two", "precondition": over("one")})),
            write("/a", "two")
        );
        assert_eq!(plan(json!({"path": "/c/d"})), write("/c/d", "one"));
        // To where it is the folder of, itself.
        assert_eq!(plan(json!({"path": "/a/d"})), write("/a/d", "one"));
        let failed = plan(json!({"content": "two", "precondition": over("other")})).unwrap_err();
        assert_eq!((failed.status, failed.kind), (409, "memory_precondition_failed_error"));
        // What is so already is answered, whatever the precondition says.
        assert_eq!(plan(json!({"content": "one", "precondition": over("other")})), Ok(Plan::Keep));
        assert_eq!(plan(json!({"path": "/b"})).unwrap_err().kind, "memory_path_conflict_error");
        for bad in [
            json!({}),
            json!({"content": null}),
            json!({"path": "x"}),
            json!({"content": "two", "precondition": {"type": "content_sha256"}}),
            json!({"content": "two", "precondition":
                {"type": "content_sha256", "content_sha256": "AB"}}),
            json!({"content": "two", "precondition": {"type": "other"}}),
        ] {
            assert_eq!(plan(bad.clone()).unwrap_err().status, 400, "{bad}");
        }
    }

    #[test]
    fn a_memory_is_deleted_as_it_was_read() {
        let now = &head("mem_1", "/a", "one").memory;
        assert!(check_expected(None, now).is_ok());
        assert!(check_expected(Some(&hash("one")), now).is_ok());
        assert_eq!(check_expected(Some(&hash("two")), now).unwrap_err().status, 409);
        assert_eq!(check_expected(Some("x"), now).unwrap_err().status, 400);
    }

    #[test]
    fn a_memory_has_its_hash_in_hexadecimal_and_its_text_where_it_is_shown() {
        let head = head("mem_01A", "/notes/a.md", "hi");
        let expected = json!({"id": "mem_01A", "type": "memory",
            "memory_store_id": "memstore_01A", "memory_version_id": "memver_01A",
            "path": "/notes/a.md", "content": "hi", "content_size_bytes": 2, "content_sha256":
            "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4",
            "created_at": "1970-01-01T00:00:00.005Z", "updated_at": "1970-01-01T00:00:00.006Z"});
        assert_eq!(json!(MemoryObject::of(&head, View::Full)), expected);
        assert_eq!(json!(MemoryObject::of(&head, View::Basic))["content"], json!(null));
    }
}
