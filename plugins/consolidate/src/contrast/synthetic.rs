//! Made-up sessions with known truth, for the tests.

use super::rng::Rng;
use super::{Column, Kind, Table, Values};

/// A uniform number in `low..high`.
pub(crate) fn uniform(rng: &mut Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// True with probability `p`.
pub(crate) fn chance(rng: &mut Rng, p: f64) -> bool {
    uniform(rng, 0.0, 1.0) < p
}

/// The good regions of the planted parameters, in column order.
pub(crate) const GOOD: [(f64, f64); 3] = [(1.2, 2.05), (f64::MIN, 83.0), (7.0, 15.5)];

/// A column of what agents chose.
pub(crate) fn input(name: &str, values: Values) -> Column {
    Column { name: name.to_owned(), kind: Kind::Input, values }
}

/// A column of numbers, rounded to `decimals`.
pub(crate) fn numbers(rng: &mut Rng, n: usize, low: f64, high: f64, decimals: i32) -> Column {
    let scale = 10_f64.powi(decimals);
    let draw = |_| Some((uniform(rng, low, high) * scale).round() / scale);
    input("fly.number", Values::Numbers((0..n).map(draw).collect()))
}

pub(crate) fn levels(rng: &mut Rng, n: usize, names: &[&str]) -> Column {
    let of = (0..n).map(|_| Some(rng.below(names.len()) as u32)).collect();
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    input("fly.level", Values::Levels { names, of })
}

/// `n` sessions: three parameters with good regions of about 85, 83 and 85 % of their
/// range, outside of which 3 % succeed and inside of all of which 95 % do; four decoys.
pub(crate) fn planted(seed: u64, n: usize) -> Table {
    planted_with(seed, n, 0.95, 0.03)
}

/// As `planted`, with other success rates inside and outside.
pub(crate) fn planted_with(seed: u64, n: usize, inside: f64, outside: f64) -> Table {
    let mut rng = Rng::new(seed, 1_000);
    let columns = vec![
        numbers(&mut rng, n, 1.1, 2.1, 2),
        numbers(&mut rng, n, 0.0, 100.0, 1),
        numbers(&mut rng, n, 6.0, 16.0, 2),
        numbers(&mut rng, n, 0.0, 1.0, 3),
        numbers(&mut rng, n, 1.0, 9.0, 0),
        levels(&mut rng, n, &["\"a\"", "\"b\"", "\"c\""]),
        levels(&mut rng, n, &["true", "false"]),
    ];
    let outcomes = (0..n)
        .map(|row| {
            let good = GOOD.iter().zip(&columns).all(|((low, high), column)| {
                value(column, row).is_some_and(|value| value >= *low && value <= *high)
            });
            chance(&mut rng, if good { inside } else { outside })
        })
        .collect();
    Table { outcomes, tasks: vec![0; n], columns, ..Table::default() }
}

/// The number in a row.
pub(crate) fn value(column: &Column, row: usize) -> Option<f64> {
    match &column.values {
        Values::Numbers(values) => values[row],
        Values::Levels { of, .. } => of[row].map(f64::from),
    }
}

/// The same sessions with their outcomes shuffled.
pub(crate) fn shuffled(mut table: Table, seed: u64) -> Table {
    Rng::new(seed, 2_000).shuffle(&mut table.outcomes);
    table
}
