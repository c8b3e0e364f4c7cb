//! One sheet of a workbook.

use super::package::Package;
use crate::budget::count;
use crate::error::{FormatError, excerpt};
use crate::xml::{Element, Node, Xml};
use serde_json::{Map, Number, Value, json};

/// The most rows and columns that a sheet can have.
const ROWS: usize = 1_048_576;
const COLUMNS: usize = 16_384;

/// A cell that is open.
#[derive(Default)]
struct Cell {
    place: String,
    kind: String,
    value: String,
    formula: String,
}

/// What is being read inside a cell.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    None,
    Value,
    Formula,
}

/// What a sheet holds.
#[derive(Default)]
pub(super) struct Sheet {
    rows: usize,
    columns: usize,
    row: usize,
    column: usize,
    cells: Map<String, Value>,
    formulas: Map<String, Value>,
    more: usize,
}

impl Sheet {
    /// Reads a sheet; of its cells at most `cells_left` are kept.
    pub(super) fn read(
        bytes: &[u8],
        strings: &[String],
        cells_left: &mut usize,
        package: &mut Package<'_>,
    ) -> Result<Self, FormatError> {
        let mut sheet = Self::default();
        let mut xml = Xml::new(bytes, package.limits.markup_depth);
        let (mut open, mut part): (Option<Cell>, Part) = (None, Part::None);
        while let Some(node) = xml.next_part()? {
            match node {
                Node::Open(element) => match element.name().as_str() {
                    "row" => sheet.begin_row(&element)?,
                    "c" => open = Some(sheet.begin_cell(&element)?),
                    "v" | "t" => part = Part::Value,
                    "f" => part = Part::Formula,
                    // How a text is pronounced is no part of it.
                    "rPh" => xml.skip()?,
                    _ => {}
                },
                Node::Text(text) => {
                    if let (Some(cell), Part::Value) = (&mut open, part) {
                        package.budget.push(&mut cell.value, &text)?;
                    } else if let (Some(cell), Part::Formula) = (&mut open, part) {
                        package.budget.push(&mut cell.formula, &text)?;
                    }
                }
                Node::Close(name) => {
                    part = Part::None;
                    if name == "c"
                        && let Some(cell) = open.take()
                    {
                        sheet.end_cell(cell, strings, cells_left, package)?;
                    }
                }
                Node::Doctype => {}
            }
        }
        Ok(sheet)
    }

    fn begin_row(&mut self, element: &Element<'_>) -> Result<(), FormatError> {
        let row = element.attribute("r").and_then(|row| row.parse().ok());
        self.row = row.unwrap_or(self.row + 1);
        self.column = 0;
        if self.row > ROWS {
            return Err(FormatError::over("a sheet", ROWS, "rows"));
        }
        Ok(())
    }

    fn begin_cell(&mut self, element: &Element<'_>) -> Result<Cell, FormatError> {
        if let Some(place) = element.attribute("r") {
            let bad = || FormatError::new(format!("`{}` is no place of a cell", excerpt(&place)));
            (self.row, self.column) = place_of(&place).ok_or_else(bad)?;
        } else {
            self.column += 1;
        }
        if self.column > COLUMNS {
            return Err(FormatError::over("a sheet", COLUMNS, "columns"));
        }
        let place = format!("{}{}", letters(self.column), self.row);
        let kind = element.attribute("t").unwrap_or_default();
        Ok(Cell { place, kind, ..Cell::default() })
    }

    fn end_cell(
        &mut self,
        cell: Cell,
        strings: &[String],
        cells_left: &mut usize,
        package: &mut Package<'_>,
    ) -> Result<(), FormatError> {
        let value = value(&cell, strings)?;
        if value.is_null() && cell.formula.is_empty() {
            return Ok(());
        }
        self.rows = self.rows.max(self.row);
        self.columns = self.columns.max(self.column);
        let Some(left) = cells_left.checked_sub(1) else {
            self.more += 1;
            return Ok(());
        };
        *cells_left = left;
        package.budget.items(3)?;
        if let Value::String(text) = &value {
            package.budget.bytes(text.len())?;
        }
        if !cell.formula.is_empty() {
            self.formulas.insert(cell.place.clone(), Value::String(cell.formula));
        }
        self.cells.insert(cell.place, value);
        Ok(())
    }

    pub(super) fn into_value(self, name: &str, is_hidden: bool) -> Value {
        json!({
            "name": name,
            "hidden": is_hidden,
            "rows": count(self.rows),
            "columns": count(self.columns),
            "cells": self.cells,
            "formulas": self.formulas,
            "more_cells": count(self.more),
        })
    }
}

/// The value of a cell: text, a number, true or false, or null.
fn value(cell: &Cell, strings: &[String]) -> Result<Value, FormatError> {
    if cell.value.is_empty() {
        return Ok(Value::Null);
    }
    Ok(match cell.kind.as_str() {
        "s" => {
            let string = cell.value.trim().parse::<usize>().ok().and_then(|at| strings.get(at));
            let place = &cell.place;
            let missing = || FormatError::new(format!("the text of the cell {place} is missing"));
            Value::String(string.ok_or_else(missing)?.clone())
        }
        "b" => Value::Bool(cell.value.trim() == "1"),
        "" | "n" => {
            let text = cell.value.trim();
            let whole = text.parse::<i64>().ok().map(Number::from);
            let number = || text.parse::<f64>().ok().and_then(Number::from_f64);
            let number = whole.or_else(number).map(Value::Number);
            number.unwrap_or_else(|| Value::String(cell.value.clone()))
        }
        _ => Value::String(cell.value.clone()),
    })
}

/// The row and the column of a place like `AB12`, from 1.
fn place_of(place: &str) -> Option<(usize, usize)> {
    let digits = place.find(|c: char| c.is_ascii_digit())?;
    let (letters, row) = place.split_at(digits);
    if letters.is_empty() || letters.len() > 3 || row.len() > 7 {
        return None;
    }
    let mut column = 0usize;
    for letter in letters.bytes() {
        if !letter.is_ascii_uppercase() {
            return None;
        }
        column = column * 26 + usize::from(letter - b'A') + 1;
    }
    let row = row.parse().ok().filter(|row| (1..=ROWS).contains(row))?;
    Some((row, column))
}

/// The letters of a column, from 1.
fn letters(mut column: usize) -> String {
    let mut letters = Vec::new();
    while column > 0 {
        let letter = u8::try_from((column - 1) % 26).unwrap_or_default();
        letters.push(char::from(b'A' + letter));
        column = (column - 1) / 26;
    }
    letters.iter().rev().collect()
}
