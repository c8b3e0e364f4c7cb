//! `lucid bench session`.

use lucid_runtime::RuntimeOptions;
use lucid_runtime::bench::Spread;
use lucid_runtime::session_bench::{
    SessionBench, SessionBenchOptions, SessionPart, SessionProgress, run as measure,
};

use super::Scratch;
use super::promise::{Row, rows};
use super::steps::Steps;
use crate::args::SessionBenchArgs;
use crate::failure::Ended;
use crate::show::{print, print_json};

/// The tool of a bundled plugin that turns call: it says a text back.
const TOOL: &str = "bench.echo";

/// What SPECIFICATION.md promises of a turn's median, in milliseconds.
const TURN_MS: f64 = 2.0;

/// And of a thread that waits, in KiB.
const THREAD_KIB: f64 = 200.0;

pub(super) async fn run(
    options: RuntimeOptions,
    args: &SessionBenchArgs,
    json: bool,
) -> crate::failure::Result {
    let scratch = Scratch::inside(&options.state)?;
    let options = SessionBenchOptions {
        runtime: RuntimeOptions { state: scratch.folder().to_owned(), ..options },
        tool: Some(TOOL.to_owned()),
        turns: args.turns,
        threads: args.threads,
    };
    let steps = Steps::new();
    let hear = |SessionProgress { part, done, total }| steps.show(title(part), done, total);
    let measured = measure(&options, &hear).await;
    drop(steps);
    let figures = measured?;
    if json {
        print_json(&figures)?;
    } else {
        print(&render(&figures))?;
    }
    Ok(Ended::Done)
}

fn title(part: SessionPart) -> &'static str {
    match part {
        SessionPart::Threads => "Memory of waiting threads",
        SessionPart::Turns => "Turns",
    }
}

fn render(figures: &SessionBench) -> String {
    let SessionBench { version, turns, threads } = figures;
    let times = |times: Spread| format!("{:.2} ms median, {:.2} ms p99", times.p50, times.p99);
    let mut all = Vec::new();
    if let Some(turn) = turns.turn_ms {
        all.push(Row::most("a turn with a plugin's tool", times(turn), turn.p50, TURN_MS));
    }
    if let Some(turn) = turns.without_disk_ms {
        all.push(Row::of("the same without waiting for the disk", times(turn)));
    }
    all.push(Row::of("a turn with a tool of the host's own", times(turns.own_tool_ms)));
    all.push(Row::of("one wait for the disk alone", times(turns.disk_ms)));
    let kib = threads.kib_each.map_or("-".to_owned(), |kib| format!("{kib:.1} KiB"));
    all.push(match threads.kib_each {
        Some(value) => Row::most("memory of a waiting thread", kib, value, THREAD_KIB),
        None => Row::of("memory of a waiting thread", kib),
    });
    let waiting = format!("{:.2} s", threads.all_waiting_ms / 1e3);
    all.push(Row::of("until all threads waited", waiting));
    let (n, each, many) = (turns.own_tool_ms.n, turns.turns_in_a_session, threads.n);
    format!(
        "lucid {version}\n{}{n} turns of each kind, at most {each} in a session; {many} threads\n\
         the first turn waits for the disk twice, the one with the host's own tool once\n",
        rows(&all),
    )
}

#[cfg(test)]
mod tests {
    use lucid_runtime::session_bench::{ThreadFigures, TurnFigures};

    use super::*;

    #[test]
    fn promises_that_are_not_kept_are_said_and_what_the_system_hides_is_a_dash() {
        let times = |p50| Spread { p50, p99: 9.0, n: 100 };
        let turns = TurnFigures {
            turn_ms: Some(times(2.5)),
            without_disk_ms: Some(times(0.4)),
            own_tool_ms: times(1.2),
            disk_ms: times(1.0),
            turns_in_a_session: 50,
        };
        let threads = ThreadFigures { n: 1_000, kib_each: Some(40.0), all_waiting_ms: 1_500.0 };
        let mut figures = SessionBench { version: "1".to_owned(), turns, threads };
        let text = render(&figures);
        let line = |text: &str, what: &str| {
            text.lines().find(|line| line.contains(what)).unwrap().to_owned()
        };
        assert!(line(&text, "with a plugin's tool").ends_with("at most 2, NOT KEPT"), "{text}");
        assert!(line(&text, "waiting thread").ends_with("at most 200, kept"), "{text}");
        figures.threads.kib_each = None;
        assert!(line(&render(&figures), "waiting thread").ends_with('-'));
    }
}
