//! From a span of bins to a condition with ends an agent can use.
//!
//! An end lies in the middle between the outermost session that must be inside and the
//! innermost that must be outside. Sessions whose side makes no difference to the score
//! (they fail for another reason) do not count, so the middle is not drawn towards them.

use super::family::{Family, MANY, Sample, Span, VARIANCE_FLOOR};
use super::lane::Lane;
use super::{Condition, Table};

/// Scores closer than this are equal.
const TIE: f64 = 1e-9;
/// Ends have so many significant digits where that is enough.
const DIGITS: i32 = 3;
/// So many bins are fine enough where there are many sessions.
const BINS_OF_MANY_MAX: usize = 1_024;

/// The condition for `span` of block `block` of `family`.
pub(crate) fn condition(table: &Table, family: &Family, block: usize, span: Span) -> Condition {
    let coarse = &family.blocks[block].lane;
    if !coarse.ordered {
        return Condition::Is(coarse.ranges[span.from].0 as u32);
    }
    let sample = &family.sample;
    let many = sample.members.len() > MANY;
    let bins_max = if many { BINS_OF_MANY_MAX } else { usize::MAX };
    let fine = Lane::new(table, coarse.column, &sample.members, bins_max);
    let place = |value: f64| fine.ranges.partition_point(|range| range.1 < value);
    let last = fine.ranges.len() - 1;
    let (open_below, open_above) = (span.from == 0, span.to + 1 == coarse.ranges.len());
    let mut from = place(coarse.ranges[span.from].0);
    let mut to = place(coarse.ranges[span.to].1).min(last);
    let scores = Scores::new(sample, &fine);
    // Within the neighbouring bins the cuts were left out to save time; look there now.
    if !open_below {
        let lowest = place(coarse.ranges[span.from - 1].0) + 1;
        let highest = place(coarse.ranges[span.from].1).min(to);
        from = best(lowest..=highest, from, |from| scores.of(from, to));
    }
    if !open_above {
        let highest = place(coarse.ranges[span.to + 1].1).saturating_sub(1);
        let lowest = place(coarse.ranges[span.to].0).max(from);
        to = best(lowest..=highest, to, |to| scores.of(from, to));
    }
    let integers = fine.ranges.iter().all(|range| range.0.fract() == 0.0);
    let least = (!open_below).then(|| {
        let (inside, outside) = scores.lower_gap(from, to);
        round(inside, outside, integers)
    });
    let most = (!open_above).then(|| {
        let (inside, outside) = scores.upper_gap(from, to, last);
        round(inside, outside, integers)
    });
    match (least, most) {
        (None, Some(most)) => Condition::AtMost(most),
        (Some(least), None) => Condition::AtLeast(least),
        (least, most) => Condition::Between(least.unwrap_or(f64::MIN), most.unwrap_or(f64::MAX)),
    }
}

/// The position with the best score; `start` where none is better.
fn best(
    range: std::ops::RangeInclusive<usize>,
    start: usize,
    score: impl Fn(usize) -> f64,
) -> usize {
    let (mut place, mut top) = (start, score(start));
    for candidate in range {
        let here = score(candidate);
        if here > top + TIE {
            (place, top) = (candidate, here);
        }
    }
    place
}

/// Scores of spans over the finest bins.
struct Scores<'a> {
    sample: &'a Sample,
    lane: &'a Lane,
    residuals: Vec<f64>,
}

impl<'a> Scores<'a> {
    fn new(sample: &'a Sample, lane: &'a Lane) -> Self {
        let mut residuals = Vec::new();
        sample.residuals(&sample.outcomes, Some(lane), &mut residuals);
        Scores { sample, lane, residuals }
    }

