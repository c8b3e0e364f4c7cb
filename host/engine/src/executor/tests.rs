//! Calls are futures here; what guests do with them is tested with guests.

use std::sync::atomic::AtomicU32;
use std::time::Duration;

use super::*;

fn executor() -> Executor {
    let mut config = wasmtime::Config::new();
    config.epoch_interruption(true);
    Executor::new(&wasmtime::Engine::new(&config).unwrap()).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "deadlines are wall time")]
fn after(milliseconds: u64) -> Instant {
    Instant::now() + Duration::from_millis(milliseconds)
}

#[expect(clippy::disallowed_methods, reason = "deadlines are wall time")]
async fn until(deadline: Instant) -> &'static str {
    std::future::poll_fn(|_| match Instant::now() >= deadline {
        true => Poll::Ready("expired"),
        false => Poll::Pending,
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_done_at_once_does_not_leave_its_caller() {
    let executor = executor();
    let caller = std::thread::current().id();
    let here = executor.start(after(1_000), async move { std::thread::current().id() == caller });
    assert!(here.await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_blocks_does_so_on_a_guest_thread() {
    let executor = executor();
    let work = async {
        on_guest_thread().await;
        ON_GUEST_THREAD.get()
    };
    assert!(executor.start(after(1_000), work).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_nothing_wakes_is_polled_at_its_deadline() {
    let executor = executor();
    let deadline = after(30);
    assert_eq!(executor.start(deadline, until(deadline)).await.unwrap(), "expired");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn timers_of_the_callers_runtime_wake_a_call() {
    let executor = executor();
    let work = async {
        on_guest_thread().await;
        tokio::time::sleep(Duration::from_millis(5)).await;
        7
    };
    assert_eq!(executor.start(after(10_000), work).await.unwrap(), 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_costs_one_call_and_says_what_it_said() {
    let executor = executor();
    for there in [false, true] {
        let work = async move {
            if there {
                on_guest_thread().await;
            }
            panic!("the sky is falling");
        };
        let panicked: Result<(), Panicked> = executor.start(after(1_000), work).await;
        assert_eq!(panicked.unwrap_err().0, "the sky is falling");
    }
    assert_eq!(executor.start(after(1_000), async { 1 }).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_caller_has_gone_is_dropped() {
    struct Told(Option<oneshot::Sender<()>>);
    impl Drop for Told {
        fn drop(&mut self) {
            let _ = self.0.take().unwrap().send(());
        }
    }
    let executor = Arc::new(executor());
    let (tell, told) = oneshot::channel();
    let (running, hand) = (executor.clone(), Told(Some(tell)));
    let caller = tokio::spawn(async move {
        let work = async move {
            let _hand = hand;
            std::future::pending::<()>().await;
        };
        running.start(after(600_000), work).await.unwrap();
    });
    tokio::task::yield_now().await;
    caller.abort();
    told.await.unwrap();
}

/// Two hundred calls that never wait for anything: each is stopped, and all of them are.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_never_rest_take_turns_and_all_end() {
    let executor = Arc::new(executor());
    let polls = Arc::new(AtomicU32::new(0));
    let calls = (0..200).map(|_| {
        let (executor, polls) = (executor.clone(), polls.clone());
        tokio::spawn(async move {
            let deadline = after(50);
            let work = async move {
                loop {
                    polls.fetch_add(1, Ordering::Relaxed);
                    #[expect(clippy::disallowed_methods, reason = "deadlines are wall time")]
                    if Instant::now() >= deadline {
                        break;
                    }
                    tokio::task::yield_now().await;
                }
            };
            executor.start(deadline, work).await.unwrap();
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    assert!(polls.load(Ordering::Relaxed) > 200);
    // A call that was woken while it ended is still in the queue; it does not stay there.
    while executor.queue.has_work() {
        tokio::task::yield_now().await;
    }
}

/// A process that has nothing to do does nothing, and a call that comes then is stopped like
/// any other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clock_of_guests_rests_without_guests_and_wakes_with_them() {
    let executor = executor();
    let rests = async {
        while !executor.queue.ticker_is_resting() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), rests).await.unwrap();
    let deadline = after(30);
    assert_eq!(executor.start(deadline, until(deadline)).await.unwrap(), "expired");
}
