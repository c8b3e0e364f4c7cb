//! Clocks and random numbers: real for tools and models, fixed by a seed for dreams and
//! graders, and for everything in a deterministic run.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lucid_core::{Entropy, SeededEntropy, Timestamp};
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtxBuilder};

use crate::call::GuestTime;

/// Gives a call its clocks and random numbers, which are counted.
pub(crate) fn grant(wasi: &mut WasiCtxBuilder, time: GuestTime) -> RandomCount {
    let count = RandomCount::default();
    let GuestTime::Fixed { now, seed } = time else {
        wasi.secure_random(Counted(OnDemand::default(), count.clone()));
        return count;
    };
    let seeded = || Counted(SeededRandom(SeededEntropy::new(seed)), count.clone());
    wasi.wall_clock(FixedClock(now))
        .monotonic_clock(CountingClock(AtomicU64::new(0)))
        .secure_random(seeded())
        .insecure_random(seeded())
        .insecure_random_seed(u128::from(seed));
    count
}

/// How many random bytes a call was given.
#[derive(Debug, Clone, Default)]
pub(crate) struct RandomCount(Arc<AtomicU64>);

impl RandomCount {
    pub(crate) fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The machine's random numbers, from when they are first asked for: most calls never ask.
#[derive(Default)]
struct OnDemand(Option<Box<dyn rand_core::Rng + Send>>);

impl OnDemand {
    fn get(&mut self) -> &mut (dyn rand_core::Rng + Send) {
        self.0.get_or_insert_with(wasmtime_wasi::random::thread_rng).as_mut()
    }
}

impl rand_core::TryRng for OnDemand {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.get().next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.get().next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.get().fill_bytes(bytes);
        Ok(())
    }
}

/// Random numbers that are counted.
struct Counted<R>(R, RandomCount);

impl<R: rand_core::TryRng> rand_core::TryRng for Counted<R> {
    type Error = R::Error;

    fn try_next_u32(&mut self) -> Result<u32, R::Error> {
        self.1.0.fetch_add(4, Ordering::Relaxed);
        self.0.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, R::Error> {
        self.1.0.fetch_add(8, Ordering::Relaxed);
        self.0.try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), R::Error> {
        self.1.0.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.0.try_fill_bytes(bytes)
    }
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
