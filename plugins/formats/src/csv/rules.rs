//! Rules that the columns of a CSV file keep to.

use super::Table;
use super::cell::{Type, is_date, is_number};
use crate::budget::{Budget, count};
use crate::error::{FormatError, excerpt};
use crate::limits::Limits;
use crate::schema::pattern::{Patterns, match_cost};
use ::csv::StringRecord;
use regex_lite::Regex;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Holds a CSV file against rules, and says where it breaks them:
/// `{valid, rows, columns: [name], errors: [{row, line, column, message}], more_errors}`.
///
/// The rules are `{columns: {NAME: RULE}, other_columns: bool, min_rows, max_rows}`, all
/// optional. A column that has a rule must exist; others may, unless `other_columns` is false.
/// A `RULE` is an object of these, all optional:
/// - `type`: `int` (64 bit), `float` (finite), `date` (`2026-02-28`, a day that exists),
///   `bool` (`true` or `false`) or `text`; text if left out.
/// - `required`: whether no cell may be empty; if false, the default, an empty cell keeps to
///   every rule.
/// - `unique`: whether no cell stands twice.
/// - `min`, `max`: for numbers a number, for dates a date, for text its length in characters.
/// - `pattern`: a regular expression that is found in each cell (`^…$` for all of it).
/// - `one_of`: a list of the texts or numbers a cell may be.
///
/// Rows count from 1, after the header; an error of the header is in row 0.
///
/// # Errors
/// A rule that is not one of these, text that is not CSV, or which limit it is over.
pub fn csv_rules(text: &str, rules: &Value, limits: &Limits) -> Result<Value, FormatError> {
    let mut table = Table::open(text, limits)?;
    let rules = Rules::read(rules, limits)?;
    let mut columns = Vec::new();
    for rule in &rules.columns {
        let at = table.columns.iter().position(|name| *name == rule.name);
        match at {
            Some(at) => columns.push((at, rule, HashMap::new())),
            None => report(&mut table, &rule.name, "the column is missing"),
        }
    }
    if !rules.other_columns {
        for name in table.columns.clone() {
            if !rules.columns.iter().any(|rule| rule.name == name) {
                report(&mut table, &name, "the column is not allowed");
            }
        }
    }
    let mut work = Work { budget: Budget::new(limits), steps: limits.steps };
    let mut record = StringRecord::new();
    while table.next(&mut record)? {
        for (at, rule, seen) in &mut columns {
            let cell = record.get(*at).unwrap_or_default();
            if let Some(message) = rule.mistake(cell, table.row, seen, &mut work)? {
                report(&mut table, &rule.name, &message);
            }
        }
    }
    let rows = table.row;
    for (broken, message) in [
        (rules.min_rows.is_some_and(|least| (rows as u64) < least), "too few"),
        (rules.max_rows.is_some_and(|most| rows as u64 > most), "too many"),
    ] {
        if broken {
            table.row = 0;
            table.line = 1;
            let message = format!("the file has {message} rows: {rows}");
            table.findings.add(|| json!({"row": 0, "line": 1, "message": message}));
        }
    }
    let valid = table.findings.is_empty();
    let names = table.columns;
    let (errors, more) = table.findings.into_parts();
    Ok(json!({
        "valid": valid,
        "rows": count(rows),
        "columns": names,
        "errors": errors,
        "more_errors": more,
    }))
}

fn report(table: &mut Table<'_>, column: &str, message: &str) {
    let (row, line) = (count(table.row), table.line);
    table
        .findings
        .add(|| json!({"row": row, "line": line, "column": excerpt(column), "message": message}));
}

/// What is left for the rest of the rows.
struct Work {
    budget: Budget,
    steps: u64,
}

struct Rules {
    columns: Vec<Rule>,
    other_columns: bool,
    min_rows: Option<u64>,
    max_rows: Option<u64>,
}

struct Rule {
    name: String,
    kind: Type,
    required: bool,
    unique: bool,
    min: Option<Value>,
    max: Option<Value>,
    pattern: Option<(Regex, u64)>,
    one_of: Option<Vec<Value>>,
}

fn wrong(name: &str, expected: &str) -> FormatError {
    FormatError::new(format!("the rule `{}` is {expected}", excerpt(name)))
}

fn boolean(name: &str, value: &Value) -> Result<bool, FormatError> {
    value.as_bool().ok_or_else(|| wrong(name, "true or false"))
}

fn whole(name: &str, value: &Value) -> Result<Option<u64>, FormatError> {
    value.as_u64().map(Some).ok_or_else(|| wrong(name, "a whole number, 0 or more"))
}

fn object<'v>(name: &str, value: &'v Value) -> Result<&'v Map<String, Value>, FormatError> {
    value.as_object().ok_or_else(|| wrong(name, "an object"))
}

impl Rules {
    fn read(value: &Value, limits: &Limits) -> Result<Self, FormatError> {
        let mut rules =
            Self { columns: Vec::new(), other_columns: true, min_rows: None, max_rows: None };
        let mut patterns = Patterns::new(limits);
        for (name, value) in object("rules", value)? {
            match name.as_str() {
                "columns" => {
                    for (name, rule) in object(name, value)? {
                        rules.columns.push(Rule::read(name, rule, &mut patterns)?);
                    }
                }
                "other_columns" => rules.other_columns = boolean(name, value)?,
                "min_rows" => rules.min_rows = whole(name, value)?,
                "max_rows" => rules.max_rows = whole(name, value)?,
                _ => return Err(unknown(name)),
            }
        }
        Ok(rules)
    }
}

