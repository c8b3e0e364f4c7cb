//! TOML as a value.

use crate::budget::Budget;
use crate::error::{FormatError, excerpt};
use crate::limits::Limits;
use serde_json::{Map, Value};

/// Reads TOML. Dates and times become strings, as the document writes them in RFC 3339;
/// `inf` and `nan`, which JSON has not, become strings of that name.
///
/// # Errors
/// Where it is not TOML, or which limit it is over.
pub fn toml(text: &str, limits: &Limits) -> Result<Value, FormatError> {
    limits.admit_tree(text.len())?;
    let table = parse(text)
        .map_err(|(line, message)| FormatError::new(format!("not TOML, line {line}: {message}")))?;
    let mut budget = Budget::new(limits);
    value(::toml::Value::Table(table), limits.depth, &mut budget)
}

/// Parses; a mistake is a line, from 1, and what is wrong there.
pub(crate) fn parse(text: &str) -> Result<::toml::Table, (usize, String)> {
    text.parse::<::toml::Table>().map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let line = 1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count();
        (line, excerpt(error.message()))
    })
}

fn value(from: ::toml::Value, depth: usize, budget: &mut Budget) -> Result<Value, FormatError> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(FormatError::new("the TOML nests too deep"));
    };
    budget.items(1)?;
    Ok(match from {
        ::toml::Value::String(text) => {
            budget.bytes(text.len())?;
            Value::String(text)
        }
        ::toml::Value::Integer(number) => Value::from(number),
        ::toml::Value::Float(number) if number.is_finite() => Value::from(number),
        ::toml::Value::Float(number) => Value::String(number.to_string().to_lowercase()),
        ::toml::Value::Boolean(truth) => Value::Bool(truth),
        ::toml::Value::Datetime(moment) => Value::String(moment.to_string()),
        ::toml::Value::Array(items) => {
            let mut list = Vec::with_capacity(items.len());
            for item in items {
                list.push(value(item, depth, budget)?);
            }
            Value::Array(list)
        }
        ::toml::Value::Table(members) => {
            let mut object = Map::new();
            for (name, member) in members {
                budget.bytes(name.len())?;
                object.insert(name, value(member, depth, budget)?);
            }
            Value::Object(object)
        }
    })
}
