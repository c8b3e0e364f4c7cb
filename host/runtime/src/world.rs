//! Where a run's time and ids come from: the machine, or a seed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lucid_core::{Clock, Entropy, SeededEntropy, StepClock, Timestamp, derive_seed};

use crate::ambient::{SystemClock, SystemEntropy};
use crate::session::Fixed;

/// When a deterministic run takes place: 2026-01-01T00:00Z.
const FIRST_MOMENT: Timestamp = Timestamp(1_767_225_600_000);

/// How far apart the sessions of a deterministic run are.
const SESSION_APART_MS: u64 = 3_600_000;

/// A clock and ids for one part of a run.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    /// The same, as a session's log keeps it; none for the machine's.
    pub(crate) fixed: Option<Fixed>,
    /// Which part it is, in the order they were asked for.
    pub(crate) number: u64,
}

/// Where a run's time and ids come from.
pub struct World {
    seed: Option<u64>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    parts: AtomicU64,
    latest: AtomicU64,
}

impl World {
    /// The machine's clock and random numbers.
    #[must_use]
    pub fn real() -> Self {
        Self {
            seed: None,
            clock: Arc::new(SystemClock::default()),
            entropy: Arc::new(SystemEntropy),
            parts: AtomicU64::new(0),
            latest: AtomicU64::new(0),
        }
    }

    /// Clocks and random numbers that follow from a seed, so that a run repeats byte for
    /// byte.
    #[must_use]
    pub fn deterministic(seed: u64) -> Self {
        Self { seed: Some(seed), ..Self::real() }
    }

    pub(crate) fn is_deterministic(&self) -> bool {
        self.seed.is_some()
    }

    /// A clock and ids for the next part of a run. Parts are numbered in the order they are
    /// asked for, which has to be the same every time.
    pub(crate) fn part(&self) -> Source {
        let number = self.parts.fetch_add(1, Ordering::Relaxed);
        let Some(seed) = self.seed else {
            return Source {
                clock: self.clock.clone(),
                entropy: self.entropy.clone(),
                fixed: None,
                number,
            };
        };
        let start = Timestamp(FIRST_MOMENT.as_millis() + number * SESSION_APART_MS);
        let seed = derive_seed(seed, &format!("part/{number}"));
        Source {
            clock: Arc::new(StepClock::starting_at(start)),
            entropy: Arc::new(SeededEntropy::new(seed)),
            fixed: Some(Fixed { now: start, seed }),
            number,
        }
    }

    /// The machine's time, to say how long something took.
    pub(crate) fn wall(&self) -> Timestamp {
        self.clock.now()
    }

    /// Milliseconds since then.
    pub(crate) fn since(&self, then: Timestamp) -> u64 {
        self.clock.now().as_millis().saturating_sub(then.as_millis())
    }

    /// The time of the next session: later than that of every session before, so that their
    /// order is the order they were asked for.
    pub(crate) fn next_start(&self, source: &Source) -> Timestamp {
        let now = source.clock.now().as_millis();
        let after = |latest: u64| Some(now.max(latest + 1));
        let before = self.latest.fetch_update(Ordering::Relaxed, Ordering::Relaxed, after);
        Timestamp(now.max(before.unwrap_or(0) + 1))
    }
}
