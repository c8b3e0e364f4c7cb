//! Named streams of random numbers.
//!
//! Each part of the simulation draws from a stream of its own, so that one more draw in
//! one part leaves every other part as it was.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};

/// Longest stream name that counts, in bytes.
const NAME_BYTES: usize = 12;

/// A stream of random numbers that follows from a site, a name and a number.
#[derive(Debug, Clone)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// Opens the stream of `name` and `number` at a site of a seeded Moon.
    pub fn new(seed: u64, site: u32, name: &str, number: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..12].copy_from_slice(&site.to_le_bytes());
        key[12..20].copy_from_slice(&number.to_le_bytes());
        for (place, byte) in key[20..].iter_mut().zip(name.bytes().take(NAME_BYTES)) {
            *place = byte;
        }
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A number from 0 (included) to 1 (excluded), evenly spread.
    pub fn unit(&mut self) -> f64 {
        // The top 53 bits fill the fraction of a double exactly.
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number from `low` to `high`, evenly spread.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A number around 0 with the given standard deviation, cut at three of them.
    pub fn normal(&mut self, deviation: f64) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.unit()));
        let value = radius * libm::cos(std::f64::consts::TAU * self.unit());
        deviation * value.clamp(-3.0, 3.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seed_site_name_and_number_each_open_another_stream() {
        let first = |seed, site, name, number| Stream::new(seed, site, name, number).unit();
        let base = first(1, 2, "terrain", 0);
        assert_eq!(base, first(1, 2, "terrain", 0));
        for other in [
            first(2, 2, "terrain", 0),
            first(1, 3, "terrain", 0),
            first(1, 2, "radar", 0),
            first(1, 2, "terrain", 1),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn normal_numbers_have_the_asked_spread() {
        let mut stream = Stream::new(1, 1, "test", 0);
        let values: Vec<f64> = (0..4000).map(|_| stream.normal(2.0)).collect();
        let mean = values.iter().sum::<f64>() / 4000.0;
        let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / 4000.0;
        assert!(mean.abs() < 0.15, "{mean}");
        assert!((libm::sqrt(variance) - 2.0).abs() < 0.15, "{variance}");
    }
}
