//! One call on its way: who may poll it, and when.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Instant;

use super::queue::{Lane, Queue};

/// It waits for something.
const WAITING: u8 = 0;
/// It is in the queue.
const QUEUED: u8 = 1;
/// A thread polls it.
const RUNNING: u8 = 2;
/// A thread polls it, and it was woken meanwhile.
const WOKEN: u8 = 3;
/// It is over.
const DONE: u8 = 4;

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One call.
pub(super) struct Task {
    queue: Arc<Queue>,
    state: AtomicU8,
    /// Past its deadline or given up: it comes before the others.
    urgent: AtomicBool,
    /// It computed for most of a tick the last time: it comes after those that did not.
    busy: AtomicBool,
    cancelled: AtomicBool,
    pub(super) deadline: Instant,
    /// Tells calls of one deadline apart.
    pub(super) number: u64,
    /// None when it is over.
    work: Mutex<Option<Work>>,
    panic: Mutex<String>,
    /// Timers and sockets of host functions belong to the caller's runtime.
    runtime: Option<tokio::runtime::Handle>,
}

impl Task {
    pub(super) fn new(queue: Arc<Queue>, deadline: Instant, work: Work) -> Arc<Self> {
        let number = queue.number();
        Arc::new(Self {
            queue,
            state: AtomicU8::new(RUNNING),
            urgent: AtomicBool::new(false),
            busy: AtomicBool::new(false),
            cancelled: AtomicBool::new(false),
            deadline,
            number,
            work: Mutex::new(Some(work)),
            panic: Mutex::default(),
            runtime: tokio::runtime::Handle::try_current().ok(),
        })
    }

    /// Polls a new task once in this thread; if that does not end it, it is watched and goes
    /// on elsewhere.
    pub(super) fn run_here(self: &Arc<Self>, queue: &Queue) {
        queue.began();
        if !self.poll(queue) {
            queue.watch(self);
            // Its deadline may have passed before it was watched; it is looked at then.
            self.rest(queue);
        }
    }

    /// Puts a new task in the queue.
    pub(super) fn enqueue_new(self: &Arc<Self>, queue: &Queue) {
        queue.began();
        queue.watch(self);
        self.state.store(QUEUED, Ordering::Release);
        queue.push(self.clone(), self.lane());
    }

    /// Polls a task that comes from the queue. An entry is a hint: a task that was moved to
    /// the front is in the queue twice.
    pub(super) fn run(self: &Arc<Self>, queue: &Queue) {
        let taken =
            self.state.compare_exchange(QUEUED, RUNNING, Ordering::AcqRel, Ordering::Acquire);
        if taken.is_err() {
            return;
        }
        let _runtime = self.runtime.as_ref().map(tokio::runtime::Handle::enter);
        if self.poll(queue) {
            queue.unwatch(self);
        } else {
            self.rest(queue);
        }
    }

    /// Polls the work; true when it is over.
    fn poll(self: &Arc<Self>, queue: &Queue) -> bool {
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(future) = work.as_mut() else { return true };
        let waker = Waker::from(self.clone());
        let polled = if self.cancelled.load(Ordering::Acquire) {
            Ok(Poll::Ready(()))
        } else {
            // A panic costs this call; its store is dropped with it and never used again.
            let mut context = Context::from_waker(&waker);
            let tick = queue.tick();
            let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut context)));
            self.busy.store(queue.tick() != tick, Ordering::Release);
            polled
        };
        if let Err(panic) = &polled {
            *self.panic.lock().unwrap_or_else(PoisonError::into_inner) = message(panic.as_ref());
        }
        if matches!(polled, Ok(Poll::Pending)) {
            return false;
        }
        // Dropping a store runs host code, too.
        let ended = work.take();
        drop(work);
        let _ = catch_unwind(AssertUnwindSafe(|| drop(ended)));
        self.state.store(DONE, Ordering::Release);
        queue.ended();
        true
    }

    /// After a poll that did not end it: waits, or goes back into the queue.
    fn rest(self: &Arc<Self>, queue: &Queue) {
        let rested =
            self.state.compare_exchange(RUNNING, WAITING, Ordering::AcqRel, Ordering::Acquire);
        match rested {
            Ok(_) => queue.ended(),
            Err(_) => {
                self.state.store(QUEUED, Ordering::Release);
                queue.push(self.clone(), self.lane());
                if self.busy.load(Ordering::Acquire) {
                    // Whoever else wants this core does not wait for the kernel to notice.
                    std::thread::yield_now();
                }
            }
        }
    }

    fn lane(&self) -> Lane {
        if self.urgent.load(Ordering::Acquire) {
            Lane::Urgent
        } else if self.busy.load(Ordering::Acquire) {
            Lane::Busy
        } else {
            Lane::Brief
        }
    }

    /// Has it polled soon.
    fn stir(self: &Arc<Self>) {
        loop {
            let state = self.state.load(Ordering::Acquire);
            let next = match state {
                WAITING => QUEUED,
                RUNNING => WOKEN,
                // A second entry, further to the front.
                QUEUED if self.urgent.load(Ordering::Acquire) => {
                    self.queue.push(self.clone(), Lane::Urgent);
                    return;
                }
                _ => return,
            };
            let changed =
                self.state.compare_exchange(state, next, Ordering::AcqRel, Ordering::Acquire);
            if changed.is_ok() {
                if next == QUEUED {
                    // It waited for something: it is not busy.
                    self.busy.store(false, Ordering::Release);
                    self.queue.began();
                    self.queue.push(self.clone(), self.lane());
                }
                return;
            }
        }
    }

    /// Has it polled before all others: its deadline has passed.
    pub(super) fn expire(self: &Arc<Self>) {
        if !self.urgent.swap(true, Ordering::AcqRel) {
            self.stir();
        }
    }

    /// Ends it without a result.
    pub(super) fn cancel(self: &Arc<Self>) {
        if self.state.load(Ordering::Acquire) != DONE {
            self.cancelled.store(true, Ordering::Release);
            self.expire();
        }
    }

    /// What the panic that ended it said.
    pub(super) fn panic_message(&self) -> String {
        // Unwinding drops the work's way to answer first, and whoever waits for that is here
        // before it is over. Who polls holds the work until it wrote down what was said.
        drop(self.work.lock().unwrap_or_else(PoisonError::into_inner));
        self.panic.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        let state = self.state.load(Ordering::Acquire);
        // What is in the queue already is not put there again.
        if state != QUEUED {
            self.stir();
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}
