//! From ideas to operations: in order, each entry settled once, within bounds.

use crate::dropped::Dropped;
use crate::ideas::{Because, Idea};
use crate::settle::{Settled, says_same};
use crate::types::{Change, Entry, Operation, Wanted};
use std::collections::BTreeSet;

/// Operations in the order to propose them.
#[derive(Debug, Default)]
pub struct Plan {
    /// The operations.
    pub operations: Vec<Operation>,
    /// Operations for which there was no room.
    pub left_out: usize,
    gone: BTreeSet<usize>,
    winners: BTreeSet<usize>,
    added: BTreeSet<String>,
    new_bytes: usize,
}

/// The host takes no more entries in one merge.
const MERGED_MAX: usize = 1_024;

impl Plan {
    /// Entries that the ideas want to stay as they are.
    pub fn kept(ideas: &[Idea]) -> BTreeSet<usize> {
        let kept = ideas.iter().filter_map(|idea| match idea {
            Idea::Keep(entries) => Some(entries),
            _ => None,
        });
        kept.flatten().copied().collect()
    }

    /// Takes what was settled without a model.
    pub fn settle(&mut self, settled: Vec<Settled>, entries: &[Entry], wanted: &Wanted) {
        let mut none = Dropped::default();
        for one in settled {
            let because = |reason: String| Because { reason, evidence: Vec::new() };
            let idea = match one {
                Settled::Same { survivor, losers } => {
                    let reason = format!("{} entries say the same", losers.len() + 1);
                    Idea::Merge { survivor, losers, because: because(reason) }
                }
                Settled::Newer { loser, winner, since_ms, key } => {
                    let reason = format!("a newer value of \"{key}\" replaces it");
                    Idea::Supersede { loser, winner, since_ms, because: because(reason) }
                }
                Settled::Conflict { entries, key } => {
                    let reason =
                        format!("different values of \"{key}\", and no date says which one holds");
                    Idea::Flag { entries, because: because(reason) }
                }
            };
            self.take(idea, entries, wanted, &mut none);
        }
    }

    /// Takes ideas while they fit with what was taken before; what does not is counted.
    pub fn take_all(
        &mut self,
        ideas: Vec<Idea>,
        entries: &[Entry],
        wanted: &Wanted,
        dropped: &mut Dropped,
    ) {
        let kept = Self::kept(&ideas);
        self.gone.extend(&kept);
        // What is replaced goes first: what replaces it may still have duplicates.
        let rank = |idea: &Idea| match idea {
            Idea::Keep(_) => 0,
            Idea::Supersede { .. } => 1,
            Idea::Merge { .. } => 2,
            Idea::Flag { .. } => 3,
            Idea::Add { .. } => 4,
        };
        let mut ideas = ideas;
        ideas.sort_by_key(rank);
        for idea in ideas {
            self.take(idea, entries, wanted, dropped);
        }
    }

    fn take(&mut self, idea: Idea, entries: &[Entry], wanted: &Wanted, dropped: &mut Dropped) {
        match idea {
            Idea::Keep(_) => {}
            Idea::Supersede { loser, winner, since_ms, because } => {
                if !self.is_free(loser) || self.gone.contains(&winner) {
                    return dropped.operation(SETTLED);
                }
                let (Some(old), Some(new)) = (entries.get(loser), entries.get(winner)) else {
                    return;
                };
                let (loser_id, winner_id) = (old.id.clone(), new.id.clone());
                let change = Change::Supersede { loser_id, winner_id, since_ms };
                if self.push(change, because, wanted) {
                    self.gone.insert(loser);
                    self.winners.insert(winner);
                }
            }
            Idea::Merge { survivor, losers, because } => {
                if self.gone.contains(&survivor) {
                    return dropped.operation(SETTLED);
                }
                let (free, taken): (Vec<usize>, Vec<usize>) =
                    losers.into_iter().partition(|loser| self.is_free(*loser));
                taken.iter().for_each(|_| dropped.operation(SETTLED));
                self.merge(survivor, &free, &because, entries, wanted);
            }
            Idea::Flag { entries: places, because } => {
                if !places.iter().all(|place| self.is_free(*place)) {
                    return dropped.operation(SETTLED);
                }
                if self.push(Change::FlagConflict(ids(&places, entries)), because, wanted) {
                    self.gone.extend(&places);
                }
            }
            Idea::Add { path, text, because } => {
                let normal = lucid_facts::normal(&text);
                if self.added.contains(&normal) {
                    return dropped.operation("the same is added already");
                }
                if self.push(Change::Add { path, text }, because, wanted) {
                    self.added.insert(normal);
                }
            }
        }
    }

    /// What a machine can see to be the same is merged by itself, for that is believed more
    /// readily than what a model says.
    fn merge(
        &mut self,
        survivor: usize,
        losers: &[usize],
        because: &Because,
        entries: &[Entry],
        wanted: &Wanted,
    ) {
        let Some(whole) = entries.get(survivor) else { return };
        let plain = |place: &&usize| {
            entries.get(**place).is_some_and(|part| says_same(&whole.text, &part.text))
        };
        let (same, alike): (Vec<&usize>, Vec<&usize>) = losers.iter().partition(plain);
        for some in [same, alike].iter().flat_map(|some| some.chunks(MERGED_MAX - 1)) {
            let losers: Vec<usize> = some.iter().copied().copied().collect();
            let mut all = vec![survivor];
            all.extend(&losers);
            let entry_ids = ids(&all, entries);
            let change = Change::Merge { entry_ids, survivor_id: whole.id.clone() };
            if self.push(change, because.clone(), wanted) {
                self.gone.extend(&losers);
                self.winners.insert(survivor);
            }
        }
    }

    /// Whether nothing was said of an entry so far.
    fn is_free(&self, place: usize) -> bool {
        !self.gone.contains(&place) && !self.winners.contains(&place)
    }

    fn push(&mut self, change: Change, because: Because, wanted: &Wanted) -> bool {
        let new = match &change {
            Change::Add { text, .. } => text.len(),
            _ => 0,
        };
        if self.operations.len() >= wanted.operations_max as usize
            || self.new_bytes + new > wanted.new_bytes_max as usize
        {
            self.left_out += 1;
            return false;
        }
        self.new_bytes += new;
        let Because { reason, evidence } = because;
        self.operations.push(Operation { change, reason, evidence });
        true
    }
}

const SETTLED: &str = "an entry that has its place already";

fn ids(places: &[usize], entries: &[Entry]) -> Vec<String> {
    places.iter().filter_map(|place| entries.get(*place)).map(|entry| entry.id.clone()).collect()
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
