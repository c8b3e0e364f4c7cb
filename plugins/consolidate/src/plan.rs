//! From what was found to operations: ranked, each entry settled once, within budget.
//!
//! A pure function of what is folded, the entries, the instructions and the seed.

use crate::cite::{Citer, Source};
use crate::contrast::Mined;
use crate::contrast::select::mine;
use crate::facts::{self, Settled};
use crate::fold::{Corpus, labelled};
use crate::instructions::Wanted;
use crate::model::{Change, Entry, Evidence, Operation};
use crate::{duplicates, fixes, rank, rules, sequences, themes};
use std::collections::BTreeSet;
use std::iter;

/// The memory that new entries go to, where the instructions name none.
pub(crate) const PLAYBOOK: &str = "/playbook.md";

/// Entries of one merge, at most, as the host has it.
const MERGED_MAX: usize = 1_024;

/// An entry is quoted up to here in a reason.
const QUOTE_BYTES_MAX: usize = 120;

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
    /// What it is worth; only additions are ranked by it.
    pub(crate) worth: f64,
}

/// Everything to propose.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// In the order to propose them: what is worth most comes first.
    pub(crate) steps: Vec<Step>,
    /// Operations for which there was no room.
    pub(crate) left_out: usize,
    /// Additions that are not about the theme, where nothing else was wanted.
    pub(crate) off_theme: usize,
    /// Rules the store already has.
    pub(crate) known_rules: usize,
    /// What mining came to.
    pub(crate) mined: Mined,
}

/// Plans a dream. `report` is told the phase, the steps done and all steps (0: unknown).
pub(crate) fn plan(
    mut entries: Vec<Entry>,
    corpus: &Corpus,
    source: &mut dyn Source,
    wanted: &Wanted,
    budget: Budget,
    seed: u64,
    report: &mut dyn FnMut(&str, u32, u32),
) -> Plan {
    entries.sort_by(|a, b| (&a.path, a.index, &a.id).cmp(&(&b.path, b.index, &b.id)));
    let mut plan = Plan::default();
    // Entries that a later stage must not touch, and those that must stay.
    let (mut settled, mut winners) = (BTreeSet::new(), BTreeSet::new());
    let mut citer = Citer::new(corpus, source);
    let mut added = if wanted.rules {
        mined(&mut plan, &entries, corpus, &mut citer, wanted, seed, report)
    } else {
        Vec::new()
    };
    if wanted.restricted {
        let before = added.len();
        added.retain(|step| rank::is_about(step, wanted));
        plan.off_theme = before - added.len();
    }
    let added = rank::ranked(added, wanted, &mut plan.left_out);
    for (place, entry) in entries.iter().enumerate() {
        if added.iter().flat_map(|step| &step.then).any(|drop| drops(drop, entry)) {
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
    fit(&mut plan, added.into_iter().chain(facts).chain(merges), budget);
    plan
}

/// Everything that the sessions add.
fn mined(
    plan: &mut Plan,
    entries: &[Entry],
    corpus: &Corpus,
    citer: &mut Citer<'_>,
    wanted: &Wanted,
    seed: u64,
    report: &mut dyn FnMut(&str, u32, u32),
) -> Vec<Step> {
    let path = wanted.path.as_deref().unwrap_or(PLAYBOOK);
    let labelled = labelled(corpus);
    plan.mined = mine(&labelled.table, seed, &mut |found| {
        report("contrasts", u32::try_from(found).unwrap_or(u32::MAX), 0);
    });
    let mut steps = Vec::new();
    for finding in &plan.mined.findings {
        match rules::propose(finding, &labelled, corpus, entries, path, citer) {
            Some(step) => steps.push(step),
            None => plan.known_rules += 1,
        }
    }
    report("failures", 0, 1);
    steps.extend(fixes::steps(corpus, entries, path, citer, &mut plan.known_rules));
    report("sequences", 0, 1);
    steps.extend(sequences::steps(corpus, entries, path, citer, &mut plan.known_rules));
    report("themes", 0, 1);
    steps.extend(themes::steps(corpus, entries, wanted, path, citer));
    steps
}

/// Entries of `path` that start like `head`.
pub(crate) fn known<'a>(entries: &'a [Entry], path: &str, head: &str) -> Vec<&'a Entry> {
    let starts = |entry: &&Entry| crate::text::unmarked(&entry.text).starts_with(head);
    entries.iter().filter(|entry| entry.path == path).filter(starts).collect()
}

/// The operations that drop what a new rule replaces.
pub(crate) fn replaced(old: &[&Entry], by: &str, evidence: &[Evidence]) -> Vec<Operation> {
    let drop = |entry: &&Entry| Operation {
        change: Change::Drop(entry.id.clone()),
        reason: format!("replaced by a newer rule: {by}"),
        evidence: evidence.to_vec(),
    };
    old.iter().map(drop).collect()
}

fn drops(operation: &Operation, entry: &Entry) -> bool {
    matches!(&operation.change, Change::Drop(id) if *id == entry.id)
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
            Settled::Retracted { loser, by, key } => {
                settled.insert(loser);
                winners.insert(by);
                let by = quote(&entries[by]);
                let reason = format!("\"{key}\" was taken back later: {by}");
                (Change::Drop(entries[loser].id.clone()), reason)
            }
            Settled::Conflict { members, key } => {
                settled.extend(&members);
                let ids = members.iter().map(|place| entries[*place].id.clone()).collect();
                let said: Vec<String> = members.iter().map(|at| quote(&entries[*at])).collect();
                let reason = format!(
                    "different values of \"{key}\", and no date says which holds: {}",
                    said.join(" against ")
                );
                (Change::FlagConflict(ids), reason)
            }
        };
        steps.push(Step {
            operation: Operation { change, reason, evidence: Vec::new() },
            then: Vec::new(),
            worth: 0.0,
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
        let count = ids.len();
        let reason = match (cluster.identical, cluster.near) {
            (true, _) => format!("{count} entries say the same in the same words"),
            (_, true) => format!("{count} entries say nearly the same; the most specific stays"),
            _ => format!("{count} entries say the same; the most specific stays"),
        };
        let Some((survivor, others)) = ids.split_first() else { continue };
        for others in others.chunks(MERGED_MAX - 1) {
            let entry_ids = iter::once(survivor).chain(others).cloned().collect();
            let change = Change::Merge { entry_ids, survivor_id: survivor.clone() };
            steps.push(Step {
                operation: Operation { change, reason: reason.clone(), evidence: Vec::new() },
                then: Vec::new(),
                worth: 0.0,
            });
        }
    }
    steps
}

/// An entry's words and where they stand, for a reason.
fn quote(entry: &Entry) -> String {
    let text = entry.text.trim();
    format!("\"{}\" ({})", &text[..text.floor_char_boundary(QUOTE_BYTES_MAX)], entry.path)
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
