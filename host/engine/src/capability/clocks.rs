//! Clocks and random numbers: real for tools and models, fixed by a seed for dreams and
//! graders, and for everything in a deterministic run.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lucid_core::{Entropy, SeededEntropy, Timestamp};
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtxBuilder};

use crate::call::GuestTime;

/// Gives a call its clocks and random numbers.
pub(crate) fn grant(wasi: &mut WasiCtxBuilder, time: GuestTime) {
    let GuestTime::Fixed { now, seed } = time else { return };
    wasi.wall_clock(FixedClock(now))
        .monotonic_clock(CountingClock(AtomicU64::new(0)))
        .secure_random(SeededRandom(SeededEntropy::new(seed)))
        .insecure_random(SeededRandom(SeededEntropy::new(seed)))
        .insecure_random_seed(u128::from(seed));
}

/// A wall clock that stands still.
struct FixedClock(Timestamp);

impl HostWallClock for FixedClock {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> Duration {
        Duration::from_millis(self.0.as_millis())
    }
}

/// A monotonic clock that advances one microsecond a look, so that loops which wait for it
/// end.
struct CountingClock(AtomicU64);

impl HostMonotonicClock for CountingClock {
    fn resolution(&self) -> u64 {
        1_000
    }

    fn now(&self) -> u64 {
        self.0.fetch_add(1_000, Ordering::Relaxed)
    }
}

/// Random numbers that follow from a seed.
struct SeededRandom(SeededEntropy);

impl rand_core::TryRng for SeededRandom {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        // The upper half: the better bits of the generator.
        Ok((self.0.next_u64() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let random = self.0.next_u64().to_le_bytes();
            chunk.copy_from_slice(&random[..chunk.len()]);
        }
        Ok(())
    }
}
