//! Features to columns: which can be contrasted, over the sessions with a known outcome.
//!
//! Left out are fields that are free text, that say which session or task it is, that say
//! the outcome in other words, that do not vary, or that too few sessions have.

use super::{Cells, Corpus, fair};
use crate::contrast::{Column, Kind, Table, Values};
use crate::model::Ratio;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A feature stands in at least so many sessions.
const PRESENT_MIN: usize = 20;
/// More different categories than this are free text or a name.
const LEVELS_MAX: usize = 12;
/// A field that says the same as a label in so many percent of the sessions names the
/// session or its task.
const SAME_AS_LABEL_PERCENT: usize = 80;
/// A result named like an outcome that agrees with it in so many percent of the sessions
/// is the outcome.
const SAME_AS_OUTCOME_PERCENT: u32 = 98;
/// At most so many features are contrasted: those that most sessions have.
const COLUMNS_MAX: usize = 512;
/// Last parts of names that say which session it is, not what the agent chose.
const IDENTIFYING: [&str; 12] = [
    "id",
    "uuid",
    "seed",
    "nonce",
    "session",
    "task",
    "run",
    "trial",
    "attempt",
    "timestamp",
    "date",
    "time",
];
/// Last parts of names of results that say how it ended.
const OUTCOMES: [&str; 12] = [
    "result",
    "outcome",
    "status",
    "success",
    "succeeded",
    "ok",
    "passed",
    "failed",
    "error",
    "verdict",
    "grade",
    "done",
];

/// The sessions with a known outcome as columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Labelled {
    /// The columns.
    pub(crate) table: Table,
    /// The row in the corpus of each row of the table.
    pub(crate) rows: Vec<u32>,
    /// For each column the rows of the table whose value can be quoted.
    pub(crate) quotable: Vec<BTreeSet<usize>>,
}

/// Makes the table.
pub(crate) fn labelled(corpus: &Corpus) -> Labelled {
    let known = |row: &u32| corpus.sessions[*row as usize].succeeded.is_some();
    let rows: Vec<u32> = (0..corpus.sessions.len() as u32).filter(known).collect();
    let mut place = vec![usize::MAX; corpus.sessions.len()];
    for (number, row) in rows.iter().enumerate() {
        place[*row as usize] = number;
    }
    let outcome = |row: &u32| corpus.sessions[*row as usize].succeeded == Some(true);
    let outcomes: Vec<bool> = rows.iter().map(outcome).collect();
    let mut made = Labelled { rows, ..Labelled::default() };
    let mut chosen: Vec<(&Rc<str>, &Cells)> = corpus.columns.iter().collect();
    chosen.retain(|(name, cells)| present(cells) >= PRESENT_MIN && !is_identifying(name));
    chosen.sort_by_key(|(name, cells)| (usize::MAX - present(cells), *name));
    chosen.truncate(COLUMNS_MAX);
    chosen.sort_by_key(|(name, _)| *name);
    for (name, cells) in chosen {
        if repeats_a_label(corpus, cells) {
            continue;
        }
        let maker = Maker { corpus, name, cells, place: &place, total: made.rows.len() };
        let Some((column, quotable)) = maker.column() else { continue };
        if column.kind == Kind::Observed && says_the_outcome(&column, &outcomes) {
            continue;
        }
        made.table.columns.push(column);
        made.quotable.push(quotable);
    }
    made.table.tasks = tasks(corpus, &made.rows);
    made.table.outcomes = outcomes;
    made
}

/// Stratum numbers: tasks where they repeat (two sessions a task or more on average).
fn tasks(corpus: &Corpus, rows: &[u32]) -> Vec<u32> {
    let mut numbers: BTreeMap<Option<&String>, u32> = BTreeMap::new();
    let mut out = Vec::with_capacity(rows.len());
    for row in rows {
        let next = numbers.len() as u32;
        let task = corpus.sessions[*row as usize].labels.get("task");
        out.push(*numbers.entry(task).or_insert(next));
    }
    if rows.len() < 2 * numbers.len() { vec![0; rows.len()] } else { out }
}

fn present(cells: &Cells) -> usize {
    cells.numbers.len() + cells.levels.len() + cells.left_out
}

fn is_identifying(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name).to_lowercase();
    IDENTIFYING.iter().any(|word| {
        last == *word
            || last.strip_suffix(word).is_some_and(|rest| rest.ends_with(['_', '-']))
                && matches!(*word, "id" | "uuid" | "seed" | "timestamp")
    })
}

fn repeats_a_label(corpus: &Corpus, cells: &Cells) -> bool {
    let same = |row: u32, text: &str| {
        corpus.sessions[row as usize].labels.values().any(|value| value == text)
    };
    let mut count = 0;
    for (row, _, number) in &cells.numbers {
        if !corpus.sessions[*row as usize].labels.is_empty() {
            count += usize::from(same(*row, &number.to_string()));
        }
    }
    for (row, _, level) in &cells.levels {
        count += usize::from(same(*row, &cells.names[*level as usize]));
    }
    count > 0 && count * 100 >= present(cells) * SAME_AS_LABEL_PERCENT
}

