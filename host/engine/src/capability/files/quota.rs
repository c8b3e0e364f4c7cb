//! What is left of a filesystem that several calls write to.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The bytes and files that a session's folders may hold together.
///
/// Calls that run at the same time charge it as they write. What they remove is not given
/// back at once, because a file that is removed may still be held open: whoever owns the
/// folders measures them when no call runs, and [settles](FileQuota::settle).
#[derive(Debug)]
pub struct FileQuota {
    bytes: Gauge,
    files: Gauge,
    dirty: AtomicBool,
}

#[derive(Debug)]
struct Gauge {
    used: AtomicU64,
    limit: u64,
}

impl Gauge {
    /// Takes so much, if there is so much.
    fn take(&self, amount: u64) -> bool {
        let fits = |used: u64| used.checked_add(amount).filter(|used| *used <= self.limit);
        self.used.fetch_update(Ordering::AcqRel, Ordering::Acquire, fits).is_ok()
    }
}

impl FileQuota {
    /// Room for so many bytes and files, none of it used.
    #[must_use]
    pub fn new(bytes_max: u64, files_max: u64) -> Self {
        let gauge = |limit| Gauge { used: AtomicU64::new(0), limit };
        Self { bytes: gauge(bytes_max), files: gauge(files_max), dirty: AtomicBool::new(false) }
    }

    /// Says what is really there. Only right while no call writes.
    pub fn settle(&self, bytes_used: u64, files_used: u64) {
        self.bytes.used.store(bytes_used, Ordering::Release);
        self.files.used.store(files_used, Ordering::Release);
        self.dirty.store(false, Ordering::Release);
    }

    /// Whether anything was changed since it was settled.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        self.dirty.load(Ordering::Acquire)
    }

    /// Bytes in use, as far as is known.
    #[must_use]
    pub fn bytes_used(&self) -> u64 {
        self.bytes.used.load(Ordering::Acquire)
    }

    /// Files, folders and links in use, as far as is known.
    #[must_use]
    pub fn files_used(&self) -> u64 {
        self.files.used.load(Ordering::Acquire)
    }

    /// The most bytes it can hold.
    #[must_use]
    pub fn bytes_max(&self) -> u64 {
        self.bytes.limit
    }

    /// The most files, folders and links it can hold.
    #[must_use]
    pub fn files_max(&self) -> u64 {
        self.files.limit
    }

    pub(super) fn touch(&self) {
        self.dirty.store(true, Ordering::Release);
    }

    pub(super) fn grow(&self, bytes: u64) -> bool {
        self.bytes.take(bytes)
    }

    pub(super) fn add_file(&self) -> bool {
        self.files.take(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_not_taken_and_settling_gives_back() {
        let quota = FileQuota::new(10, 1);
        assert!(quota.grow(7) && !quota.grow(4) && quota.grow(3));
        assert!(!quota.grow(u64::MAX));
        assert!(quota.add_file() && !quota.add_file());
        quota.touch();
        assert!(quota.is_dirty());
        quota.settle(2, 0);
        assert!(!quota.is_dirty() && quota.grow(8) && quota.add_file());
        assert_eq!((quota.bytes_used(), quota.files_used()), (10, 1));
    }

    #[test]
    fn calls_at_the_same_time_never_take_more_than_there_is() {
        let quota = FileQuota::new(1_000, 0);
        let taken: usize = std::thread::scope(|scope| {
            let take = || scope.spawn(|| (0..1_000).filter(|_| quota.grow(3)).count());
            let threads = [take(), take(), take()];
            threads.map(|thread| thread.join().unwrap()).iter().sum()
        });
        assert_eq!((taken, quota.bytes_used()), (333, 999));
    }
}
