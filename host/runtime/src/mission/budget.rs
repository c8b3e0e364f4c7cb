//! What a session and its agents may use in all, and how wide a team may grow.

use lucid_core::{Budget, Failure, Result, Timestamp, TokenUsage};
use lucid_model::Prices;
use toml::{Spanned, Value};

use super::file::{BudgetSection, SessionSection};
use super::limits::setting;
use super::source::Source;

/// Threads beside the lead's at most, unless a mission says otherwise.
const THREADS: usize = 25;
/// And the most it can say: that many were tried.
const THREADS_MAX: u64 = 1_000;

/// The most that a budget can name: numbers in events are exact up to here in every reader.
const AMOUNT_MAX: u64 = (1 << 53) - 1;
/// The longest time, a year.
const WALL_MS_MAX: u64 = 366 * 24 * 60 * 60 * 1_000;
/// The most money, in US dollars.
const USD_MAX: f64 = 1_000_000.0;
const MICRO_PER_USD: f64 = 1_000_000.0;

/// After every day that a table of prices has.
const NEWEST: Timestamp = Timestamp(u64::MAX);

/// Reads a budget; a mistake is shown with its line.
pub(crate) fn read(source: &Source, section: &BudgetSection) -> Result<Budget> {
    let amount = |name: &str, value: &Option<Spanned<Value>>, most| {
        value.as_ref().map(|value| setting(source, name, value, 1..=most)).transpose()
    };
    let usd = section.usd.as_ref().map(|value| {
        micro_usd(value.get_ref()).map_err(|failure| source.at(&value.span(), failure))
    });
    Ok(Budget {
        tokens: amount("tokens", &section.tokens, AMOUNT_MAX)?,
        micro_usd: usd.transpose()?,
        wall_ms: amount("wall_ms", &section.wall_ms, WALL_MS_MAX)?,
        tool_calls: amount("tool_calls", &section.tool_calls, AMOUNT_MAX)?,
    })
}

/// Checks that money can be counted where it is limited: every model that agents have, or that
/// graders ask, needs a price, and no tool may ask one that costs something, because only tokens
/// are counted of that. Plugins' own models cost nothing here.
pub(crate) fn check_money(
    source: &Source,
    section: &BudgetSection,
    models: &[&str],
    asked: &[(&str, &str)],
    prices: &Prices,
) -> Result<()> {
    let Some(usd) = &section.usd else { return Ok(()) };
    let costs = |model: &str| !model.starts_with("plugin:");
    let usage = TokenUsage { input_tokens: 1, output_tokens: 1, ..TokenUsage::default() };
    // The newest price is the one that will count.
    let priced = |model: &str| prices.cost_micro_usd(model, &usage, NEWEST).is_some();
    let failure = if let Some(model) = models.iter().find(|model| costs(model) && !priced(model)) {
        Failure::invalid(format!("`usd` cannot be held: no price of `{model}` is known"))
            .hint("limit `tokens` in the place of `usd`")
    } else if let Some((plugin, model)) = asked.iter().find(|(_, model)| costs(model)) {
        Failure::invalid(format!("`usd` cannot be held: plugin `{plugin}` asks `{model}` itself"))
            .hint("limit its `model_tokens` and `tool_calls` in the place of `usd`")
    } else {
        return Ok(());
    };
    Err(source.at(&usd.span(), failure))
}

/// Reads how many threads there may be beside the lead's.
pub(crate) fn threads(source: &Source, section: &SessionSection) -> Result<usize> {
    let Some(value) = &section.threads else { return Ok(THREADS) };
    let threads = setting(source, "threads", value, 1..=THREADS_MAX)?;
    Ok(usize::try_from(threads).unwrap_or(THREADS))
}

