//! Versions of memories.

use lucid_core::{
    Author, MemoryId, MemoryOperation, MemoryStoreId, MemoryVersion, MemoryVersionId, SessionId,
    Timestamp,
};
use serde::{Deserialize, Serialize};

use super::View;
use super::item::hash;
use crate::check::one_of;
use crate::error::Result;
use crate::page::Span;
use crate::query::Query;

/// Who made a version, or took its text away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Actor {
    /// An agent, in a session; a dream in its own.
    #[serde(rename = "session_actor")]
    Session {
        /// The session.
        session_id: String,
    },
    /// Whoever has an API key.
    #[serde(rename = "api_actor")]
    Api {
        /// The key.
        api_key_id: String,
    },
    /// A person at the machine, with what they used.
    #[serde(rename = "user_actor")]
    User {
        /// Such as `lucid memory import`.
        user_id: String,
    },
    /// Something that goes on by itself: a dream whose session is not known.
    #[serde(rename = "service_account_actor")]
    ServiceAccount {
        /// The dream.
        service_account_id: String,
    },
}

impl Actor {
    /// An author in the API's words: a dream is its session, where that is known.
    #[must_use]
    pub fn of(author: &Author, dream_session: Option<&SessionId>) -> Self {
        match (author, dream_session) {
            (Author::Session { session_id }, _) | (Author::Dream { .. }, Some(session_id)) => {
                Self::Session { session_id: session_id.to_string() }
            }
            (Author::Api { api_key_id }, _) => Self::Api { api_key_id: api_key_id.clone() },
            (Author::User { user_id }, _) => Self::User { user_id: user_id.clone() },
            (Author::Dream { dream_id }, None) => {
                Self::ServiceAccount { service_account_id: dream_id.to_string() }
            }
        }
    }
}

/// That a version's text was taken away: the document beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redaction {
    /// When.
    pub redacted_at: Timestamp,
    /// By whom.
    pub redacted_by: Actor,
}

/// Which versions a list has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionFilter {
    memory_id: Option<String>,
    operation: Option<String>,
    session_id: Option<String>,
    api_key_id: Option<String>,
    service_account_id: Option<String>,
    created_at: Span,
}

impl VersionFilter {
    /// Reads the filters of a query.
    ///
    /// # Errors
    /// Invalid, when there is no such operation, or a time is none.
    pub fn read(query: &mut Query) -> Result<Self> {
        let operation = query.text("operation")?;
        if let Some(operation) = &operation {
            one_of("operation", operation, &["created", "modified", "deleted"])?;
        }
        Ok(Self {
            memory_id: query.text("memory_id")?,
            operation,
            session_id: query.text("session_id")?,
            api_key_id: query.text("api_key_id")?,
            service_account_id: query.text("service_account_id")?,
            created_at: query.span("created_at")?,
        })
    }

    /// Whether a version that somebody made is in the list.
    #[must_use]
    pub fn has(&self, version: &MemoryVersion, by: &Actor) -> bool {
        let is = |wanted: &Option<String>, id: &str| wanted.as_ref().is_none_or(|w| w == id);
        // A list is asked for one kind of actor; all others are not in it.
        let made_by = |wanted: &Option<String>, id: Option<&String>| {
            wanted.is_none() || wanted.as_ref() == id
        };
        let (session, key, service) = match by {
            Actor::Session { session_id } => (Some(session_id), None, None),
            Actor::Api { api_key_id } => (None, Some(api_key_id), None),
            Actor::ServiceAccount { service_account_id } => (None, None, Some(service_account_id)),
            Actor::User { .. } => (None, None, None),
        };
        is(&self.memory_id, version.memory_id.as_str())
            && is(&self.operation, word(version.operation))
            && made_by(&self.session_id, session)
            && made_by(&self.api_key_id, key)
            && made_by(&self.service_account_id, service)
            && self.created_at.has(version.created_at)
    }
}

fn word(operation: MemoryOperation) -> &'static str {
    match operation {
        MemoryOperation::Created => "created",
        MemoryOperation::Modified => "modified",
        MemoryOperation::Deleted => "deleted",
    }
}

/// A version as the API writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VersionObject {
    /// Its id.
    pub id: MemoryVersionId,
    #[serde(rename = "type")]
    kind: &'static str,
    /// The memory.
    pub memory_id: MemoryId,
    /// The store.
    pub memory_store_id: MemoryStoreId,
    /// What it did.
    pub operation: MemoryOperation,
    /// Where the memory stood; none where it was redacted.
    pub path: Option<String>,
    /// The text, where it is shown; none in one that deletes or was redacted.
    pub content: Option<String>,
    /// SHA-256 of the text, where there is one.
    pub content_sha256: Option<String>,
    /// How long the text is, where there is one.
    pub content_size_bytes: Option<u64>,
    /// Who made it.
    pub created_by: Actor,
    /// When.
    pub created_at: Timestamp,
    /// When it was redacted; none also where that was not done over the API.
    pub redacted_at: Option<Timestamp>,
    /// By whom. The API leaves it out where there is nobody, and has no null for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redacted_by: Option<Actor>,
}

