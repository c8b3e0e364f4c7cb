//! The search: one rule after the other.
//!
//! Each step takes the best predicate given the rules found so far and stops when the
//! permutation test does not believe it. After each step all rules are fitted anew given
//! the others, for the first one was fitted while the others' failures still hid its
//! ends. At the end every rule is tested again given the others, and `check` asks whether
//! sessions that were kept back from a search confirm what it found.

use super::exact::{self, Cells};
use super::family::{Family, Sample, Span};
use super::permute::{P_MAX, p_value};
use super::{Condition, Finding, Mined, Status, Table, check, ends};
use crate::model::Ratio;
use std::collections::BTreeMap;

/// Fewer labelled sessions say nothing.
pub(crate) const SESSIONS_MIN: usize = 20;
/// Each outcome has at least so many sessions.
const CLASS_MIN: usize = 4;
/// At most so many rules a dream.
const RULES_MAX: usize = 12;
/// Success rates differ by at least this much.
pub(crate) const DIFFERENCE_MIN: f64 = 0.15;
/// Rounds of fitting anew; more than a few only when two fits undo each other.
const FIT_ROUNDS: usize = 4;

/// Mines rules. `step` is called with the number of rules found before each search.
pub(crate) fn mine(table: &Table, seed: u64, step: &mut dyn FnMut(usize)) -> Mined {
    let total = table.outcomes.len();
    let hits = table.outcomes.iter().filter(|outcome| **outcome).count();
    if let Some(refused) = refusal(total, hits) {
        return Mined { refused: Some(refused), ..Mined::default() };
    }
    let members: Vec<usize> = (0..total).collect();
    let mut search = Search::new(table, seed, members);
    while search.chain.len() < RULES_MAX {
        step(search.chain.len());
        if !search.extend(true) {
            break;
        }
        search.fit();
    }
    search.test_again();
    let tried = search.tried;
    Mined { findings: check::confirmed(table, seed, search.chain), tried, refused: None }
}

fn refusal(total: usize, hits: usize) -> Option<String> {
    if total < SESSIONS_MIN {
        return Some(format!("{total} sessions with an outcome, fewer than {SESSIONS_MIN}"));
    }
    let rarer = hits.min(total - hits);
    (rarer < CLASS_MIN).then(|| format!("{hits} of {total} sessions succeeded: no contrast"))
}

/// A search over some of the sessions.
pub(crate) struct Search<'a> {
    table: &'a Table,
    seed: u64,
    /// The rows it may look at.
    members: Vec<usize>,
    /// The rules so far.
    pub(crate) chain: Vec<Finding>,
    /// Contrasts scored so far.
    tried: usize,
}

impl<'a> Search<'a> {
    /// A search over the rows `members`.
    pub(crate) fn new(table: &'a Table, seed: u64, members: Vec<usize>) -> Self {
        Search { table, seed, members, chain: Vec::new(), tried: 0 }
    }

    /// The rules of the chain but number `skipped`.
    pub(crate) fn given(&self, skipped: Option<usize>) -> Vec<(usize, Condition)> {
        self.chain
            .iter()
            .enumerate()
            .filter(|(number, _)| Some(*number) != skipped)
            .map(|(_, rule)| (rule.column, rule.condition.clone()))
            .collect()
    }

    /// Every feature but those of the `given` rules, over the sample.
    fn family(&self, given: &[(usize, Condition)]) -> Family {
        let free = |column: &usize| given.iter().all(|(taken, _)| taken != column);
        let columns: Vec<usize> = (0..self.table.columns.len()).filter(free).collect();
        Family::new(self.table, Sample::new(self.table, &self.members, given), &columns)
    }

    /// Looks for the next rule; false where there is none, or where the permutation test
    /// is asked and does not believe it.
    pub(crate) fn extend(&mut self, test: bool) -> bool {
        let family = self.family(&self.given(None));
        self.tried += family.tried();
        let worthwhile = |(_, block, span): &(f64, usize, Span)| {
            let lane = &family.blocks[*block].lane;
            let status = |member: usize| lane.status(member, span.from, span.to);
            exact::difference(&cells(&family.sample, status)) >= DIFFERENCE_MIN
        };
        let Some((score, block, span)) = family.best().into_iter().find(worthwhile) else {
            return false;
        };
        let stream = 16 + self.chain.len() as u64;
        let p_value = if test { p_value(&family, score, self.seed, stream) } else { 0.0 };
        if p_value > P_MAX {
            return false;
        }
        let column = family.blocks[block].lane.column;
        let condition = ends::condition(self.table, &family, block, span);
        let tried = family.tried();
        self.chain.push(Finding {
            column,
            condition,
            p_value,
            tried,
            check_followed: Ratio::default(),
            check_not_followed: Ratio::default(),
        });
        true
    }

    /// Fits each rule anew, given the others, until nothing changes.
    pub(crate) fn fit(&mut self) {
        for _ in 0..FIT_ROUNDS {
            let mut changed = false;
            for number in 0..self.chain.len() {
                let sample =
                    Sample::new(self.table, &self.members, &self.given(Some(number)));
                let family = Family::new(self.table, sample, &[self.chain[number].column]);
                let Some((_, block, span)) = family.best().into_iter().next() else { continue };
                let condition = ends::condition(self.table, &family, block, span);
                changed |= condition != self.chain[number].condition;
                self.chain[number].condition = condition;
            }
            if !changed {
                return;
            }
        }
    }

    /// Tests each rule given the others; a rule found early may have been the shadow of
    /// one found late. The worst goes first, then the rest is tested without it.
    fn test_again(&mut self) {
        let mut stream = 64;
        while !self.chain.is_empty() {
            let mut worst: Option<(f64, usize)> = None;
            let mut p_values = Vec::new();
            for number in 0..self.chain.len() {
                let family = self.family(&self.given(Some(number)));
                let column = self.chain[number].column;
                let own = |(_, block, _): &(f64, usize, Span)| {
                    family.blocks[*block].lane.column == column
                };
                stream += 1;
                let p = family.best().into_iter().find(own).map_or(1.0, |(score, _, _)| {
                    p_value(&family, score, self.seed, stream)
                });
                p_values.push(p);
                if p > worst.map_or(0.0, |(worst, _)| worst) {
                    worst = Some((p, number));
                }
            }
            match worst {
                Some((p, number)) if p > P_MAX => {
                    self.chain.remove(number);
                    self.fit();
                }
                _ => {
                    for (rule, p) in self.chain.iter_mut().zip(p_values) {
                        rule.p_value = rule.p_value.max(p);
                    }
                    return;
                }
            }
        }
    }
}

/// One 2x2 table a stratum.
pub(crate) fn cells(sample: &Sample, status: impl Fn(usize) -> Status) -> Vec<Cells> {
    let mut out: BTreeMap<u32, Cells> = BTreeMap::new();
    for (member, stratum) in sample.strata.iter().enumerate() {
        let status = status(member);
        if status == Status::Missing {
            continue;
        }
        let cells = out.entry(*stratum).or_default();
        let followed = usize::from(status == Status::Followed);
        let succeeded = usize::from(sample.outcomes[member]);
        cells.both += followed * succeeded;
        cells.followed += followed;
        cells.succeeded += succeeded;
        cells.total += 1;
    }
    out.into_values().collect()
}
