//! `query`.

use std::cmp::Ordering;

use lucid_sdk::prelude::*;

use crate::cell::Cell;
use crate::condition::{self, Condition};
use crate::file::Table;
use crate::group::{Aggregate, Groups};

/// The most rows a result has.
const MAX_ROWS: usize = 5_000;
/// How many rows a result has where nothing is said.
const ROWS: usize = 100;
/// The most cells that are held while the rows are sorted.
const MAX_CELLS: usize = 500_000;
/// The longest result, in bytes.
const MAX_RESULT: usize = 512 * 1024;

/// The input of `query`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Absolute path of a CSV file, as the agent sees it.
    pub path: String,
    /// The columns of the result; all where it is left out. Not together with `aggregate`.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Rows that fit all of these are kept.
    #[serde(default, rename = "where")]
    pub conditions: Vec<Condition>,
    /// Rows with the same cells in these columns become one row.
    #[serde(default)]
    pub group_by: Vec<String>,
    /// What is counted of each group, or of all rows.
    #[serde(default)]
    pub aggregate: Vec<Aggregate>,
    /// Columns of the result, or of the file, that rows are sorted by, the first one first.
    #[serde(default)]
    pub sort: Vec<Sort>,
    /// The most rows of the result, at most 5,000; 100 where it is left out.
    pub limit: Option<usize>,
}

/// A column that rows are sorted by.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sort {
    /// The column.
    pub column: String,
    /// Whether the greatest comes first. Empty cells come last either way.
    #[serde(default)]
    pub descending: bool,
}

/// The result of `query`.
#[derive(Debug, Serialize)]
pub struct Output {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The cells of each row, in the order of the columns.
    pub rows: Vec<Vec<Value>>,
    /// How many rows of the file fit the conditions.
    pub matched: usize,
    /// How many rows `limit` cut off.
    pub left_out: usize,
}

/// Answers a question about a CSV file: picks columns, keeps the rows that fit all conditions,
/// groups them with count, sum, mean, min and max, sorts, and gives at most `limit` rows. Numbers
/// are compared as numbers, dates as dates. Empty cells are null, fit no condition but `empty`,
/// and are left out of sums and means.
///
/// # Errors
/// Not found, denied, invalid input or failed: what is wrong with the file or the question.
#[tool(read_only, idempotent)]
pub fn query(input: Input) -> Result<Json<Output>, ToolError> {
    let table = Table::read(&input.path)?;
    let output = answer(&table, &input)?;
    let length = serde_json::to_string(&output).map_or(usize::MAX, |text| text.len());
    if length > MAX_RESULT {
        let what = format!("the result has more than {MAX_RESULT} bytes");
        return Err(ToolError::Failed(format!("{what}: ask for fewer columns or rows")));
    }
    Ok(Json(output))
}

/// Answers a question about a file that was read.
///
/// # Errors
/// Invalid input or failed: what is wrong with the question.
pub fn answer(table: &Table, input: &Input) -> Result<Output, ToolError> {
    let limit = input.limit.unwrap_or(ROWS);
    if limit > MAX_ROWS {
        return Err(ToolError::InvalidInput(format!("`limit` is at most {MAX_ROWS}")));
    }
    let checked = input.conditions.iter().map(|condition| condition.check(table));
    let conditions: Vec<condition::Checked> = checked.collect::<Result<_, _>>()?;
    let grouped = !input.group_by.is_empty() || !input.aggregate.is_empty();
    let Found { names, mut rows, matched, of } = match grouped {
        true => grouping(table, input, &conditions)?,
        false => picking(table, input, &conditions, limit)?,
    };
    sort(&mut rows, &names, &input.sort)?;
    // Columns that only the sorting needed come last.
    let shown = if grouped || input.columns.is_empty() { names.len() } else { input.columns.len() };
    let json = |row: &Vec<Cell>| row.iter().take(shown).map(Cell::json).collect();
    Ok(Output {
        columns: names.iter().take(shown).cloned().collect(),
        rows: rows.iter().take(limit).map(json).collect(),
        matched,
        left_out: of.saturating_sub(limit),
    })
}

