//! `lucid bench store`.

use lucid_runtime::{AppendFigures, RuntimeOptions, measure_appends};

use super::Scratch;
use super::promise::{Row, rows};
use super::steps::Steps;
use crate::args::StoreBenchArgs;
use crate::failure::Ended;
use crate::show::{print, print_json};

/// What SPECIFICATION.md promises of the store's rate beside the bare one.
const RATIO: f64 = 0.8;

pub(super) async fn run(
    options: &RuntimeOptions,
    args: &StoreBenchArgs,
    json: bool,
) -> crate::failure::Result {
    let scratch = Scratch::inside(&options.state)?;
    let steps = Steps::new();
    steps.show("Appends", 0, u64::from(args.rounds));
    let measured = measure_appends(scratch.folder(), args.rounds).await;
    drop(steps);
    let figures = measured?;
    if json {
        print_json(&figures)?;
    } else {
        print(&render(&figures))?;
    }
    Ok(Ended::Done)
}

fn render(figures: &AppendFigures) -> String {
    let each_second = |rate: f64| format!("{rate:.0} events/s");
    let AppendFigures { p50_ms, p99_ms, rounds, .. } = figures;
    let append = format!("{p50_ms:.2} ms median, {p99_ms:.2} ms p99");
    let ratio = format!("{:.2}", figures.ratio);
    let table = rows(&[
        Row::of("the store, 25 sessions at once", each_second(figures.store_events_per_s)),
        Row::of("bare SQL, commits of 25", each_second(figures.bare_events_per_s)),
        Row::least("the store / bare SQL", ratio, figures.ratio, RATIO),
        Row::of("one append, until it is on disk", append),
    ]);
    format!("{table}medians of {rounds} rounds of 1,000 events each way, in turn\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_below_the_promise_is_said() {
        let mut figures = AppendFigures {
            store_events_per_s: 5_000.4,
            bare_events_per_s: 6_000.0,
            ratio: 0.83,
            p50_ms: 4.5,
            p99_ms: 9.0,
            rounds: 30,
        };
        let text = render(&figures);
        assert!(text.contains("5000 events/s") && text.contains("at least 0.8, kept"), "{text}");
        figures.ratio = 0.79;
        assert!(render(&figures).contains("NOT KEPT"));
    }
}
