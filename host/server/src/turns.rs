//! Changes that are made one after the other.
//!
//! A document is changed against the revision that was read. What is more than one document, a
//! session with its mission and its log, say, has no revision of its own: whoever changes it
//! takes a turn, so that what it read is still so when it writes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// Who changes what now.
#[derive(Default)]
pub(crate) struct Turns(Mutex<BTreeMap<String, Arc<Turn<()>>>>);

impl Turns {
    /// Waits until nobody else changes what has this id; it is this one's turn as long as the
    /// guard is held. Take one at a time.
    pub(crate) async fn of(&self, id: &str) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // Those that nobody has or waits for are forgotten.
            turns.retain(|_, turn| Arc::strong_count(turn) > 1);
            turns.entry(id.to_owned()).or_default().clone()
        };
        turn.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn one_thing_is_changed_by_one_at_a_time_and_others_meanwhile() {
        let turns = Turns::default();
        let first = turns.of("a").await;
        let mut second = Box::pin(turns.of("a"));
        assert!(second.as_mut().now_or_never().is_none());
        let other = turns.of("b").await;
        drop((first, other));
        drop(second.await);
        drop(turns.of("c").await);
        // What nobody changes any more is not kept.
        assert_eq!(turns.0.lock().unwrap().len(), 1);
    }
}
