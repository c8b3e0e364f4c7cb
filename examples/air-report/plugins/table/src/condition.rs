//! Conditions on rows, checked against the types of the columns before a row is read.

use std::cmp::Ordering;

use csv::StringRecord;
use lucid_sdk::prelude::*;

use crate::cell::{Cell, Type};
use crate::file::Table;

/// One condition on one column.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The column.
    pub column: String,
    /// How its cell is compared with the value.
    pub op: Op,
    /// What it is compared with: a number, a text, a date as text; for `in` a list of them; for
    /// `empty` and `filled` nothing.
    pub value: Option<Value>,
}

/// How a cell is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Op {
    /// It is the value.
    #[serde(rename = "=")]
    Is,
    /// It is filled and not the value.
    #[serde(rename = "!=")]
    IsNot,
    /// It is less.
    #[serde(rename = "<")]
    Less,
    /// It is less or the same.
    #[serde(rename = "<=")]
    AtMost,
    /// It is greater.
    #[serde(rename = ">")]
    Greater,
    /// It is greater or the same.
    #[serde(rename = ">=")]
    AtLeast,
    /// It is one of the values.
    #[serde(rename = "in")]
    In,
    /// Its text has the value in it; upper and lower case are the same.
    #[serde(rename = "contains")]
    Contains,
    /// Nothing is in it.
    #[serde(rename = "empty")]
    Empty,
    /// Something is in it.
    #[serde(rename = "filled")]
    Filled,
}

/// A condition that fits its column.
pub struct Checked {
    place: usize,
    op: Op,
    kind: Type,
    comma: bool,
    values: Vec<Cell>,
    /// For `contains`, in lower case.
    part: String,
}

impl Condition {
    /// Checks it against the columns.
    ///
    /// # Errors
    /// Invalid input: what of it does not fit.
    pub fn check(&self, table: &Table) -> Result<Checked, ToolError> {
        let place = table.column(&self.column)?;
        let kind = table.types[place];
        let wrong = |why: String| ToolError::InvalidInput(format!("`{}`: {why}", self.column));
        let mut checked = Checked {
            place,
            op: self.op,
            kind,
            comma: table.comma(),
            values: Vec::new(),
            part: String::new(),
        };
        match (self.op, &self.value) {
            (Op::Empty | Op::Filled, None | Some(Value::Null)) => {}
            (Op::Empty | Op::Filled, Some(_)) => {
                return Err(wrong("`empty` and `filled` take no value".to_owned()));
            }
            (Op::In, Some(Value::Array(values))) => {
                let cells = values.iter().map(|value| cell(value, kind)).collect::<Result<_, _>>();
                checked.values = cells.map_err(wrong)?;
            }
            (Op::In, _) => return Err(wrong("`in` takes a list of values".to_owned())),
            (Op::Contains, Some(Value::String(part))) => checked.part = part.to_lowercase(),
            (Op::Contains, _) => return Err(wrong("`contains` takes a text".to_owned())),
            (_, Some(value)) => checked.values.push(cell(value, kind).map_err(wrong)?),
            (_, None) => return Err(wrong("the condition has no value".to_owned())),
        }
        Ok(checked)
    }
}

impl Checked {
    /// Whether a row fits.
    pub fn fits(&self, record: &StringRecord) -> bool {
        let text = record.get(self.place).unwrap_or_default();
        if self.op == Op::Contains {
            return text.to_lowercase().contains(&self.part);
        }
        let cell = self.kind.cell(text, self.comma);
        if cell == Cell::Empty || self.op == Op::Empty {
            return (cell == Cell::Empty) == (self.op == Op::Empty);
        }
        let first = self.values.first().map(|value| cell.order(value));
        match self.op {
            Op::Is => first == Some(Ordering::Equal),
            Op::IsNot => first != Some(Ordering::Equal),
            Op::Less => first == Some(Ordering::Less),
            Op::AtMost => first.is_some_and(Ordering::is_le),
            Op::Greater => first == Some(Ordering::Greater),
            Op::AtLeast => first.is_some_and(Ordering::is_ge),
            Op::In => self.values.iter().any(|value| cell.order(value) == Ordering::Equal),
            Op::Contains | Op::Empty => false,
            Op::Filled => true,
        }
    }
}

