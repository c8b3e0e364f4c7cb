//! CSV, and rules for its columns.

pub(crate) mod cell;
mod rules;

use crate::budget::{Budget, count};
use crate::error::{FormatError, excerpt};
use crate::findings::Findings;
use crate::limits::Limits;
use ::csv::{Reader, ReaderBuilder, StringRecord};
use serde_json::{Value, json};

pub use rules::csv_rules;

/// The most columns.
const COLUMNS: usize = 4_096;

/// Reads CSV with a header:
/// `{columns: [name], rows: [[text]], errors: [{row, line, message}], more_errors}`.
///
/// Rows count from 1, after the header. Cells are trimmed and stay text. An error is a row
/// with too many or too few cells (it is in `rows` all the same), or a column without a name
/// or with one that stood before (row 0).
///
/// # Errors
/// That it is not CSV, or which limit it is over.
pub fn csv(text: &str, limits: &Limits) -> Result<Value, FormatError> {
    let mut budget = Budget::new(limits);
    let mut table = Table::open(text, limits)?;
    let mut columns = Vec::with_capacity(table.columns.len());
    for name in &table.columns {
        columns.push(budget.value(name)?);
    }
    let mut rows = Vec::new();
    let mut record = StringRecord::new();
    while table.next(&mut record)? {
        budget.items(1)?;
        let mut row = Vec::with_capacity(record.len());
        for cell in &record {
            row.push(budget.value(cell)?);
        }
        rows.push(Value::Array(row));
    }
    let (errors, more) = table.findings.into_parts();
    Ok(json!({"columns": columns, "rows": rows, "errors": errors, "more_errors": more}))
}

/// A table that is read row by row.
struct Table<'a> {
    reader: Reader<&'a [u8]>,
    columns: Vec<String>,
    findings: Findings,
    row: usize,
    line: u64,
}

impl<'a> Table<'a> {
    fn open(text: &'a str, limits: &Limits) -> Result<Self, FormatError> {
        limits.admit_table(text.len())?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader =
            ReaderBuilder::new().flexible(true).trim(::csv::Trim::All).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| wrong(&error))?;
        if header.len() > COLUMNS {
            return Err(FormatError::over("the CSV", COLUMNS, "columns"));
        }
        let columns: Vec<String> = header.iter().map(str::to_owned).collect();
        let mut findings = Findings::new(limits.errors);
        for (at, name) in columns.iter().enumerate() {
            let message = if name.is_empty() {
                format!("column {} has no name", at + 1)
            } else if columns.iter().take(at).any(|earlier| earlier == name) {
                format!("the column `{}` stands twice", excerpt(name))
            } else {
                continue;
            };
            findings.add(|| json!({"row": 0, "line": 1, "message": message}));
        }
        Ok(Self { reader, columns, findings, row: 0, line: 1 })
    }

    /// Reads the next row; `false` at the end.
    fn next(&mut self, record: &mut StringRecord) -> Result<bool, FormatError> {
        if !self.reader.read_record(record).map_err(|error| wrong(&error))? {
            return Ok(false);
        }
        self.row += 1;
        self.line = record.position().map_or(0, ::csv::Position::line);
        if record.len() != self.columns.len() {
            let (row, line) = (count(self.row), self.line);
            let message =
                format!("the row has {} cells, the header {}", record.len(), self.columns.len(),);
            self.findings.add(|| json!({"row": row, "line": line, "message": message}));
        }
        Ok(true)
    }
}

fn wrong(error: &::csv::Error) -> FormatError {
    FormatError::new(format!("not CSV: {}", excerpt(&error.to_string())))
}
