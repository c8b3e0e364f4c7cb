//! What a tool is called with: one input that may be right, and many that are not.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::bench::quoted;
use super::sample::{Schema, properties};

/// How deep the deepest input is. The host reads what a model wrote before a tool gets it, and
/// lets nothing through that is deeper than 127.
const NESTED: usize = 120;

/// How long the longest text in an input is, in bytes.
const LONG_BYTES: usize = 512 << 10;

/// An input for a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Input {
    /// What it is, for people.
    pub(super) what: String,
    /// The JSON, or what stands in its place.
    pub(super) text: String,
    /// Whether it contradicts the schema, so that only an error answers it.
    pub(super) wrong: bool,
}

impl Input {
    fn new(what: impl Into<String>, text: impl Into<String>, wrong: bool) -> Self {
        Self { what: what.into(), text: text.into(), wrong }
    }
}

/// The inputs a tool with this schema is tried with, `host` where it needs one. A schema that
/// is none gives those that are wrong for every tool.
pub(super) fn inputs(schema: &str, host: Option<&str>) -> Vec<Input> {
    let root = serde_json::from_str(schema).unwrap_or(Value::Null);
    let schema = Schema::new(&root, host);
    let right = schema.sample(&root, "", 0);
    let some = root.get("required").and_then(Value::as_array).is_some_and(|r| !r.is_empty());
    let long = || Value::from("x".repeat(LONG_BYTES));
    let mut inputs = vec![
        Input::new("an input that fits its schema", right.to_string(), false),
        Input::new("an empty object", "{}", some),
        Input::new("null", "null", true),
        Input::new("a list", "[]", true),
        Input::new("a text", "\"text\"", true),
        Input::new("a number", "42", true),
        Input::new("nothing at all", "", true),
        Input::new("JSON that is cut short", "{\"a\": [1, {\"b\":", true),
        Input::new("a list 120 deep", nested("[", "", "]"), true),
        Input::new("an object 120 deep", nested("{\"a\":", "1", "}"), false),
        Input::new("a text of 512 KiB", long().to_string(), true),
    ];
    for (name, property) in properties(&root) {
        let with = |value: Value| {
            let mut changed = right.as_object().cloned().unwrap_or_default();
            changed.insert(name.clone(), value);
            Value::Object(changed).to_string()
        };
        let allowed = schema.types(property, 0);
        if let Some(other) = allowed.as_ref().and_then(other_type) {
            let what = format!("`{}` of another type", quoted(name));
            inputs.push(Input::new(what, with(other), true));
        }
        if allowed.is_none_or(|types| types.contains("string")) {
            let what = format!("a `{}` of 512 KiB", quoted(name));
            inputs.push(Input::new(what, with(long()), false));
        }
    }
    inputs
}

fn nested(open: &str, inside: &str, close: &str) -> String {
    format!("{}{inside}{}", open.repeat(NESTED), close.repeat(NESTED))
}

/// A value of a type that is not among these; none where all are.
fn other_type(allowed: &BTreeSet<&str>) -> Option<Value> {
    let others = [
        ("boolean", json!(true)),
        ("string", json!("text")),
        ("number", json!(42.5)),
        ("object", json!({})),
        ("array", json!([])),
        ("null", Value::Null),
    ];
    others.into_iter().find(|(name, _)| !allowed.contains(name)).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = r##"{"type": "object", "required": ["file_path", "count"],
        "properties": {
            "file_path": {"type": "string"},
            "count": {"type": "integer", "minimum": 3, "maximum": 9},
            "mode": {"$ref": "#/$defs/Mode"},
            "maybe": {"type": ["boolean", "null"]},
            "either": {"anyOf": [{"type": "string"}, {"type": "boolean"}]},
            "list": {"type": "array", "items": {"type": "number"}},
            "any": true
        },
        "$defs": {"Mode": {"enum": ["fast", "slow"]}}}"##;

    fn named(what: &str) -> Option<Input> {
        inputs(SCHEMA, None).into_iter().find(|input| input.what == what)
    }

    #[test]
    fn an_input_that_fits_is_made_from_the_schema() {
        let right = named("an input that fits its schema").unwrap();
        let value: Value = serde_json::from_str(&right.text).unwrap();
        let expected = json!({
            "file_path": "/workspace/sample.txt", "count": 3, "mode": "fast", "maybe": false,
            "either": "alpha", "list": [1], "any": "alpha",
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn what_names_a_host_is_given_one_that_is_granted() {
        let schema = r#"{"type": "object", "properties": {
            "authority": {"type": "string"}, "base_url": {"type": "string"}}}"#;
        for (granted, host) in [("a.example:81", "a.example:81"), ("*", "host.example")] {
            let right = &inputs(schema, Some(granted))[0];
            let value: Value = serde_json::from_str(&right.text).unwrap();
            let url = format!("http://{host}/");
            assert_eq!(value, json!({"authority": host, "base_url": url}));
        }
    }

    #[track_caller]
    fn another(name: &str, expected: Value) {
        let input = named(&format!("`{name}` of another type")).unwrap();
        let value: Value = serde_json::from_str(&input.text).unwrap();
        assert_eq!(value[name], expected);
        assert!(input.wrong && value["count"] == 3 || name == "count", "{input:?}");
    }

    #[test]
    fn each_property_is_given_a_type_it_does_not_have() {
        another("file_path", json!(true));
        another("count", json!(true));
        another("mode", json!(true));
        another("maybe", json!("text"));
        another("either", json!(42.5));
        another("list", json!(true));
        assert_eq!(named("`any` of another type"), None);
    }

    #[test]
    fn what_contradicts_every_schema_is_tried_even_where_there_is_none() {
        for schema in [SCHEMA, "", "[]", "{}"] {
            let wrong = inputs(schema, None).into_iter().filter(|input| input.wrong).count();
            assert!(wrong >= 8, "{schema}: {wrong}");
        }
        assert!(named("an empty object").unwrap().wrong);
        assert!(
            !inputs("{}", None).iter().any(|input| input.what == "an empty object" && input.wrong)
        );
    }

    #[test]
    fn a_schema_that_leads_back_to_itself_is_followed_only_so_far() {
        let all: Vec<String> = (0..100).map(|n| format!(r##""p{n}": {{"$ref": "#"}}"##)).collect();
        let wide = format!(r#"{{"type": "object", "properties": {{{}}}}}"#, all.join(","));
        assert!(inputs(&wide, None).iter().all(|input| input.text.len() < 4 << 20));
        let ways = vec![r##"{"$ref": "#"}"##; 1_000].join(",");
        let turning = format!(r#"{{"anyOf": [{ways}], "properties": {{"a": true}}}}"#);
        assert!(!inputs(&turning, None).is_empty());
    }
}
