//! Which features go with the task.
//!
//! A task can make a feature and success go together only if both go with the task: easy
//! tasks flown fast are no reason to fly fast. Such features are compared within tasks
//! only. Features that are drawn alike in every task cannot be confounded by it, and where
//! no task is easier than another none can; comparing within tasks there too would throw
//! most of the evidence away (with two sessions a task, nearly all of it). Both questions
//! are asked liberally: where in doubt, a feature is compared within tasks.

use super::rng::Rng;
use super::{Column, Table, Values};
use std::collections::BTreeMap;

/// Shuffles of the tasks.
const PERMUTATIONS: usize = 199;
/// With more sessions everything is compared within tasks: there is evidence enough, and
/// asking would take longer than mining.
const ROWS_MAX: usize = 1_000;
/// From this p-value down a feature goes with the task.
const P_MAX: f64 = 0.2;
/// From this p-value down it surely does: then success need not seem to go with the task,
/// for what a few tasks differ by no test of success alone can see.
const SURE_P_MAX: f64 = 0.01;
/// From this p-value down success goes with the task.
const OUTCOME_P_MAX: f64 = 0.1;

/// For each column whether it goes with the task.
pub(crate) fn by_task(table: &Table, seed: u64) -> Vec<bool> {
    let first = table.tasks.first();
    let one_task = table.tasks.iter().all(|task| Some(task) == first);
    if table.tasks.len() > ROWS_MAX {
        return vec![!one_task; table.columns.len()];
    }
    let of = table.outcomes.iter().map(|outcome| Some(u32::from(*outcome))).collect();
    let outcomes = Values::Levels { names: vec![String::new(); 2], of };
    if one_task {
        return vec![false; table.columns.len()];
    }
    let outcome_goes = p_value(table, &outcomes, seed, 4_095) <= OUTCOME_P_MAX;
    let most = if outcome_goes { P_MAX } else { SURE_P_MAX };
    let goes = |(number, column): (usize, &Column)| {
        p_value(table, &column.values, seed, 4_096 + number as u64) <= most
    };
    table.columns.iter().enumerate().map(goes).collect()
}

/// How likely values would be so far apart between tasks, were they drawn alike in all.
fn p_value(table: &Table, values: &Values, seed: u64, stream: u64) -> f64 {
    let (rows, scores) = scores(values);
    let mut tasks: Vec<u32> = rows.iter().map(|row| table.tasks[*row]).collect();
    let mut rng = Rng::new(seed, stream);
    let observed = spread(&tasks, &scores);
    let mut reached = 0;
    for _ in 0..PERMUTATIONS {
        rng.shuffle(&mut tasks);
        reached += usize::from(spread(&tasks, &scores) >= observed * (1.0 - 1e-9));
    }
    (1 + reached) as f64 / (1 + PERMUTATIONS) as f64
}

/// Rows that have the feature, and centred scores of each: ranks of numbers (as in the
/// Kruskal-Wallis test), one indicator for each category.
fn scores(values: &Values) -> (Vec<usize>, Vec<Vec<f64>>) {
    let (rows, mut scores): (Vec<usize>, Vec<Vec<f64>>) = match values {
        Values::Numbers(values) => {
            let mut sorted: Vec<f64> = values.iter().copied().flatten().collect();
            sorted.sort_by(f64::total_cmp);
            let rank = |value: f64| {
                let below = sorted.partition_point(|other| *other < value);
                (below + sorted.partition_point(|other| *other <= value)) as f64
            };
            let has = |(row, value): (usize, &Option<f64>)| Some((row, vec![rank((*value)?)]));
            values.iter().enumerate().filter_map(has).unzip()
        }
        Values::Levels { names, of } => {
            let indicators = |level: u32| {
                (0..names.len()).map(|other| f64::from(u8::from(other == level as usize))).collect()
            };
            let has = |(row, level): (usize, &Option<u32>)| Some((row, indicators((*level)?)));
            of.iter().enumerate().filter_map(has).unzip()
        }
    };
    let count = scores.len() as f64;
    for part in 0..scores.first().map_or(0, Vec::len) {
        let mean = scores.iter().map(|score| score[part]).sum::<f64>() / count;
        scores.iter_mut().for_each(|score| score[part] -= mean);
    }
    (rows, scores)
}

/// How far apart the tasks are: squared sums of their scores, over their sizes.
fn spread(tasks: &[u32], scores: &[Vec<f64>]) -> f64 {
    let mut sums: BTreeMap<u32, (f64, Vec<f64>)> = BTreeMap::new();
    for (task, score) in tasks.iter().zip(scores) {
        let (count, sum) = sums.entry(*task).or_insert_with(|| (0.0, vec![0.0; score.len()]));
        *count += 1.0;
        for (sum, part) in sum.iter_mut().zip(score) {
            *sum += part;
        }
    }
    let squares =
        |(count, sum): &(f64, Vec<f64>)| sum.iter().map(|sum| sum * sum).sum::<f64>() / count;
    sums.values().map(squares).sum()
}
