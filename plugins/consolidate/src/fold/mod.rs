//! Digests folded into what mining looks at, one after the other; none is kept.
//!
//! Rows arrive in any order and end in one that does not depend on it: by start, labels,
//! title, outcome and content. Ids differ from run to run, so they decide only between
//! sessions that are alike in all else. Quotes are not folded: the few that a rule cites
//! are read again from their digests.

mod bounded;
mod columns;
mod principals;

use crate::digest::{Change, Digest, Scalar};
use crate::model::Session;
use bounded::{Bounded, Interner};
use std::collections::BTreeMap;
use std::rc::Rc;

pub(crate) use bounded::NO_SHAPE;
pub(crate) use columns::{Labelled, labelled};
pub(crate) use principals::fair;

/// A step is followed up to this many per session.
const STEPS_MAX: usize = 512;
/// More different categories than this cannot become a column, so none of them is kept.
const NAMES_MAX: usize = 48;
/// At most so many changes are followed after one kind of failure.
const CHANGES_MAX: usize = 128;

/// The values of one feature.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cells {
    /// Numbers, with whether they can be quoted.
    pub(crate) numbers: Vec<(u32, bool, f64)>,
    /// Categories by their number in `names`.
    pub(crate) levels: Vec<(u32, bool, u32)>,
    /// The categories; truth values start with `\u{1}`.
    pub(crate) names: Vec<Rc<str>>,
    /// Whether some value is free text, or there are too many categories.
    pub(crate) free_text: bool,
    /// How many values were not kept for that.
    pub(crate) left_out: usize,
}

impl Cells {
    /// Takes in a category. What is kept in the end does not depend on the order: all
    /// categories, or none.
    fn level(&mut self, row: u32, quotable: bool, text: &Rc<str>) {
        if self.free_text {
            self.left_out += 1;
            return;
        }
        let known = self.names.iter().position(|name| name == text);
        if known.is_none() && self.names.len() == NAMES_MAX {
            self.free();
            self.left_out += 1;
            return;
        }
        let number = known.unwrap_or_else(|| {
            self.names.push(text.clone());
            self.names.len() - 1
        });
        self.levels.push((row, quotable, number as u32));
    }

    /// Takes in that some value is free text.
    fn free(&mut self) {
        self.free_text = true;
        self.left_out += self.levels.len();
        (self.levels, self.names) = (Vec::new(), Vec::new());
    }
}

/// One kind of failure.
#[derive(Clone, Debug, Default)]
pub(crate) struct FailureRows {
    /// The sessions that saw it.
    pub(crate) rows: Vec<u32>,
    /// For each change the sessions that tried it, and whether it worked there. An argument
    /// that was set to some value is also one that was set to any (the empty one).
    pub(crate) changes: BTreeMap<Change, BTreeMap<u32, bool>>,
}

/// A kind of failure while digests are taken in.
#[derive(Default)]
struct Failed {
    rows: Vec<u32>,
    changes: Bounded<Change, BTreeMap<u32, bool>>,
}

impl Failed {
    fn attempt(&mut self, row: u32, change: &Change, worked: bool) {
        if let Change::Set(name, value) = change
            && !value.is_empty()
        {
            self.attempt(row, &Change::Set(name.clone(), Rc::from("")), worked);
        }
        if let Some(rows) = self.changes.entry_within(order_of(change), change, CHANGES_MAX) {
            *rows.entry(row).or_default() |= worked;
        }
    }
}

/// Where a change stands among those of a failure: values come last, and go first.
fn order_of(change: &Change) -> u64 {
    let (last, hash) = match change {
        Change::Set(name, value) => {
            (!value.is_empty(), crate::hash::of(name) ^ crate::hash::of(value).rotate_left(1))
        }
        Change::Left(name) => (false, crate::hash::of(name)),
        Change::After(shape) => (false, crate::hash::of(shape)),
        Change::Again => (false, 0),
    };
    (u64::from(last) << 63) | (hash >> 1)
}