/// A value as a cell of a column of this type.
fn cell(value: &Value, kind: Type) -> Result<Cell, String> {
    let wrong = |what: &str| format!("the column holds {what}, and {value} is none");
    match (kind, value) {
        (_, Value::Array(_) | Value::Object(_) | Value::Null) => {
            Err(format!("{value} is not a number, a text or true or false"))
        }
        (Type::Integer | Type::Number, _) => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            match Type::Integer.holds(text.trim(), false) {
                true => Ok(Type::Integer.cell(&text, false)),
                false if Type::Number.holds(text.trim(), false) => {
                    Ok(Type::Number.cell(&text, false))
                }
                false => Err(wrong("numbers")),
            }
        }
        (Type::Boolean, Value::Bool(value)) => Ok(Cell::Boolean(*value)),
        (Type::Boolean, _) => Err(wrong("true and false")),
        (Type::Date, Value::String(text)) if Type::Date.holds(text, false) => {
            Ok(Type::Date.cell(text, false))
        }
        (Type::Date, _) => Err(wrong("days such as 2026-04-06")),
        // The first moment of a day is as good as a moment.
        (Type::DateTime, Value::String(text))
            if Type::DateTime.holds(text, false) || Type::Date.holds(text, false) =>
        {
            Ok(Type::DateTime.cell(text, false))
        }
        (Type::DateTime, _) => Err(wrong("moments such as 2026-04-06 08:00")),
        (Type::Text | Type::Empty, Value::String(text)) => Ok(Cell::Text(text.clone())),
        (Type::Text | Type::Empty, value) => Ok(Cell::Text(value.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TEXT: &str = "id,n,day\na,9,2026-04-06\nB,10,2026-11-01\nc,,2026-04-07\n";

    fn ids(column: &str, op: &str, value: Value) -> Result<String, ToolError> {
        let table = Table::of(TEXT.to_owned(), "/t.csv").unwrap();
        let mut condition = json!({"column": column, "op": op});
        if !value.is_null() {
            condition["value"] = value;
        }
        let condition: Condition = serde_json::from_value(condition).unwrap();
        let checked = condition.check(&table)?;
        let mut found = String::new();
        table.each_row("/t.csv", |record| {
            found.push_str(if checked.fits(record) { &record[0] } else { "" });
            Ok(())
        })?;
        Ok(found)
    }

    #[test]
    fn cells_are_compared_as_what_their_column_holds() {
        for (column, op, value, expected) in [
            ("n", "<", json!(10), "a"),
            ("n", "<=", json!(10.0), "aB"),
            ("n", "<", json!(9.5), "a"),
            ("n", ">", json!("9"), "B"),
            ("n", ">=", json!(9), "aB"),
            ("n", "=", json!(9.0), "a"),
            ("n", "!=", json!(9), "B"),
            ("n", "in", json!([9, 11]), "a"),
            ("n", "empty", Value::Null, "c"),
            ("n", "filled", Value::Null, "aB"),
            ("day", ">", json!("2026-04-06"), "Bc"),
            ("id", "=", json!("b"), ""),
            ("id", "contains", json!("b"), "B"),
            ("id", ">", json!("a"), "c"),
        ] {
            assert_eq!(ids(column, op, value.clone()).unwrap(), expected, "{column} {op} {value}");
        }
    }

    #[test]
    fn a_value_that_the_column_cannot_have_is_a_mistake() {
        for (column, op, value, says) in [
            ("n", "<", json!("ten"), "the column holds numbers"),
            ("n", "<", json!(true), "the column holds numbers"),
            ("day", "=", json!("6 April"), "days such as"),
            ("n", "in", json!(9), "a list"),
            ("n", "=", json!([9]), "not a number"),
            ("n", "=", Value::Null, "no value"),
            ("n", "empty", json!(1), "take no value"),
            ("id", "contains", json!(1), "a text"),
            ("m", "=", json!(1), "there are `id`, `n`, `day`"),
        ] {
            match ids(column, op, value) {
                Err(ToolError::InvalidInput(message)) => {
                    assert!(message.contains(says), "{message}");
                }
                other => panic!("{column} {op}: {other:?}"),
            }
        }
    }
}
