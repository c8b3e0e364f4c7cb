//! Which sessions are searched and which are kept back to check.
//!
//! Every third session is kept back, balanced over outcomes (and over tasks): chance must
//! not put all failures on one side. Ids play no part, for they differ from run to run.
//! Balancing on the outcome keeps the tests valid: they are conditional on how many
//! sessions succeeded, and the split does not look at the features.

use super::Table;
use super::rng::Rng;
use std::collections::BTreeMap;

/// From so many sessions a task on, each task is split; below it whole tasks are kept
/// back, for a task with one session left on each side can contrast nothing.
const SPLIT_WITHIN_TASK_MIN: usize = 6;

/// For each session whether it is kept back for the check.
pub(crate) fn split(table: &Table, seed: u64) -> Vec<bool> {
    let mut rng = Rng::new(seed, 1);
    let mut tasks: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (row, task) in table.tasks.iter().enumerate() {
        tasks.entry(*task).or_default().push(row);
    }
    let mut check = vec![false; table.outcomes.len()];
    if table.outcomes.len() >= SPLIT_WITHIN_TASK_MIN * tasks.len() {
        let mut order = Vec::with_capacity(table.outcomes.len());
        for outcome in [false, true] {
            for rows in tasks.values() {
                let mut rows: Vec<usize> =
                    rows.iter().copied().filter(|row| table.outcomes[*row] == outcome).collect();
                rng.shuffle(&mut rows);
                order.append(&mut rows);
            }
        }
        for row in order.into_iter().skip(1).step_by(3) {
            check[row] = true;
        }
        return check;
    }
    let mut order: Vec<Vec<usize>> = tasks.into_values().collect();
    rng.shuffle(&mut order);
    // By success rate, so that easy and hard tasks are on both sides; the sort is stable.
    order.sort_by_key(|rows| {
        let hits = rows.iter().filter(|row| table.outcomes[**row]).count();
        hits * 1_000 / rows.len().max(1)
    });
    for rows in order.into_iter().skip(1).step_by(3) {
        for row in rows {
            check[row] = true;
        }
    }
    check
}
