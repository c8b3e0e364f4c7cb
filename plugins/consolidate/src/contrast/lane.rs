//! One feature, cut into bins over the sessions at hand.
//!
//! Cuts depend on the values only, never on the outcomes: the permutation test compares
//! with shuffled outcomes, and cuts chosen by the real ones would favour them.

use super::{Status, Table, Values};

/// The bin of a session that does not have the feature.
const MISSING: u32 = u32::MAX;

/// The binned values of one feature over a sample.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    /// The column.
    pub(crate) column: usize,
    /// Whether the bins are ordered, so that spans of them make sense.
    pub(crate) ordered: bool,
    /// The bin of each member of the sample.
    bin_of: Vec<u32>,
    /// Lowest and highest value of each bin; level numbers for categories.
    pub(crate) ranges: Vec<(f64, f64)>,
    /// How many members have the feature.
    pub(crate) present: usize,
}

impl Lane {
    /// Cuts a column over `members` (rows of the table) into at most `bins_max` bins of
    /// about equal size; equal values always share a bin.
    pub(crate) fn new(table: &Table, column: usize, members: &[usize], bins_max: usize) -> Self {
        let values: Vec<Option<f64>> = match &table.columns[column].values {
            Values::Numbers(values) => members.iter().map(|row| values[*row]).collect(),
            Values::Levels { of, .. } => {
                members.iter().map(|row| of[*row].map(f64::from)).collect()
            }
        };
        let ordered = matches!(table.columns[column].values, Values::Numbers(_));
        let mut sorted: Vec<f64> = values.iter().copied().flatten().collect();
        sorted.sort_by(f64::total_cmp);
        let ranges = cut(&sorted, if ordered { bins_max } else { usize::MAX });
        let bin_of = values
            .iter()
            .map(|value| match value {
                Some(value) => ranges.partition_point(|range| range.1 < *value) as u32,
                None => MISSING,
            })
            .collect();
        Lane { column, ordered, bin_of, ranges, present: sorted.len() }
    }

    /// The bin of a member, `None` where it does not have the feature.
    pub(crate) fn bin(&self, member: usize) -> Option<usize> {
        let bin = self.bin_of[member];
        (bin != MISSING).then_some(bin as usize)
    }

    /// Whether a member's value is in the bins `from..=to`.
    pub(crate) fn status(&self, member: usize, from: usize, to: usize) -> Status {
        match self.bin(member) {
            None => Status::Missing,
            Some(bin) if bin >= from && bin <= to => Status::Followed,
            Some(_) => Status::NotFollowed,
        }
    }
}

/// Ranges of runs of equal values, joined where there are more than `bins_max`.
fn cut(sorted: &[f64], bins_max: usize) -> Vec<(f64, f64)> {
    let distinct = sorted.chunk_by(|a, b| a == b);
    let many = distinct.clone().count() > bins_max;
    let mut ranges: Vec<(f64, f64)> = Vec::new();
    let (mut seen, mut last_slot) = (0, usize::MAX);
    for run in distinct {
        let value = run[0];
        let slot = seen * bins_max.min(sorted.len()) / sorted.len().max(1);
        match ranges.last_mut() {
            Some(range) if many && slot == last_slot => range.1 = value,
            _ => ranges.push((value, value)),
        }
        last_slot = slot;
        seen += run.len();
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_a_bin_and_few_values_are_not_joined() {
        assert_eq!(cut(&[1.0, 1.0, 2.0, 3.0], 8), [(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]);
        assert_eq!(cut(&[], 8), []);
    }

    #[test]
    fn many_values_are_joined_into_bins_of_about_equal_size() {
        let sorted: Vec<f64> = (0..1_000).map(f64::from).collect();
        let ranges = cut(&sorted, 64);
        assert_eq!(ranges.len(), 64);
        assert!(ranges.iter().all(|(low, high)| high - low < 17.0));
    }
}
