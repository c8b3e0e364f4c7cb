//! JSON Schema, as far as its form goes: that a schema is one, not what it allows.
//!
//! The walk knows the keywords that a tool's schema is likely to have and leaves every other
//! alone, as the standard says. It is not a validator.

use serde_json::{Map, Value};

/// Schemas inside schemas are followed this deep.
const DEPTH_MAX: usize = 64;

/// The names a type can have.
const TYPES: [&str; 7] = ["null", "boolean", "object", "array", "number", "integer", "string"];

/// Keywords that hold one schema.
const ONE: [&str; 9] = [
    "items",
    "additionalProperties",
    "contains",
    "propertyNames",
    "not",
    "if",
    "then",
    "else",
    "unevaluatedProperties",
];

/// Keywords that hold a list of schemas, at least one.
const LISTS: [&str; 4] = ["anyOf", "oneOf", "allOf", "prefixItems"];

/// Keywords that hold schemas by name.
const NAMED: [&str; 5] =
    ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];

/// What is wrong with the schema of a tool's input: it has to describe an object.
pub(super) fn input_mistake(text: &str) -> Option<String> {
    let schema = match parse(text) {
        Ok(schema) => schema,
        Err(mistake) => return Some(mistake),
    };
    if schema.get("type") != Some(&Value::from("object")) {
        return Some("its `type` is not `object`".to_owned());
    }
    mistake(&schema)
}

/// What is wrong with the schema of a tool's output.
pub(super) fn output_mistake(text: &str) -> Option<String> {
    match parse(text) {
        Ok(schema) => mistake(&schema),
        Err(mistake) => Some(mistake),
    }
}

fn parse(text: &str) -> Result<Value, String> {
    match serde_json::from_str(text) {
        Ok(schema @ Value::Object(_)) => Ok(schema),
        Ok(_) => Err("it is JSON, and not an object".to_owned()),
        Err(error) => Err(format!("it is not JSON: {error}")),
    }
}

fn mistake(schema: &Value) -> Option<String> {
    Walk { root: schema }.schema(schema, "#", 0)
}

struct Walk<'a> {
    root: &'a Value,
}

impl Walk<'_> {
    fn schema(&self, schema: &Value, at: &str, depth: usize) -> Option<String> {
        let object = match schema {
            Value::Bool(_) => return None,
            Value::Object(object) => object,
            _ => return Some(format!("{at} is not a schema")),
        };
        if depth > DEPTH_MAX {
            return Some(format!("its schemas lie more than {DEPTH_MAX} deep in each other"));
        }
        types(object, at)
            .or_else(|| required(object, at))
            .or_else(|| choices(object, at))
            .or_else(|| self.reference(object, at))
            .or_else(|| self.inside(object, at, depth))
    }

    /// A reference into the same schema has to lead somewhere; others are not followed.
    fn reference(&self, object: &Map<String, Value>, at: &str) -> Option<String> {
        let reference = object.get("$ref")?;
        let Some(text) = reference.as_str() else {
            return Some(format!("{at}/$ref is not a text"));
        };
        let pointer = text.strip_prefix('#')?;
        let is_anchor = !pointer.is_empty() && !pointer.starts_with('/');
        if is_anchor || self.root.pointer(pointer).is_some() {
            return None;
        }
        Some(format!("{at}/$ref leads to `{text}`, which is not there"))
    }

    fn inside(&self, object: &Map<String, Value>, at: &str, depth: usize) -> Option<String> {
        for (key, value) in object {
            let at = format!("{at}/{key}");
            let mistake = match key.as_str() {
                // Older schemas have a list of schemas here.
                "items" if value.is_array() => self.list(value, &at, depth),
                key if ONE.contains(&key) => self.schema(value, &at, depth + 1),
                key if LISTS.contains(&key) => self.list(value, &at, depth),
                key if NAMED.contains(&key) => self.named(value, &at, depth),
                _ => None,
            };
            if mistake.is_some() {
                return mistake;
            }
        }
        None
    }

    fn list(&self, value: &Value, at: &str, depth: usize) -> Option<String> {
        match value.as_array() {
            Some(schemas) if !schemas.is_empty() => schemas
                .iter()
                .enumerate()
                .find_map(|(n, schema)| self.schema(schema, &format!("{at}/{n}"), depth + 1)),
            _ => Some(format!("{at} is not a list of schemas")),
        }
    }

    fn named(&self, value: &Value, at: &str, depth: usize) -> Option<String> {
        match value.as_object() {
            Some(schemas) => schemas
                .iter()
                .find_map(|(name, schema)| self.schema(schema, &format!("{at}/{name}"), depth + 1)),
            None => Some(format!("{at} is not an object of schemas")),
        }
    }
}

