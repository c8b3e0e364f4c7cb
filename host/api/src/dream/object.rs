//! Dreams as the API writes them.

use lucid_core::{Dream, DreamError, DreamId, DreamStatus, ModelUsage, SessionId, Timestamp};
use serde::{Deserialize, Serialize};

use super::DreamInput;
use super::model::DreamModel;

/// Where what a dream makes goes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum OutputBehavior {
    /// Into a new store.
    #[default]
    CreateNew,
    /// Into the store that is read.
    UpdateExisting {
        /// That store.
        memory_store_id: String,
    },
}

/// What the API notes beside a dream: its document. Dreams that were not asked for over the API
/// have none, until they are archived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DreamMeta {
    /// What dreams, as it was asked for.
    pub model: DreamModel,
    /// Where what it makes goes.
    pub output_behavior: OutputBehavior,
}

impl DreamMeta {
    /// What is noted beside a dream that has no document.
    #[must_use]
    pub fn standard(dream: &Dream) -> Self {
        let model = DreamModel::of_strategy(&dream.strategy);
        Self { model, output_behavior: OutputBehavior::CreateNew }
    }
}

/// A dream as the API writes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DreamObject {
    /// Its id.
    pub id: DreamId,
    #[serde(rename = "type")]
    kind: &'static str,
    /// Where it stands.
    pub status: DreamStatus,
    /// What it reads.
    pub inputs: Vec<DreamInput>,
    /// Where what it makes goes.
    pub output_behavior: OutputBehavior,
    /// What it made, as soon as it is there.
    pub outputs: Vec<DreamOutput>,
    /// What dreams.
    pub model: DreamModel,
    /// What it is to look for.
    pub instructions: Option<String>,
    /// Its own session, as soon as it runs.
    pub session_id: Option<SessionId>,
    /// What its model used.
    pub usage: ModelUsage,
    /// Why it failed, where it did.
    pub error: Option<DreamError>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Since when lists leave it out.
    pub archived_at: Option<Timestamp>,
}

/// Something that a dream made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DreamOutput {
    /// A memory store.
    MemoryStore {
        /// Which.
        memory_store_id: String,
    },
}

impl DreamObject {
    /// A dream with what is noted beside it.
    #[must_use]
    pub fn of(dream: &Dream, meta: DreamMeta, archived_at: Option<Timestamp>) -> Self {
        let memory_store_id = dream.memory_store_in.to_string();
        let mut session_ids: Vec<String> =
            dream.input_session_ids.iter().map(SessionId::to_string).collect();
        session_ids.sort();
        let output = dream.memory_store_out.iter();
        let output = output.map(|id| DreamOutput::MemoryStore { memory_store_id: id.to_string() });
        Self {
            id: dream.id.clone(),
            kind: "dream",
            status: dream.status,
            inputs: vec![
                DreamInput::MemoryStore { memory_store_id },
                DreamInput::Sessions { session_ids },
            ],
            output_behavior: meta.output_behavior,
            outputs: output.collect(),
            model: meta.model,
            instructions: Some(dream.instructions.clone()).filter(|text| !text.is_empty()),
            session_id: dream.session_id.clone(),
            usage: dream.usage,
            error: dream.error.clone(),
            created_at: dream.created_at,
            ended_at: dream.ended_at,
            archived_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use lucid_core::{DreamErrorKind, MemoryStoreId, ReviewPolicy};
    use serde_json::{Value, json};

    use super::super::DreamFilter;
    use super::*;
    use crate::query::Query;

    fn dream() -> Dream {
        let id = DreamId::parse("drm_01A").unwrap();
        let store = MemoryStoreId::parse("memstore_01A").unwrap();
        let sessions = ["sesn_2", "sesn_1"].map(|id| SessionId::parse(id).unwrap()).into();
        let dream = Dream::pending(id, "consolidate", store, sessions, Timestamp(5));
        Dream { policy: ReviewPolicy::Auto, ..dream }
    }

    fn object(dream: &Dream) -> Value {
        json!(DreamObject::of(dream, DreamMeta::standard(dream), None))
    }

    #[test]
    fn a_dream_that_waits_has_every_field_and_nothing_in_them() {
        let expected = json!({"id": "drm_01A", "type": "dream", "status": "pending", "inputs": [
            {"type": "memory_store", "memory_store_id": "memstore_01A"},
            {"type": "sessions", "session_ids": ["sesn_1", "sesn_2"]}],
            "output_behavior": {"type": "create_new"}, "outputs": [],
            "model": {"id": "strategy:consolidate", "speed": "standard"},
            "instructions": null, "session_id": null,
            "usage": {"input_tokens": 0, "output_tokens": 0, "cache_read_input_tokens": 0,
                "cache_creation_input_tokens": 0},
            "error": null, "created_at": "1970-01-01T00:00:00.005Z", "ended_at": null,
            "archived_at": null});
        assert_eq!(object(&dream()), expected);
    }

    #[test]
    fn a_dream_that_failed_says_why_and_keeps_its_store() {
        let mut dream = dream();
        dream.status = DreamStatus::Failed;
        dream.memory_store_out = MemoryStoreId::parse("memstore_2");
        let kind = DreamErrorKind::InputSessionUnavailable;
        dream.error = Some(DreamError { kind, message: "gone".to_owned() });
        let object = object(&dream);
        let error = json!({"type": "input_session_unavailable", "message": "gone"});
        assert_eq!(object["error"], error);
        let outputs = json!([{"type": "memory_store", "memory_store_id": "memstore_2"}]);
        assert_eq!(object["outputs"], outputs);
    }

    #[test]
    fn a_list_leaves_out_what_is_archived_and_what_was_not_asked_for() {
        let dream = dream();
        let has = |raw: &str, archived_at: Option<Timestamp>| {
            let mut query = Query::parse(raw).unwrap();
            let filter = DreamFilter::read(&mut query).unwrap();
            query.done().unwrap();
            filter.has(&DreamObject::of(&dream, DreamMeta::standard(&dream), archived_at))
        };
        let archived = Some(Timestamp(9));
        assert!(has("", None) && !has("", archived) && has("include_archived=true", archived));
        assert!(has("statuses[]=failed&statuses[]=pending", None) && !has("statuses=failed", None));
        assert!(!has("created_at[gt]=1970-01-01T00:00:00.005Z", None));
        let mut query = Query::parse("statuses=done").unwrap();
        assert!(DreamFilter::read(&mut query).is_err());
    }
}
