//! Tools that the client runs itself.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::config::BuiltinTool;
use crate::check::text;
use crate::error::{ApiError, Result};

const NAME_MAX: usize = 128;
const DESCRIPTION_MAX: usize = 1_024;
const PROPERTY_MAX: usize = 64;
/// How MCP tools are named towards a model.
const MCP_PREFIX: &str = "mcp__";

/// A custom tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomTool {
    /// What the model calls it.
    pub name: String,
    /// What it is for, for the model.
    pub description: String,
    /// What it takes: a JSON Schema of an object.
    pub input_schema: Map<String, Value>,
}

/// Checks a custom tool by itself.
pub(super) fn check(tool: &CustomTool) -> Result<()> {
    text("name", &tool.name, 1..=NAME_MAX)?;
    text("description", &tool.description, 1..=DESCRIPTION_MAX)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if !tool.name.bytes().all(plain) {
        return Err(ApiError::invalid("name: letters, digits, `_` and `-` may be here"));
    }
    if tool.name.starts_with(MCP_PREFIX) || BuiltinTool::named(&tool.name).is_some() {
        let why = "name: it is a built-in tool's, or begins as those of MCP servers do";
        return Err(ApiError::invalid(why));
    }
    schema(&tool.input_schema)
}

fn schema(schema: &Map<String, Value>) -> Result<()> {
    let wrong = |why: String| Err(ApiError::invalid(format!("input_schema: {why}")));
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        return wrong("its `type` is `object`".to_owned());
    }
    if let Some(word) = ["oneOf", "anyOf", "allOf"].iter().find(|word| schema.contains_key(**word))
    {
        return wrong(format!("`{word}` may not be at its top"));
    }
    match schema.get("properties") {
        None | Some(Value::Null) => {}
        Some(Value::Object(properties)) => {
            if !properties.keys().all(|name| is_property(name)) {
                return wrong(format!(
                    "a property's name has 1 to {PROPERTY_MAX} letters, digits, `_`, `.`, `-`"
                ));
            }
        }
        Some(_) => return wrong("`properties` is an object".to_owned()),
    }
    match schema.get("required") {
        None | Some(Value::Null) => {}
        Some(Value::Array(names)) if names.iter().all(Value::is_string) => {}
        Some(_) => return wrong("`required` is a list of names".to_owned()),
    }
    if schema.iter().any(|(key, value)| has_reference(key, value)) {
        return wrong("`$ref` is not followed: write the part out".to_owned());
    }
    Ok(())
}

fn is_property(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    (1..=PROPERTY_MAX).contains(&name.len()) && name.bytes().all(plain)
}

/// Whether something refers elsewhere. JSON is read to a depth of 128, so this ends.
fn has_reference(key: &str, value: &Value) -> bool {
    key == "$ref"
        || match value {
            Value::Object(fields) => fields.iter().any(|(key, value)| has_reference(key, value)),
            Value::Array(values) => values.iter().any(|value| has_reference("", value)),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tool(name: &str, description: &str, schema: Value) -> Result<()> {
        let tool = json!({"name": name, "description": description, "input_schema": schema});
        check(&crate::read::value(tool)?)
    }

    #[test]
    fn a_tool_has_a_plain_name_of_its_own() {
        let named = |name: &str| tool(name, "d", json!({"type": "object"}));
        for right in ["a", "Get-Order_2", "bash2", "x".repeat(128).as_str()] {
            assert!(named(right).is_ok(), "{right}");
        }
        for wrong in
            ["", "a b", "a.b", "ä", "mcp__a__b", "bash", "web_search", "x".repeat(129).as_str()]
        {
            assert!(named(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_description_has_one_to_1024_characters() {
        let described = |n: usize| tool("a", &"ä".repeat(n), json!({"type": "object"}));
        assert!(described(1).is_ok() && described(1_024).is_ok());
        assert!(described(0).is_err() && described(1_025).is_err());
    }

    #[test]
    fn a_schema_is_of_an_object_and_refers_nowhere() {
        let of = |schema: Value| tool("a", "d", schema);
        for right in [
            json!({"type": "object", "properties": null, "required": null}),
            json!({"type": "object", "properties": {"a.b-c_1": {"anyOf": [{"type": "string"}]}},
                "required": ["a.b-c_1"], "additionalProperties": false}),
            json!({"type": "object", "properties": {"x".repeat(64): {}}}),
        ] {
            assert!(of(right.clone()).is_ok(), "{right}");
        }
        for wrong in [
            json!({}),
            json!({"type": "string"}),
            json!({"type": ["object"]}),
            json!({"type": "object", "anyOf": []}),
            json!({"type": "object", "properties": []}),
            json!({"type": "object", "properties": {"a b": {}}}),
            json!({"type": "object", "properties": {"": {}}}),
            json!({"type": "object", "properties": {"x".repeat(65): {}}}),
            json!({"type": "object", "required": "a"}),
            json!({"type": "object", "required": [1]}),
            json!({"type": "object", "properties": {"a": {"items": [{"$ref": "#"}]}}}),
            json!(null),
        ] {
            assert!(of(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
