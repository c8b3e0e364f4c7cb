//! `describe`.

use std::cmp::Ordering;
use std::collections::HashSet;

use lucid_sdk::prelude::*;

use crate::cell::{Cell, Type};
use crate::file::Table;

/// How many different cells are told apart; more are only "more".
const MAX_DISTINCT: usize = 1_000;
/// How many examples a column has.
const EXAMPLES: usize = 3;
/// The longest text that is shown, in characters.
const SHOWN: usize = 80;

/// The input of `describe`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Absolute path of a CSV file, as the agent sees it.
    pub path: String,
}

/// The result of `describe`.
#[derive(Debug, Serialize)]
pub struct Output {
    /// The file.
    pub path: String,
    /// How many rows it has, the header not counted.
    pub rows: usize,
    /// What stands between its cells.
    pub delimiter: String,
    /// Its columns.
    pub columns: Vec<Column>,
}

/// A column.
#[derive(Debug, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What all its cells are.
    #[serde(rename = "type")]
    pub kind: Type,
    /// How many cells are filled.
    pub filled: usize,
    /// How many are empty.
    pub empty: usize,
    /// How many different ones there are; none where there are more than 1,000.
    pub distinct: Option<usize>,
    /// The least cell.
    pub min: Value,
    /// The greatest cell.
    pub max: Value,
    /// The first cells that differ.
    pub examples: Vec<Value>,
}

/// What was seen of one column so far.
struct Seen {
    kind: Type,
    filled: usize,
    texts: HashSet<String>,
    least: Cell,
    greatest: Cell,
    examples: Vec<Cell>,
}

/// Describes a CSV file: how many rows it has, and for each column its type, how many cells are
/// filled, the least and greatest value, and examples. Call it before `query`.
///
/// # Errors
/// Not found, denied or failed: what is wrong with the file.
#[tool(read_only, idempotent)]
pub fn describe(input: Input) -> Result<Json<Output>, ToolError> {
    let table = Table::read(&input.path)?;
    Ok(Json(of(&table, input.path)?))
}

/// Describes a file that was read.
///
/// # Errors
/// Failed, when it is not CSV.
pub fn of(table: &Table, path: String) -> Result<Output, ToolError> {
    let mut columns: Vec<Seen> = table.types.iter().map(|kind| Seen::nothing(*kind)).collect();
    table.each_row(&path, |record| {
        for (text, column) in record.iter().zip(&mut columns) {
            column.add(text.trim(), table.comma());
        }
        Ok(())
    })?;
    let named = table.names.iter().zip(columns);
    Ok(Output {
        rows: table.rows,
        delimiter: table.delimiter(),
        columns: named.map(|(name, seen)| seen.column(name, table.rows)).collect(),
        path,
    })
}

impl Seen {
    fn nothing(kind: Type) -> Self {
        Self {
            kind,
            filled: 0,
            texts: HashSet::new(),
            least: Cell::Empty,
            greatest: Cell::Empty,
            examples: Vec::new(),
        }
    }

    fn add(&mut self, text: &str, comma: bool) {
        if text.is_empty() {
            return;
        }
        self.filled += 1;
        let cell = self.kind.cell(text, comma);
        if self.least.order(&cell) == Ordering::Greater {
            self.least = cell.clone();
        }
        if self.greatest == Cell::Empty || self.greatest.order(&cell) == Ordering::Less {
            self.greatest = cell.clone();
        }
        // One more than is told apart says that there are more.
        if self.texts.len() <= MAX_DISTINCT && !self.texts.contains(text) {
            self.texts.insert(text.to_owned());
            if self.examples.len() < EXAMPLES {
                self.examples.push(cell);
            }
        }
    }

    fn column(self, name: &str, rows: usize) -> Column {
        let distinct = self.texts.len();
        Column {
            name: name.to_owned(),
            kind: self.kind,
            filled: self.filled,
            empty: rows - self.filled,
            distinct: (distinct <= MAX_DISTINCT).then_some(distinct),
            min: shown(&self.least),
            max: shown(&self.greatest),
            examples: self.examples.iter().map(shown).collect(),
        }
    }
}

/// A cell as JSON, cut where it is long.
fn shown(cell: &Cell) -> Value {
    match cell {
        Cell::Text(text) if text.chars().count() > SHOWN => {
            Value::from(text.chars().take(SHOWN).chain(['…']).collect::<String>())
        }
        other => other.json(),
    }
}
