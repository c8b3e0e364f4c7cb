//! Who is next.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Thread;
use std::time::Instant;

use super::deadlines::Deadlines;
use super::task::Task;

/// Where a task waits for a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Before all others: past its deadline, or given up.
    Urgent,
    /// New, or woken from waiting: it may well be done in a moment.
    Brief,
    /// It used up its last turn.
    Busy,
}

/// How many brief tasks may pass a busy one.
const BRIEF_IN_A_ROW: u32 = 16;

#[derive(Default)]
struct Waiting {
    urgent: VecDeque<Arc<Task>>,
    brief: VecDeque<Arc<Task>>,
    busy: VecDeque<Arc<Task>>,
    /// Brief tasks that were taken while a busy one waited.
    passed: u32,
    stopped: bool,
}

impl Waiting {
    /// Takes the next task: those that must end, then those that may be short, and now and
    /// then one that is not, so that none waits for ever.
    fn take(&mut self) -> Option<Arc<Task>> {
        if let Some(task) = self.urgent.pop_front() {
            return Some(task);
        }
        if self.busy.is_empty() || (self.passed < BRIEF_IN_A_ROW && !self.brief.is_empty()) {
            self.passed = if self.busy.is_empty() { 0 } else { self.passed + 1 };
            return self.brief.pop_front();
        }
        self.passed = 0;
        self.busy.pop_front()
    }
}

/// The queue, and what the ticker watches.
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    pushed: Condvar,
    deadlines: Deadlines,
    numbers: AtomicU64,
    ticks: AtomicU64,
    /// Tasks that are polled or could be.
    pub(super) runnable: AtomicUsize,
    engine: wasmtime::Engine,
    ticker: OnceLock<Thread>,
    ticker_rests: AtomicBool,
}

impl Queue {
    pub(super) fn new(engine: wasmtime::Engine) -> Self {
        Self {
            waiting: Mutex::default(),
            pushed: Condvar::new(),
            deadlines: Deadlines::default(),
            numbers: AtomicU64::new(0),
            ticks: AtomicU64::new(0),
            runnable: AtomicUsize::new(0),
            engine,
            ticker: OnceLock::new(),
            ticker_rests: AtomicBool::new(false),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Which tick it is.
    pub(super) fn tick(&self) -> u64 {
        self.ticks.load(Ordering::Acquire)
    }

    /// The next tick: guests that run look up.
    pub(super) fn next_tick(&self) {
        self.ticks.fetch_add(1, Ordering::AcqRel);
        self.engine.increment_epoch();
    }

    /// A task became runnable.
    pub(super) fn began(&self) {
        // In one order with the ticker's own look at it, or both could miss the other.
        self.runnable.fetch_add(1, Ordering::SeqCst);
        self.wake_ticker();
    }

    pub(super) fn set_ticker(&self, thread: Thread) {
        let _ = self.ticker.set(thread);
    }

    fn wake_ticker(&self) {
        if self.ticker_rests.load(Ordering::SeqCst)
            && let Some(ticker) = self.ticker.get()
        {
            ticker.unpark();
        }
    }

    /// Whether anything runs, could run or has a deadline to be watched.
    pub(super) fn has_work(&self) -> bool {
        self.runnable.load(Ordering::SeqCst) > 0 || !self.deadlines.is_empty()
    }

    /// Says that the ticker is about to rest; false when there is work after all.
    pub(super) fn rest_ticker(&self) -> bool {
        self.ticker_rests.store(true, Ordering::SeqCst);
        let rests = !self.has_work() && !self.stopped();
        if !rests {
            self.resume_ticker();
        }
        rests
    }

    #[cfg(test)]
    pub(super) fn ticker_is_resting(&self) -> bool {
        self.ticker_rests.load(Ordering::SeqCst)
    }

    pub(super) fn resume_ticker(&self) {
        self.ticker_rests.store(false, Ordering::SeqCst);
    }

    /// A task waits or is over.
    pub(super) fn ended(&self) {
        self.runnable.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn push(&self, task: Arc<Task>, lane: Lane) {
        let mut waiting = self.waiting();
        match lane {
            Lane::Urgent => waiting.urgent.push_back(task),
            Lane::Brief => waiting.brief.push_back(task),
            Lane::Busy => waiting.busy.push_back(task),
        }
        drop(waiting);
        self.pushed.notify_one();
    }

    /// The next task; none when the executor stops.
    pub(super) fn next(&self) -> Option<Arc<Task>> {
        let mut waiting = self.waiting();
        loop {
            if waiting.stopped {
                return None;
            }
            let next = waiting.take();
            if next.is_some() {
                return next;
            }
            waiting = self.pushed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ends the threads; what still waits is dropped.
    pub(super) fn stop(&self) {
        let mut waiting = self.waiting();
        let left = std::mem::take(&mut *waiting);
        waiting.stopped = true;
        drop(waiting);
        self.pushed.notify_all();
        self.wake_ticker();
        self.deadlines.clear();
        drop(left);
    }

    pub(super) fn stopped(&self) -> bool {
        self.waiting().stopped
    }

    pub(super) fn watch(&self, task: &Arc<Task>) {
        self.deadlines.watch(task);
    }

    pub(super) fn unwatch(&self, task: &Task) {
        self.deadlines.unwatch(task);
    }

    /// Brings every task to the front whose deadline has passed.
    pub(super) fn expire(&self, now: Instant) {
        for task in self.deadlines.passed(now) {
            task.expire();
        }
    }
}
