//! The best predicates over all features, whichever way outcomes are shuffled for them.

use super::family::{Family, Sample, Span};
use super::{Condition, Kind, Table};

/// A predicate, by its family and its feature there, with its score.
pub(crate) struct Candidate {
    /// Number of the family.
    pub(crate) family: usize,
    /// Number of the feature in it.
    pub(crate) block: usize,
    /// The predicate.
    pub(crate) span: Span,
    /// Its score.
    pub(crate) score: f64,
}

/// Every feature of a kind but those of the `given` rules, over `members`: those that go with the
/// task and those that do not are families of their own, for their outcomes are shuffled
/// differently. A p-value from one of two families counts twice (Bonferroni).
pub(crate) fn families(
    table: &Table,
    members: &[usize],
    given: &[(usize, Condition)],
    kind: Kind,
) -> Vec<Family> {
    let free = |column: &usize| {
        table.columns[*column].kind == kind && given.iter().all(|(taken, _)| taken != column)
    };
    let mut out = Vec::new();
    for within_tasks in [false, true] {
        let columns: Vec<usize> = (0..table.columns.len())
            .filter(free)
            .filter(|column| table.within_tasks(*column) == within_tasks)
            .collect();
        let sample = Sample::new(table, members, given, within_tasks);
        let family = Family::new(table, sample, &columns);
        if !family.blocks.is_empty() {
            out.push(family);
        }
    }
    out
}

/// The best predicate of each feature of all families, best first.
pub(crate) fn candidates(families: &[Family]) -> Vec<Candidate> {
    let mut out = Vec::new();
    for (number, family) in families.iter().enumerate() {
        out.extend(family.best().into_iter().map(|(score, block, span)| Candidate {
            family: number,
            block,
            span,
            score,
        }));
    }
    out.sort_by(|a, b| b.score.total_cmp(&a.score));
    out
}
