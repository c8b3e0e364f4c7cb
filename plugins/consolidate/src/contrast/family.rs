//! All predicates of all features over one sample, and their scores.
//!
//! The score of a predicate is the square of the stratified (Cochran-Mantel-Haenszel)
//! statistic: successes among those that followed it minus what their strata let expect,
//! squared, over its variance when outcomes are shuffled within strata. That variance
//! does not change from shuffle to shuffle, so a permutation costs one pass over the
//! sessions and one multiplication a predicate. Only predicates that go with *success*
//! score: a rule says what to do.

use super::lane::Lane;
use super::{Condition, Table};
use std::collections::BTreeMap;

/// At most so many bins a feature: 64 give 2,080 spans.
const BINS_MAX: usize = 64;
/// As many where there are many sessions: 300 spans. Ends are fitted more finely afterwards.
const BINS_OF_MANY_MAX: usize = 24;
/// From so many sessions on there are many.
pub(crate) const MANY: usize = 2_000;
/// What an interval must score more than a one-sided rule, for its second end (the 5 %
/// point of chi-square with one degree of freedom): as good is not enough.
const INTERVAL_PENALTY: f64 = 3.84;
/// Each side of a predicate has at least so many sessions, ...
const SIDE_MIN: usize = 4;
/// ... and at least one in so many.
const SIDE_SHARE_MIN: usize = 20;
/// Added to the variance. Where few sessions can tell (three on one side, or one lucky
/// success in a hopeless stratum) the plain statistic is far larger than the exact test
/// warrants, and such predicates would crowd out the true ones.
pub(crate) const VARIANCE_FLOOR: f64 = 0.1;
/// Below this a variance is rounding noise: the strata leave nothing to compare.
const VARIANCE_MIN: f64 = 1e-9;

/// The sessions at hand, in strata within which outcomes may be exchanged.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// Rows of the table.
    pub(crate) members: Vec<usize>,
    /// Outcome of each member.
    pub(crate) outcomes: Vec<bool>,
    /// Stratum of each member, numbered from 0.
    pub(crate) strata: Vec<u32>,
    /// Members of each stratum.
    pub(crate) groups: Vec<Vec<usize>>,
}

impl Sample {
    /// Strata are how each session stands to the `given` rules, crossed with the tasks
    /// where `within_tasks`.
    pub(crate) fn new(
        table: &Table,
        members: &[usize],
        given: &[(usize, Condition)],
        within_tasks: bool,
    ) -> Self {
        let mut numbers = BTreeMap::new();
        let mut strata = Vec::with_capacity(members.len());
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (member, row) in members.iter().enumerate() {
            let statuses: Vec<_> = given
                .iter()
                .map(|(column, rule)| rule.status(&table.columns[*column].values, *row))
                .collect();
            let next = numbers.len();
            let task = if within_tasks { table.tasks[*row] } else { 0 };
            let number = *numbers.entry((task, statuses)).or_insert(next);
            if number == groups.len() {
                groups.push(Vec::new());
            }
            groups[number].push(member);
            strata.push(number as u32);
        }
        let outcomes = members.iter().map(|row| table.outcomes[*row]).collect();
        Sample { members: members.to_vec(), outcomes, strata, groups }
    }

    /// Outcome minus the mean of the member's stratum, over members that `lane` has.
    pub(crate) fn residuals(&self, outcomes: &[bool], lane: Option<&Lane>, out: &mut Vec<f64>) {
        let has = |member: usize| lane.is_none_or(|lane| lane.bin(member).is_some());
        out.clear();
        out.resize(outcomes.len(), 0.0);
        for group in &self.groups {
            let (mut hits, mut total) = (0_u32, 0_u32);
            for member in group.iter().filter(|member| has(**member)) {
                hits += u32::from(outcomes[*member]);
                total += 1;
            }
            let mean = f64::from(hits) / f64::from(total.max(1));
            for member in group.iter().filter(|member| has(**member)) {
                out[*member] = f64::from(u8::from(outcomes[*member])) - mean;
            }
        }
    }

