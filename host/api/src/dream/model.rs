//! What dreams: a strategy, and the model that it asks.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::check::{one_of, text};
use crate::error::{ApiError, Result};

const ID_MAX: usize = 256;

/// The strategy that asks a model.
const ASKS: &str = "reflect";

/// What begins the name of a strategy, and that of a plugin which is a model.
const STRATEGY: &str = "strategy:";
const PLUGIN: &str = "plugin:";

/// `model` as the API writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DreamModel {
    /// Its name.
    pub id: String,
    /// How fast it is; there is only `standard`.
    #[serde(default)]
    pub speed: Option<String>,
}

impl DreamModel {
    /// Reads a name, or an object with one.
    ///
    /// # Errors
    /// Invalid, naming the field and its rule.
    pub fn read(model: Value) -> Result<Self> {
        let mut model = match model {
            Value::String(id) => Self { id, speed: None },
            Value::Object(_) => crate::value::<Self>(model)
                .map_err(|error| ApiError::invalid(format!("model.{}", error.message)))?,
            _ => return Err(ApiError::invalid("model: a name, or an object with `id`")),
        };
        text("model", &model.id, 1..=ID_MAX)?;
        let speed = model.speed.unwrap_or_else(|| "standard".to_owned());
        one_of("model.speed", &speed, &["standard"])?;
        model.speed = Some(speed);
        Ok(model)
    }

    /// The name of a strategy that asks no model.
    #[must_use]
    pub fn of_strategy(strategy: &str) -> Self {
        Self { id: format!("{STRATEGY}{strategy}"), speed: Some("standard".to_owned()) }
    }

    /// The strategy that is meant, and the model that it asks. Only what is bundled can be
    /// named: nobody gets at a file of this machine with the name of one.
    ///
    /// # Errors
    /// Invalid, when the name of a strategy or of a plugin is none.
    pub fn chosen(&self) -> Result<Chosen> {
        let wrong = |what: &str| {
            let rule = "has 1 to 64 letters, digits and hyphens";
            Err(ApiError::invalid(format!("model: the name of a {what} {rule}")))
        };
        if let Some(strategy) = self.id.strip_prefix(STRATEGY) {
            if !is_plain(strategy) {
                return wrong("strategy");
            }
            return Ok(Chosen { strategy: strategy.to_owned(), model: None });
        }
        if self.id.strip_prefix(PLUGIN).is_some_and(|plugin| !is_plain(plugin)) {
            return wrong("plugin");
        }
        Ok(Chosen { strategy: ASKS.to_owned(), model: Some(self.id.clone()) })
    }
}

/// A strategy and its model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// A bundled strategy.
    pub strategy: String,
    /// The model that it asks, as missions name it.
    pub model: Option<String>,
}

fn is_plain(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_strategy_is_named_by_its_own_name_and_all_else_is_a_model() {
        let chosen = |model: Value| {
            let Chosen { strategy, model } = DreamModel::read(model).unwrap().chosen().unwrap();
            (strategy, model.unwrap_or_default())
        };
        let of = |strategy: &str, model: &str| (strategy.to_owned(), model.to_owned());
        assert_eq!(chosen(json!("strategy:consolidate")), of("consolidate", ""));
        assert_eq!(chosen(json!("claude-opus-5-5")), of("reflect", "claude-opus-5-5"));
        assert_eq!(chosen(json!("plugin:echo")), of("reflect", "plugin:echo"));
        let object = json!({"id": "openai:own", "speed": "standard"});
        assert_eq!(chosen(object), of("reflect", "openai:own"));
    }

    #[test]
    fn no_name_is_a_file() {
        for name in ["strategy:", "strategy:/x.wasm", "strategy:a.wasm", "plugin:../x", "plugin:"] {
            assert!(DreamModel::read(json!(name)).unwrap().chosen().is_err(), "{name}");
        }
    }

    #[test]
    fn a_model_is_a_name_or_an_object_with_one() {
        let object = DreamModel::read(json!({"id": "claude-x"})).unwrap();
        assert_eq!(json!(object), json!({"id": "claude-x", "speed": "standard"}));
        assert!(DreamModel::read(json!("a".repeat(256))).is_ok());
        for bad in [
            json!(""),
            json!("a".repeat(257)),
            json!(1),
            json!(null),
            json!({}),
            json!({"id": "claude-x", "speed": "fast"}),
            json!({"id": "claude-x", "effort": "high"}),
        ] {
            assert_eq!(DreamModel::read(bad.clone()).unwrap_err().status, 400, "{bad}");
        }
    }
}
