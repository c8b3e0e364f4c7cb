//! Which model, and how hard it works.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::union::{at, nothing_else, tagged, unknown};
use crate::check::{one_of, text};
use crate::error::{ApiError, Result};
use crate::read::value as read;

const NAME_MAX: usize = 256;
const WORDS: [&str; 5] = ["low", "medium", "high", "xhigh", "max"];

/// How hard a model works on an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Effort {
    /// Little.
    Low,
    /// Some.
    Medium,
    /// What is taken where nobody says anything.
    #[default]
    High,
    /// More.
    Xhigh,
    /// As much as it can.
    Max,
}

impl Effort {
    fn of(word: &str) -> Result<Self> {
        one_of("effort", word, &WORDS)?;
        read(serde_json::json!({ "type": word }))
    }

    /// The word, such as `high`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Xhigh => "xhigh",
            Self::Max => "max",
        }
    }
}

/// How fast a model answers, and at what price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speed {
    /// As usual.
    #[default]
    Standard,
    /// Faster.
    Fast,
}

/// An agent's model. `effort` is always an object: `{"type": "high"}` where nobody says
/// anything, for every model, since a model here may be anybody's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelConfig {
    /// Its name: `claude-…`, `openai:NAME` or `plugin:NAME`.
    pub id: String,
    /// How hard it works.
    pub effort: Effort,
    /// How fast.
    pub speed: Speed,
    /// Where it has to run; none: anywhere. The API leaves it out then, and has no null for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inference_geo: Option<String>,
}

/// A model as a request has it: its name, or an object.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
pub struct ModelParam {
    id: String,
    effort: Option<Effort>,
    speed: Option<Speed>,
    inference_geo: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Object {
    id: String,
    #[serde(default)]
    effort: Option<Value>,
    #[serde(default)]
    speed: Option<Speed>,
    #[serde(default)]
    inference_geo: Option<String>,
}

impl TryFrom<Value> for ModelParam {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        Self::read(value).map_err(|error| error.message)
    }
}

impl ModelParam {
    fn read(value: Value) -> Result<Self> {
        let param = match value {
            Value::String(id) => Self { id, effort: None, speed: None, inference_geo: None },
            Value::Object(_) => {
                let Object { id, effort, speed, inference_geo } = read(value)?;
                let effort = effort.map(|effort| at("effort", read_effort(effort))).transpose()?;
                Self { id, effort, speed, inference_geo }
            }
            _ => return Err(ApiError::invalid("a model is a text or an object with an `id`")),
        };
        model_name("id", &param.id)?;
        if let Some(geo) = &param.inference_geo {
            one_of("inference_geo", geo, &["us", "global"])?;
        }
        Ok(param)
    }

    /// The model as it is stored. A model that stays the same keeps its effort where none is
    /// named; everything else is replaced.
    #[must_use]
    pub fn over(self, before: Option<&ModelConfig>) -> ModelConfig {
        let kept = before.filter(|before| before.id == self.id).map(|before| before.effort);
        ModelConfig {
            effort: self.effort.or(kept).unwrap_or_default(),
            speed: self.speed.unwrap_or_default(),
            inference_geo: self.inference_geo,
            id: self.id,
        }
    }
}

fn read_effort(value: Value) -> Result<Effort> {
    if let Value::String(word) = &value {
        return Effort::of(word);
    }
    let (kind, rest) = tagged(value)?;
    nothing_else(&rest)?;
    Effort::of(&kind).map_err(|_| unknown(&kind, &WORDS))
}

/// Checks a model's name. Any may be stored: whether it can be asked is known when a session
/// begins.
pub(super) fn model_name(field: &str, name: &str) -> Result<()> {
    text(field, name, 1..=NAME_MAX)?;
    if name.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(ApiError::invalid(format!("{field}: a model's name has no spaces")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn model(value: Value) -> Result<ModelConfig> {
        Ok(ModelParam::read(value)?.over(None))
    }

    #[test]
    fn a_name_alone_becomes_an_object_with_its_defaults() {
        let written = serde_json::to_value(model(json!("claude-opus-5-5")).unwrap()).unwrap();
        let expected = json!({"id": "claude-opus-5-5", "effort": {"type": "high"},
            "speed": "standard"});
        assert_eq!(written, expected);
        assert_eq!(read::<ModelConfig>(written.clone()).unwrap(), model(written).unwrap());
    }

    #[test]
    fn effort_is_a_word_or_an_object() {
        for word in WORDS {
            let words = model(json!({"id": "m", "effort": word})).unwrap();
            assert_eq!(words, model(json!({"id": "m", "effort": {"type": word}})).unwrap());
            assert_eq!(words.effort.as_str(), word);
        }
        for wrong in [
            json!("huge"),
            json!({"type": "huge"}),
            json!({}),
            json!(3),
            json!({"type": "low", "x": 1}),
        ] {
            assert!(model(json!({"id": "m", "effort": wrong})).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_model_is_refused() {
        let long = |n: usize| json!("m".repeat(n));
        assert!(model(long(256)).is_ok());
        for wrong in [
            long(0),
            long(257),
            json!("a b"),
            json!(7),
            json!(null),
            json!({}),
            json!({"id": "m", "speed": "slow"}),
            json!({"id": "m", "inference_geo": "moon"}),
            json!({"id": "m", "temperature": 1}),
        ] {
            assert!(model(wrong.clone()).is_err(), "{wrong}");
        }
        let geo = model(json!({"id": "m", "inference_geo": "us", "speed": "fast"})).unwrap();
        assert_eq!((geo.inference_geo.as_deref(), geo.speed), (Some("us"), Speed::Fast));
    }

    #[test]
    fn a_model_that_stays_keeps_its_effort_and_nothing_else() {
        let before = model(json!({"id": "m", "effort": "low", "speed": "fast",
            "inference_geo": "us"}))
        .unwrap();
        let same = ModelParam::read(json!("m")).unwrap().over(Some(&before));
        assert_eq!((same.effort, same.speed), (Effort::Low, Speed::Standard));
        assert_eq!(same.inference_geo, None);
        let other = ModelParam::read(json!("n")).unwrap().over(Some(&before));
        assert_eq!(other.effort, Effort::High);
    }
}
