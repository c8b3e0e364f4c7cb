//! Random numbers that follow from a seed.

use lucid_core::{Entropy as _, SeededEntropy};

/// Random numbers that follow from a seed.
#[derive(Debug)]
pub struct Random(SeededEntropy);

impl Random {
    /// Starts from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(SeededEntropy::new(seed))
    }

    /// A number from 0 to one below the bound; 0 for a bound of 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = bound.max(1) as u64;
        // What is given is below the bound, which was a `usize`.
        usize::try_from(self.0.next_u64() % bound).unwrap()
    }

    /// True once in so many times.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// Bytes that mean nothing.
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.0.next_u64().to_le_bytes()[0]).collect()
    }
}
