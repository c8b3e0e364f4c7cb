//! Which keywords a schema may have, and whether it uses them as it should.

use super::pattern::Patterns;
use crate::error::{FormatError, excerpt};
use crate::limits::Limits;
use regex_lite::Regex;
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// The keywords of JSON Schema (draft 2020-12) that are read.
#[rustfmt::skip]
pub const SUPPORTED_KEYWORDS: [&str; 50] = [
    "$anchor", "$comment", "$defs", "$id", "$ref", "$schema", "additionalProperties", "allOf",
    "anyOf", "const", "contains", "default", "definitions", "dependentRequired",
    "dependentSchemas", "deprecated", "description", "else", "enum", "examples",
    "exclusiveMaximum", "exclusiveMinimum", "format", "if", "items", "maxContains",
    "maxItems", "maxLength", "maxProperties", "maximum", "minContains", "minItems",
    "minLength", "minProperties", "minimum", "multipleOf", "not", "oneOf", "pattern",
    "patternProperties", "prefixItems", "properties", "propertyNames", "readOnly", "required",
    "then", "title", "type", "uniqueItems", "writeOnly",
];

const TYPES: [&str; 7] = ["null", "boolean", "object", "array", "number", "string", "integer"];
const FORMATS: [&str; 5] = ["date", "date-time", "ipv4", "ipv6", "uuid"];

/// What a keyword's value has to be.
enum Shape {
    /// Anything: a remark, or a value to compare with.
    Any,
    Schema,
    Schemas,
    NamedSchemas,
    Count,
    Number,
    Boolean,
    Text,
    Texts,
    List,
    Type,
    Pattern,
    PatternSchemas,
    Reference,
    Format,
    NamedTexts,
}

fn shape(keyword: &str) -> Option<Shape> {
    Some(match keyword {
        "$comment" | "$schema" | "title" | "description" | "default" | "deprecated"
        | "examples" | "readOnly" | "writeOnly" | "const" => Shape::Any,
        "additionalProperties"
        | "contains"
        | "else"
        | "if"
        | "items"
        | "not"
        | "propertyNames"
        | "then" => Shape::Schema,
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => Shape::Schemas,
        "$defs" | "definitions" | "dependentSchemas" | "properties" => Shape::NamedSchemas,
        "maxContains" | "maxItems" | "maxLength" | "maxProperties" | "minContains" | "minItems"
        | "minLength" | "minProperties" => Shape::Count,
        "exclusiveMaximum" | "exclusiveMinimum" | "maximum" | "minimum" | "multipleOf" => {
            Shape::Number
        }
        "uniqueItems" => Shape::Boolean,
        "$anchor" | "$id" => Shape::Text,
        "required" => Shape::Texts,
        "enum" => Shape::List,
        "type" => Shape::Type,
        "pattern" => Shape::Pattern,
        "patternProperties" => Shape::PatternSchemas,
        "$ref" => Shape::Reference,
        "format" => Shape::Format,
        "dependentRequired" => Shape::NamedTexts,
        name if name.starts_with("x-") => Shape::Any,
        _ => return None,
    })
}

/// A schema whose every keyword has been looked at.
pub(super) struct Schema<'s> {
    pub(super) root: &'s Value,
    anchors: HashMap<&'s str, &'s Value>,
    patterns: HashMap<&'s str, (Regex, u64)>,
}

impl<'s> Schema<'s> {
    pub(super) fn read(root: &'s Value, limits: &Limits) -> Result<Self, FormatError> {
        let mut schema = Self { root, anchors: HashMap::new(), patterns: HashMap::new() };
        let mut patterns = Patterns::new(limits);
        let mut references = Vec::new();
        let mut queue = vec![root];
        let mut seen = HashSet::new();
        while let Some(next) = queue.pop() {
            schema.read_one(next, &mut patterns, &mut queue, &mut references)?;
            // A reference may lead to a place that is no schema by itself.
            if queue.is_empty() {
                for reference in references.drain(..) {
                    if seen.insert(reference) {
                        queue.push(schema.resolve(reference)?);
                    }
                }
            }
        }
        Ok(schema)
    }

