//! The machine's clock and random numbers: the one place that reads them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use lucid_core::{Clock, Entropy, Timestamp};

/// The machine's clock; never goes back, even when somebody sets it.
#[derive(Debug, Default)]
pub struct SystemClock(AtomicU64);

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        let latest = self.0.fetch_max(millis, Ordering::Relaxed);
        Timestamp(latest.max(millis))
    }
}

/// The machine's random numbers.
#[derive(Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn next_u64(&self) -> u64 {
        // Without random numbers from the system nothing that needs them may go on.
        #[expect(clippy::expect_used, reason = "a machine without them cannot run Lucid")]
        getrandom::u64().expect("the system gives random numbers")
    }
}
