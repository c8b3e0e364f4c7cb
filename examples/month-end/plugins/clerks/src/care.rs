//! How careful the bookkeeper is: which mistakes are in its work, draft by draft.
//!
//! Everything follows from the seed of the order and from the texts it was given. The seed
//! decides how a draw ends; what is drawn for is decided by the text of the gaps alone.

use std::collections::BTreeSet;

use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::mistake::{HABITS, Habit, Mistake};

/// How often a part that is done again is right then, in thousandths.
pub const MENDS: u32 = 750;
/// How often a revision brings a new mistake, in thousandths.
pub const SLIPS: u32 = 150;

/// The mistakes in one draft of the work.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    /// Which draft it is, from 0.
    pub round: u32,
    /// The mistakes in it.
    pub mistakes: BTreeSet<Mistake>,
}

impl Draft {
    /// The first draft.
    pub fn first(seed: u64) -> Self {
        let made = |habit: &&Habit| thousandth(seed, "first", 0, habit.name) < habit.permille;
        let mistakes = HABITS.iter().filter(made).map(|habit| habit.mistake).collect();
        Self { round: 0, mistakes }
    }

    /// The next draft, after what was said about this one.
    #[must_use]
    pub fn revised(&self, seed: u64, gaps: &str) -> Self {
        let round = self.round + 1;
        let meant = |habit: &&Habit| habit.is_meant(gaps);
        let mends = |habit: &&Habit| thousandth(seed, "mend", round, habit.name) < MENDS;
        let mended: BTreeSet<Mistake> =
            HABITS.iter().filter(meant).filter(mends).map(|habit| habit.mistake).collect();
        let mut mistakes: BTreeSet<Mistake> = self.mistakes.difference(&mended).copied().collect();
        // Who touches nothing breaks nothing.
        let works = HABITS.iter().any(|habit| habit.is_meant(gaps));
        if works && thousandth(seed, "slip", round, "") < SLIPS {
            // A file that was written does not go away, and what was just mended is not
            // broken again at once.
            let other: Vec<&Habit> = HABITS
                .iter()
                .filter(|habit| habit.mistake != Mistake::MissingFile && !habit.is_meant(gaps))
                .collect();
            let which = bits(seed, "which", round, "") % (other.len().max(1) as u64);
            let which = other.get(usize::try_from(which).unwrap_or(0));
            mistakes.extend(which.map(|habit| habit.mistake));
        }
        Self { round, mistakes }
    }

    /// What is in the draft, as one line for the session's log.
    pub fn told(&self) -> String {
        let made = HABITS.iter().filter(|habit| self.mistakes.contains(&habit.mistake));
        let names: Vec<&str> = made.map(|habit| habit.name).collect();
        format!("seeded {}", json!({"round": self.round, "mistakes": names}))
    }
}

fn thousandth(seed: u64, purpose: &str, round: u32, name: &str) -> u32 {
    u32::try_from(bits(seed, purpose, round, name) % 1_000).unwrap_or(0)
}

fn bits(seed: u64, purpose: &str, round: u32, name: &str) -> u64 {
    let hash = Sha256::new()
        .chain_update(seed.to_le_bytes())
        .chain_update(format!("{purpose}/{round}/{name}"))
        .finalize();
    let mut head = [0; 8];
    head.copy_from_slice(&hash[..8]);
    u64::from_le_bytes(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(mistakes: &[Mistake]) -> Draft {
        Draft { round: 0, mistakes: mistakes.iter().copied().collect() }
    }

    #[test]
    fn a_mistake_is_mended_only_where_the_text_means_it() {
        let draft = with(&[Mistake::WrongTitle, Mistake::RowCount, Mistake::FalseRemark]);
        let gaps = "- Its title is the branch's name: `startsWith` is false";
        let (mut mended, mut slipped) = (0, 0);
        for seed in 0..1_000 {
            let next = draft.revised(seed, gaps);
            mended += u32::from(!next.mistakes.contains(&Mistake::WrongTitle));
            slipped += u32::from(!next.mistakes.is_subset(&draft.mistakes));
            assert!(next.mistakes.contains(&Mistake::RowCount), "nobody said so");
            assert!(next.mistakes.contains(&Mistake::FalseRemark), "nobody can say so");
        }
        assert!((700..800).contains(&mended), "{mended}");
        assert!((110..190).contains(&slipped), "{slipped}");
    }

    #[test]
    fn a_text_that_means_nothing_changes_nothing() {
        let draft = with(&[Mistake::WrongTitle]);
        for seed in 0..200 {
            for gaps in ["", "It is not good enough.", "wrong-title", "WrongTitle"] {
                assert_eq!(draft.revised(seed, gaps).mistakes, draft.mistakes);
            }
        }
    }

    #[test]
    fn first_drafts_are_right_about_half_of_the_time_and_every_mistake_is_made() {
        let drafts: Vec<Draft> = (0..4_000).map(Draft::first).collect();
        let right = drafts.iter().filter(|draft| draft.mistakes.is_empty()).count();
        assert!((1_600..2_400).contains(&right), "{right}");
        for habit in &HABITS {
            let made = drafts.iter().filter(|draft| draft.mistakes.contains(&habit.mistake));
            let wanted = 4 * habit.permille as usize;
            let made = made.count();
            assert!(made.abs_diff(wanted) <= wanted / 2, "{}: {made}", habit.name);
        }
    }

    #[test]
    fn the_log_names_what_is_in_a_draft() {
        let told = with(&[Mistake::RowCount, Mistake::InvalidJson]).told();
        assert_eq!(told, r#"seeded {"round":0,"mistakes":["invalid-json","row-count"]}"#);
    }
}