    /// Variance of an outcome in each stratum when shuffled (with n - 1).
    fn variances(&self) -> Vec<f64> {
        let variance = |group: &Vec<usize>| {
            let hits = group.iter().filter(|member| self.outcomes[**member]).count() as f64;
            let total = group.len() as f64;
            if total < 2.0 { 0.0 } else { hits * (total - hits) / (total * (total - 1.0)) }
        };
        self.groups.iter().map(variance).collect()
    }
}

/// A run of bins, `from..=to`: one predicate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    /// First bin.
    pub(crate) from: usize,
    /// Last bin.
    pub(crate) to: usize,
    /// One over the variance.
    pub(crate) weight: f64,
    /// What is taken off the score.
    pub(crate) penalty: f64,
}

/// A feature with its predicates.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// Its bins.
    pub(crate) lane: Lane,
    /// Its predicates.
    pub(crate) spans: Vec<Span>,
    /// The members that have the feature, where not all do.
    part: Part,
}

/// The members that have a feature, stratum by stratum, one after the other. A tool that few
/// sessions use costs a shuffle no more than those few.
#[derive(Clone, Debug, Default)]
struct Part {
    members: Vec<u32>,
    /// Where each stratum ends.
    ends: Vec<u32>,
}

impl Part {
    fn new(lane: &Lane, sample: &Sample) -> Self {
        let mut part = Part::default();
        if lane.present == sample.members.len() {
            return part;
        }
        for group in &sample.groups {
            let has = group.iter().filter(|member| lane.bin(**member).is_some());
            part.members.extend(has.map(|member| *member as u32));
            if part.ends.last().copied().unwrap_or_default() < part.members.len() as u32 {
                part.ends.push(part.members.len() as u32);
            }
        }
        part
    }

    /// Adds the outcomes minus their strata's means to the bins.
    fn fill(&self, lane: &Lane, outcomes: &[bool], prefix: &mut [f64]) {
        let mut start = 0;
        for end in &self.ends {
            let group = &self.members[start..*end as usize];
            start = *end as usize;
            let hits = group.iter().filter(|member| outcomes[**member as usize]).count();
            let mean = hits as f64 / group.len().max(1) as f64;
            for member in group {
                let member = *member as usize;
                if let Some(bin) = lane.bin(member) {
                    prefix[bin + 1] += f64::from(u8::from(outcomes[member])) - mean;
                }
            }
        }
    }
}

/// Everything that is tried at once.
#[derive(Clone, Debug)]
pub(crate) struct Family {
    /// The sessions.
    pub(crate) sample: Sample,
    /// The features.
    pub(crate) blocks: Vec<Block>,
}

/// Buffers of one scoring pass.
#[derive(Default)]
pub(crate) struct Scratch {
    shared: Vec<f64>,
    prefix: Vec<f64>,
}

impl Family {
    /// All predicates of `columns` that have enough sessions on both sides.
    pub(crate) fn new(table: &Table, sample: Sample, columns: &[usize]) -> Self {
        let many = sample.members.len() > MANY;
        let bins_max = if many { BINS_OF_MANY_MAX } else { BINS_MAX };
        let blocks = columns
            .iter()
            .map(|column| {
                let lane = Lane::new(table, *column, &sample.members, bins_max);
                let (spans, part) = (spans(&lane, &sample), Part::new(&lane, &sample));
                Block { lane, spans, part }
            })
            .filter(|block| !block.spans.is_empty())
            .collect();
        Family { sample, blocks }
    }

    /// How many predicates there are.
    pub(crate) fn tried(&self) -> usize {
        self.blocks.iter().map(|block| block.spans.len()).sum()
    }

