//! What threads used: requests, calls, errors, tokens, money, time.

use lucid_core::{Timestamp, TokenUsage};
use lucid_runtime::Prices;

/// What one request cost, in millionths of a US dollar; none where the price is not known.
/// Takes the model as its agent names it, and when it answered.
pub(crate) type Price = fn(&str, &TokenUsage, Timestamp) -> Option<u64>;

/// What a request cost, in millionths of a US dollar, by the table that Lucid brings along.
pub(crate) fn price(model: &str, usage: &TokenUsage, at: Timestamp) -> Option<u64> {
    Prices::bundled().cost_micro_usd(model, usage, at)
}

/// What one thread, or all of them, used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Times its model was asked.
    pub(crate) requests: u32,
    /// Tool calls it made.
    pub(crate) calls: u32,
    /// Calls and requests that failed.
    pub(crate) errors: u32,
    /// Tokens of its model.
    pub(crate) usage: TokenUsage,
    /// What its model cost.
    pub(crate) cost: Cost,
    /// Milliseconds it worked, up to the last time it stopped.
    pub(crate) active_ms: u64,
    since: Option<Timestamp>,
}

impl Tally {
    /// It works from now on.
    pub(super) fn begin(&mut self, at: Timestamp) {
        self.since.get_or_insert(at);
    }

    /// It stopped working.
    pub(super) fn stop(&mut self, at: Timestamp) {
        if let Some(since) = self.since.take() {
            let worked = at.as_millis().saturating_sub(since.as_millis());
            self.active_ms = self.active_ms.saturating_add(worked);
        }
    }

    /// Its model answered.
    pub(super) fn answered(&mut self, usage: TokenUsage) {
        let all = &mut self.usage;
        let add = |sum: &mut u64, more: u64| *sum = sum.saturating_add(more);
        add(&mut all.input_tokens, usage.input_tokens);
        add(&mut all.output_tokens, usage.output_tokens);
        add(&mut all.cache_read_tokens, usage.cache_read_tokens);
        add(&mut all.cache_write_tokens, usage.cache_write_tokens);
    }

    /// Adds what another thread used.
    pub(super) fn add(&mut self, other: &Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.calls = self.calls.saturating_add(other.calls);
        self.errors = self.errors.saturating_add(other.errors);
        self.answered(other.usage);
        self.cost.micro_usd = self.cost.micro_usd.saturating_add(other.cost.micro_usd);
        self.cost.priced |= other.cost.priced;
        self.cost.unpriced |= other.cost.unpriced;
        self.active_ms = self.active_ms.saturating_add(other.active_ms);
    }
}

/// Money, as far as prices are known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Millionths of a US dollar.
    pub(crate) micro_usd: u64,
    /// Whether a request had a price.
    pub(crate) priced: bool,
    /// Whether a request had none.
    pub(crate) unpriced: bool,
}

impl Cost {
    /// Takes one request. A plugin costs nothing.
    pub(super) fn add(&mut self, model: Option<&str>, micro_usd: Option<u64>) {
        match micro_usd {
            Some(cost) => {
                self.micro_usd = self.micro_usd.saturating_add(cost);
                self.priced = true;
            }
            None => self.unpriced |= model.is_some_and(|model| !model.starts_with("plugin:")),
        }
    }

    /// The cost in words: `-` where nothing has a price, a `+` where something has none.
    pub(crate) fn text(self) -> String {
        let (dollars, rest) = (self.micro_usd / 1_000_000, self.micro_usd % 1_000_000);
        let more = if self.unpriced { "+" } else { "" };
        match (self.priced, dollars) {
            (false, _) => "-".to_owned(),
            (true, 0) => format!("${dollars}.{:04}{more}", rest / 100),
            (true, _) => format!("${dollars}.{:02}{more}", rest / 10_000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_says_what_it_does_not_know() {
        let mut cost = Cost::default();
        cost.add(Some("plugin:x"), None);
        assert_eq!(cost.text(), "-");
        cost.add(Some("some-model"), Some(12_345));
        assert_eq!(cost.text(), "$0.0123");
        cost.add(Some("another"), None);
        assert_eq!(cost.text(), "$0.0123+");
        cost.add(Some("some-model"), Some(3_000_000));
        assert_eq!(cost.text(), "$3.01+");
    }

    #[test]
    fn only_time_between_a_start_and_a_stop_is_active() {
        let mut tally = Tally::default();
        tally.stop(Timestamp(5));
        tally.begin(Timestamp(10));
        tally.begin(Timestamp(20));
        tally.stop(Timestamp(30));
        tally.begin(Timestamp(100));
        assert_eq!(tally.active_ms, 20);
    }
}
