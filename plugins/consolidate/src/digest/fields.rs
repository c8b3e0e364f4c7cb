//! Scalars of a tool's input and result, and where they stand.

use super::{Field, Scalar, Spot, quote};
use serde_json::Value;
use std::rc::Rc;

/// Objects are followed this deep.
const DEPTH_MAX: usize = 8;
/// At most so many fields of a call are read.
const FIELDS_MAX: usize = 128;
/// A longer feature name is no name.
const NAME_BYTES_MAX: usize = 100;
/// A text longer than this is no category.
const TEXT_BYTES_MAX: usize = 40;
/// A category of more words than this is free text.
const TEXT_WORDS_MAX: usize = 4;
/// Lines of a result that are read as `key: value`.
const LINES_MAX: usize = 64;
/// A longer key before a colon is a sentence.
const KEY_BYTES_MAX: usize = 40;

/// The fields of a call's input, `<tool>.<path>`.
pub(super) fn of_input(tool: &str, input: &Value, id: &Rc<str>, body: &str) -> Vec<Field> {
    let mut out = Vec::new();
    flatten(tool, input, 0, &mut |name, key, value, scalar| {
        let quote = quote::pair(body, key, value).unwrap_or_default();
        push(&mut out, name, scalar, id, quote);
    });
    out
}

/// The fields of a call's result, `<tool>:result.<path>`: of a JSON object, else of lines
/// such as `key: value`.
pub(super) fn of_result(tool: &str, text: &str, id: &Rc<str>, body: &str) -> Vec<Field> {
    let prefix = format!("{tool}:result");
    let mut out = Vec::new();
    if let Ok(Value::Object(object)) = serde_json::from_str(text) {
        let json = Value::Object(object);
        flatten(&prefix, &json, 0, &mut |name, key, value, scalar| {
            let pair = quote::pair(text, key, value);
            let quote = pair.and_then(|pair| quote::text(body, &pair)).unwrap_or_default();
            push(&mut out, name, scalar, id, quote);
        });
        return out;
    }
    if let Some(number) = number(text) {
        let quote = quote::text(body, text).unwrap_or_default();
        push(&mut out, &prefix, Scalar::Number(number), id, quote);
        return out;
    }
    for line in text.lines().take(LINES_MAX) {
        let Some((key, value)) = line.split_once(':').or_else(|| line.split_once('=')) else {
            continue;
        };
        let key = key.trim().trim_start_matches(['-', '*', ' ']).to_lowercase().replace(' ', "_");
        if key.is_empty() || key.len() > KEY_BYTES_MAX {
            continue;
        }
        let scalar = line_value(value.trim());
        let quote = quote::text(body, line).unwrap_or_default();
        push(&mut out, &format!("{prefix}.{key}"), scalar, id, quote);
    }
    out
}

/// A count, as a feature.
pub(super) fn count(name: String, count: usize, spot: &Spot) -> Field {
    Field { name: Rc::from(name), value: Scalar::Number(count as f64), spot: spot.clone() }
}

/// A value as a scalar; none for lists, objects and null.
pub(super) fn scalar(value: &Value) -> Option<Scalar> {
    match value {
        Value::Number(number) => {
            number.as_f64().filter(|number| number.is_finite()).map(Scalar::Number)
        }
        Value::String(text) => Some(category(text)),
        Value::Bool(value) => Some(Scalar::Bool(*value)),
        Value::Object(_) | Value::Array(_) | Value::Null => None,
    }
}

fn push(out: &mut Vec<Field>, name: &str, value: Scalar, id: &Rc<str>, quote: String) {
    if out.len() < FIELDS_MAX && is_name(name) && !out.iter().any(|field| *field.name == *name) {
        let spot = Spot { event_id: id.clone(), quote: Rc::from(quote) };
        out.push(Field { name: Rc::from(name), value, spot });
    }
}

fn flatten(
    prefix: &str,
    value: &Value,
    depth: usize,
    found: &mut dyn FnMut(&str, &str, &Value, Scalar),
) {
    let Value::Object(object) = value else { return };
    for (key, value) in object {
        let name = format!("{prefix}.{key}");
        match value {
            Value::Object(_) if depth < DEPTH_MAX => flatten(&name, value, depth + 1, found),
            _ => {
                if let Some(scalar) = scalar(value) {
                    found(&name, key, value, scalar);
                }
            }
        }
    }
}

/// The value in `key: value`; a number may have a unit.
fn line_value(text: &str) -> Scalar {
    let first = text.split_whitespace().next().unwrap_or_default();
    let unit = text.split_whitespace().count() <= 2;
    match number(first).filter(|_| unit) {
        Some(number) => Scalar::Number(number),
        None if text == "true" || text == "false" => Scalar::Bool(text == "true"),
        None => category(text),
    }
}

/// A finite number with at most a unit or a percent sign right after it.
fn number(text: &str) -> Option<f64> {
    let digits = text.trim().trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    let starts = digits.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
    digits.parse().ok().filter(|number: &f64| starts && number.is_finite())
}

fn category(text: &str) -> Scalar {
    let free = text.len() > TEXT_BYTES_MAX
        || text.contains(|c: char| c.is_control() || c == '`')
        || text.split_whitespace().count() > TEXT_WORDS_MAX;
    if free { Scalar::Long } else { Scalar::Text(Rc::from(text)) }
}

/// Whether a rule can name the feature: programs read the name from between backticks.
fn is_name(name: &str) -> bool {
    name.len() <= NAME_BYTES_MAX
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':'))
}