impl VersionObject {
    /// A version with its text, by whom it is, and its redaction.
    #[must_use]
    pub fn of(
        version: &MemoryVersion,
        by: Actor,
        redaction: Option<Redaction>,
        view: View,
    ) -> Self {
        let content = version.content.as_deref();
        let (redacted_at, redacted_by) =
            redaction.map(|one| (one.redacted_at, one.redacted_by)).unzip();
        Self {
            id: version.id.clone(),
            kind: "memory_version",
            memory_id: version.memory_id.clone(),
            memory_store_id: version.memory_store_id.clone(),
            operation: version.operation,
            // What was redacted has an empty one.
            path: Some(version.path.clone()).filter(|path| !path.is_empty()),
            content: content.and_then(|content| view.shows(content)),
            content_sha256: content.map(hash),
            content_size_bytes: content.map(|content| content.len() as u64),
            created_by: by,
            created_at: version.created_at,
            redacted_at,
            redacted_by,
        }
    }
}

#[cfg(test)]
mod tests {
    use lucid_core::DreamId;
    use serde_json::json;

    use super::*;

    fn version() -> MemoryVersion {
        MemoryVersion {
            id: MemoryVersionId::parse("memver_01A").unwrap(),
            memory_id: MemoryId::parse("mem_01A").unwrap(),
            memory_store_id: MemoryStoreId::parse("memstore_01A").unwrap(),
            operation: MemoryOperation::Created,
            path: "/notes/a.md".to_owned(),
            content: Some("hi".to_owned()),
            created_by: Author::Session { session_id: SessionId::parse("sesn_01A").unwrap() },
            created_at: Timestamp(5),
        }
    }

    #[test]
    fn every_author_is_one_of_the_four_actors() {
        let session = SessionId::parse("sesn_2").unwrap();
        let user = |id: &str| Author::User { user_id: id.to_owned() };
        let dream = Author::Dream { dream_id: DreamId::parse("drm_1").unwrap() };
        let of = |author: &Author, session: Option<&SessionId>| json!(Actor::of(author, session));
        assert_eq!(
            of(&version().created_by, None),
            json!({"type": "session_actor", "session_id": "sesn_01A"})
        );
        assert_eq!(
            of(&Author::Api { api_key_id: "apikey_1".to_owned() }, None),
            json!({"type": "api_actor", "api_key_id": "apikey_1"})
        );
        assert_eq!(
            of(&user("lucid memory import"), None),
            json!({"type": "user_actor", "user_id": "lucid memory import"})
        );
        assert_eq!(
            of(&dream, Some(&session)),
            json!({"type": "session_actor", "session_id": "sesn_2"})
        );
        assert_eq!(
            of(&dream, None),
            json!({"type": "service_account_actor", "service_account_id": "drm_1"})
        );
    }

    #[test]
    fn a_filter_has_what_fits_all_it_says() {
        let version = version();
        let by = Actor::of(&version.created_by, None);
        let has = |raw: &str| {
            let mut query = Query::parse(raw).unwrap();
            let filter = VersionFilter::read(&mut query).unwrap();
            query.done().unwrap();
            filter.has(&version, &by)
        };
        for fits in [
            "",
            "memory_id=mem_01A&operation=created",
            "session_id=sesn_01A",
            "created_at[gte]=1970-01-01T00:00:00.005Z",
        ] {
            assert!(has(fits), "{fits}");
        }
        for other in [
            "memory_id=mem_2",
            "operation=deleted",
            "session_id=sesn_2",
            "api_key_id=apikey_1",
            "session_id=sesn_01A&api_key_id=apikey_1",
            "service_account_id=svac_1",
            "created_at[gte]=1970-01-01T00:00:00.006Z",
        ] {
            assert!(!has(other), "{other}");
        }
        let mut query = Query::parse("operation=moved").unwrap();
        assert!(VersionFilter::read(&mut query).is_err());
    }

    #[test]
    fn a_redacted_version_says_that_it_was_and_nothing_else() {
        let mut version = version();
        let by = Actor::of(&version.created_by, None);
        let full = VersionObject::of(&version, by.clone(), None, View::Full);
        assert_eq!(full.content.as_deref(), Some("hi"));
        let basic = json!(VersionObject::of(&version, by.clone(), None, View::Basic));
        assert_eq!((&basic["content"], &basic["content_size_bytes"]), (&json!(null), &json!(2)));
        assert_eq!((&basic["redacted_at"], basic.get("redacted_by")), (&json!(null), None));
        (version.content, version.path) = (None, String::new());
        let user = Actor::User { user_id: "me".to_owned() };
        let redaction = Redaction { redacted_at: Timestamp(9), redacted_by: user };
        let redacted = json!(VersionObject::of(&version, by, Some(redaction), View::Full));
        let expected = json!({"id": "memver_01A", "type": "memory_version",
            "memory_id": "mem_01A", "memory_store_id": "memstore_01A", "operation": "created",
            "path": null, "content": null, "content_sha256": null, "content_size_bytes": null,
            "created_by": {"type": "session_actor", "session_id": "sesn_01A"},
            "created_at": "1970-01-01T00:00:00.005Z", "redacted_at": "1970-01-01T00:00:00.009Z",
            "redacted_by": {"type": "user_actor", "user_id": "me"}});
        assert_eq!(redacted, expected);
    }
}
