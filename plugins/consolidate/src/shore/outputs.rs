//! Operations as the host takes them, and what it said to them.

use crate::instructions::Wanted;
use crate::model::{Change, Operation, Ratio, RuleKind, Statistics};
use crate::plan::Plan;
use lucid_sdk::dream;
use lucid_sdk::log;

/// What became of the proposals.
#[derive(Default)]
pub(super) struct Done {
    rules: u32,
    fixes: u32,
    sequences: u32,
    facts: u32,
    superseded: u32,
    merged: u32,
    conflicts: u32,
    rejected: u32,
}

/// Proposes everything, in order; what follows from an operation only where it was taken.
pub(super) fn propose(plan: &Plan) -> Done {
    let mut done = Done::default();
    let total = u32::try_from(plan.steps.len()).unwrap_or(u32::MAX);
    for (number, step) in (0..).zip(&plan.steps) {
        dream::report("proposing", number, total);
        if !emit(&step.operation, &mut done) {
            continue;
        }
        for operation in &step.then {
            emit(operation, &mut done);
        }
    }
    dream::report("proposing", total, total);
    done
}

fn emit(operation: &Operation, done: &mut Done) -> bool {
    if let Err(rejection) = dream::propose(&wire(operation)) {
        log::warn(format!("refused ({rejection:?}): {}", operation.reason));
        done.rejected += 1;
        return false;
    }
    match &operation.change {
        Change::Add { kind, .. } => match kind {
            RuleKind::Contrast => done.rules += 1,
            RuleKind::FailureFix => done.fixes += 1,
            RuleKind::Sequence => done.sequences += 1,
            RuleKind::Theme => done.facts += 1,
        },
        Change::Supersede { .. } => done.superseded += 1,
        Change::Merge { .. } => done.merged += 1,
        Change::FlagConflict(_) => done.conflicts += 1,
        Change::Drop(_) => {}
    }
    true
}

fn wire(operation: &Operation) -> dream::Operation {
    let change = match operation.change.clone() {
        Change::Merge { entry_ids, survivor_id } => {
            dream::Change::Merge(dream::Merge { entry_ids, survivor_id })
        }
        Change::Supersede { loser_id, winner_id, since_ms } => {
            dream::Change::Supersede(dream::Supersede { loser_id, winner_id, since_ms })
        }
        Change::Drop(id) => dream::Change::Drop(id),
        Change::FlagConflict(entry_ids) => {
            dream::Change::FlagConflict(dream::Conflict { entry_ids })
        }
        Change::Add { path, text, kind, statistics } => dream::Change::Add(dream::Addition {
            draft: dream::Draft { path, text },
            kind: match kind {
                RuleKind::Contrast => dream::RuleKind::Contrast,
                RuleKind::FailureFix => dream::RuleKind::FailureFix,
                RuleKind::Sequence => dream::RuleKind::Sequence,
                RuleKind::Theme => dream::RuleKind::Theme,
            },
            statistics: statistics.map(numbers),
        }),
    };
    let evidence = operation.evidence.iter().map(|evidence| dream::Evidence {
        session_id: evidence.session_id.clone(),
        event_id: evidence.event_id.clone(),
        quote: evidence.quote.clone(),
    });
    dream::Operation { change, reason: operation.reason.clone(), evidence: evidence.collect() }
}

fn numbers(found: Statistics) -> dream::Statistics {
    let ratio = |ratio: Ratio| dream::Ratio { hits: ratio.hits, total: ratio.total };
    dream::Statistics {
        statement: found.statement,
        field: found.field,
        comparison: found.comparison,
        value: found.value,
        with: ratio(found.with),
        without: ratio(found.without),
        p: found.p,
        q: found.q,
        check_with: ratio(found.check_with),
        check_without: ratio(found.check_without),
        session_ids: found.session_ids,
    }
}

/// What was done, for people.
pub(super) fn summary(plan: &Plan, done: &Done, wanted: &Wanted) -> String {
    let mut text = format!(
        "Rules proposed: {}. Fixes of failures: {}. Sequences: {}. Facts that people stated: \
         {}. Facts superseded: {}. Groups of duplicates merged: {}. Conflicts for a person to \
         decide: {}.",
        done.rules,
        done.fixes,
        done.sequences,
        done.facts,
        done.superseded,
        done.merged,
        done.conflicts
    );
    if let Some(why) = &plan.mined.refused {
        text.push_str(&format!(" No contrasts were tried: {why}."));
    }
    let counts = [
        ("Found again unchanged", plan.known_rules),
        ("Left out for lack of room", plan.left_out),
        ("Left out because they are not about the theme", plan.off_theme),
        ("Refused by the host", done.rejected as usize),
    ];
    for (what, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        text.push_str(&format!(" {what}: {count}."));
    }
    if !wanted.theme.is_empty() {
        let words: Vec<&str> = wanted.theme.iter().map(String::as_str).collect();
        text.push_str(&format!(
            " This strategy has no model: of the instructions it took known phrases and the \
             words {}.",
            words.join(", ")
        ));
    }
    text
}
