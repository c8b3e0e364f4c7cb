//! What models cost, at the time they were asked.
//!
//! The log has tokens, not money: a price that turns out to be wrong is mended in the table,
//! and what old sessions cost is right again. So a table has dates, and the moment of the
//! event decides. A model or a kind of token that the table does not know has no cost, which
//! is not the same as costing nothing.

use std::sync::LazyLock;

use lucid_core::{Failure, Result, Timestamp, TokenUsage};
use serde::Deserialize;

/// One token at one USD per million tokens costs this many picodollars.
const PICO_PER_MICRO: u128 = 1_000_000;
/// The highest price taken, in USD per million tokens. More is a slip of the pen.
const USD_PER_MILLION_MAX: f64 = 1_000_000.0;

static BUNDLED: LazyLock<Prices> =
    LazyLock::new(|| Prices::parse(include_str!("prices.toml")).unwrap_or_default());

/// A table of prices and of windows.
///
/// ```toml
/// [[price]]
/// model = "openai:my-model"      # and its dated snapshots; `openai:my-*`: what begins so
/// valid_from = 2026-01-31        # from that day on, 00:00 UTC
/// input = 1.25                   # USD per million tokens; what is left out is not known
/// output = 10
/// cache_read = 0.125
/// cache_write = 1.5625
/// context_tokens = 400_000       # the model's window
/// prompt_tokens_over = 200_000   # only for longer prompts than this; 0 where it is left out
/// ```
#[derive(Debug, Clone, Default)]
pub struct Prices {
    /// The table that is asked first, then the one below it.
    layers: Vec<Vec<Entry>>,
}

/// One row of a table.
#[derive(Debug, Clone)]
struct Entry {
    /// The name, or how it begins.
    name: String,
    /// Whether anything may follow.
    open: bool,
    valid_from: Timestamp,
    prompt_tokens_over: u64,
    context_tokens: Option<u64>,
    /// Picodollars per token.
    input: Option<u64>,
    output: Option<u64>,
    cache_read: Option<u64>,
    cache_write: Option<u64>,
}

/// A table as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    price: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    model: String,
    valid_from: toml::Value,
    #[serde(default)]
    prompt_tokens_over: u64,
    context_tokens: Option<u64>,
    input: Option<f64>,
    output: Option<f64>,
    cache_read: Option<f64>,
    cache_write: Option<f64>,
}

impl Prices {
    /// The table that comes with Lucid. Its figures are as old as their dates say.
    #[must_use]
    pub fn bundled() -> &'static Self {
        &BUNDLED
    }

    /// Reads a table.
    ///
    /// # Errors
    /// Invalid, for what is no table of prices; names the line or the model.
    pub fn parse(toml: &str) -> Result<Self> {
        let file: File = toml::from_str(toml).map_err(|error| {
            let before = error.span().and_then(|span| toml.get(..span.start)).unwrap_or("");
            let line = before.matches('\n').count() + 1;
            let message = error.message().lines().next().unwrap_or_default();
            wrong(format!("line {line} of the price table: {message}"))
        })?;
        let entries: Result<Vec<Entry>> = file.price.into_iter().map(Row::entry).collect();
        Ok(Self { layers: vec![entries?] })
    }

    /// This table where it knows a model, and the other one where it does not.
    #[must_use]
    pub fn over(mut self, base: &Self) -> Self {
        self.layers.extend(base.layers.iter().cloned());
        self
    }

    /// What **one request** cost that was answered at this moment, in millionths of a USD; a
    /// price can depend on how long the prompt was, so usage must not be summed up before.
    ///
    /// `model` is the name as agents write it. `None` when the table has no price for it at
    /// that time, or none for a kind of token that was used.
    #[must_use]
    pub fn cost_micro_usd(&self, model: &str, usage: &TokenUsage, at: Timestamp) -> Option<u64> {
        let entry = self.layers.iter().find_map(|layer| {
            let valid = |entry: &&Entry| {
                let over = entry.prompt_tokens_over;
                let long_enough = over == 0 || usage.read() > over;
                entry.is_about_prices() && entry.valid_from <= at && long_enough
            };
            let matching = layer.iter().filter(valid);
            best(matching, model)
        })?;
        let kinds = [
            (usage.input_tokens, entry.input),
            (usage.output_tokens, entry.output),
            (usage.cache_read_tokens, entry.cache_read),
            (usage.cache_write_tokens, entry.cache_write),
        ];
        let mut pico: u128 = 0;
        for (tokens, price) in kinds.into_iter().filter(|(tokens, _)| *tokens > 0) {
            pico = pico.saturating_add(u128::from(tokens) * u128::from(price?));
        }
        let micro = pico.saturating_add(PICO_PER_MICRO / 2) / PICO_PER_MICRO;
        Some(u64::try_from(micro).unwrap_or(u64::MAX))
    }

    /// The models that have rows of their own, each once, in order. Rows about all models whose
    /// names begin alike name none.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let rows = self.layers.iter().flatten().filter(|entry| !entry.open);
        let mut names: Vec<&str> = rows.map(|entry| entry.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// How many tokens the model's window holds, by the newest row that says so.
    #[must_use]
    pub fn context_tokens(&self, model: &str) -> Option<u64> {
        self.layers.iter().find_map(|layer| {
            let matching = layer.iter().filter(|entry| entry.context_tokens.is_some());
            best(matching, model)?.context_tokens
        })
    }
}

