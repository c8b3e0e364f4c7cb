//! Who waits for something to happen in a session.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lucid_core::SessionId;
use tokio::sync::watch;

/// Sessions that are kept before it is looked which of them are still watched.
const SWEPT_AT_LEAST: usize = 64;

/// The heads of the sessions that somebody watches.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    heads: BTreeMap<SessionId, watch::Sender<u32>>,
    /// Sweep when there are so many: twice what the last sweep left, so that all sweeps
    /// together cost no more than the watching itself.
    sweep_at: usize,
}

impl Watched {
    /// Watches a session.
    pub(crate) fn watch(&self, id: &SessionId) -> watch::Receiver<u32> {
        let mut state = self.state();
        if let Some(head) = state.heads.get(id) {
            return head.subscribe();
        }
        if state.heads.len() >= state.sweep_at {
            state.heads.retain(|_, head| head.receiver_count() > 0);
            state.sweep_at = state.heads.len().saturating_mul(2).max(SWEPT_AT_LEAST);
        }
        let (head, receiver) = watch::channel(0);
        state.heads.insert(id.clone(), head);
        receiver
    }

    /// Tells who watches a session that it has events up to here.
    pub(crate) fn tell(&self, id: &SessionId, head: u32) {
        let mut state = self.state();
        let Some(sender) = state.heads.get(id) else { return };
        if sender.receiver_count() == 0 {
            state.heads.remove(id);
            return;
        }
        // Two that appended may come in another order than their events.
        sender.send_modify(|known| *known = head.max(*known));
    }

    /// Tells who watches a session that it is gone, for the last time.
    pub(crate) fn gone(&self, id: &SessionId) {
        if let Some(sender) = self.state().heads.remove(id) {
            // The number stays, and counts as changed.
            sender.send_modify(|_| {});
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> SessionId {
        SessionId::parse(&format!("sesn_01{number}")).unwrap()
    }

    #[test]
    fn what_nobody_watches_any_more_is_forgotten() {
        let watched = Watched::default();
        let stays = watched.watch(&id(0));
        for number in 1..10_000 {
            drop(watched.watch(&id(number)));
            watched.tell(&id(10_000 + number), 1);
            assert!(watched.state().heads.len() <= SWEPT_AT_LEAST);
        }
        watched.tell(&id(0), 3);
        assert_eq!(*stays.borrow(), 3);
        drop(stays);
        watched.tell(&id(0), 4);
        assert!(!watched.state().heads.contains_key(&id(0)));
    }

    #[test]
    fn a_head_that_comes_late_wakes_and_takes_nothing_back() {
        let watched = Watched::default();
        let mut receiver = watched.watch(&id(0));
        watched.tell(&id(0), 7);
        assert_eq!(*receiver.borrow_and_update(), 7);
        watched.tell(&id(0), 5);
        assert!(receiver.has_changed().unwrap());
        assert_eq!(*receiver.borrow_and_update(), 7);
    }
}
