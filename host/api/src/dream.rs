//! Dreams: what may be asked for, and dreams as the API writes them.
//!
//! The API has one field for what dreams: `model`. Here it also says by which strategy, because
//! not every strategy asks a model:
//!
//! - `strategy:NAME` is the bundled strategy of this name, without a model, such as
//!   `strategy:consolidate`, which merges and settles by rules alone;
//! - any other is a model, named as missions name it (`claude-…`, `openai:NAME` or
//!   `plugin:NAME`), and the bundled strategy `reflect` asks it.

mod model;
mod object;

use lucid_core::{DreamStatus, MemoryStoreId, SessionId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use model::{Chosen, DreamModel};
pub use object::{DreamMeta, DreamObject, OutputBehavior};

use crate::check::{id, text};
use crate::error::{ApiError, Result};
use crate::page::Span;
use crate::query::Query;

/// Sessions that one dream reads at most.
pub const SESSIONS_MAX: usize = 100;
const INSTRUCTIONS_MAX: usize = 4_096;

/// A dream that is asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DreamCreate {
    /// What it reads.
    pub inputs: Vec<DreamInput>,
    /// What dreams: a name, or an object with one.
    pub model: Value,
    /// What it is to look for.
    #[serde(default)]
    pub instructions: Option<String>,
    /// Where what it makes goes.
    #[serde(default)]
    pub output_behavior: Option<OutputBehavior>,
}

/// Something that a dream reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum DreamInput {
    /// A memory store.
    MemoryStore {
        /// Which.
        memory_store_id: String,
    },
    /// Past sessions.
    Sessions {
        /// Which.
        session_ids: Vec<String>,
    },
}

/// A dream that makes sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DreamPlan {
    /// The store it reads.
    pub memory_store: MemoryStoreId,
    /// The sessions it reads.
    pub sessions: Vec<SessionId>,
    /// What it is to look for.
    pub instructions: Option<String>,
    /// The strategy, and the model that it asks.
    pub chosen: Chosen,
    /// What is noted beside it.
    pub meta: DreamMeta,
}

impl DreamCreate {
    /// Checks what is asked for.
    ///
    /// # Errors
    /// Invalid, naming the field and its rule; not implemented, for a dream that changes the
    /// store it reads.
    pub fn plan(self) -> Result<DreamPlan> {
        let (memory_store, sessions) = inputs(&self.inputs)?;
        let model = DreamModel::read(self.model)?;
        let chosen = model.chosen()?;
        if let Some(instructions) = &self.instructions {
            text("instructions", instructions, 1..=INSTRUCTIONS_MAX)?;
        }
        let output_behavior = self.output_behavior.unwrap_or_default();
        if let OutputBehavior::UpdateExisting { memory_store_id } = &output_behavior {
            if memory_store_id != memory_store.as_str() {
                let field = "output_behavior.memory_store_id";
                return Err(ApiError::invalid(format!("{field}: not the store that is read")));
            }
            return Err(ApiError::not_implemented(
                "output_behavior: a dream never changes the store it reads here, so that \
                 everything it did can be undone; leave it out, or give `create_new`",
            ));
        }
        let meta = DreamMeta { model, output_behavior };
        let instructions = self.instructions;
        Ok(DreamPlan { memory_store, sessions, instructions, chosen, meta })
    }
}

fn inputs(inputs: &[DreamInput]) -> Result<(MemoryStoreId, Vec<SessionId>)> {
    let (mut stores, mut sessions) = (Vec::new(), Vec::new());
    for input in inputs {
        match input {
            DreamInput::MemoryStore { memory_store_id } => stores.push(memory_store_id),
            DreamInput::Sessions { session_ids } => sessions.push(session_ids),
        }
    }
    let ([store], [sessions]) = (stores.as_slice(), sessions.as_slice()) else {
        let rule = "inputs: one of type `memory_store` and one of type `sessions`";
        return Err(ApiError::invalid(rule));
    };
    if !(1..=SESSIONS_MAX).contains(&sessions.len()) {
        let count = sessions.len();
        let why = format!("inputs: {count} sessions, where 1 to {SESSIONS_MAX} may be");
        return Err(ApiError::invalid(why));
    }
    let field = "inputs.memory_store_id";
    id(field, MemoryStoreId::PREFIX, store)?;
    let wrong = |field: &str| ApiError::invalid(format!("{field}: not an id"));
    let store = MemoryStoreId::parse(store).ok_or_else(|| wrong(field))?;
    let field = "inputs.session_ids";
    let mut ids = Vec::with_capacity(sessions.len());
    for session in *sessions {
        id(field, SessionId::PREFIX, session)?;
        ids.push(SessionId::parse(session).ok_or_else(|| wrong(field))?);
    }
    ids.sort();
    if let Some(twice) = ids.windows(2).find(|two| two.first() == two.last()) {
        let twice = twice.first().map(SessionId::as_str).unwrap_or_default();
        return Err(ApiError::invalid(format!("{field}: {twice} is there twice")));
    }
    Ok((store, ids))
}

/// Which dreams a list has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DreamFilter {
    statuses: Vec<String>,
    created_at: Span,
    include_archived: bool,
}

