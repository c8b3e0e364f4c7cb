//! What was not taken, and why: counted, so that nothing goes without a word.

use std::collections::BTreeMap;
use std::fmt::Write;

/// So many reasons are named; the others are counted.
const NAMED_MAX: usize = 4;

/// Counts by reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dropped {
    quotes: BTreeMap<&'static str, usize>,
    notes: BTreeMap<&'static str, usize>,
    operations: BTreeMap<&'static str, usize>,
}

impl Dropped {
    /// A quote was not taken.
    pub fn quote(&mut self, why: &'static str) {
        *self.quotes.entry(why).or_default() += 1;
    }

    /// A note was not taken.
    pub fn note(&mut self, why: &'static str) {
        *self.notes.entry(why).or_default() += 1;
    }

    /// An operation was not taken.
    pub fn operation(&mut self, why: &'static str) {
        *self.operations.entry(why).or_default() += 1;
    }

    /// How many quotes, notes and operations were not taken.
    pub fn counts(&self) -> [usize; 3] {
        [&self.quotes, &self.notes, &self.operations].map(|counts| counts.values().sum())
    }

    /// In sentences for people; empty where everything was taken.
    pub fn told(&self) -> String {
        let mut text = String::new();
        for (what, counts) in
            [("Quotes", &self.quotes), ("Notes", &self.notes), ("Operations", &self.operations)]
        {
            let all: usize = counts.values().sum();
            if all == 0 {
                continue;
            }
            let mut reasons: Vec<(&str, usize)> =
                counts.iter().map(|(why, count)| (*why, *count)).collect();
            reasons.sort_by_key(|(why, count)| (std::cmp::Reverse(*count), *why));
            let named: Vec<String> = reasons
                .iter()
                .take(NAMED_MAX)
                .map(|(why, count)| format!("{why}: {count}"))
                .collect();
            let _ = write!(text, " {what} of the model that were not taken: {all} (");
            let _ = write!(text, "{}", named.join("; "));
            text.push_str(if reasons.len() > NAMED_MAX { "; and others)." } else { ")." });
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_taken_is_told_with_the_commonest_reasons_first() {
        let mut dropped = Dropped::default();
        assert_eq!(dropped.told(), "");
        dropped.quote("it is short");
        dropped.note("b");
        dropped.note("a");
        dropped.note("b");
        ["1", "2", "3", "4", "5"].into_iter().for_each(|why| dropped.operation(why));
        assert_eq!(dropped.counts(), [1, 3, 5]);
        let expected = " Quotes of the model that were not taken: 1 (it is short: 1). Notes of \
                        the model that were not taken: 3 (b: 2; a: 1). Operations of the model \
                        that were not taken: 5 (1: 1; 2: 1; 3: 1; 4: 1; and others).";
        assert_eq!(dropped.told(), expected);
    }
}
