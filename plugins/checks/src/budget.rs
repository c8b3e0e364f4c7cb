//! What a grading may use, shared out so that no criterion can use up what the others need.
//!
//! A step is about what one function call takes: one node of a macro's body, one value that
//! is visited, or 64 bytes of text that are looked at. Steps, not time: the same outputs are
//! stopped at the same place everywhere.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The most steps one check takes.
pub const CHECK_STEPS: u64 = 4_000_000;
/// The most steps all checks of a grading take.
pub const GRADING_STEPS: u64 = 40_000_000;
/// The most bytes one check reads from files that are not held.
pub const CHECK_READ: u64 = 128 << 20;
/// The most bytes all checks of a grading read.
pub const GRADING_READ: u64 = 256 << 20;
/// The most bytes of values one check makes, all of them together.
pub const CHECK_MADE: u64 = 48 << 20;

/// One amount that all checks share.
///
/// Half of it is reserved in equal shares, so each check has its own whatever the ones before
/// it did; the rest, and what a check leaves of its share, is for the ones that need more.
#[derive(Debug)]
pub struct Pool {
    share: u64,
    surplus: u64,
    most: u64,
}

impl Pool {
    /// Shares `total` out to `checks` checks, of which none gets more than `most`.
    pub fn new(total: u64, most: u64, checks: usize) -> Self {
        let checks = u64::try_from(checks).unwrap_or(u64::MAX).max(1);
        let share = total / 2 / checks;
        Self { share, surplus: total - share * checks, most }
    }

    /// What the next check may use.
    pub fn allowance(&self) -> u64 {
        self.share.saturating_add(self.surplus).min(self.most)
    }

    /// Takes off what a check used of its allowance.
    pub fn settle(&mut self, used: u64) {
        self.surplus = (self.surplus + self.share).saturating_sub(used);
    }
}

/// One amount a check may use.
#[derive(Debug, Default)]
struct Gauge {
    used: AtomicU64,
    most: AtomicU64,
}

impl Gauge {
    fn of(most: u64) -> Self {
        Self { used: AtomicU64::new(0), most: AtomicU64::new(most) }
    }

    fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    fn most(&self) -> u64 {
        self.most.load(Ordering::Relaxed)
    }

    /// Whether there was as much left. What is refused counts as used up.
    fn take(&self, amount: u64) -> bool {
        let used = self.used().saturating_add(amount);
        self.used.store(used.min(self.most()), Ordering::Relaxed);
        used <= self.most()
    }

    fn left(&self) -> u64 {
        self.most().saturating_sub(self.used())
    }
}

/// Counts what one check uses.
#[derive(Debug)]
pub struct Meter {
    steps: Gauge,
    read: Gauge,
    made: Gauge,
    stopped: Mutex<Option<String>>,
}

impl Default for Meter {
    fn default() -> Self {
        Self::new(CHECK_STEPS, CHECK_READ)
    }
}

impl Meter {
    /// A meter that stops after so many steps, or so many bytes read.
    pub fn new(steps: u64, read: u64) -> Self {
        Self {
            steps: Gauge::of(steps),
            read: Gauge::of(read),
            made: Gauge::of(CHECK_MADE),
            stopped: Mutex::new(None),
        }
    }

    /// Why the check was stopped, if it was.
    pub fn stopped(&self) -> Option<String> {
        self.stopped.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The steps taken.
    pub fn steps_taken(&self) -> u64 {
        self.steps.used()
    }

    /// The bytes read.
    pub fn bytes_read(&self) -> u64 {
        self.read.used()
    }

    /// The steps that are left.
    pub fn steps_left(&self) -> u64 {
        self.steps.left()
    }

    /// Counts steps.
    ///
    /// # Errors
    /// Why the check is stopped. It stays stopped.
    pub fn steps(&self, steps: u64) -> Result<(), String> {
        self.take(&self.steps, steps, |most| format!("it takes more than {most} steps"))
    }

    /// Counts bytes that are read.
    ///
    /// # Errors
    /// Why the check is stopped. It stays stopped.
    pub fn read(&self, bytes: u64) -> Result<(), String> {
        self.take(&self.read, bytes, |most| format!("it reads more than {}", size(most)))
    }

    /// Counts the bytes of values that are made.
    ///
    /// # Errors
    /// Why the check is stopped. It stays stopped.
    pub fn made(&self, bytes: u64) -> Result<(), String> {
        self.take(&self.made, bytes, |most| format!("it makes more than {} of values", size(most)))
    }

    /// Fails if the check was stopped: what swallows an error must not swallow this.
    ///
    /// # Errors
    /// Why the check was stopped.
    pub fn running(&self) -> Result<(), String> {
        self.stopped().map_or(Ok(()), Err)
    }

    /// Starts again with so many steps, to find out why the check was false.
    pub fn again(&self, steps: u64) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.steps.most.store(self.steps.used().saturating_add(steps), Ordering::Relaxed);
        self.made.used.store(0, Ordering::Relaxed);
    }

    fn take(&self, gauge: &Gauge, amount: u64, why: fn(u64) -> String) -> Result<(), String> {
        if gauge.take(amount) {
            return Ok(());
        }
        let mut stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        Err(stopped.get_or_insert_with(|| why(gauge.most())).clone())
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..0x2000 => format!("{bytes} bytes"),
        0x2000..0x20_0000 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_check_can_use_up_the_share_of_another() {
        let mut pool = Pool::new(1_000, 400, 10);
        for _ in 0..10 {
            let allowance = pool.allowance();
            assert!(allowance >= 50, "{allowance}");
            pool.settle(allowance);
        }
        assert_eq!(pool.surplus, 0);
    }

    #[test]
    fn what_is_left_over_is_for_the_checks_that_need_more() {
        let mut pool = Pool::new(1_000, 10_000, 10);
        (0..9).for_each(|_| pool.settle(0));
        assert_eq!(pool.allowance(), 1_000);
    }

    #[test]
    fn a_stopped_check_stays_stopped() {
        let meter = Meter::new(10, 10);
        assert_eq!(meter.steps(10), Ok(()));
        assert_eq!(meter.steps(1), Err("it takes more than 10 steps".to_owned()));
        assert!(meter.running().is_err());
        assert_eq!(meter.read(11), meter.running(), "the first reason stays the reason");
        assert_eq!((meter.steps_taken(), meter.bytes_read()), (10, 10));
        meter.again(5);
        assert_eq!((meter.running(), meter.steps_left()), (Ok(()), 5));
    }
}