/// An amount of US dollars in millionths: more than none, and no finer than that.
fn micro_usd(value: &Value) -> Result<u64> {
    let wrong = |why: &str| {
        Err(Failure::invalid(format!("`usd` is {value}, {why}"))
            .hint("write an amount of US dollars from 0.000001 to 1000000, such as `2.5`"))
    };
    let usd = match value {
        Value::Integer(whole) => *whole as f64,
        Value::Float(usd) => *usd,
        _ => return wrong("which is no number"),
    };
    // A NaN is in no range.
    if !(0.0..=USD_MAX).contains(&usd) {
        return wrong("which is no such amount");
    }
    let micro = (usd * MICRO_PER_USD).round();
    // What was written is the nearest number to one with six digits, or it has more of them.
    if (micro / MICRO_PER_USD - usd).abs() > f64::EPSILON * USD_MAX {
        return wrong("which is finer than a millionth");
    }
    if micro < 1.0 {
        return wrong("and nothing could be done for that");
    }
    Ok(micro as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(text: &str) -> Result<Budget> {
        read(&Source::of(text), &toml::from_str(text).unwrap())
    }

    #[test]
    fn amounts_have_units_and_money_is_kept_to_the_millionth() {
        let text = "tokens = 1_000_000\nusd = 2.5\nwall_ms = \"2 h\"\ntool_calls = 500\n";
        let expected = Budget {
            tokens: Some(1_000_000),
            micro_usd: Some(2_500_000),
            wall_ms: Some(7_200_000),
            tool_calls: Some(500),
        };
        assert_eq!(budget(text), Ok(expected));
        assert_eq!(budget(""), Ok(Budget::default()));
        let money = [
            ("3", 3_000_000),
            ("0.000001", 1),
            ("0.1", 100_000),
            ("19.99", 19_990_000),
            ("123456.789012", 123_456_789_012),
            ("1_000_000", 1_000_000_000_000),
        ];
        for (written, micro) in money {
            let read = budget(&format!("usd = {written}"));
            assert_eq!(read.map(|budget| budget.micro_usd), Ok(Some(micro)), "{written}");
        }
    }

    #[test]
    fn a_budget_of_nothing_or_of_no_sense_is_refused_at_its_line() {
        let wrong = [
            "tokens = 0",
            "tokens = -5",
            "tokens = 1.5",
            "tokens = \"1 MiB\"",
            "tokens = 9007199254740992",
            "tool_calls = 0",
            "tool_calls = \"many\"",
            "wall_ms = 0",
            "wall_ms = \"2 days\"",
            "wall_ms = \"9000 h\"",
            "usd = 0",
            "usd = 0.0",
            "usd = -2.5",
            "usd = 0.0000001",
            "usd = 0.0000015",
            "usd = 1_000_000.01",
            "usd = inf",
            "usd = nan",
            "usd = \"2.5\"",
        ];
        for text in wrong {
            let refused = budget(&format!("\n\n{text}\n")).unwrap_err();
            assert!(refused.message.starts_with("mission.toml:3: `"), "{text}: {refused}");
            assert!(refused.hint.is_some(), "{text}");
        }
    }

    const PRICE: &str = "[[price]]\nmodel = \"claude-small\"\nvalid_from = 2026-01-01\n\
                         input = 1\noutput = 2\n";

    fn money(text: &str, models: &[&str], asked: &[(&str, &str)], prices: &str) -> Result<()> {
        let (section, prices) = (toml::from_str(text).unwrap(), Prices::parse(prices).unwrap());
        check_money(&Source::of(text), &section, models, asked, &prices)
    }

    #[test]
    fn money_is_limited_only_where_every_model_has_a_price() {
        let priced = ["plugin:echo", "claude-small"];
        assert_eq!(money("usd = 1", &priced, &[], PRICE), Ok(()));
        assert_eq!(money("tokens = 1", &["openai:own"], &[], PRICE), Ok(()));
        let half = PRICE.replace("output", "cache_read");
        for (models, prices) in [(["plugin:echo", "openai:own"], PRICE), (priced, &half)] {
            let refused = money("tokens = 9\nusd = 1", &models, &[], prices).unwrap_err();
            assert!(refused.message.starts_with("mission.toml:2: `usd`"), "{refused}");
            assert!(refused.message.contains(models[1]), "{refused}");
            assert!(refused.hint.unwrap().contains("`tokens`"));
        }
    }

    #[test]
    fn money_is_not_limited_where_a_plugin_could_spend_it_unseen() {
        let asks = |model| [("adviser", model)];
        assert_eq!(money("usd = 1", &[], &asks("plugin:echo"), PRICE), Ok(()));
        assert_eq!(money("tokens = 1", &[], &asks("claude-small"), PRICE), Ok(()));
        let refused = money("usd = 1", &[], &asks("claude-small"), PRICE).unwrap_err();
        assert!(refused.message.contains("`adviser`"), "{refused}");
    }

    #[test]
    fn a_team_has_25_threads_unless_its_mission_says_otherwise() {
        let threads = |text: &str| threads(&Source::of(text), &toml::from_str(text).unwrap());
        assert_eq!(threads(""), Ok(25));
        for (text, expected) in [("threads = 1", 1), ("threads = 1_000", 1_000)] {
            assert_eq!(threads(text), Ok(expected));
        }
        for text in ["threads = 0", "threads = 1001", "threads = -1", "threads = \"all\""] {
            assert!(threads(text).unwrap_err().message.contains("`threads`"), "{text}");
        }
    }
}