/// The row for a model: the longest name wins, then the newest, then the one for the longest
/// prompt.
fn best<'a>(entries: impl Iterator<Item = &'a Entry>, model: &str) -> Option<&'a Entry> {
    entries.filter(|entry| entry.is_of(model)).max_by_key(|entry| {
        (entry.name.len(), !entry.open, entry.valid_from, entry.prompt_tokens_over)
    })
}

impl Entry {
    /// Whether it says what something costs, or that what is longer costs something else. A
    /// row with a window alone does neither, and hides no other row's price.
    fn is_about_prices(&self) -> bool {
        let prices = [self.input, self.output, self.cache_read, self.cache_write];
        prices.iter().any(Option::is_some) || self.prompt_tokens_over > 0
    }

    /// Whether the row is about this model. `gpt-x` is not about `gpt-x-mini`, which costs
    /// something else; it is about `gpt-x-2026-01-31`, which is the same model of one day.
    fn is_of(&self, model: &str) -> bool {
        model
            .strip_prefix(self.name.as_str())
            .is_some_and(|rest| rest.is_empty() || self.open || is_snapshot(rest))
    }
}

/// Whether this is `-20260131`, `-2026-01-31` or `-latest`.
fn is_snapshot(rest: &str) -> bool {
    let Some(version) = rest.strip_prefix('-') else {
        return false;
    };
    let digits = version.bytes().filter(u8::is_ascii_digit).count();
    let dashes: Vec<usize> = version.match_indices('-').map(|(at, _)| at).collect();
    let whole = digits + dashes.len() == version.len();
    version == "latest" || (digits == 8 && whole && (dashes.is_empty() || dashes == [4, 7]))
}

impl Row {
    fn entry(self) -> Result<Entry> {
        let Self { model, valid_from, prompt_tokens_over, context_tokens, .. } = self;
        let day = match &valid_from {
            toml::Value::Datetime(day) => day.to_string(),
            toml::Value::String(day) => day.clone(),
            other => other.to_string(),
        };
        let valid_from = Timestamp::parse(&format!("{day}T00:00:00Z")).ok_or_else(|| {
            wrong(format!("price of `{model}`: `valid_from` is no day such as 2026-01-31"))
        })?;
        let price = |name: &str, usd: Option<f64>| match usd {
            None => Ok(None),
            Some(usd) if (0.0..=USD_PER_MILLION_MAX).contains(&usd) =>
            {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "at most 10^12, and not negative"
                )]
                Ok(Some((usd * 1_000_000.0).round() as u64))
            }
            Some(_) => Err(wrong(format!("price of `{model}`: `{name}` is no price"))),
        };
        let (name, open) = match model.strip_suffix('*') {
            Some(start) => (start.to_owned(), true),
            None => (model.clone(), false),
        };
        Ok(Entry {
            name,
            open,
            valid_from,
            prompt_tokens_over,
            context_tokens,
            input: price("input", self.input)?,
            output: price("output", self.output)?,
            cache_read: price("cache_read", self.cache_read)?,
            cache_write: price("cache_write", self.cache_write)?,
        })
    }
}