fn unknown(name: &str) -> FormatError {
    FormatError::new(format!("there is no rule `{}`", excerpt(name)))
}

impl Rule {
    fn read(column: &str, value: &Value, patterns: &mut Patterns) -> Result<Self, FormatError> {
        let mut rule = Self {
            name: column.to_owned(),
            kind: Type::Text,
            required: false,
            unique: false,
            min: None,
            max: None,
            pattern: None,
            one_of: None,
        };
        for (name, value) in object(column, value)? {
            match name.as_str() {
                "type" => {
                    let kind = value.as_str().and_then(Type::named);
                    rule.kind =
                        kind.ok_or_else(|| wrong(name, "int, float, date, bool or text"))?;
                }
                "required" => rule.required = boolean(name, value)?,
                "unique" => rule.unique = boolean(name, value)?,
                "min" => rule.min = Some(value.clone()),
                "max" => rule.max = Some(value.clone()),
                "pattern" => {
                    let pattern = value.as_str().ok_or_else(|| wrong(name, "text"))?;
                    rule.pattern = Some(patterns.compile(pattern)?);
                }
                "one_of" => {
                    let values = value.as_array().ok_or_else(|| wrong(name, "a list"))?;
                    rule.one_of = Some(values.clone());
                }
                _ => return Err(unknown(name)),
            }
        }
        for (name, bound) in [("min", &rule.min), ("max", &rule.max)] {
            let Some(bound) = bound else { continue };
            let fits = match rule.kind {
                Type::Int | Type::Float => bound.is_number(),
                Type::Date => bound.as_str().is_some_and(is_date),
                Type::Text => bound.is_u64(),
                Type::Bool => false,
            };
            if !fits {
                let expected = "a number, for dates a date, for text a length, and not for bool";
                return Err(wrong(name, expected));
            }
        }
        Ok(rule)
    }

    /// What is wrong with a cell.
    fn mistake(
        &self,
        cell: &str,
        row: usize,
        seen: &mut HashMap<String, usize>,
        work: &mut Work,
    ) -> Result<Option<String>, FormatError> {
        let cost = self.pattern.as_ref().map_or(0, |(_, cost)| match_cost(*cost, cell));
        let left = work.steps.checked_sub(cost.saturating_add(1));
        work.steps =
            left.ok_or_else(|| FormatError::new("the column rules take too many steps"))?;
        if cell.is_empty() {
            return Ok(self.required.then(|| "the cell is empty".to_owned()));
        }
        let shown = || excerpt(cell);
        if !self.kind.admits(cell) {
            return Ok(Some(format!("`{}` is no {}", shown(), self.kind.name())));
        }
        for (bound, is_min) in [(&self.min, true), (&self.max, false)] {
            let Some(bound) = bound else { continue };
            if self.is_beyond(cell, bound, is_min) {
                let word = if is_min { "below" } else { "above" };
                return Ok(Some(format!("`{}` is {word} {bound}", shown())));
            }
        }
        if self.pattern.as_ref().is_some_and(|(pattern, _)| !pattern.is_match(cell)) {
            return Ok(Some(format!("`{}` does not match the pattern", shown())));
        }
        if self.one_of.as_ref().is_some_and(|values| !values.iter().any(|v| is_same(v, cell))) {
            return Ok(Some(format!("`{}` is none of the allowed values", shown())));
        }
        if self.unique {
            if let Some(earlier) = seen.get(cell) {
                return Ok(Some(format!("`{}` stands in row {earlier} too", shown())));
            }
            work.budget.text(cell)?;
            seen.insert(cell.to_owned(), row);
        }
        Ok(None)
    }

    #[expect(clippy::cast_precision_loss, reason = "lengths are below 2^53")]
    fn is_beyond(&self, cell: &str, bound: &Value, is_min: bool) -> bool {
        if let (Type::Date, Some(bound)) = (self.kind, bound.as_str()) {
            return if is_min { cell < bound } else { cell > bound };
        }
        // Whole numbers are compared as such: beyond 2^53 a float tells some apart no more.
        if let (Type::Int, Ok(cell), Some(bound)) = (self.kind, cell.parse(), bound.as_i64()) {
            let cell: i64 = cell;
            return if is_min { cell < bound } else { cell > bound };
        }
        let number = match self.kind {
            Type::Text => cell.chars().count() as f64,
            _ => cell.parse().unwrap_or(f64::NAN),
        };
        let bound = bound.as_f64().unwrap_or(f64::NAN);
        if is_min { number < bound } else { number > bound }
    }
}

/// Whether a cell is an allowed value: `2` and `2.0` are the number 2.
fn is_same(value: &Value, cell: &str) -> bool {
    match value {
        Value::String(text) => text == cell,
        Value::Number(number) => is_number(cell) && cell.parse().ok() == number.as_f64(),
        Value::Bool(truth) => cell.eq_ignore_ascii_case(if *truth { "true" } else { "false" }),
        _ => false,
    }
}