/// The rows of a result before they are sorted and cut.
struct Found {
    names: Vec<String>,
    rows: Vec<Vec<Cell>>,
    /// How many rows of the file fit.
    matched: usize,
    /// How many rows the result would have without a limit.
    of: usize,
}

/// The rows that fit, with the columns that were asked for and those that sorting needs.
fn picking(
    table: &Table,
    input: &Input,
    conditions: &[condition::Checked],
    limit: usize,
) -> Result<Found, ToolError> {
    let mut names = match input.columns.is_empty() {
        true => table.names.clone(),
        false => input.columns.clone(),
    };
    for sort in &input.sort {
        if !names.contains(&sort.column) {
            names.push(sort.column.clone());
        }
    }
    let places = names.iter().map(|name| table.column(name)).collect::<Result<Vec<_>, _>>()?;
    let (mut rows, mut matched) = (Vec::new(), 0);
    table.each_row(&input.path, |record| {
        if conditions.iter().all(|condition| condition.fits(record)) {
            matched += 1;
            if input.sort.is_empty() && matched > limit {
                return Ok(());
            }
            if matched * places.len().max(1) > MAX_CELLS {
                let what =
                    format!("more than {MAX_CELLS} cells fit: add a condition, or do not sort");
                return Err(ToolError::Failed(what));
            }
            let text = |place: usize| record.get(place).unwrap_or_default();
            let cell = |place: &usize| table.types[*place].cell(text(*place), table.comma());
            rows.push(places.iter().map(cell).collect());
        }
        Ok(())
    })?;
    Ok(Found { names, rows, matched, of: matched })
}

/// One row for each group.
fn grouping(
    table: &Table,
    input: &Input,
    conditions: &[condition::Checked],
) -> Result<Found, ToolError> {
    if !input.columns.is_empty() {
        let what = "`columns` has no meaning with `group_by` or `aggregate`: the result has the \
                    columns of these";
        return Err(ToolError::InvalidInput(what.to_owned()));
    }
    let keys =
        input.group_by.iter().map(|name| table.column(name)).collect::<Result<Vec<_>, _>>()?;
    let checked = input.aggregate.iter().map(|aggregate| aggregate.check(table));
    let aggregates = checked.collect::<Result<Vec<_>, _>>()?;
    let mut names = input.group_by.clone();
    names.extend(aggregates.iter().map(|aggregate| aggregate.name.clone()));
    for (place, name) in names.iter().enumerate() {
        if names.iter().take(place).any(|earlier| earlier == name) {
            let what = format!("the result would have two columns `{name}`: name one with `as`");
            return Err(ToolError::InvalidInput(what));
        }
    }
    let mut groups = Groups::new(&keys, &aggregates);
    let mut matched = 0;
    table.each_row(&input.path, |record| {
        if conditions.iter().all(|condition| condition.fits(record)) {
            matched += 1;
            groups.add(record, table)?;
        }
        Ok(())
    })?;
    let rows = groups.rows();
    Ok(Found { names, of: rows.len(), rows, matched })
}

fn sort(rows: &mut [Vec<Cell>], names: &[String], sorts: &[Sort]) -> Result<(), ToolError> {
    let mut places = Vec::new();
    for sort in sorts {
        let place = names.iter().position(|name| *name == sort.column);
        let place = place.ok_or_else(|| {
            let names = names.join("`, `");
            let column = &sort.column;
            let what = format!("the result has no column `{column}` to sort by; it has `{names}`");
            ToolError::InvalidInput(what)
        })?;
        places.push((place, sort.descending));
    }
    rows.sort_by(|a, b| {
        let order = |(place, descending): &(usize, bool)| {
            let empty = a[*place] == Cell::Empty || b[*place] == Cell::Empty;
            let order = a[*place].order(&b[*place]);
            if *descending && !empty { order.reverse() } else { order }
        };
        places.iter().map(order).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
    Ok(())
}