/// One statement of a fact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Statement {
    /// When it holds from, in milliseconds since 1970-01-01T00:00Z.
    pub(crate) at_ms: u64,
    /// The session.
    pub(crate) row: u32,
    /// The value.
    pub(crate) value: Rc<str>,
    /// Whether it takes the fact back.
    pub(crate) retracts: bool,
}

/// Takes digests in.
#[derive(Default)]
pub(crate) struct Fold {
    sessions: Vec<(u32, u64, Session)>,
    columns: Bounded<Rc<str>, Cells>,
    shapes: Interner,
    steps: Vec<Vec<u32>>,
    failures: Bounded<(Rc<str>, Rc<str>), Failed>,
    said: Bounded<Rc<str>, Vec<Statement>>,
    skipped: u64,
}

impl Fold {
    /// Takes in one session; `number` is its place in the host's list.
    pub(crate) fn push(&mut self, number: u32, session: Session, digest: &Digest) {
        let row = self.sessions.len() as u32;
        if session.succeeded.is_some() {
            self.fields(row, digest);
        }
        let mut steps: Vec<u32> = Vec::new();
        for step in digest.steps.iter().take(STEPS_MAX) {
            // Over a gap nothing is followed.
            let gap = step.is_gap();
            let shape = if gap { NO_SHAPE } else { self.shapes.number(&step.shape) };
            if steps.last() != Some(&shape) {
                steps.push(shape);
            }
        }
        self.steps.push(steps);
        for failure in &digest.failures {
            let key = (failure.tool.clone(), failure.error.clone());
            let hash = crate::hash::of(&failure.tool) ^ crate::hash::of(&failure.error);
            let Some(kind) = self.failures.entry(hash, &key) else { continue };
            kind.rows.push(row);
            for attempt in &failure.attempts {
                kind.attempt(row, &attempt.change, attempt.worked);
            }
        }
        for said in &digest.said {
            let Some(statements) = self.said.entry(crate::hash::of(&said.key), &said.key) else {
                continue;
            };
            let (at_ms, value, retracts) = (said.at_ms, said.value.clone(), said.retracts);
            statements.push(Statement { at_ms, row, value, retracts });
        }
        self.skipped += u64::from(digest.skipped);
        self.sessions.push((number, digest.content(), session));
    }

    fn fields(&mut self, row: u32, digest: &Digest) {
        for field in &digest.fields {
            let hash = crate::hash::of(&field.name);
            let Some(cells) = self.columns.entry(hash, &field.name) else { continue };
            let quotable = !field.spot.quote.is_empty();
            match &field.value {
                Scalar::Number(value) => cells.numbers.push((row, quotable, *value)),
                Scalar::Text(text) => {
                    cells.level(row, quotable, text);
                }
                Scalar::Bool(value) => {
                    // Not the text "true": categories are told apart as JSON.
                    let text: Rc<str> = Rc::from(if *value { "\u{1}true" } else { "\u{1}false" });
                    cells.level(row, quotable, &text);
                }
                Scalar::Long => cells.free(),
            }
        }
    }

