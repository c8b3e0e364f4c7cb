//! From what was found to operations: in order, each entry settled once, within budget.

use crate::contrast::Mined;
use crate::contrast::select::mine;
use crate::duplicates;
use crate::facts::{self, Settled};
use crate::features;
use crate::instructions::Wanted;
use crate::model::{Change, Entry, Operation, Session};
use crate::rules;
use std::collections::BTreeSet;

/// How much a dream may propose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    /// Operations.
    pub(crate) operations_max: u32,
    /// Bytes of new text.
    pub(crate) new_bytes_max: u32,
}

/// An operation, and those that make sense only once it is accepted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    /// The operation.
    pub(crate) operation: Operation,
    /// What follows from it.
    pub(crate) then: Vec<Operation>,
}

/// Everything to propose.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// In the order to propose them: what is worth most comes first.
    pub(crate) steps: Vec<Step>,
    /// Operations for which there was no room.
    pub(crate) left_out: usize,
    /// Rules the store already has.
    pub(crate) known_rules: usize,
    /// What mining came to.
    pub(crate) mined: Mined,
}

/// Plans a dream. `report` is told the phase, the steps done and all steps (0: unknown).
pub(crate) fn plan(
    mut entries: Vec<Entry>,
    mut sessions: Vec<Session>,
    wanted: Wanted,
    budget: Budget,
    seed: u64,
    report: &mut dyn FnMut(&str, u32, u32),
) -> Plan {
    entries.sort_by(|a, b| (&a.path, a.index, &a.id).cmp(&(&b.path, b.index, &b.id)));
    features::sort(&mut sessions);
    let mut plan = Plan::default();
    // Entries that a later stage must not touch, and those that must stay.
    let (mut settled, mut winners) = (BTreeSet::new(), BTreeSet::new());
    let rules = if wanted.rules {
        let table = features::table(&sessions);
        plan.mined = mine(&table, seed, &mut |found| {
            report("contrasts", u32::try_from(found).unwrap_or(u32::MAX), 0);
        });
        rule_steps(&mut plan, &table, &sessions, &entries)
    } else {
        Vec::new()
    };
    for (place, entry) in entries.iter().enumerate() {
        if rules.iter().flat_map(|step| &step.then).any(|drop| drops(drop, entry)) {
            settled.insert(place);
        }
    }
    let facts = if wanted.facts {
        report("facts", 0, 1);
        fact_steps(&entries, &mut settled, &mut winners)
    } else {
        Vec::new()
    };
    let merges = if wanted.duplicates {
        report("merging", 0, 1);
        merge_steps(&entries, &settled, &winners)
    } else {
        Vec::new()
    };
    fit(&mut plan, rules.into_iter().chain(facts).chain(merges), budget);
    plan
}

fn drops(operation: &Operation, entry: &Entry) -> bool {
    matches!(&operation.change, Change::Drop(id) if *id == entry.id)
}

fn rule_steps(
    plan: &mut Plan,
    table: &crate::contrast::Table,
    sessions: &[Session],
    entries: &[Entry],
) -> Vec<Step> {
    let mut steps = Vec::new();
    for finding in &plan.mined.findings {
        match rules::propose(finding, table, sessions, entries) {
            Some((operation, then)) => steps.push(Step { operation, then }),
            None => plan.known_rules += 1,
        }
    }
    steps
}

fn fact_steps(
    entries: &[Entry],
    settled: &mut BTreeSet<usize>,
    winners: &mut BTreeSet<usize>,
) -> Vec<Step> {
    let mut steps = Vec::new();
    for fact in facts::settle(entries) {
        let (change, reason) = match fact {
            Settled::Superseded { loser, winner, since_ms, key } => {
                settled.insert(loser);
                winners.insert(winner);
                let change = Change::Supersede {
                    loser_id: entries[loser].id.clone(),
                    winner_id: entries[winner].id.clone(),
                    since_ms,
                };
                (change, format!("a newer value of \"{key}\" replaces it"))
            }
            Settled::Conflict { members, key } => {
                settled.extend(&members);
                let ids = members.iter().map(|place| entries[*place].id.clone()).collect();
                let reason = format!("different values of \"{key}\", and no date says which holds");
                (Change::FlagConflict(ids), reason)
            }
        };
        steps.push(Step {
            operation: Operation { change, reason, evidence: Vec::new() },
            then: Vec::new(),
        });
    }
    steps
}

fn merge_steps(
    entries: &[Entry],
    settled: &BTreeSet<usize>,
    winners: &BTreeSet<usize>,
) -> Vec<Step> {
    let mut steps = Vec::new();
    for cluster in duplicates::find(entries, settled, winners) {
        let ids: Vec<String> =
            cluster.members.iter().map(|place| entries[*place].id.clone()).collect();
        let reason = if cluster.identical {
            format!("{} entries say the same in the same words", ids.len())
        } else {
            format!("{} entries say the same; the most specific stays", ids.len())
        };
        let survivor_id = ids[0].clone();
        let change = Change::Merge { entry_ids: ids, survivor_id };
        steps.push(Step {
            operation: Operation { change, reason, evidence: Vec::new() },
            then: Vec::new(),
        });
    }
    steps
}

/// Takes steps while there is room. A step that does not fit is left out whole; a smaller
/// one after it may still fit.
fn fit(plan: &mut Plan, steps: impl Iterator<Item = Step>, budget: Budget) {
    let (mut operations, mut bytes) = (0_usize, 0_usize);
    for step in steps {
        let count = 1 + step.then.len();
        let new = match &step.operation.change {
            Change::Add { text, .. } => text.len(),
            _ => 0,
        };
        if operations + count > budget.operations_max as usize
            || bytes + new > budget.new_bytes_max as usize
        {
            plan.left_out += count;
            continue;
        }
        operations += count;
        bytes += new;
        plan.steps.push(step);
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