fn types(object: &Map<String, Value>, at: &str) -> Option<String> {
    let known = |value: &Value| value.as_str().is_some_and(|name| TYPES.contains(&name));
    let right = match object.get("type")? {
        Value::Array(names) => !names.is_empty() && names.iter().all(known),
        name => known(name),
    };
    (!right).then(|| format!("{at}/type is none of {}", TYPES.join(", ")))
}

fn required(object: &Map<String, Value>, at: &str) -> Option<String> {
    let required = object.get("required")?;
    let Some(names) = required.as_array() else {
        return Some(format!("{at}/required is not a list"));
    };
    let properties = object.get("properties").and_then(Value::as_object);
    for (number, name) in names.iter().enumerate() {
        let Some(text) = name.as_str() else {
            return Some(format!("{at}/required has something that is not a name"));
        };
        if names.iter().take(number).any(|other| other == name) {
            return Some(format!("{at}/required names `{text}` twice"));
        }
        if !properties.is_some_and(|properties| properties.contains_key(text)) {
            return Some(format!("{at}/required names `{text}`, which is no property"));
        }
    }
    None
}

fn choices(object: &Map<String, Value>, at: &str) -> Option<String> {
    let choices = object.get("enum")?;
    let some = choices.as_array().is_some_and(|choices| !choices.is_empty());
    (!some).then(|| format!("{at}/enum is not a list of values"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_of_objects_pass() {
        for text in [
            r#"{"type": "object"}"#,
            r##"{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
                "properties": {"a": {"type": ["string", "null"]}, "b": {"$ref": "#/$defs/B"}},
                "required": ["a"], "additionalProperties": false,
                "$defs": {"B": {"oneOf": [{"const": 1}, {"enum": ["x", 2]}]}}}"##,
            r#"{"type": "object", "properties": {"type": {"type": "string"}, "enum": true}}"#,
            r#"{"type": "object", "properties": {"list": {"items": [{"type": "number"}]}}}"#,
        ] {
            assert_eq!(input_mistake(text), None, "{text}");
        }
        assert_eq!(output_mistake(r#"{"type": "array", "items": {"type": "string"}}"#), None);
    }

    #[track_caller]
    fn wrong(text: &str, part: &str) {
        let mistake = input_mistake(text).unwrap();
        assert!(mistake.contains(part), "{mistake}");
    }

    #[test]
    fn what_is_no_schema_of_an_object_is_named_with_its_place() {
        wrong("{", "not JSON");
        wrong("[]", "not an object");
        wrong("{}", "`type`");
        wrong(r#"{"type": "array"}"#, "`type`");
        let inside = |text: &str| format!(r#"{{"type": "object", {text}}}"#);
        wrong(&inside(r#""properties": []"#), "#/properties");
        wrong(&inside(r#""properties": {"a": {"type": "text"}}"#), "#/properties/a/type");
        wrong(&inside(r#""properties": {"a": 1}"#), "#/properties/a is not a schema");
        wrong(&inside(r#""required": ["a"]"#), "`a`, which is no property");
        wrong(&inside(r#""properties": {"a": true}, "required": ["a", "a"]"#), "twice");
        wrong(&inside(r#""properties": {"a": {"enum": []}}"#), "#/properties/a/enum");
        wrong(&inside(r#""properties": {"a": {"anyOf": []}}"#), "#/properties/a/anyOf");
        wrong(&inside(r##""properties": {"a": {"$ref": "#/$defs/B"}}"##), "not there");
        let deep = format!("{}true{}", r#"{"not":"#.repeat(100), "}".repeat(100));
        wrong(&inside(&format!("\"not\": {deep}")), "deep");
    }
}