    fn read_one(
        &mut self,
        schema: &'s Value,
        patterns: &mut Patterns,
        queue: &mut Vec<&'s Value>,
        references: &mut Vec<&'s str>,
    ) -> Result<(), FormatError> {
        let members = match schema {
            Value::Bool(_) => return Ok(()),
            Value::Object(members) => members,
            _ => return Err(FormatError::new("a schema is an object, true or false")),
        };
        for (keyword, value) in members {
            let Some(shape) = shape(keyword) else {
                let keyword = excerpt(keyword);
                return Err(FormatError::new(format!(
                    "the schema uses `{keyword}`, which is not a keyword that is read"
                )));
            };
            let fits = match shape {
                Shape::Schema => {
                    queue.push(value);
                    true
                }
                Shape::Schemas => push_all(queue, value.as_array().map(|list| list.iter())),
                Shape::NamedSchemas => push_all(queue, value.as_object().map(Map::values)),
                Shape::PatternSchemas => {
                    for pattern in value.as_object().into_iter().flat_map(Map::keys) {
                        self.pattern(pattern, patterns)?;
                    }
                    push_all(queue, value.as_object().map(Map::values))
                }
                Shape::Pattern => match value.as_str() {
                    Some(pattern) => {
                        self.pattern(pattern, patterns)?;
                        true
                    }
                    None => false,
                },
                Shape::Reference => {
                    references.extend(value.as_str());
                    value.is_string()
                }
                shape => is_of(&shape, value),
            };
            if !fits {
                let keyword = excerpt(keyword);
                return Err(FormatError::new(format!(
                    "the schema's `{keyword}` has a value that it cannot have"
                )));
            }
        }
        if let Some(anchor) = members.get("$anchor").and_then(Value::as_str) {
            self.anchors.insert(anchor, schema);
        }
        if members.contains_key("$id") && !std::ptr::eq(schema, self.root) {
            return Err(FormatError::new("the schema has an `$id` inside, which is not read"));
        }
        Ok(())
    }

    fn pattern(&mut self, pattern: &'s str, patterns: &mut Patterns) -> Result<(), FormatError> {
        if !self.patterns.contains_key(pattern) {
            self.patterns.insert(pattern, patterns.compile(pattern)?);
        }
        Ok(())
    }

    /// A pattern of the schema, and its steps for each byte of text.
    pub(super) fn compiled(&self, pattern: &str) -> Option<&(Regex, u64)> {
        self.patterns.get(pattern)
    }

    /// Where a reference leads.
    pub(super) fn resolve(&self, reference: &str) -> Result<&'s Value, FormatError> {
        let target = match reference.strip_prefix('#') {
            None => {
                let reference = excerpt(reference);
                return Err(FormatError::new(format!(
                    "the schema refers to `{reference}`, and only references into itself are read"
                )));
            }
            Some("") => Some(self.root),
            Some(pointer) if pointer.starts_with('/') => self.root.pointer(&decode(pointer)),
            Some(anchor) => self.anchors.get(anchor).copied(),
        };
        let nowhere = || format!("the schema has no `{}`, to which it refers", excerpt(reference));
        target.ok_or_else(|| FormatError::new(nowhere()))
    }
}

fn push_all<'s>(
    queue: &mut Vec<&'s Value>,
    schemas: Option<impl Iterator<Item = &'s Value>>,
) -> bool {
    schemas.map(|schemas| queue.extend(schemas)).is_some()
}

fn is_of(shape: &Shape, value: &Value) -> bool {
    let texts =
        |value: &Value| value.as_array().is_some_and(|list| list.iter().all(Value::is_string));
    let is_type = |value: &Value| value.as_str().is_some_and(|name| TYPES.contains(&name));
    match shape {
        Shape::Count => value.is_u64(),
        Shape::Number => value.is_number(),
        Shape::Boolean => value.is_boolean(),
        Shape::Text => value.is_string(),
        Shape::Texts => texts(value),
        Shape::List => value.is_array(),
        Shape::Type => {
            let several = value.as_array().is_some_and(|list| list.iter().all(is_type));
            several || is_type(value)
        }
        Shape::Format => value.as_str().is_some_and(|name| FORMATS.contains(&name)),
        Shape::NamedTexts => value.as_object().is_some_and(|named| named.values().all(texts)),
        _ => true,
    }
}

/// Undoes the percent signs of a fragment.
fn decode(pointer: &str) -> String {
    let mut bytes = Vec::with_capacity(pointer.len());
    let mut rest = pointer.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
