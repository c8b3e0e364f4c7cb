//! Runs guest calls on threads of its own.
//!
//! An async runtime is the wrong place for guests: they compute for as long as they like
//! between two looks at the clock, and their files block. So a call gets one short slice in
//! the thread that asks for it, which is all that most calls need, and goes on here if it is
//! not done by then, waits for something or touches a file. A few threads take turns with
//! all calls; a call that is past its deadline comes before every other, so that how late it
//! ends does not depend on how many there are.

mod deadlines;
mod queue;
mod task;
mod ticker;

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use lucid_core::{Failure, Result};
use tokio::sync::oneshot;

use queue::Queue;
use task::Task;

thread_local! {
    static ON_GUEST_THREAD: Cell<bool> = const { Cell::new(false) };
}

/// The threads that guests run on. They end when this is dropped.
pub(crate) struct Executor {
    queue: Arc<Queue>,
    threads: usize,
}

/// A call panicked: a mistake of the host, never of a guest.
#[derive(Debug)]
pub(crate) struct Panicked(pub(crate) String);

impl Executor {
    /// Starts the threads, one for each core and at least two, and the clock that makes
    /// running guests look up.
    pub(crate) fn new(engine: &wasmtime::Engine) -> Result<Self> {
        let threads = std::thread::available_parallelism().map_or(2, usize::from).max(2);
        let queue = Arc::new(Queue::new(engine.clone()));
        for number in 0..threads {
            let queue = queue.clone();
            std::thread::Builder::new()
                .name(format!("lucid-guest-{number}"))
                .spawn(move || {
                    ON_GUEST_THREAD.set(true);
                    while let Some(task) = queue.next() {
                        task.run(&queue);
                    }
                })
                .map_err(|error| Failure::failed(format!("no thread for guests: {error}")))?;
        }
        ticker::start(&queue)?;
        Ok(Self { queue, threads })
    }

    /// Begins a call, which goes on to its end, or until the caller no longer waits for it.
    ///
    /// `work` has to look at the clock itself when it is polled; it is polled when `deadline`
    /// has passed, whatever it waits for.
    pub(crate) fn start<T, F>(&self, deadline: Instant, work: F) -> Running<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let (give, result) = oneshot::channel();
        let work = Box::pin(async move {
            // Nobody may be waiting any more.
            let _ = give.send(work.await);
        });
        let task = Task::new(self.queue.clone(), deadline, work);
        // One slice here saves the way to another thread and back, as long as guests do not
        // crowd the caller's thread.
        if self.queue.runnable.load(Ordering::Relaxed) < self.threads {
            task.run_here(&self.queue);
        } else {
            task.enqueue_new(&self.queue);
        }
        Running { task, result }
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        self.queue.stop();
    }
}

/// A call that has begun; gives its result. Dropped before, the call is stopped.
pub(crate) struct Running<T> {
    task: Arc<Task>,
    result: oneshot::Receiver<T>,
}

impl<T> Future for Running<T> {
    type Output = Result<T, Panicked>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let result = ready!(Pin::new(&mut self.result).poll(context));
        Poll::Ready(result.map_err(|_| Panicked(self.task.panic_message())))
    }
}

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        self.task.cancel();
    }
}

/// Comes back on a thread where blocking disturbs nobody but guests.
pub(crate) async fn on_guest_thread() {
    if ON_GUEST_THREAD.get() {
        return;
    }
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        // The one slice in the caller's thread ends with this; the next is on ours.
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests;
