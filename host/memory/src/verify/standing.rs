//! What may still be said of an entry.
//!
//! An entry loses at most once, and to an entry that stays or that itself lost to another:
//! who follows the losers up always arrives at an entry that stands. So whichever operations
//! a person leaves out, nothing goes without something standing for it, but what was dropped
//! by name.

use lucid_core::{Change, Rejection, Timestamp};

use super::{Quotes, Verifier, form};

/// What was said of an entry so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Held {
    /// Nothing.
    #[default]
    Free,
    /// It is kept, or in conflict: it stays.
    Stays,
    /// It lost to another, whose number is in [`Fate::into`].
    Lost,
    /// It is dropped: nothing can stand for others and go.
    Dropped,
}

/// What becomes of one entry so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fate {
    pub(super) held: Held,
    /// Others lost to it.
    wins: bool,
    /// The entry it lost to.
    into: Option<usize>,
    /// The latest moment from which it replaced another.
    pub(super) won_since: Option<Timestamp>,
    /// The moment from which another replaced it.
    pub(super) lost_since: Option<Timestamp>,
    /// The operation that said so, by its place in the dream.
    operation: usize,
}

/// What an operation makes of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Wins,
    Loses,
    Stays,
    Goes,
}

/// What an operation does to the input's entries, by their numbers.
#[derive(Default)]
pub(super) struct Effect {
    roles: Vec<(usize, Role)>,
    winner: Option<usize>,
    since: Option<Timestamp>,
}

impl Effect {
    /// How many entries it takes out.
    pub(super) fn lost(&self) -> usize {
        let goes = |role: &Role| matches!(role, Role::Loses | Role::Goes);
        self.roles.iter().filter(|(_, role)| goes(role)).count()
    }

    fn loses(&self, number: usize) -> bool {
        self.roles.contains(&(number, Role::Loses))
    }
}

impl<Q: Quotes> Verifier<Q> {
    pub(super) fn effect(&self, change: &Change) -> Result<Effect, Rejection> {
        let number = |entry_id: &str| {
            let number = self.index.number(entry_id);
            number.ok_or_else(|| Rejection::UnknownEntry(form::shown(entry_id)))
        };
        let mut effect = Effect::default();
        if let Some(winner) = change.winner_id() {
            effect.winner = Some(number(winner)?);
            effect.roles.push((number(winner)?, Role::Wins));
        }
        match change {
            Change::Keep { entry_id } => effect.roles.push((number(entry_id)?, Role::Stays)),
            Change::Drop { entry_id } => effect.roles.push((number(entry_id)?, Role::Goes)),
            Change::Merge { entry_ids, survivor_id } => {
                for entry_id in form::distinct(entry_ids).filter(|id| *id != survivor_id) {
                    effect.roles.push((number(entry_id)?, Role::Loses));
                }
            }
            Change::Supersede { loser_id, since, .. } => {
                effect.roles.push((number(loser_id)?, Role::Loses));
                effect.since = Some(*since);
            }
            Change::FlagConflict { entry_ids } => {
                for entry_id in form::distinct(entry_ids) {
                    effect.roles.push((number(entry_id)?, Role::Stays));
                }
            }
            Change::Add { .. } => {}
        }
        Ok(effect)
    }

    pub(super) fn check_standing(&self, effect: &Effect) -> Result<(), Rejection> {
        for (number, role) in &effect.roles {
            let fate = &self.fates[*number];
            let may = match role {
                Role::Wins => fate.held != Held::Dropped,
                Role::Loses | Role::Stays => fate.held == Held::Free,
                Role::Goes => fate.held == Held::Free && !fate.wins,
            };
            if !may {
                return self.settled(*number, "");
            }
        }
        // Up from the winner, as far as it lost itself: it must not lose to its own losers.
        let mut above = effect.winner;
        while let Some(number) = above {
            if effect.loses(number) {
                return self.settled(number, ", in a circle");
            }
            above = self.fates[number].into;
        }
        Ok(())
    }

    fn settled(&self, number: usize, how: &str) -> Result<(), Rejection> {
        let entry_id = &self.index.entries()[number].id;
        let by = self.fates[number].operation + 1;
        Err(Rejection::AlreadySettled(format!("{entry_id} by operation dop_{by}{how}")))
    }

    pub(super) fn settle(&mut self, effect: &Effect, operation: usize) {
        for (number, role) in &effect.roles {
            let fate = &mut self.fates[*number];
            match role {
                Role::Wins => {
                    // What it was said to be before still holds.
                    if fate.held == Held::Free && !fate.wins {
                        fate.operation = operation;
                    }
                    fate.wins = true;
                    fate.won_since = fate.won_since.max(effect.since);
                    continue;
                }
                Role::Loses => {
                    fate.held = Held::Lost;
                    fate.into = effect.winner;
                    fate.lost_since = effect.since;
                }
                Role::Stays => fate.held = Held::Stays,
                Role::Goes => fate.held = Held::Dropped,
            }
            fate.operation = operation;
        }
    }
}
