//! Values made from a schema, and the types it allows.

use std::cell::Cell;
use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::scratch::{SAMPLE, WORKSPACE};

/// References and schemas inside schemas are followed this deep.
const DEPTH_MAX: usize = 8;

/// So many schemas are looked at for one tool: a schema that has itself inside, many times,
/// must not take for ever.
const LOOKS_MAX: u32 = 10_000;

/// So many properties of one tool are looked at.
const PROPERTIES_MAX: usize = 32;

/// A schema, and how much of it may still be looked at.
pub(super) struct Schema<'a> {
    root: &'a Value,
    /// A host that is granted, for properties that name one.
    host: Option<&'a str>,
    looks: Cell<u32>,
}

impl<'a> Schema<'a> {
    pub(super) fn new(root: &'a Value, host: Option<&'a str>) -> Self {
        Self { root, host, looks: Cell::new(LOOKS_MAX) }
    }

    /// The keywords of a schema, unless enough was looked at.
    fn look<'s>(&self, schema: &'s Value, depth: usize) -> Option<&'s Map<String, Value>> {
        self.looks.set(self.looks.get().checked_sub(1)?);
        schema.as_object().filter(|_| depth <= DEPTH_MAX)
    }

    /// Where a reference leads.
    fn target(&self, object: &Map<String, Value>) -> Option<&'a Value> {
        let pointer = object.get("$ref")?.as_str()?.strip_prefix('#')?;
        self.root.pointer(pointer)
    }

    /// The types a schema allows, `integer` as `number`; none where it does not say.
    pub(super) fn types(&self, schema: &Value, depth: usize) -> Option<BTreeSet<&'static str>> {
        let object = self.look(schema, depth)?;
        if let Some(target) = self.target(object) {
            return self.types(target, depth + 1);
        }
        if let Some(value) = object.get("const") {
            return Some([type_of(value)].into());
        }
        if let Some(values) = object.get("enum").and_then(Value::as_array) {
            return Some(values.iter().map(type_of).collect());
        }
        match object.get("type") {
            Some(Value::String(name)) => return Some([known(name)?].into()),
            Some(Value::Array(names)) => {
                return names.iter().map(|name| known(name.as_str()?)).collect();
            }
            _ => {}
        }
        // Each way may allow other types; together they allow what any does.
        let ways = ["anyOf", "oneOf"].into_iter().find_map(|key| object.get(key)?.as_array());
        if let Some(ways) = ways {
            let sets: Option<Vec<_>> = ways.iter().map(|way| self.types(way, depth + 1)).collect();
            return Some(sets?.into_iter().flatten().collect());
        }
        // One part that says which types is enough: all have to hold.
        let parts = object.get("allOf")?.as_array()?;
        parts.iter().find_map(|part| self.types(part, depth + 1))
    }

    /// A value that fits a schema, as far as its types, choices and ranges say.
    pub(super) fn sample(&self, schema: &Value, name: &str, depth: usize) -> Value {
        let Some(object) = self.look(schema, depth) else { return text(name, self.host) };
        if let Some(target) = self.target(object) {
            return self.sample(target, name, depth + 1);
        }
        let first = |key: &str| object.get(key).and_then(|value| value.as_array()?.first());
        let given = ["const", "default"].into_iter().find_map(|key| object.get(key));
        let given = given.filter(|value| !value.is_null());
        if let Some(value) = given.or_else(|| first("examples")).or_else(|| first("enum")) {
            return value.clone();
        }
        for key in ["anyOf", "oneOf", "allOf"] {
            if let Some(way) = first(key) {
                return self.sample(way, name, depth + 1);
            }
        }
        let allowed = self.types(schema, depth).unwrap_or_default();
        let one = allowed.iter().rfind(|name| **name != "null").or(allowed.first());
        match one.copied() {
            Some("object") => {
                let value = |(name, property): (&String, &Value)| {
                    (name.clone(), self.sample(property, name, depth + 1))
                };
                properties(schema).map(value).collect()
            }
            Some("array") => {
                let item = object.get("items").unwrap_or(&Value::Bool(true));
                json!([self.sample(item, name, depth + 1)])
            }
            Some("boolean") => json!(false),
            Some("number") => number(object),
            Some("null") => Value::Null,
            _ => text(name, self.host),
        }
    }
}

/// A number in a schema's range.
fn number(object: &Map<String, Value>) -> Value {
    let bound = |key: &str| object.get(key).and_then(Value::as_i64);
    let above = bound("exclusiveMinimum").map(|bound| bound.saturating_add(1));
    let least = bound("minimum").or(above).unwrap_or(1).max(1);
    json!(least.min(bound("maximum").unwrap_or(i64::MAX)))
}

fn known(name: &str) -> Option<&'static str> {
    match name {
        "integer" | "number" => Some("number"),
        "string" => Some("string"),
        "boolean" => Some("boolean"),
        "object" => Some("object"),
        "array" => Some("array"),
        "null" => Some("null"),
        _ => None,
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A text for a property: a file that is there, or a host that is granted, where the name says
/// that it is one.
fn text(name: &str, host: Option<&str>) -> Value {
    // `*` is any host, so that a name that nobody has will do.
    let host = host.map(|host| if host == "*" { "host.example" } else { host });
    let name = name.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    match host {
        Some(host) if has(&["url", "uri", "endpoint"]) => json!(format!("http://{host}/")),
        Some(host) if has(&["host", "authority", "domain"]) => json!(host),
        _ if has(&["folder", "dir"]) => json!(WORKSPACE),
        _ if has(&["path", "file"]) => json!(format!("{WORKSPACE}/{SAMPLE}")),
        _ => json!("alpha"),
    }
}

/// The properties of an object that are looked at.
pub(super) fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let all = schema.get("properties").and_then(Value::as_object);
    all.into_iter().flatten().take(PROPERTIES_MAX)
}
