//! Tables of criteria.

use std::ops::Range;

use super::Source;
use super::marks::{self, Marks};
use super::reader::{Found, check_of};
use crate::text::cut;

/// What a cell says where there is no check.
const NOTHING: [&str; 5] = ["", "-", "–", "—", "none"];

/// Longer texts in a cell that is a number or a yes are none.
const CELL: usize = 40;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Text,
    Check,
    Weight,
    Must,
    Other,
}

impl Column {
    fn named(name: &str) -> Self {
        match name.trim().to_ascii_lowercase().as_str() {
            "check" => Self::Check,
            "weight" => Self::Weight,
            "must" => Self::Must,
            _ => Self::Other,
        }
    }
}

/// A table that is being read.
#[derive(Debug, Default)]
pub(super) struct Table {
    columns: Vec<Column>,
    /// Whether its header says that its rows are criteria.
    is_named: bool,
    in_head: bool,
    cell: usize,
    said: String,
    row: Row,
}

/// One row of a table.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// Whether the header says that rows are criteria.
    pub(super) is_named: bool,
    /// Where the text of the criterion is.
    pub(super) text: Range<usize>,
    /// Its checks: more than one is a mistake.
    pub(super) checks: Vec<Found>,
    /// Checks in columns that are not for checks.
    pub(super) stray: Vec<Source>,
    /// What the columns for them say.
    pub(super) marks: Marks,
    /// What is wrong with a cell.
    pub(super) mistake: Option<String>,
}

impl Table {
    pub(super) fn head(&mut self) {
        self.in_head = true;
        self.cell = 0;
    }

    pub(super) fn end_head(&mut self) {
        self.in_head = false;
    }

    pub(super) fn start_row(&mut self) {
        self.cell = 0;
        self.row = Row { is_named: self.is_named, ..Row::default() };
    }

    pub(super) fn end_row(&mut self) -> Row {
        std::mem::take(&mut self.row)
    }

    pub(super) fn start_cell(&mut self, span: Range<usize>) {
        self.said.clear();
        if !self.in_head && self.column() == Column::Text {
            self.row.text = span;
        }
    }

    pub(super) fn say(&mut self, text: &str) {
        if self.said.len() <= CELL {
            self.said.push_str(&cut(text, CELL));
        }
    }

    /// A code span in a cell: in the column for checks each is one.
    pub(super) fn code(&mut self, code: &str, line: u32, span: Range<usize>) {
        if self.in_head {
            self.row.stray.extend(check_of(code).map(|text| Source { text, line }));
            return self.say(code);
        }
        let column = self.column();
        let bare = || (column == Column::Check).then(|| code.trim().to_owned());
        let Some(text) = check_of(code).or_else(bare) else { return };
        let source = Source { text, line };
        match column {
            Column::Text | Column::Check => self.row.checks.push(Found { source, span }),
            _ => self.row.stray.push(source),
        }
    }

    pub(super) fn end_cell(&mut self) {
        let said = self.said.trim();
        if self.in_head {
            let name = said.to_ascii_lowercase();
            let first = self.columns.is_empty();
            let column = if first { Column::Text } else { Column::named(said) };
            let named_text = ["criterion", "criteria", "requirement"].contains(&name.as_str());
            self.is_named |= !matches!(column, Column::Text | Column::Other);
            self.is_named |= first && named_text;
            self.columns.push(column);
        } else {
            let (column, said) = (self.column(), said.to_owned());
            self.read_cell(column, &said);
        }
        self.cell += 1;
    }

    fn read_cell(&mut self, column: Column, said: &str) {
        let wrong = match column {
            Column::Text | Column::Other => None,
            Column::Check => {
                let has_text = !NOTHING.contains(&said.to_ascii_lowercase().as_str());
                (has_text && self.row.checks.is_empty()).then(|| {
                    "the cell for the check has no code span: write it as `…`, and `\\|` for \
                     each `|` in it"
                        .to_owned()
                })
            }
            Column::Weight if NOTHING.contains(&said) => None,
            Column::Weight => {
                self.row.marks.weight = marks::weight(said);
                let is_none = self.row.marks.weight.is_none();
                is_none.then(|| format!("the weight `{said}` is not a number"))
            }
            Column::Must => match said.to_ascii_lowercase().as_str() {
                "" => None,
                "yes" | "true" | "must" | "x" => {
                    self.row.marks.must = Some(true);
                    None
                }
                "no" | "false" | "should" | "-" => {
                    self.row.marks.must = Some(false);
                    None
                }
                _ => Some(format!("`{said}` in the column Must is neither yes nor no")),
            },
        };
        self.row.mistake = self.row.mistake.take().or(wrong);
    }

    fn column(&self) -> Column {
        self.columns.get(self.cell).copied().unwrap_or(Column::Other)
    }
}
