//! Supersession goes forward in time only.

use lucid_core::{Change, Rejection, Timestamp};

use super::form::malformed;
use super::{Quotes, Verifier};
use crate::class::{goes_back, latest_date_ms};

/// The last moment that can be written as a date: the end of the year 9999, less a day so
/// that it is one in every time zone.
pub(super) const LATEST: Timestamp = Timestamp(253_402_207_200_000);

impl<Q: Quotes> Verifier<Q> {
    pub(super) fn check_time(&self, change: &Change) -> Result<(), Rejection> {
        let Change::Supersede { loser_id, winner_id, since } = change else { return Ok(()) };
        if *since > LATEST {
            return malformed("a time that no calendar has");
        }
        let numbers = (self.index.number(loser_id), self.index.number(winner_id));
        // `effect` found both.
        let (Some(loser), Some(winner)) = numbers else { return Ok(()) };
        if self.fates[loser].won_since.is_some_and(|from| from > *since)
            || self.fates[winner].lost_since.is_some_and(|until| until < *since)
        {
            return malformed("an entry would end before it began");
        }
        let (loser, winner) = (&self.index.entries()[loser], &self.index.entries()[winner]);
        if latest_date_ms(loser).is_some_and(|date| date > since.as_millis()) {
            return malformed("what is superseded gives a later date than the supersession");
        }
        if goes_back(loser, winner) {
            return malformed("by their own dates, the winner is older than what it replaces");
        }
        Ok(())
    }
}