/// Whether a result is the outcome by another name: it is named like one, and one of its
/// categories, or one of two numbers, stands for success or failure in nearly every session.
fn says_the_outcome(column: &Column, outcomes: &[bool]) -> bool {
    let last = column.name.rsplit(['.', ':']).next().unwrap_or_default().to_lowercase();
    if !OUTCOMES.contains(&last.as_str()) {
        return false;
    }
    let agrees = |is: &dyn Fn(usize) -> Option<bool>| {
        let mut ratio = Ratio::default();
        for (row, outcome) in outcomes.iter().enumerate() {
            if let Some(is) = is(row) {
                ratio.count(is == *outcome);
            }
        }
        ratio.hits.max(ratio.total - ratio.hits) * 100 >= ratio.total * SAME_AS_OUTCOME_PERCENT
    };
    match &column.values {
        Values::Levels { names, of } => (0..names.len() as u32)
            .any(|level| agrees(&|row| of.get(row).copied().flatten().map(|of| of == level))),
        Values::Numbers(values) => {
            let mut distinct: Vec<f64> = values.iter().flatten().copied().collect();
            distinct.sort_by(f64::total_cmp);
            distinct.dedup();
            let low = distinct.first().copied();
            let value = |row: usize| values.get(row).copied().flatten();
            distinct.len() == 2 && agrees(&|row| value(row).map(|value| Some(value) == low))
        }
    }
}

/// Makes one column.
struct Maker<'a> {
    corpus: &'a Corpus,
    name: &'a Rc<str>,
    cells: &'a Cells,
    /// The row of the table of each row of the corpus.
    place: &'a [usize],
    total: usize,
}

impl Maker<'_> {
    /// The column, where it is one that can be contrasted, and what of it can be quoted.
    fn column(&self) -> Option<(Column, BTreeSet<usize>)> {
        let (numbers, levels) = (&self.cells.numbers, &self.cells.levels);
        // Of a field that is a number here and a text there, the commoner kind is used.
        if numbers.len() >= PRESENT_MIN.max(levels.len() + self.cells.left_out) {
            return self.numbers();
        }
        if levels.len() < PRESENT_MIN || self.cells.free_text { None } else { self.levels() }
    }

    fn made(&self, values: Values, cells: &[(u32, bool, u32)]) -> (Column, BTreeSet<usize>) {
        // What an agent can choose is told by its name: results and counts have a colon.
        let kind = if self.name.contains(':') { Kind::Observed } else { Kind::Input };
        let quotable = cells.iter().filter(|cell| cell.1).map(|cell| self.at(cell.0)).collect();
        (Column { name: self.name.to_string(), kind, values }, quotable)
    }

    fn at(&self, row: u32) -> usize {
        self.place[row as usize]
    }

    fn fair(&self, rows: Vec<u32>) -> BTreeSet<u32> {
        fair(self.corpus, &rows).into_iter().collect()
    }

    fn numbers(&self) -> Option<(Column, BTreeSet<usize>)> {
        let fair = self.fair(self.cells.numbers.iter().map(|cell| cell.0).collect());
        let mut values = vec![None; self.total];
        let mut cells = Vec::new();
        for (row, quotable, value) in &self.cells.numbers {
            if fair.contains(row) {
                values[self.at(*row)] = Some(*value);
                cells.push((*row, *quotable, 0));
            }
        }
        let mut some = values.iter().flatten();
        let first = *some.next()?;
        let varies = cells.len() >= PRESENT_MIN && some.any(|value| *value != first);
        varies.then(|| self.made(Values::Numbers(values), &cells))
    }

    fn levels(&self) -> Option<(Column, BTreeSet<usize>)> {
        let fair = self.fair(self.cells.levels.iter().map(|cell| cell.0).collect());
        let cells: Vec<(u32, bool, u32)> =
            self.cells.levels.iter().filter(|cell| fair.contains(&cell.0)).copied().collect();
        let mut names: BTreeMap<String, u32> = BTreeMap::new();
        for (_, _, level) in &cells {
            names.insert(self.text(*level)?, 0);
        }
        let few = names.len() >= 2 && names.len() <= LEVELS_MAX && names.len() * 4 <= cells.len();
        if !few || cells.len() < PRESENT_MIN {
            return None;
        }
        names.values_mut().zip(0..).for_each(|(number, next)| *number = next);
        let mut of = vec![None; self.total];
        for (row, _, level) in &cells {
            of[self.at(*row)] = names.get(&self.text(*level)?).copied();
        }
        Some(self.made(Values::Levels { names: names.into_keys().collect(), of }, &cells))
    }

    /// A category as JSON text.
    fn text(&self, level: u32) -> Option<String> {
        let text = &self.cells.names[level as usize];
        match text.strip_prefix('\u{1}') {
            Some(value) => Some(value.to_owned()),
            None => serde_json::to_string(&**text).ok(),
        }
    }
}

#[cfg(test)]
#[path = "columns_tests.rs"]
mod tests;
