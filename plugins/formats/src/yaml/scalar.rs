//! What a YAML scalar means.

use crate::error::{FormatError, excerpt};
use granit_parser::{ScalarStyle, Tag};
use serde_json::{Number, Value};
use std::borrow::Cow;

/// The value of a scalar, by the core schema.
pub(super) fn value(
    text: &str,
    style: ScalarStyle,
    tag: Option<&Tag>,
) -> Result<Value, FormatError> {
    let plain = style == ScalarStyle::Plain;
    let Some(tag) = tag else {
        return Ok(if plain { resolve(text) } else { Value::String(text.to_owned()) });
    };
    let name = core_name(tag)?;
    let resolved = resolve(text);
    let fits = match &*name {
        "str" => return Ok(Value::String(text.to_owned())),
        "null" => resolved.is_null(),
        "bool" => resolved.is_boolean(),
        "int" => resolved.is_i64() || resolved.is_u64(),
        "float" => resolved.is_number(),
        _ => false,
    };
    if !fits {
        let (text, name) = (excerpt(text), excerpt(&name));
        return Err(FormatError::new(format!("`{text}` is no `{name}`")));
    }
    Ok(resolved)
}

/// Refuses a tag that would change what a list or mapping means.
pub(super) fn check_collection(tag: Option<&Tag>) -> Result<(), FormatError> {
    let Some(tag) = tag else { return Ok(()) };
    match &*core_name(tag)? {
        "seq" | "map" | "str" => Ok(()),
        name => Err(FormatError::new(format!("the tag `{}` is not read", excerpt(name)))),
    }
}

/// The name of a tag of YAML's own; `!` alone means a string.
fn core_name(tag: &Tag) -> Result<Cow<'_, str>, FormatError> {
    if let ("", "!") | ("!", "") = (tag.handle(), tag.suffix()) {
        return Ok(Cow::Borrowed("str"));
    }
    let unread =
        || FormatError::new(format!("the tag `{}` is not read", excerpt(&tag.to_string())));
    tag.suffix_in_namespace("tag:yaml.org,2002:").ok_or_else(unread)
}

/// The key that a value is in a mapping.
pub(super) fn key(value: Value, text: Option<&str>) -> Result<String, FormatError> {
    match (value, text) {
        (Value::String(text), _) => Ok(text),
        (Value::Array(_) | Value::Object(_), _) => {
            Err(FormatError::new("a key is a list or a mapping, which JSON has not"))
        }
        (Value::Null, Some("")) => Ok("null".to_owned()),
        (_, Some(text)) => Ok(text.to_owned()),
        (other, None) => Ok(other.to_string()),
    }
}

fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

fn number(text: &str) -> Option<Number> {
    let radix = |prefix: &str, radix: u32| {
        let digits = text.strip_prefix(prefix)?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if plain { u64::from_str_radix(digits, radix).ok().map(Number::from) } else { None }
    };
    if let Some(number) = radix("0x", 16).or_else(|| radix("0o", 8)) {
        return Some(number);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = unsigned.bytes().filter(u8::is_ascii_digit).count();
    let decimal =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'-' | b'+');
    if digits == 0 || !unsigned.bytes().all(decimal) || unsigned.starts_with(['e', 'E', '-', '+']) {
        return None;
    }
    if digits == unsigned.len() {
        let text = text.strip_prefix('+').unwrap_or(text);
        if let Ok(number) = text.parse::<i64>() {
            return Some(Number::from(number));
        }
        if let Ok(number) = text.parse::<u64>() {
            return Some(Number::from(number));
        }
    }
    text.parse::<f64>().ok().and_then(Number::from_f64)
}