    /// The score of a span without its penalty; 0 where there is nothing to compare.
    fn of(&self, from: usize, to: usize) -> f64 {
        let (mut excess, mut variance) = (0.0, 0.0);
        for group in &self.sample.groups {
            let (mut followed, mut present, mut hits) = (0.0, 0.0, 0.0);
            for member in group {
                let Some(bin) = self.lane.bin(*member) else {
                    continue;
                };
                present += 1.0;
                hits += f64::from(u8::from(self.sample.outcomes[*member]));
                if bin >= from && bin <= to {
                    followed += 1.0;
                    excess += self.residuals[*member];
                }
            }
            if present > 1.0 {
                let spread = hits * (present - hits) / (present * (present - 1.0));
                variance += spread * followed * (present - followed) / present;
            }
        }
        if excess > 0.0 { excess * excess / (variance + VARIANCE_FLOOR) } else { 0.0 }
    }

    /// Values of the lowest bin that must be inside and the highest that must be outside.
    fn lower_gap(&self, from: usize, to: usize) -> (f64, f64) {
        let top = self.of(from, to);
        let same = |from: usize| (self.of(from, to) - top).abs() < TIE;
        let inside = (from..=to).take_while(|from| same(*from)).last().unwrap_or(from);
        let outside = (0..=from).rev().take_while(|from| same(*from)).last().unwrap_or(from);
        let outside = outside.saturating_sub(1).min(inside);
        (self.lane.ranges[inside].0, self.lane.ranges[outside].1)
    }

    /// Values of the highest bin that must be inside and the lowest that must be outside.
    fn upper_gap(&self, from: usize, to: usize, last: usize) -> (f64, f64) {
        let top = self.of(from, to);
        let same = |to: usize| (self.of(from, to) - top).abs() < TIE;
        let inside = (from..=to).rev().take_while(|to| same(*to)).last().unwrap_or(to);
        let outside = (to..=last).take_while(|to| same(*to)).last().unwrap_or(to);
        let outside = (outside + 1).min(last).max(inside);
        (self.lane.ranges[inside].1, self.lane.ranges[outside].0)
    }
}

/// The middle between `inside` and `outside`, rounded towards `inside` to as few digits
/// (three or more) as keep it there.
fn round(inside: f64, outside: f64, integers: bool) -> f64 {
    let middle = inside + (outside - inside) / 2.0;
    if middle == 0.0 || !middle.is_finite() {
        return inside;
    }
    let magnitude = middle.abs().log10().floor() as i32;
    let down = inside < outside;
    for digits in DIGITS..=17 {
        let decimals = digits - 1 - magnitude;
        let decimals = if integers { decimals.min(0) } else { decimals };
        let rounded = round_to(middle, decimals, down);
        let kept = if down { rounded >= inside } else { rounded <= inside };
        if kept {
            return rounded;
        }
    }
    inside
}

/// `value` with so many decimals (negative: tens, hundreds), rounded down or up.
fn round_to(value: f64, decimals: i32, down: bool) -> f64 {
    let scale = 10_f64.powi(decimals.abs());
    let scaled = if decimals >= 0 { value * scale } else { value / scale };
    // What is an integer but for the last bits is one.
    let near = scaled.round();
    let whole = match (scaled - near).abs() < 1e-9 * scaled.abs().max(1.0) {
        true => near,
        false if down => scaled.floor(),
        false => scaled.ceil(),
    };
    let out = if decimals >= 0 { whole / scale } else { whole * scale };
    // No negative zero in a rule.
    if out == 0.0 { 0.0 } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_rounded_inwards_to_three_digits() {
        assert_eq!(round(1.571, 1.6022, false), 1.58);
        assert_eq!(round(1.214, 1.2001, false), 1.21);
        assert_eq!(round(83.4, 84.0, false), 83.7);
        assert_eq!(round(-1.214, -1.2001, false), -1.21);
        assert_eq!(round(-0.5, 0.5, false), -0.5);
    }

    #[test]
    fn digits_are_added_where_three_would_leave_the_gap() {
        assert_eq!(round(1_000.31, 1_000.52, false), 1_000.4);
        assert_eq!(round(1_000.52, 1_000.31, false), 1_000.5);
    }

    #[test]
    fn integers_stay_integers() {
        assert_eq!(round(12.0, 9.0, true), 11.0);
        assert_eq!(round(12.0, 13.0, true), 12.0);
        assert_eq!(round(1_204.0, 1_230.0, true), 1_210.0);
        assert_eq!(round(1_204.0, 1_206.0, true), 1_205.0);
    }
}