fn wrong(message: String) -> Failure {
    Failure::invalid(message).hint("prices are USD per million tokens, in tables `[[price]]`")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = r#"
        [[price]]
        model = "claude-x"
        valid_from = 2026-01-01
        input = 3
        output = 15.0
        cache_read = 0.3
        cache_write = 3.75
        context_tokens = 200_000

        [[price]]
        model = "claude-x"
        valid_from = "2026-06-01"
        input = 2.0
        output = 10.0
        context_tokens = 1_000_000

        [[price]]
        model = "claude-x"
        valid_from = 2026-06-01
        prompt_tokens_over = 100_000
        input = 4.0
        output = 20.0

        [[price]]
        model = "openai:*"
        valid_from = 2026-01-01
        input = 0
        output = 0

        [[price]]
        model = "openai:big-*"
        valid_from = 2026-01-01
        input = 1
        output = 1
    "#;

    fn day(day: &str) -> Timestamp {
        Timestamp::parse(&format!("{day}T12:00:00Z")).unwrap()
    }

    fn usage(input_tokens: u64, output_tokens: u64) -> TokenUsage {
        TokenUsage { input_tokens, output_tokens, ..TokenUsage::default() }
    }

    fn cost(model: &str, tokens: TokenUsage, at: &str) -> Option<u64> {
        Prices::parse(TABLE).unwrap().cost_micro_usd(model, &tokens, day(at))
    }

    #[test]
    fn the_moment_of_the_event_decides_the_price() {
        let tokens = usage(1_000, 100);
        assert_eq!(cost("claude-x", tokens, "2025-12-31"), None);
        assert_eq!(cost("claude-x", tokens, "2026-05-31"), Some(4_500));
        assert_eq!(cost("claude-x", tokens, "2026-06-01"), Some(3_000));
    }

    #[test]
    fn the_longest_name_wins_and_a_date_is_not_another_model() {
        let tokens = usage(1_000, 0);
        for snapshot in ["claude-x-20260203", "claude-x-2026-02-03", "claude-x-latest"] {
            assert_eq!(cost(snapshot, tokens, "2026-02-03"), Some(3_000), "{snapshot}");
        }
        for other in ["claude-x-5", "claude-xl", "claude-x-mini", "claude-x-2026-0203", "claude-"] {
            assert_eq!(cost(other, tokens, "2026-02-03"), None, "{other}");
        }
        assert_eq!(cost("openai:llama3", tokens, "2026-02-03"), Some(0));
        assert_eq!(cost("openai:big-llama", tokens, "2026-02-03"), Some(1_000));
    }

    #[test]
    fn a_price_for_long_prompts_counts_all_that_was_read() {
        let cached = TokenUsage { cache_read_tokens: 60_000, ..usage(60_000, 0) };
        assert_eq!(cost("claude-x", usage(100_000, 0), "2026-07-01"), Some(200_000));
        assert_eq!(cost("claude-x", usage(100_001, 0), "2026-07-01"), Some(400_004));
        assert_eq!(cost("claude-x", cached, "2026-02-01"), Some(198_000));
    }

    #[test]
    fn what_has_no_price_has_no_cost() {
        let cached = TokenUsage { cache_read_tokens: 1, ..usage(10, 10) };
        assert_eq!(cost("claude-x", cached, "2026-07-01"), None);
        assert_eq!(cost("unknown", usage(1, 1), "2026-07-01"), None);
        assert_eq!(cost("claude-x", TokenUsage::default(), "2026-07-01"), Some(0));
    }

    #[test]
    fn the_tokens_of_a_cache_have_their_own_prices() {
        let tokens =
            TokenUsage { cache_read_tokens: 1_000, cache_write_tokens: 1_000, ..usage(0, 0) };
        assert_eq!(cost("claude-x", tokens, "2026-02-01"), Some(300 + 3_750));
    }

    #[test]
    fn a_longer_prompt_whose_price_is_not_known_has_no_cost() {
        let table = format!(
            "{TABLE}\n[[price]]\nmodel = \"claude-x\"\nvalid_from = 2026-08-01\n\
             input = 1\n[[price]]\nmodel = \"claude-x\"\nvalid_from = 2026-08-01\n\
             prompt_tokens_over = 50\n"
        );
        let prices = Prices::parse(&table).unwrap();
        let cost = |tokens| prices.cost_micro_usd("claude-x", &usage(tokens, 0), day("2026-08-01"));
        assert_eq!((cost(50), cost(51)), (Some(50), None));
    }

    #[test]
    fn models_with_rows_of_their_own_are_named_once() {
        assert_eq!(Prices::parse(TABLE).unwrap().names(), ["claude-x"]);
    }

    #[test]
    fn no_count_of_tokens_is_too_large() {
        let all = usage(u64::MAX, u64::MAX);
        assert_eq!(cost("claude-x", all, "2026-07-01"), Some(u64::MAX));
    }

    #[test]
    fn a_table_of_ones_own_comes_first() {
        let own = r#"
            [[price]]
            model = "claude-x"
            valid_from = 2026-03-01
            input = 1
            [[price]]
            model = "claude-*"
            valid_from = 2026-01-01
            context_tokens = 50_000
        "#;
        let prices = Prices::parse(own).unwrap().over(&Prices::parse(TABLE).unwrap());
        let cost = |at| prices.cost_micro_usd("claude-x", &usage(1_000, 0), day(at));
        assert_eq!(cost("2026-02-01"), Some(3_000), "its own is not valid yet");
        assert_eq!(cost("2026-07-01"), Some(1_000));
        assert_eq!(prices.context_tokens("claude-x"), Some(50_000));
        assert_eq!(prices.context_tokens("openai:llama3"), None);
        assert_eq!(Prices::parse(TABLE).unwrap().context_tokens("claude-x"), Some(1_000_000));
    }

    #[test]
    fn a_table_with_a_mistake_is_refused_with_its_place() {
        let check = |table: &str, part: &str| {
            let refused = Prices::parse(table).unwrap_err();
            assert!(refused.message.contains(part), "{refused}");
            assert!(!refused.message.contains('\n') && refused.hint.is_some(), "{refused}");
        };
        let row = |more: &str| format!("[[price]]\nmodel = \"m\"\n{more}\n");
        check(&row("valid_from = 2026-01-01\ninputs = 1"), "line 4");
        check(&row("valid_from = 2026-13-01"), "line 3");
        check(&row("valid_from = \"soon\""), "`m`: `valid_from`");
        check(&row("valid_from = 2026-01-01T10:00:00Z"), "`m`: `valid_from`");
        check(&row("valid_from = 2026-01-01\ninput = -1"), "`input`");
        check(&row("valid_from = 2026-01-01\noutput = nan"), "`output`");
        check("[[price]]\nvalid_from = 2026-01-01", "line 1");
    }

    #[test]
    fn the_bundled_table_is_read_and_sound() {
        let prices = Prices::parse(include_str!("prices.toml")).unwrap();
        let layer = &prices.layers[0];
        assert!(!layer.is_empty());
        for entry in layer {
            let name = &entry.name;
            assert!(!entry.open, "{name}: a bundled price is about a known model");
            assert_eq!(entry.input.is_some(), entry.output.is_some(), "{name}");
            if entry.input.is_some() {
                assert!(entry.input < entry.output, "{name}: output costs more than input");
                assert!(entry.cache_read < entry.input, "{name}: what is cached costs less");
            } else {
                assert!(entry.prompt_tokens_over > 0, "{name} says nothing");
            }
            assert!(entry.valid_from >= day("2024-01-01"), "{name}");
            let same = |other: &&Entry| {
                (&other.name, other.valid_from, other.prompt_tokens_over)
                    == (name, entry.valid_from, entry.prompt_tokens_over)
            };
            assert_eq!(layer.iter().filter(same).count(), 1, "{name} is there twice");
        }
    }

    #[test]
    fn the_bundled_table_follows_a_price_that_changed() {
        let tokens = TokenUsage { cache_read_tokens: 1_000_000, ..TokenUsage::default() };
        let cost = |at| Prices::bundled().cost_micro_usd("claude-sonnet-5-5", &tokens, day(at));
        assert_eq!(cost("2026-10-06"), Some(200_000));
        assert_eq!(cost("2026-10-07"), Some(100_000));
        assert_eq!(Prices::bundled().context_tokens("claude-haiku-4-5-20251001"), Some(200_000));
    }
}
