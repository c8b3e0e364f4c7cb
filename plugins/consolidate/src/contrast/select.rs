//! The search: one rule after the other.
//!
//! Each step takes the best predicate, given the rules found so far, that the permutation
//! test believes: its p-value is for the whole family, so it holds for every predicate at
//! once, and a strong one that cannot be believed hides no other. Where none of the best few
//! is believed the search ends. After each step all rules are fitted anew given
//! the others, for the first one was fitted while the others' failures still hid its
//! ends. At the end every rule is tested again given the others, and `check` asks whether
//! sessions that were kept back from a search confirm what it found.

use super::candidates::{Candidate, candidates, families};
use super::family::{Family, Sample};
use super::permute::{P_MAX, p_value};
use super::{Condition, Finding, Kind, Mined, Status, Table, check, confound, ends};
use crate::model::Ratio;
use crate::stats::cmh;
use crate::stats::exact::Cells;
use std::collections::BTreeMap;

/// Fewer labelled sessions say nothing.
pub(crate) const SESSIONS_MIN: usize = 20;
/// Each outcome has at least so many sessions.
const CLASS_MIN: usize = 4;
/// At most so many rules a search.
const RULES_MAX: usize = 24;
/// So many features are asked, best first, before a search ends.
const RIVALS_MAX: usize = 8;
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
    let table = &Table { by_task: confound::by_task(table, seed), ..table.clone() };
    let members: Vec<usize> = (0..total).collect();
    let kinds: Vec<Kind> = [Kind::Input, Kind::Observed]
        .into_iter()
        .filter(|kind| table.columns.iter().any(|column| column.kind == *kind))
        .collect();
    let mut mined = Mined::default();
    for kind in &kinds {
        let base: Vec<(usize, Condition)> =
            mined.findings.iter().map(|rule| (rule.column, rule.condition.clone())).collect();
        let mut search = Search::new(table, seed, members.clone(), *kind, base.clone());
        while search.chain.len() < RULES_MAX {
            step(mined.findings.len() + search.chain.len());
            if !search.extend() {
                break;
            }
            search.fit();
        }
        search.test_again();
        mined.tried += search.tried;
        mined.findings.extend(check::confirmed(table, seed, &base, search.chain));
    }
    for finding in &mut mined.findings {
        finding.q = (finding.q * kinds.len() as f64).min(1.0);
    }
    mined
}

fn refusal(total: usize, hits: usize) -> Option<String> {
    if total < SESSIONS_MIN {
        return Some(format!("{total} sessions with an outcome, fewer than {SESSIONS_MIN}"));
    }
    let rarer = hits.min(total - hits);
    (rarer < CLASS_MIN).then(|| format!("{hits} of {total} sessions succeeded: no contrast"))
}

/// A search over some of the sessions.
struct Search<'a> {
    table: &'a Table,
    seed: u64,
    /// The rows it may look at.
    members: Vec<usize>,
    /// The features it searches.
    kind: Kind,
    /// Rules of an earlier search, which make strata.
    base: Vec<(usize, Condition)>,
    /// The rules so far.
    chain: Vec<Finding>,
    /// Contrasts scored so far.
    tried: usize,
}

impl<'a> Search<'a> {
    /// A search over the rows `members`.
    fn new(
        table: &'a Table,
        seed: u64,
        members: Vec<usize>,
        kind: Kind,
        base: Vec<(usize, Condition)>,
    ) -> Self {
        // Two searches of one dream shuffle differently.
        let seed = seed ^ (kind as u64).wrapping_mul(0xA076_1D64_78BD_642F);
        Search { table, seed, members, kind, base, chain: Vec::new(), tried: 0 }
    }

    /// The rules found before and those of the chain but number `skipped`.
    fn given(&self, skipped: Option<usize>) -> Vec<(usize, Condition)> {
        let chain = self.chain.iter().enumerate();
        let chain = chain.filter(|(number, _)| Some(*number) != skipped);
        let chain = chain.map(|(_, rule)| (rule.column, rule.condition.clone()));
        self.base.iter().cloned().chain(chain).collect()
    }

    /// Looks for the next rule; false where there is none that the permutation test
    /// believes.
    fn extend(&mut self) -> bool {
        let families = families(self.table, &self.members, &self.given(None), self.kind);
        let tried = families.iter().map(Family::tried).sum();
        self.tried += tried;
        let worthwhile = |candidate: &Candidate| {
            let family = &families[candidate.family];
            let (lane, span) = (&family.blocks[candidate.block].lane, candidate.span);
            let status = |member: usize| lane.status(member, span.from, span.to);
            cmh::difference(&cells(&family.sample, status)) >= DIFFERENCE_MIN
        };
        // All with the same shuffles, so that a lower score has no lower p-value by them.
        let stream = 16 + self.chain.len() as u64;
        let believed = candidates(&families)
            .into_iter()
            .filter(worthwhile)
            .take(RIVALS_MAX)
            .map(|best| (p_value(&families, &best, self.seed, stream), best))
            .find(|(q, _)| *q <= P_MAX);
        let Some((q, best)) = believed else { return false };
        let family = &families[best.family];
        let condition = ends::condition(self.table, family, best.block, best.span);
        self.chain.push(Finding {
            column: family.blocks[best.block].lane.column,
            condition,
            p: 1.0,
            q,
            tried,
            check_followed: Ratio::default(),
            check_not_followed: Ratio::default(),
        });
        true
    }

    /// Fits each rule anew, given the others, until nothing changes.
    fn fit(&mut self) {
        for _ in 0..FIT_ROUNDS {
            let mut changed = false;
            for number in 0..self.chain.len() {
                let (given, column) = (self.given(Some(number)), self.chain[number].column);
                let within_tasks = self.table.within_tasks(column);
                let sample = Sample::new(self.table, &self.members, &given, within_tasks);
                let family = Family::new(self.table, sample, &[column]);
                let Some((_, block, span)) = family.best().into_iter().next() else {
                    continue;
                };
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
                let given = self.given(Some(number));
                let families = families(self.table, &self.members, &given, self.kind);
                let column = self.chain[number].column;
                let own = |candidate: &Candidate| {
                    families[candidate.family].blocks[candidate.block].lane.column == column
                };
                stream += 1;
                let p = candidates(&families)
                    .into_iter()
                    .find(own)
                    .map_or(1.0, |best| p_value(&families, &best, self.seed, stream));
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
                        rule.q = rule.q.max(p);
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
