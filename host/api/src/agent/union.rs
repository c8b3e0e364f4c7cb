//! Reading what may be written in several ways.
//!
//! An untagged union that does not fit says only that it does not fit. Here the value is
//! looked at first, so that an error names the field that is wrong.

use serde_json::Value;

use crate::error::{ApiError, Result};

/// Takes `type` out of an object: what it says, and the rest.
///
/// # Errors
/// Invalid, when this is no object or its `type` is no text.
pub(crate) fn tagged(value: Value) -> Result<(String, Value)> {
    let Value::Object(mut object) = value else {
        return Err(ApiError::invalid("an object with a `type` has to be here"));
    };
    match object.shift_remove("type") {
        Some(Value::String(kind)) => Ok((kind, Value::Object(object))),
        Some(_) => Err(ApiError::invalid("`type` is no text")),
        None => Err(ApiError::invalid("`type` is missing")),
    }
}

/// Nobody knows such a `type` here.
pub(crate) fn unknown(kind: &str, known: &[&str]) -> ApiError {
    let kind: String = kind.chars().take(64).collect();
    let kind = kind.escape_debug();
    ApiError::invalid(format!("type `{kind}`: one of {} may be here", known.join(", ")))
}

/// Checks that nothing else is in an object.
pub(crate) fn nothing_else(rest: &Value) -> Result<()> {
    match rest.as_object().and_then(|object| object.keys().next()) {
        None => Ok(()),
        Some(field) => {
            let field: String = field.chars().take(64).collect();
            Err(ApiError::invalid(format!("unknown field `{}`", field.escape_debug())))
        }
    }
}

/// Puts the place in front of what is wrong there.
pub(crate) fn at<T>(place: &str, result: Result<T>) -> Result<T> {
    result.map_err(|mut error| {
        error.message = format!("{place}: {}", error.message);
        error
    })
}