    /// The best predicate of each feature under the true outcomes, best feature first.
    pub(crate) fn best(&self) -> Vec<(f64, usize, Span)> {
        let mut scratch = Scratch::default();
        self.sample.residuals(&self.sample.outcomes, None, &mut scratch.shared);
        let mut found: Vec<(f64, usize, Span)> = Vec::new();
        for (number, block) in self.blocks.iter().enumerate() {
            self.fill(block, &self.sample.outcomes, &mut scratch);
            let mut best: Option<(f64, Span)> = None;
            for span in &block.spans {
                let score = score(span, &scratch.prefix);
                if score > best.map_or(0.0, |(best, _)| best) {
                    best = Some((score, *span));
                }
            }
            found.extend(best.map(|(score, span)| (score, number, span)));
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found
    }

    /// Whether any predicate scores `threshold` or more under `outcomes`.
    pub(crate) fn reaches(&self, outcomes: &[bool], threshold: f64, own: &mut Scratch) -> bool {
        self.sample.residuals(outcomes, None, &mut own.shared);
        self.blocks.iter().any(|block| {
            self.fill(block, outcomes, own);
            block.spans.iter().any(|span| score(span, &own.prefix) >= threshold)
        })
    }

    /// Prefix sums of the residuals over the bins of `block`.
    fn fill(&self, block: &Block, outcomes: &[bool], scratch: &mut Scratch) {
        let whole = block.lane.present == self.sample.members.len();
        let prefix = &mut scratch.prefix;
        prefix.clear();
        prefix.resize(block.lane.ranges.len() + 1, 0.0);
        if whole {
            for (member, residual) in scratch.shared.iter().enumerate() {
                if let Some(bin) = block.lane.bin(member) {
                    prefix[bin + 1] += residual;
                }
            }
        } else {
            block.part.fill(&block.lane, outcomes, prefix);
        }
        for bin in 1..prefix.len() {
            prefix[bin] += prefix[bin - 1];
        }
    }
}

fn score(span: &Span, prefix: &[f64]) -> f64 {
    let excess = prefix[span.to + 1] - prefix[span.from];
    if excess <= 0.0 { 0.0 } else { excess * excess * span.weight - span.penalty }
}

/// The predicates of a lane with their variances, which are built up bin by bin.
fn spans(lane: &Lane, sample: &Sample) -> Vec<Span> {
    let variances = sample.variances();
    let bins = lane.ranges.len();
    let mut in_bin: Vec<Vec<usize>> = vec![Vec::new(); bins];
    let mut present = vec![0_usize; variances.len()];
    for member in 0..sample.members.len() {
        if let Some(bin) = lane.bin(member) {
            let stratum = sample.strata[member] as usize;
            in_bin[bin].push(stratum);
            present[stratum] += 1;
        }
    }
    let side_min = SIDE_MIN.max(lane.present.div_ceil(SIDE_SHARE_MIN));
    let mut out = Vec::new();
    for from in 0..bins {
        let mut followed = vec![0_usize; variances.len()];
        let (mut count, mut variance) = (0, 0.0);
        let end = if lane.ordered { bins } else { from + 1 };
        for (to, here) in in_bin.iter().enumerate().take(end).skip(from) {
            for stratum in here {
                let (m, n) = (followed[*stratum] as f64, present[*stratum] as f64);
                // m (n - m) / n for one more follower.
                variance += variances[*stratum] * (n - 2.0 * m - 1.0) / n;
                followed[*stratum] += 1;
                count += 1;
            }
            let balanced = count >= side_min && lane.present - count >= side_min;
            if balanced && variance > VARIANCE_MIN {
                let one_sided = !lane.ordered || from == 0 || to + 1 == bins;
                let penalty = if one_sided { 0.0 } else { INTERVAL_PENALTY };
                let weight = 1.0 / (variance + VARIANCE_FLOOR);
                out.push(Span { from, to, weight, penalty });
            }
        }
    }
    out
}
