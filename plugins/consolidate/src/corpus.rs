//! The scalar inputs of the last call of each tool, and where they stand.
//!
//! Reading is lenient: an event that cannot be parsed is skipped and counted.

use crate::model::{Field, Scalar};
use serde_json::Value;
use std::collections::BTreeMap;

/// Objects are followed this deep.
const DEPTH_MAX: usize = 8;
/// At most so many fields of a call are read.
const FIELDS_MAX: usize = 256;
/// A longer feature name is no name.
const NAME_BYTES_MAX: usize = 100;

/// Collects the calls of one session.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    tools: BTreeMap<String, BTreeMap<String, Field>>,
    /// Events that could not be parsed.
    pub(crate) skipped: u32,
}

impl Reader {
    /// Reads one event; what is no tool call is passed over.
    pub(crate) fn event(&mut self, id: &str, kind: &str, trusted: bool, body: &str) {
        // `agent.tool_use`, `agent.custom_tool_use`, `agent.mcp_tool_use`.
        if !kind.starts_with("agent.") || !kind.ends_with("tool_use") {
            return;
        }
        let Ok(event) = serde_json::from_str::<Value>(body) else {
            self.skipped += 1;
            return;
        };
        let (Some(tool), Some(input)) =
            (event.get("name").and_then(Value::as_str), event.get("input"))
        else {
            self.skipped += 1;
            return;
        };
        let mut fields = BTreeMap::new();
        flatten(tool, input, 0, &mut |name, key, value| {
            if fields.len() < FIELDS_MAX && is_name(name) {
                let quote = quote(body, key, &value);
                let event_id = id.to_owned();
                fields.insert(name.to_owned(), Field { value, event_id, quote, trusted });
            }
        });
        self.tools.insert(tool.to_owned(), fields);
    }

    /// All features of the session.
    pub(crate) fn fields(self) -> BTreeMap<String, Field> {
        self.tools.into_values().flatten().collect()
    }
}

fn flatten(prefix: &str, value: &Value, depth: usize, found: &mut dyn FnMut(&str, &str, Scalar)) {
    let Value::Object(object) = value else { return };
    for (key, value) in object {
        let name = format!("{prefix}.{key}");
        match value {
            Value::Object(_) if depth < DEPTH_MAX => flatten(&name, value, depth + 1, found),
            Value::Number(number) => {
                if let Some(number) = number.as_f64().filter(|number| number.is_finite()) {
                    found(&name, key, Scalar::Number(number));
                }
            }
            Value::String(text) => found(&name, key, Scalar::Text(text.clone())),
            Value::Bool(value) => found(&name, key, Scalar::Bool(*value)),
            Value::Object(_) | Value::Array(_) | Value::Null => {}
        }
    }
}

/// Whether a rule can name the feature: programs read the name from between backticks.
fn is_name(name: &str) -> bool {
    name.len() <= NAME_BYTES_MAX
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':'))
}

/// Key and value as they stand in `body`, whatever the white space between them.
fn quote(body: &str, key: &str, value: &Scalar) -> Option<String> {
    let quoted = serde_json::to_string(key).ok()?;
    for (start, _) in body.match_indices(&quoted) {
        let rest = &body[start + quoted.len()..];
        let Some(rest) = rest.trim_start().strip_prefix(':') else {
            continue;
        };
        let rest = rest.trim_start();
        let mut parsed = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let Some(Ok(here)) = parsed.next() else {
            continue;
        };
        let same = match (value, &here) {
            (Scalar::Number(number), Value::Number(here)) => here.as_f64() == Some(*number),
            (Scalar::Text(text), Value::String(here)) => text == here,
            (Scalar::Bool(value), Value::Bool(here)) => value == here,
            _ => false,
        };
        if same {
            let end = body.len() - rest.len() + parsed.byte_offset();
            return body.get(start..end).map(str::to_owned).filter(|text| text.len() <= 1_024);
        }
    }
    None
}
