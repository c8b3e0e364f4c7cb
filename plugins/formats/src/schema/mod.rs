//! JSON Schema: the part of draft 2020-12 that says what a document looks like.

mod equal;
mod keywords;
pub(crate) mod pattern;
mod validate;

use crate::error::FormatError;
use crate::findings::Findings;
use crate::limits::Limits;
use serde_json::{Value, json};

pub use keywords::SUPPORTED_KEYWORDS;

/// Holds a value against a JSON Schema: `{valid, errors: [{path, message}], more_errors}`,
/// `path` being a JSON pointer into the value (empty for the value itself).
///
/// The keywords are [`SUPPORTED_KEYWORDS`] of draft 2020-12. `$ref` leads only into the schema
/// itself (`#`, `#/$defs/a`, `#anchor`): nothing is fetched. `format` is checked for `date`,
/// `date-time`, `ipv4`, `ipv6` and `uuid`. Patterns are those of the `regex-lite` crate, without
/// look-around and back references. Keywords that start with `x-` are remarks.
///
/// # Errors
/// A schema that is none, or that has a keyword, a format or a reference that is not read:
/// it is named, wherever in the schema it stands, and nothing is said of the value. Also which
/// limit the value or the schema is over.
pub fn json_schema(value: &Value, schema: &Value, limits: &Limits) -> Result<Value, FormatError> {
    for (what, value) in [("the value", value), ("the schema", schema)] {
        let (count, depth) = equal::measure(value);
        if count > limits.items {
            return Err(FormatError::over(what, limits.items, "values"));
        }
        if depth > limits.depth {
            return Err(FormatError::over(what, limits.depth, "levels"));
        }
    }
    let schema = keywords::Schema::read(schema, limits)?;
    let mut findings = Findings::new(limits.errors);
    validate::validate(value, &schema, limits, &mut findings)?;
    let valid = findings.is_empty();
    let (errors, more) = findings.into_parts();
    Ok(json!({"valid": valid, "errors": errors, "more_errors": more}))
}
