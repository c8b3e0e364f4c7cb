//! Thirds of the sessions: each is kept back once, to check what the others say.
//!
//! They are balanced over outcomes (and over tasks): chance must not put all failures in
//! one third. Ids play no part, for they differ from run to run. Balancing on the outcome
//! keeps the tests valid: they are conditional on how many sessions succeeded, and the
//! split does not look at the features.

use super::Table;
use super::rng::Rng;
use std::collections::BTreeMap;

/// How many parts there are.
pub(crate) const PARTS: usize = 3;
/// From so many sessions a task on, each task is split; below it whole tasks are kept
/// back, for a task with one session left on each side can contrast nothing.
const SPLIT_WITHIN_TASK_MIN: usize = 6;

/// For each session the number of its part.
pub(crate) fn split(table: &Table, seed: u64) -> Vec<usize> {
    let mut rng = Rng::new(seed, 1);
    let mut tasks: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (row, task) in table.tasks.iter().enumerate() {
        tasks.entry(*task).or_default().push(row);
    }
    let mut part = vec![0; table.outcomes.len()];
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
        for (place, row) in order.into_iter().enumerate() {
            part[row] = place % PARTS;
        }
        return part;
    }
    let mut order: Vec<Vec<usize>> = tasks.into_values().collect();
    rng.shuffle(&mut order);
    // By success rate, so that easy and hard tasks are on both sides; the sort is stable.
    order.sort_by_key(|rows| {
        let hits = rows.iter().filter(|row| table.outcomes[**row]).count();
        hits * 1_000 / rows.len().max(1)
    });
    for (place, rows) in order.into_iter().enumerate() {
        for row in rows {
            part[row] = place % PARTS;
        }
    }
    part
}
