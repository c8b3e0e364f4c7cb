//! Chance that is the same each time: SplitMix64.

/// 2^64 divided by the golden ratio: consecutive multiples of it are far apart.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// A stream of numbers that looks like chance.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// One of the streams of a seed.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        Self(mix(seed ^ mix(stream.wrapping_add(GOLDEN))))
    }

    pub(crate) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number below `bound`; 0 where that is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.draw()) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or_default()
    }

    /// A number between `low` and `high`, with one digit behind the point.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        let unit = self.below(1 << 32) as f64 / (1_u64 << 32) as f64;
        ((low + (high - low) * unit) * 10.0).round() / 10.0
    }

    /// True with this probability, to a millionth.
    pub(crate) fn is(&mut self, probability: f64) -> bool {
        (self.below(1_000_000) as f64) < probability * 1_000_000.0
    }

    /// One of several, of which there has to be one.
    pub(crate) fn of<'a>(&mut self, items: &[&'a str]) -> &'a str {
        let at = usize::try_from(self.below(items.len() as u64)).unwrap_or_default();
        items.get(at).copied().unwrap_or_default()
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = usize::try_from(self.below(last as u64 + 1)).unwrap_or_default();
            items.swap(last, other);
        }
    }
}

fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_the_same_each_time_and_fair_enough_for_planted_effects() {
        let draws = |seed, stream| {
            let mut chance = Chance::new(seed, stream);
            (0..8).map(|_| chance.draw()).collect::<Vec<_>>()
        };
        assert_eq!(draws(7, 1), draws(7, 1));
        assert_ne!(draws(7, 1), draws(7, 2));
        assert_ne!(draws(7, 1), draws(8, 1));
        let mut chance = Chance::new(1, 1);
        let hits = (0..100_000).filter(|_| chance.is(0.25)).count();
        assert!((24_000..26_000).contains(&hits), "{hits}");
        let mut items: Vec<u32> = (0..50).collect();
        chance.shuffle(&mut items);
        assert!(!items.is_sorted());
        items.sort_unstable();
        assert_eq!(items, (0..50).collect::<Vec<_>>());
    }
}