    /// All of it, in canonical order.
    pub(crate) fn finish(self) -> Corpus {
        let mut order: Vec<usize> = (0..self.sessions.len()).collect();
        order.sort_by(|a, b| {
            let key = |place: &usize| {
                let (_, content, session) = &self.sessions[*place];
                let Session { started_at_ms, labels, title, succeeded, id, .. } = session;
                (*started_at_ms, labels, title, *succeeded, *content, id)
            };
            key(a).cmp(&key(b))
        });
        let mut place = vec![0_u32; order.len()];
        for (row, old) in order.iter().enumerate() {
            place[*old] = row as u32;
        }
        let at = |row: u32| place[row as usize];
        let columns = self.columns.sorted().into_iter().map(|(name, mut cells)| {
            cells.numbers.iter_mut().for_each(|cell| cell.0 = at(cell.0));
            cells.levels.iter_mut().for_each(|cell| cell.0 = at(cell.0));
            cells.numbers.sort_by_key(|cell| cell.0);
            cells.levels.sort_by_key(|cell| cell.0);
            (name, cells)
        });
        let failures = self.failures.sorted().into_iter().map(|(key, kind)| {
            let mut rows: Vec<u32> = kind.rows.into_iter().map(at).collect();
            rows.sort_unstable();
            let changes = kind.changes.sorted().into_iter().map(|(change, rows)| {
                (change, rows.into_iter().map(|(row, worked)| (at(row), worked)).collect())
            });
            (key, FailureRows { rows, changes: changes.collect() })
        });
        let said = self.said.sorted().into_iter().map(|(key, mut statements)| {
            statements.iter_mut().for_each(|statement| statement.row = at(statement.row));
            statements.sort();
            (key, statements)
        });
        let (shapes, shape_at) = self.shapes.finish();
        let mut steps = self.steps;
        for own in &mut steps {
            let place = |shape: &u32| shape_at.get(*shape as usize).copied().unwrap_or(NO_SHAPE);
            own.iter_mut().for_each(|shape| *shape = place(shape));
            own.dedup();
        }
        let mut principals = self.sessions.iter().map(|(_, _, session)| &session.principal);
        let first = principals.next();
        let several = principals.any(|other| Some(other) != first);
        Corpus {
            several,
            columns: columns.collect(),
            failures: failures.collect(),
            said: said.collect(),
            shapes,
            steps: order.iter().map(|old| std::mem::take(&mut steps[*old])).collect(),
            numbers: order.iter().map(|old| self.sessions[*old].0).collect(),
            contents: order.iter().map(|old| self.sessions[*old].1).collect(),
            sessions: order.iter().map(|old| self.sessions[*old].2.clone()).collect(),
            skipped: self.skipped,
        }
    }
}

/// All sessions, folded; row `i` of everything is the same session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Corpus {
    /// The sessions.
    pub(crate) sessions: Vec<Session>,
    /// Their places in the host's list.
    pub(crate) numbers: Vec<u32>,
    /// What follows from what happened in each.
    pub(crate) contents: Vec<u64>,
    /// Features of the sessions with a known outcome.
    pub(crate) columns: BTreeMap<Rc<str>, Cells>,
    /// Shapes of calls, sorted.
    pub(crate) shapes: Vec<Rc<str>>,
    /// The calls of each session by their shapes, without repeats in a row; [`NO_SHAPE`]
    /// stands for those that are not followed.
    pub(crate) steps: Vec<Vec<u32>>,
    /// Kinds of failures by tool and error.
    pub(crate) failures: BTreeMap<(Rc<str>, Rc<str>), FailureRows>,
    /// What people stated, by key.
    pub(crate) said: BTreeMap<Rc<str>, Vec<Statement>>,
    /// Whether the sessions are of several principals.
    pub(crate) several: bool,
    /// Events that could not be parsed.
    pub(crate) skipped: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_values_after_a_failure_some_are_kept_and_that_there_was_one_always() {
        let fill = |values: &mut dyn Iterator<Item = u32>| {
            let mut kind = Failed::default();
            for value in values {
                let set = Change::Set(Rc::from("name"), Rc::from(value.to_string()));
                kind.attempt(value, &set, value % 2 == 0);
            }
            kind.changes.sorted()
        };
        let forth = fill(&mut (0..1_000));
        assert_eq!(forth, fill(&mut (0..1_000).rev()));
        assert_eq!(forth.len(), CHANGES_MAX);
        let any = &forth[&Change::Set(Rc::from("name"), Rc::from(""))];
        assert_eq!((any.len(), any.values().filter(|worked| **worked).count()), (1_000, 500));
    }
}
