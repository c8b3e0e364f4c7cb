//! How long to wait before a request is sent again.

use jiff::fmt::rfc2822;
use lucid_core::Entropy;

use crate::error::ModelError;
use crate::transport::HttpResponse;

/// The longest a provider's own wish to be left alone is honoured, in milliseconds.
const RETRY_AFTER_MS_MAX: u64 = 10 * 60 * 1_000;

/// Waits that double, drawn by lot so that many agents do not come back at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// How often a request is sent, the first time counted; default 8.
    pub attempts: u32,
    /// The longest first wait, in milliseconds; default 1,000.
    pub first_ms: u64,
    /// The longest wait of all, in milliseconds; default 60,000. A provider that asks for more
    /// gets up to ten minutes.
    pub longest_ms: u64,
}

impl Backoff {
    /// The defaults.
    pub const STANDARD: Self = Self { attempts: 8, first_ms: 1_000, longest_ms: 60_000 };

    /// How long to wait after an error, in milliseconds, or `None` to give up.
    ///
    /// `attempt` counts the failures before this one: 0 after the first. The wait is drawn
    /// evenly between nothing and a bound that doubles each time. What the provider asks for
    /// comes before it, so that those it sent away together do not come back together.
    #[must_use]
    pub fn delay_ms(&self, attempt: u32, error: &ModelError, entropy: &dyn Entropy) -> Option<u64> {
        if !error.kind.is_transient() || attempt.saturating_add(1) >= self.attempts {
            return None;
        }
        let doubled = 1_u64.checked_shl(attempt).unwrap_or(u64::MAX);
        let bound_ms = self.first_ms.saturating_mul(doubled).min(self.longest_ms);
        let drawn_ms = entropy.next_u64() % bound_ms.saturating_add(1).max(1);
        let asked_ms = error.retry_after_ms.unwrap_or(0).min(RETRY_AFTER_MS_MAX);
        Some(asked_ms.saturating_add(drawn_ms))
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// How long a provider asks to be left alone: `retry-after-ms`, or `retry-after` in seconds or
/// as a date. A date is counted from the server's own `date`, so no clock of ours is asked.
pub(crate) fn retry_after_ms(response: &HttpResponse) -> Option<u64> {
    let number = |text: &str, unit_ms: f64| {
        let ms = text.trim().parse::<f64>().ok()? * unit_ms;
        // A cast takes what is too large to the largest, and that is what is meant.
        (ms.is_finite() && ms >= 0.0).then_some(ms.ceil() as u64)
    };
    if let Some(ms) = response.header("retry-after-ms").and_then(|text| number(text, 1.0)) {
        return Some(ms);
    }
    let after = response.header("retry-after")?;
    number(after, 1_000.0).or_else(|| {
        let moment = |text: &str| Some(rfc2822::parse(text.trim()).ok()?.timestamp());
        let (from, until) = (moment(response.header("date")?)?, moment(after)?);
        Some(u64::try_from(until.as_millisecond() - from.as_millisecond()).unwrap_or(0))
    })
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;
    use lucid_core::{Failure, SeededEntropy};

    use super::*;
    use crate::error::ModelErrorKind;

    fn error(kind: ModelErrorKind, retry_after_ms: Option<u64>) -> ModelError {
        ModelError { retry_after_ms, ..ModelError::new(kind, Failure::failed("no")) }
    }

    /// Always the highest number: the longest wait there can be.
    struct Highest;

    impl Entropy for Highest {
        fn next_u64(&self) -> u64 {
            u64::MAX
        }
    }

    #[test]
    fn a_wait_is_drawn_below_a_bound_that_doubles_up_to_the_longest() {
        let entropy = SeededEntropy::new(5);
        let overloaded = error(ModelErrorKind::Overloaded, None);
        let backoff = Backoff { attempts: 100, ..Backoff::STANDARD };
        for (attempt, bound_ms) in [(0, 1_000), (1, 2_000), (5, 32_000), (6, 60_000), (98, 60_000)]
        {
            let waits: Vec<u64> = (0..500)
                .map(|_| backoff.delay_ms(attempt, &overloaded, &entropy).unwrap())
                .collect();
            let (least, most) = (waits.iter().min().unwrap(), waits.iter().max().unwrap());
            assert!(*most <= bound_ms, "{attempt}: {most}");
            // Full jitter: the whole room is used.
            assert!(*least < bound_ms / 20 && *most > bound_ms - bound_ms / 20, "{attempt}");
        }
    }

    #[test]
    fn a_wait_is_never_shorter_than_what_the_provider_asks_for_up_to_ten_minutes() {
        let entropy = SeededEntropy::new(5);
        let delay = |asked_ms| {
            let limited = error(ModelErrorKind::RateLimited, Some(asked_ms));
            Backoff::STANDARD.delay_ms(0, &limited, &entropy).unwrap()
        };
        for _ in 0..100 {
            assert!((90_000..=91_000).contains(&delay(90_000)));
            assert!((600_000..=601_000).contains(&delay(u64::MAX)));
        }
    }

    #[test]
    fn it_gives_up_after_the_last_attempt_and_on_what_does_not_pass() {
        let entropy = SeededEntropy::new(5);
        let delay = |attempt, kind| {
            Backoff::STANDARD.delay_ms(attempt, &error(kind, Some(1)), &entropy).is_some()
        };
        assert!(delay(6, ModelErrorKind::Unavailable));
        assert!(!delay(7, ModelErrorKind::Unavailable));
        assert!(!delay(u32::MAX, ModelErrorKind::Unavailable));
        for kind in [ModelErrorKind::Unauthorized, ModelErrorKind::TooLong] {
            assert!(!delay(0, kind), "{kind:?}");
        }
    }

    #[test]
    fn what_the_provider_asks_for_is_read_in_all_its_forms() {
        let check = |headers: &[(&str, &str)], expected| {
            let headers = headers.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
            let response = HttpResponse {
                status: 429,
                headers: headers.collect(),
                body: futures::stream::empty().boxed(),
            };
            assert_eq!(retry_after_ms(&response), expected, "{:?}", response.headers);
        };
        let date = ("date", "Sat, 21 Nov 2026 23:59:30 GMT");
        check(&[], None);
        check(&[("retry-after", "7")], Some(7_000));
        check(&[("retry-after", " 1.5 ")], Some(1_500));
        check(&[("retry-after-ms", "250"), ("retry-after", "7")], Some(250));
        check(&[("retry-after-ms", "soon"), ("retry-after", "7")], Some(7_000));
        check(&[date, ("retry-after", "Sun, 22 Nov 2026 00:00:10 GMT")], Some(40_000));
        check(&[date, ("retry-after", "Sat, 21 Nov 2026 00:00:10 GMT")], Some(0));
        check(&[("retry-after", "Sun, 22 Nov 2026 00:00:10 GMT")], None);
        for nonsense in ["-1", "NaN", "inf", "", "tomorrow"] {
            check(&[date, ("retry-after", nonsense)], None);
        }
        check(&[("retry-after", "1e300")], Some(u64::MAX));
    }

    #[test]
    fn odd_settings_make_no_odd_waits() {
        let backoff = Backoff { attempts: u32::MAX, first_ms: u64::MAX, longest_ms: u64::MAX };
        let error = error(ModelErrorKind::Unavailable, Some(u64::MAX));
        assert!(backoff.delay_ms(1_000, &error, &Highest).is_some());
        let backoff = Backoff { attempts: 2, first_ms: 0, longest_ms: 0 };
        assert_eq!(backoff.delay_ms(0, &self::error(error.kind, None), &Highest), Some(0));
    }
}
