//! The models that a server knows by name.

use lucid_core::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::error::{ApiError, Result};
use crate::query::Query;

const LIMIT: usize = 20;
const LIMIT_MAX: usize = 1_000;
const STAGES: [&str; 3] = ["active", "deprecated", "retired"];

/// A model as the API writes it. What nobody here knows is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename = "model")]
pub struct Model {
    /// Its name, as agents write it.
    pub id: String,
    /// The name for people.
    pub display_name: String,
    /// When it came out: the beginning of time, as the API has it for what is not known.
    pub created_at: Timestamp,
    /// Always `active`: what is in the list can be asked.
    pub lifecycle: &'static str,
    /// Tokens of a prompt at most.
    pub max_input_tokens: Option<u64>,
    /// Tokens of an answer at most.
    pub max_tokens: Option<u64>,
    /// Its family.
    pub line: Option<String>,
    /// What it can do.
    pub capabilities: Option<Value>,
    /// Models that may take its place: none does here.
    pub allowed_fallback_models: Vec<String>,
    /// When it was deprecated.
    pub deprecated_at: Option<Timestamp>,
    /// When it retires.
    pub retires_at: Option<Timestamp>,
}

impl Model {
    /// A model of a name, and how many tokens its window holds.
    #[must_use]
    pub fn new(id: &str, max_input_tokens: Option<u64>) -> Self {
        Self {
            id: id.to_owned(),
            display_name: id.to_owned(),
            created_at: Timestamp(0),
            lifecycle: "active",
            max_input_tokens,
            max_tokens: None,
            line: None,
            capabilities: None,
            allowed_fallback_models: Vec::new(),
            deprecated_at: None,
            retires_at: None,
        }
    }
}

/// The page of a list of models that a query asks for.
///
/// # Errors
/// Invalid: both ends are named, one is no model here, or a stage is none.
pub fn page(models: &[Model], query: &mut Query) -> Result<Value> {
    let stages = query.list("lifecycle")?;
    let (after, before) = (query.text("after_id")?, query.text("before_id")?);
    let limit = query.limit(LIMIT, LIMIT_MAX)?;
    query.done()?;
    for stage in &stages {
        crate::check::one_of("lifecycle", stage, &STAGES)?;
    }
    let wanted = stages.is_empty() || stages.iter().any(|stage| stage == "active");
    let models = if wanted { models } else { &[] };
    let place = |field: &str, id: &str| {
        let found = models.iter().position(|model| model.id == id);
        found.ok_or_else(|| ApiError::invalid(format!("{field}: there is no such model here")))
    };
    let (part, has_more) = match (after, before) {
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid("after_id and before_id do not go together"));
        }
        (None, Some(before)) => {
            let end = place("before_id", &before)?;
            let start = end.saturating_sub(limit);
            (models.get(start..end), start > 0)
        }
        (after, None) => {
            let start = match after {
                Some(after) => place("after_id", &after)?.saturating_add(1),
                None => 0,
            };
            let end = start.saturating_add(limit).min(models.len());
            (models.get(start..end), end < models.len())
        }
    };
    let part = part.unwrap_or_default();
    let id = |model: Option<&Model>| model.map(|model| model.id.clone());
    Ok(json!({"data": part, "has_more": has_more, "first_id": id(part.first()),
        "last_id": id(part.last())}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(query: &str) -> Result<(Vec<String>, bool)> {
        let models: Vec<Model> =
            ["a", "b", "c", "d", "e"].iter().map(|id| Model::new(id, None)).collect();
        let page = page(&models, &mut Query::parse(query)?)?;
        let ids: Vec<String> = page["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| m["id"].as_str().unwrap().into())
            .collect();
        assert_eq!(page["first_id"].as_str(), ids.first().map(String::as_str));
        assert_eq!(page["last_id"].as_str(), ids.last().map(String::as_str));
        Ok((ids, page["has_more"].as_bool().unwrap()))
    }

    #[test]
    fn a_model_has_what_strict_clients_need() {
        let written = serde_json::to_value(Model::new("plugin:script", Some(9))).unwrap();
        assert_eq!(written["type"], "model");
        assert_eq!(written["created_at"], "1970-01-01T00:00:00.000Z");
        assert_eq!(
            (&written["lifecycle"], &written["max_input_tokens"]),
            (&json!("active"), &json!(9))
        );
        assert_eq!(written["capabilities"], Value::Null);
    }

    #[test]
    fn a_page_lies_behind_or_before_a_model() {
        let ids = |ids: &[&str], more| Ok((ids.iter().map(|id| (*id).to_owned()).collect(), more));
        assert_eq!(list(""), ids(&["a", "b", "c", "d", "e"], false));
        assert_eq!(list("limit=2"), ids(&["a", "b"], true));
        assert_eq!(list("limit=2&after_id=b"), ids(&["c", "d"], true));
        assert_eq!(list("limit=2&after_id=d"), ids(&["e"], false));
        assert_eq!(list("after_id=e"), ids(&[], false));
        assert_eq!(list("limit=2&before_id=d"), ids(&["b", "c"], true));
        assert_eq!(list("limit=9&before_id=c"), ids(&["a", "b"], false));
        assert_eq!(list("lifecycle[]=retired"), ids(&[], false));
        assert_eq!(list("lifecycle[]=active&limit=1"), ids(&["a"], true));
    }

    #[test]
    fn a_question_that_makes_no_sense_is_refused() {
        for wrong in [
            "after_id=x",
            "after_id=a&before_id=b",
            "limit=0",
            "limit=1001",
            "lifecycle=old",
            "page=x",
        ] {
            assert_eq!(list(wrong).unwrap_err().status, 400, "{wrong}");
        }
    }
}
