//! Things that are made once for all who ask at the same time.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use lucid_core::{Failure, Result};

/// What is being made just now, by key.
pub(super) struct Flights<T> {
    under_way: Mutex<HashMap<String, Arc<Flight<T>>>>,
}

/// One thing that is being made.
struct Flight<T> {
    result: Mutex<Option<Result<T>>>,
    landed: Condvar,
}

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Self { under_way: Mutex::default() }
    }
}

impl<T: Clone> Flights<T> {
    /// Makes a thing, or waits for who makes it already and gives what came of that: the
    /// thing or the failure. Nothing is kept: whoever asks afterwards makes it again.
    ///
    /// No lock is held while it is made.
    pub(super) fn once(&self, key: &str, make: impl FnOnce() -> Result<T>) -> Result<T> {
        let flight = {
            let mut under_way = lock(&self.under_way);
            match under_way.get(key) {
                Some(flight) => Err(flight.clone()),
                None => {
                    let flight = Arc::new(Flight::new());
                    under_way.insert(key.to_owned(), flight.clone());
                    Ok(flight)
                }
            }
        };
        match flight {
            Ok(flight) => {
                let mut landing = Landing { flights: self, key, flight, result: None };
                let result = make();
                landing.result = Some(result.clone());
                result
            }
            Err(flight) => flight.wait(),
        }
    }
}

impl<T: Clone> Flight<T> {
    fn new() -> Self {
        Self { result: Mutex::new(None), landed: Condvar::new() }
    }

    fn wait(&self) -> Result<T> {
        let mut result = lock(&self.result);
        loop {
            match &*result {
                Some(result) => return result.clone(),
                None => {
                    result = self.landed.wait(result).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}

/// Tells those who wait how it ended, also when making it panicked.
struct Landing<'a, T> {
    flights: &'a Flights<T>,
    key: &'a str,
    flight: Arc<Flight<T>>,
    result: Option<Result<T>>,
}

impl<T> Drop for Landing<'_, T> {
    fn drop(&mut self) {
        lock(&self.flights.under_way).remove(self.key);
        let panicked = || Err(Failure::bug("a plugin's loading panicked"));
        *lock(&self.flight.result) = Some(self.result.take().unwrap_or_else(panicked));
        self.flight.landed.notify_all();
    }
}

/// A panic of another thread leaves nothing half done behind these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    /// How many wait for a key, or have got it.
    fn interested(flights: &Flights<u32>, key: &str) -> usize {
        lock(&flights.under_way).get(key).map_or(0, Arc::strong_count)
    }

    /// Starts a flight that ends when the sender says so, and `count` threads that join it.
    fn together(end: Result<u32>, count: usize) -> (Vec<Result<u32>>, usize) {
        let flights = Flights::default();
        let made = AtomicUsize::new(0);
        let (go, wait) = mpsc::channel::<()>();
        let results = std::thread::scope(|scope| {
            let (flights, made) = (&flights, &made);
            let ended = end.clone();
            let leader = scope.spawn(move || {
                flights.once("a", || {
                    made.fetch_add(1, Ordering::Relaxed);
                    wait.recv().unwrap();
                    ended
                })
            });
            while interested(flights, "a") == 0 {
                std::thread::yield_now();
            }
            let others: Vec<_> = (0..count)
                .map(|_| {
                    scope.spawn(move || {
                        flights.once("a", || {
                            made.fetch_add(1, Ordering::Relaxed);
                            Ok(0)
                        })
                    })
                })
                .collect();
            // The table and the leader have one each.
            while interested(flights, "a") < count + 2 {
                std::thread::yield_now();
            }
            go.send(()).unwrap();
            let threads = others.into_iter().chain([leader]);
            threads.map(|thread| thread.join().unwrap()).collect()
        });
        (results, made.into_inner())
    }

    #[test]
    fn those_who_ask_at_the_same_time_share_one_making() {
        let (results, made) = together(Ok(7), 16);
        assert_eq!(results, vec![Ok(7); 17]);
        assert_eq!(made, 1);
    }

    #[test]
    fn a_failure_is_given_to_all_who_wait_and_not_kept() {
        let failure = Failure::invalid("no");
        let (results, made) = together(Err(failure.clone()), 3);
        assert_eq!(results, vec![Err(failure); 4]);
        assert_eq!(made, 1);
        let flights = Flights::default();
        assert!(flights.once("a", || Err::<u32, _>(Failure::invalid("no"))).is_err());
        assert_eq!(flights.once("a", || Ok(1)), Ok(1));
    }

    #[test]
    fn another_key_does_not_wait() {
        let flights = Flights::default();
        let inner = flights.once("a", || flights.once("b", || Ok(2)));
        assert_eq!(inner, Ok(2));
    }

    #[test]
    fn a_panic_leaves_nobody_waiting() {
        let flights = Flights::<u32>::default();
        let lost = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            flights.once("a", || panic!("a mistake"))
        }));
        assert!(lost.is_err());
        assert_eq!(interested(&flights, "a"), 0);
        assert_eq!(flights.once("a", || Ok(3)), Ok(3));
    }
}
