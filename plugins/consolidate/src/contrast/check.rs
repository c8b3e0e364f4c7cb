//! The check: do sessions confirm a rule that was found without them?
//!
//! Each third of the sessions is kept back once. Over the other two thirds the rule's
//! feature must again be the best of its tool, given the other rules: a proxy of the same
//! call must not stand in for it, while what another tool was given is no rival. Its ends are
//! fitted there, and the third is counted against those. The counts of the three are pooled
//! (cross-fitting): every session checks, and none checks a rule that it helped to fit.
//! One single third would leave too few sessions outside of a good region to confirm
//! anything: about three, of a hundred.
//!
//! The *other* rules are those of the whole search. They only make the strata: were the
//! rule in question unrelated to outcomes, it would be so in these strata as well,
//! whatever sessions the others were fitted to.

use super::candidates::{Candidate, candidates, families};
use super::family::Sample;
use super::select::{DIFFERENCE_MIN, cells};
use super::split::{PARTS, split};
use super::{Column, Condition, Finding, Kind, Status, Table, ends};
use crate::stats::cmh;
use crate::stats::exact::{self, Cells};

/// The pooled check must reach this.
const CHECK_P_MAX: f64 = 0.05;
/// In so many of the two-third parts the feature must be the best.
const FOUND_MIN: usize = 2;

/// The findings that the check confirms, with its counts, in their order. `base` are rules
/// of an earlier search, which are part of the strata.
pub(crate) fn confirmed(
    table: &Table,
    seed: u64,
    base: &[(usize, Condition)],
    findings: Vec<Finding>,
) -> Vec<Finding> {
    let part = split(table, seed);
    (0..findings.len())
        .filter_map(|number| {
            let others = findings.iter().enumerate().filter(|(other, _)| *other != number);
            let others = others.map(|(_, rule)| (rule.column, rule.condition.clone()));
            let given: Vec<(usize, Condition)> = base.iter().cloned().chain(others).collect();
            confirm(table, findings[number].clone(), &given, &part)
        })
        .collect()
}

fn confirm(
    table: &Table,
    mut finding: Finding,
    given: &[(usize, Condition)],
    part: &[usize],
) -> Option<Finding> {
    let Column { values, kind, .. } = &table.columns[finding.column];
    let rows = |kept: usize, is: bool| {
        (0..part.len()).filter(|row| (part[*row] == kept) == is).collect::<Vec<_>>()
    };
    let mut found = 0;
    let mut pooled: Vec<Cells> = Vec::new();
    for kept in 0..PARTS {
        let Some(condition) = refit(table, finding.column, *kind, given, &rows(kept, false)) else {
            continue;
        };
        found += 1;
        let rows = rows(kept, true);
        pooled.extend(contrast(table, &rows, given, finding.column, &condition));
        for row in rows {
            let hit = table.outcomes[row];
            match condition.status(values, row) {
                Status::Followed => finding.check_followed.count(hit),
                Status::NotFollowed => finding.check_not_followed.count(hit),
                Status::Missing => {}
            }
        }
    }
    let all: Vec<usize> = (0..table.outcomes.len()).collect();
    let plain = contrast(table, &all, &[], finding.column, &finding.condition);
    let within = contrast(table, &all, given, finding.column, &finding.condition);
    finding.p = exact::upper_tail(&within);
    finding.q = finding.q.max(finding.p);
    let confirmed = found >= FOUND_MIN
        && finding.check_followed.rate() > finding.check_not_followed.rate()
        && cmh::difference(&plain) >= DIFFERENCE_MIN
        && exact::upper_tail(&pooled) <= CHECK_P_MAX;
    confirmed.then_some(finding)
}

/// The tool that a feature is of. Of a tool with a dot in its name it is the start: more
/// features are rivals then, never fewer.
fn tool(table: &Table, column: usize) -> &str {
    let name = &table.columns[column].name;
    name.split(['.', ':']).next().unwrap_or(name)
}

/// The rule's condition fitted to `rows`, where its feature is the best of its tool there.
fn refit(
    table: &Table,
    column: usize,
    kind: Kind,
    given: &[(usize, Condition)],
    rows: &[usize],
) -> Option<Condition> {
    let families = families(table, rows, given, kind);
    let of = |best: &Candidate| families[best.family].blocks[best.block].lane.column;
    let own = tool(table, column);
    let best = candidates(&families).into_iter().find(|best| tool(table, of(best)) == own)?;
    let same = of(&best) == column;
    same.then(|| ends::condition(table, &families[best.family], best.block, best.span))
}

/// The 2x2 tables of a rule over `rows`, given other rules.
fn contrast(
    table: &Table,
    rows: &[usize],
    given: &[(usize, Condition)],
    column: usize,
    condition: &Condition,
) -> Vec<Cells> {
    let sample = Sample::new(table, rows, given, table.within_tasks(column));
    let values = &table.columns[column].values;
    cells(&sample, |member| condition.status(values, sample.members[member]))
}
