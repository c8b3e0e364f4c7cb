//! The deadlines of the calls that did not end in their first slice.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::task::Task;

type ByDeadline = BTreeMap<(Instant, u64), Arc<Task>>;

/// Calls by deadline, the next to expire first.
#[derive(Default)]
pub(super) struct Deadlines(Mutex<ByDeadline>);

impl Deadlines {
    fn lock(&self) -> MutexGuard<'_, ByDeadline> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn watch(&self, task: &Arc<Task>) {
        self.lock().insert((task.deadline, task.number), task.clone());
    }

    pub(super) fn unwatch(&self, task: &Task) {
        let watched = self.lock().remove(&(task.deadline, task.number));
        // Not under the lock: it may be the last that holds the call.
        drop(watched);
    }

    /// Takes out those whose deadline has passed.
    pub(super) fn passed(&self, now: Instant) -> Vec<Arc<Task>> {
        let mut watched = self.lock();
        let mut passed = Vec::new();
        while let Some(first) = watched.first_entry()
            && first.key().0 <= now
        {
            passed.push(first.remove());
        }
        passed
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    pub(super) fn clear(&self) {
        let watched = std::mem::take(&mut *self.lock());
        drop(watched);
    }
}
