//! Which tasks and sessions a study has, and the seeds they get.
//!
//! Tasks are numbered from 1: first those that are shown, then those that train, then those
//! that are held out; the three never overlap.

use lucid_core::derive_seed;

use crate::mission::{StudySection, Variables};

/// One session of a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Trial {
    /// The task.
    pub(crate) task: u32,
    /// Which attempt at it, from 0.
    pub(crate) attempt: u32,
}

impl Trial {
    /// What placeholders stand for.
    pub(crate) fn variables(self, seed: u64) -> Variables {
        let purpose = format!("session/{}/{}", self.task, self.attempt);
        Variables::from([
            ("task".to_owned(), self.task.to_string()),
            ("seed".to_owned(), seed.to_string()),
            ("session_seed".to_owned(), derive_seed(seed, &purpose).to_string()),
        ])
    }
}

/// The trials that are shown, before and after.
pub(crate) fn shown(study: &StudySection) -> Vec<Trial> {
    (1..=study.shown_tasks).map(|task| Trial { task, attempt: 0 }).collect()
}

/// The trials that train: the tasks take turns.
pub(crate) fn training(study: &StudySection) -> Vec<Trial> {
    let tasks = study.training_tasks.max(1);
    let trial = |number: u32| Trial {
        task: study.shown_tasks + 1 + number % tasks,
        attempt: number / tasks,
    };
    (0..study.training_sessions).map(trial).collect()
}

/// The trials that prove.
pub(crate) fn held_out(study: &StudySection) -> Vec<Trial> {
    let first = study.shown_tasks + study.training_tasks + 1;
    (0..study.held_out_tasks).map(|number| Trial { task: first + number, attempt: 0 }).collect()
}

/// Shuffles the outcomes among the sessions (Fisher and Yates), so that they say nothing.
pub(crate) fn shuffle<T>(items: &mut [T], seed: u64) {
    let entropy = lucid_core::SeededEntropy::new(derive_seed(seed, "shuffle-labels"));
    for last in (1..items.len()).rev() {
        // The bias of a remainder of 64 bits by a few hundred is far below what matters.
        let other = lucid_core::Entropy::next_u64(&entropy) % (last as u64 + 1);
        items.swap(last, usize::try_from(other).unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn study() -> StudySection {
        toml::from_str(
            "seed = 1\ntraining_tasks = 4\ntraining_sessions = 10\nshown_tasks = 3\n\
             held_out_tasks = 5\n[result]\nfile = 'a'\nresult = 'r'\nmeasures = []\n",
        )
        .unwrap()
    }

    #[test]
    fn what_is_held_out_is_never_trained_on_or_shown() {
        let tasks = |trials: Vec<Trial>| -> BTreeSet<u32> {
            trials.into_iter().map(|trial| trial.task).collect()
        };
        let study = study();
        let (shown, training) = (tasks(shown(&study)), tasks(training(&study)));
        let held_out = tasks(held_out(&study));
        assert!(shown.is_disjoint(&training));
        assert!(shown.is_disjoint(&held_out) && training.is_disjoint(&held_out));
        assert_eq!((shown.len(), training.len(), held_out.len()), (3, 4, 5));
    }

    #[test]
    fn every_attempt_has_a_seed_of_its_own_and_pairs_share_theirs() {
        let seeds: BTreeSet<_> = training(&study())
            .into_iter()
            .map(|trial| trial.variables(7)["session_seed"].clone())
            .collect();
        assert_eq!(seeds.len(), 10);
        let trial = held_out(&study())[0];
        assert_eq!(trial.variables(7), trial.variables(7));
        assert_ne!(trial.variables(7), trial.variables(8));
    }

    #[test]
    fn shuffling_keeps_every_outcome() {
        let mut items: Vec<u32> = (0..100).collect();
        shuffle(&mut items, 3);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}
