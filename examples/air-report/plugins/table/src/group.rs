//! Groups of rows and what is counted of each.

use std::cmp::Ordering;
use std::collections::HashMap;

use csv::StringRecord;
use lucid_sdk::prelude::*;

use crate::cell::{Cell, Type};
use crate::file::Table;

/// The most groups one query makes.
const MAX_GROUPS: usize = 20_000;

/// What is counted of a group.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Aggregate {
    /// What is done with the cells of the column.
    pub op: Measure,
    /// The column; `count` without one counts rows, and with one its filled cells.
    pub column: Option<String>,
    /// What the result's column is called; `mean_pm25`, say, where it is left out.
    #[serde(rename = "as")]
    pub name: Option<String>,
}

/// What is done with cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// How many there are.
    Count,
    /// Their sum.
    Sum,
    /// Their mean.
    Mean,
    /// The least.
    Min,
    /// The greatest.
    Max,
}

/// An aggregate that fits its column.
pub struct Checked {
    /// What the result's column is called.
    pub name: String,
    place: Option<usize>,
    op: Measure,
    kind: Type,
}

impl Aggregate {
    /// Checks it against the columns.
    ///
    /// # Errors
    /// Invalid input: what of it does not fit.
    pub fn check(&self, table: &Table) -> Result<Checked, ToolError> {
        let word = match self.op {
            Measure::Count => "count",
            Measure::Sum => "sum",
            Measure::Mean => "mean",
            Measure::Min => "min",
            Measure::Max => "max",
        };
        let place = self.column.as_deref().map(|name| table.column(name)).transpose()?;
        if place.is_none() && self.op != Measure::Count {
            return Err(ToolError::InvalidInput(format!("`{word}` needs a column")));
        }
        let kind = place.map_or(Type::Empty, |place| table.types[place]);
        let column = self.column.as_deref().unwrap_or_default();
        if matches!(self.op, Measure::Sum | Measure::Mean) && !kind.is_numeric() {
            let what =
                format!("column `{column}` has cells that are no numbers, so it has no {word}");
            return Err(ToolError::InvalidInput(what));
        }
        let name = match (&self.name, place) {
            (Some(name), _) => name.clone(),
            (None, Some(_)) => format!("{word}_{column}"),
            (None, None) => word.to_owned(),
        };
        Ok(Checked { name, place, op: self.op, kind })
    }
}

/// All groups, in the order in which their first rows came.
pub struct Groups<'a> {
    keys: &'a [usize],
    aggregates: &'a [Checked],
    places: HashMap<Vec<String>, usize>,
    groups: Vec<(Vec<Cell>, Vec<Sum>)>,
}

/// What was counted of one column of one group.
#[derive(Debug, Clone)]
struct Sum {
    count: u64,
    /// The sum, and what was lost of it by rounding (Neumaier).
    sum: f64,
    lost: f64,
    least: Cell,
    greatest: Cell,
}

impl<'a> Groups<'a> {
    /// No groups yet. Without keys there is one, which has all rows.
    pub fn new(keys: &'a [usize], aggregates: &'a [Checked]) -> Self {
        let mut groups = Self { keys, aggregates, places: HashMap::new(), groups: Vec::new() };
        if keys.is_empty() {
            groups.places.insert(Vec::new(), 0);
            groups.groups.push((Vec::new(), vec![Sum::NONE; aggregates.len()]));
        }
        groups
    }

    /// Counts a row.
    ///
    /// # Errors
    /// Failed, when there are too many groups.
    pub fn add(&mut self, record: &StringRecord, table: &Table) -> Result<(), ToolError> {
        let text = |place: usize| record.get(place).unwrap_or_default();
        let key: Vec<String> = self.keys.iter().map(|at| text(*at).trim().to_owned()).collect();
        let next = self.groups.len();
        let place = *self.places.entry(key).or_insert(next);
        if place == next {
            if next == MAX_GROUPS {
                let what = format!("there are more than {MAX_GROUPS} groups");
                return Err(ToolError::Failed(what));
            }
            let cell = |at: &usize| table.types[*at].cell(text(*at), table.comma());
            let cells = self.keys.iter().map(cell).collect();
            self.groups.push((cells, vec![Sum::NONE; self.aggregates.len()]));
        }
        for (sum, aggregate) in self.groups[place].1.iter_mut().zip(self.aggregates) {
            match aggregate.place {
                None => sum.count += 1,
                Some(at) => sum.add(aggregate.kind.cell(text(at), table.comma())),
            }
        }
        Ok(())
    }

    /// The rows of the result: the keys, then what was counted.
    pub fn rows(self) -> Vec<Vec<Cell>> {
        let aggregates = self.aggregates;
        let row = |(mut cells, sums): (Vec<Cell>, Vec<Sum>)| {
            cells.extend(sums.iter().zip(aggregates).map(|(sum, one)| sum.cell(one)));
            cells
        };
        self.groups.into_iter().map(row).collect()
    }
}

impl Sum {
    const NONE: Self =
        Self { count: 0, sum: 0.0, lost: 0.0, least: Cell::Empty, greatest: Cell::Empty };

    fn add(&mut self, cell: Cell) {
        if cell == Cell::Empty {
            return;
        }
        self.count += 1;
        if let Some(number) = cell.number() {
            let sum = self.sum + number;
            self.lost += match self.sum.abs() >= number.abs() {
                true => (self.sum - sum) + number,
                false => (number - sum) + self.sum,
            };
            self.sum = sum;
        }
        if self.least.order(&cell) == Ordering::Greater {
            self.least = cell.clone();
        }
        if self.greatest == Cell::Empty || self.greatest.order(&cell) == Ordering::Less {
            self.greatest = cell;
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "files have far fewer rows than 2^53")]
    fn cell(&self, aggregate: &Checked) -> Cell {
        let sum = self.sum + self.lost;
        let number = |number: f64| match number.is_finite() && self.count > 0 {
            true => Cell::Number(number),
            false => Cell::Empty,
        };
        match aggregate.op {
            Measure::Count => Cell::Integer(i64::try_from(self.count).unwrap_or(i64::MAX)),
            Measure::Sum => number(sum),
            Measure::Mean => number(sum / self.count as f64),
            Measure::Min => self.least.clone(),
            Measure::Max => self.greatest.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum_of(numbers: &[f64]) -> Sum {
        let mut sum = Sum::NONE;
        numbers.iter().for_each(|number| sum.add(Cell::Number(*number)));
        sum
    }

    #[test]
    fn a_sum_keeps_what_rounding_would_lose() {
        let sum = sum_of(&[1.0, 1e100, 1.0, -1e100]);
        assert_eq!(sum.sum + sum.lost, 2.0);
    }

    #[test]
    fn empty_cells_count_for_nothing() {
        let mut sum = sum_of(&[3.0, -1.0]);
        sum.add(Cell::Empty);
        assert_eq!(
            (sum.count, sum.least, sum.greatest),
            (2, Cell::Number(-1.0), Cell::Number(3.0))
        );
    }
}