impl DreamFilter {
    /// Reads the filters of a query.
    ///
    /// # Errors
    /// Invalid, when there is no such status, or a time is none.
    pub fn read(query: &mut Query) -> Result<Self> {
        let statuses = query.list("statuses")?;
        for status in &statuses {
            let words = ["pending", "running", "completed", "failed", "canceled"];
            crate::check::one_of("statuses", status, &words)?;
        }
        let created_at = query.span("created_at")?;
        Ok(Self { statuses, created_at, include_archived: query.flag("include_archived")? })
    }

    /// Whether a dream is in the list.
    #[must_use]
    pub fn has(&self, dream: &DreamObject) -> bool {
        let is_named = self.statuses.iter().any(|status| status == dream.status.as_str());
        (self.statuses.is_empty() || is_named)
            && self.created_at.has(dream.created_at)
            && (self.include_archived || dream.archived_at.is_none())
    }
}

/// Checks that a dream can be archived: only one that has ended.
///
/// # Errors
/// Invalid, when it has not.
pub fn check_archive(dream_id: &str, status: DreamStatus) -> Result<()> {
    if status.is_terminal() {
        return Ok(());
    }
    let status = status.as_str();
    Err(ApiError::invalid(format!(
        "dream {dream_id} is {status}: wait until it has ended, or cancel it first"
    )))
}

/// Checks that a dream can be canceled: one that waits or runs, or was canceled before.
///
/// # Errors
/// Invalid, when it completed or failed.
pub fn check_cancel(dream_id: &str, status: DreamStatus) -> Result<()> {
    match status {
        DreamStatus::Pending | DreamStatus::Running | DreamStatus::Canceled => Ok(()),
        DreamStatus::Completed | DreamStatus::Failed => {
            let status = status.as_str();
            Err(ApiError::invalid(format!("dream {dream_id} is {status}: it has ended")))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plan(body: Value) -> Result<DreamPlan> {
        crate::value::<DreamCreate>(body)?.plan()
    }

    fn body(changes: &[(&str, Value)]) -> Value {
        let mut body = json!({"model": "strategy:consolidate", "inputs": [
            {"type": "memory_store", "memory_store_id": "memstore_01A"},
            {"type": "sessions", "session_ids": ["sesn_2", "sesn_1"]}]});
        for (name, value) in changes {
            body[*name] = value.clone();
        }
        body
    }

    #[test]
    fn a_dream_reads_one_store_and_sessions_once_each_in_order() {
        let plan = plan(body(&[])).unwrap();
        let ids: Vec<&str> = plan.sessions.iter().map(SessionId::as_str).collect();
        assert_eq!((plan.memory_store.as_str(), ids), ("memstore_01A", vec!["sesn_1", "sesn_2"]));
    }

    #[test]
    fn inputs_that_make_no_sense_are_refused() {
        let store = json!({"type": "memory_store", "memory_store_id": "memstore_01A"});
        let sessions = |ids: Vec<String>| json!({"type": "sessions", "session_ids": ids});
        let many = |count: usize| (0..count).map(|n| format!("sesn_{n:03}")).collect();
        let one = sessions(many(1));
        assert!(plan(body(&[("inputs", json!([store, sessions(many(100))]))])).is_ok());
        let twice = sessions(vec!["sesn_1".to_owned(), "sesn_1".to_owned()]);
        for bad in [
            json!([]),
            json!([store]),
            json!([one]),
            json!([store, store, one]),
            json!([store, one, one]),
            json!([store, twice]),
            json!([store, sessions(many(0))]),
            json!([store, sessions(many(101))]),
            json!([store, sessions(vec!["x".to_owned()])]),
            json!([{"type": "memory_store", "memory_store_id": "x"}, one]),
            json!([{"type": "file"}, one]),
        ] {
            assert_eq!(plan(body(&[("inputs", bad.clone())])).unwrap_err().status, 400, "{bad}");
        }
    }

    #[test]
    fn instructions_are_one_to_4096_characters() {
        for good in [json!(null), json!("é".repeat(4_096))] {
            assert!(plan(body(&[("instructions", good)])).is_ok());
        }
        for bad in [json!(""), json!("a".repeat(4_097)), json!(1)] {
            assert_eq!(plan(body(&[("instructions", bad)])).unwrap_err().status, 400);
        }
    }

    #[test]
    fn what_a_dream_makes_is_new() {
        let status = |behavior: Value| plan(body(&[("output_behavior", behavior)])).map(|_| ());
        assert_eq!(status(json!({"type": "create_new"})), Ok(()));
        assert_eq!(status(json!(null)), Ok(()));
        let existing = |id: &str| json!({"type": "update_existing", "memory_store_id": id});
        assert_eq!(status(existing("memstore_01A")).unwrap_err().status, 501);
        assert_eq!(status(existing("memstore_2")).unwrap_err().status, 400);
        assert_eq!(status(json!({"type": "other"})).unwrap_err().status, 400);
    }

    #[test]
    fn only_what_has_ended_is_archived_and_only_what_has_not_is_canceled() {
        use DreamStatus::{Canceled, Completed, Failed, Pending, Running};
        for (status, archive, cancel) in [
            (Pending, false, true),
            (Running, false, true),
            (Completed, true, false),
            (Failed, true, false),
            (Canceled, true, true),
        ] {
            assert_eq!(check_archive("drm_1", status).is_ok(), archive, "{status:?}");
            assert_eq!(check_cancel("drm_1", status).is_ok(), cancel, "{status:?}");
        }
    }
}
