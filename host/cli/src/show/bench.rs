//! A benchmark's figures: what was measured, and what was promised of it.

use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};
use lucid_runtime::bench::{CallFigures, EngineBench, FileFigure, Part, Progress};

use super::table;

/// The width of the longest bar, in characters.
const BAR_WIDTH: usize = 32;

/// Everything, part by part, and then what was promised.
pub(crate) fn render(bench: &EngineBench) -> String {
    let kernel = bench.machine.kernel.as_deref().unwrap_or("unknown");
    let busy = bench.machine.load.map(|load| format!(", load {load:.2} before"));
    let mut text = format!(
        "lucid {}, {} cores, kernel {kernel}{}\n",
        bench.version,
        bench.machine.cores,
        busy.unwrap_or_default()
    );
    if let Some(figures) = &bench.calls {
        text.push_str(&calls(figures));
    }
    text.push_str(&others(bench));
    text.push_str(&files(bench));
    text.push_str(&promises(bench));
    for note in &bench.notes {
        text.push_str(&format!("note: {}\n", super::plain(note)));
    }
    text
}

fn heading(title: &str) -> String {
    let bold = anstyle::Style::new().bold();
    format!("\n{bold}{title}{bold:#}\n")
}

fn calls(figures: &CallFigures) -> String {
    let mut ways = vec![
        ("warm, bare wasmtime", figures.warm_us),
        ("bare wasmtime", figures.bare_us),
        ("bare, pool as Lucid's", figures.bare_tuned_us),
        ("lucid, no folder", figures.lucid_without_folder_us),
        ("lucid", figures.lucid_us),
    ];
    ways.extend(figures.spawn_us.map(|spawn| ("a process", spawn)));
    let longest = ways.iter().map(|(_, spread)| spread.p50).fold(0.0, f64::max);
    let mut rows = table::table(&["call", "median", "p99", ""]);
    for (name, spread) in ways {
        let [p50, p99] = [spread.p50, spread.p99].map(|time| format!("{time:>7.1} µs"));
        rows.add_row(vec![name.to_owned(), p50, p99, bar(spread.p50, longest)]);
    }
    let each = format!("n = {} of each, in turn\n", figures.lucid_us.n);
    let second = format!("{:.0} calls a second on all cores\n", figures.calls_per_second);
    format!("{}{}{each}{second}", heading("Calls"), table::text(&rows))
}

/// A bar as long as a value is beside the longest; eighths of a character.
fn bar(value: f64, longest: f64) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let share = if longest > 0.0 { (value / longest).clamp(0.0, 1.0) } else { 0.0 };
    // Between 0 and the whole width by the clamp, so nothing is lost.
    let eighths = (share * (BAR_WIDTH * 8) as f64).round() as usize;
    format!("{}{}", "█".repeat(eighths / 8), PARTS[eighths % 8])
}

fn others(bench: &EngineBench) -> String {
    let mut rows = table::table(&["what", "figure"]);
    let mut row = |what: &str, figure: String| {
        rows.add_row(vec![what.to_owned(), figure]);
    };
    if let Some(load) = &bench.load_ms {
        row("load, compiled", format!("{:.1} ms", load.cold));
        row("load, from the cache", format!("{:.2} ms", load.warm));
    }
    for (n, kib) in bench.rss_per_instance_kib.iter().flatten() {
        let figure = kib.map_or("-".to_owned(), |kib| format!("{kib:.1} KiB each"));
        row(&format!("{} instances alive at once", n.trim_start_matches('n')), figure);
    }
    if let Some(over) = &bench.deadline_overshoot_ms {
        let far = format!("p99 {:.1}, p99.9 {:.1}, most {:.1}", over.p99, over.p999, over.max);
        row("deadlines overshot", format!("median {:.1} ms, {far}; n = {}", over.p50, over.n));
    }
    if let Some(mib) = bench.rss_after_kills_mib {
        row("memory after 1,000 killed calls", format!("{mib:.1} MiB more"));
    }
    if rows.row_count() == 0 {
        return String::new();
    }
    format!("{}{}", heading("Loading, memory, deadlines"), table::text(&rows))
}

fn files(bench: &EngineBench) -> String {
    let Some(files) = &bench.files else { return String::new() };
    let work: [(&str, &FileFigure); 7] = [
        ("read 64 MiB, 64 KiB at a time", &files.read_large),
        ("read 64 MiB, 1 MiB at a time", &files.read_large_mib_chunks),
        ("write 64 MiB, 64 KiB at a time", &files.write_large),
        ("write 64 MiB, 1 MiB at a time", &files.write_large_mib_chunks),
        ("make 1,000 files of 1 KiB", &files.small_write),
        ("read them", &files.small_read),
        ("ask for their sizes", &files.small_stat),
    ];
    let most = work.iter().map(|(_, figure)| figure.ratio).fold(0.0, f64::max);
    let mut rows = table::table(&["files", "native", "guest", "ratio", ""]);
    for (name, figure) in work {
        let times = [figure.native_ms, figure.guest_ms];
        let [native, guest] = times.map(|time| format!("{time:>7.2} ms"));
        let ratio = format!("{:.2}", figure.ratio);
        rows.add_row(vec![name.to_owned(), native, guest, ratio, bar(figure.ratio, most)]);
    }
    let stall = format!(
        "the runtime stalled for {:.1} ms at most; for {:.1} ms while the work was native\n",
        files.runtime_stall_ms, files.runtime_stall_native_ms
    );
    format!("{}{}{stall}", heading("Files"), table::text(&rows))
}

/// One promise: what, the figure, whether it may be at most or has to be at least this.
struct Promise {
    what: String,
    figure: f64,
    most: bool,
    bound: f64,
}

impl Promise {
    fn most(what: impl Into<String>, figure: f64, bound: f64) -> Self {
        Self { what: what.into(), figure, most: true, bound }
    }

    fn least(what: impl Into<String>, figure: f64, bound: f64) -> Self {
        Self { what: what.into(), figure, most: false, bound }
    }

    fn kept(&self) -> bool {
        if self.most { self.figure <= self.bound } else { self.figure >= self.bound }
    }
}

fn promises(bench: &EngineBench) -> String {
    let promised = promised(bench);
    if promised.is_empty() {
        return String::new();
    }
    let mut rows = table::table(&["promise", "figure", "bound", ""]);
    for promise in promised {
        let bound = if promise.most { "at most" } else { "at least" };
        let kept = if promise.kept() { "kept" } else { "NOT KEPT" };
        rows.add_row(vec![
            promise.what.clone(),
            format!("{:.2}", promise.figure),
            format!("{bound} {}", promise.bound),
            kept.to_owned(),
        ]);
    }
    format!("{}{}", heading("Promises"), table::text(&rows))
}

/// What SPECIFICATION.md promises of the figures there are.
fn promised(bench: &EngineBench) -> Vec<Promise> {
    let mut all = Vec::new();
    if let Some(calls) = &bench.calls {
        let lucid = calls.lucid_us;
        all.push(Promise::most("lucid / bare wasmtime", calls.ratio_lucid_to_bare, 1.3));
        all.push(Promise::most("lucid, p99 / median", lucid.p99 / lucid.p50.max(1e-3), 2.0));
        let spawn = calls.ratio_spawn_to_lucid;
        all.extend(spawn.map(|ratio| Promise::least("a process / lucid", ratio, 10.0)));
    }
    for (n, kib) in bench.rss_per_instance_kib.iter().flatten() {
        let what = format!("KiB each, {} alive", n.trim_start_matches('n'));
        all.extend(kib.map(|kib| Promise::most(what, kib, 60.0)));
    }
    let load = bench.load_ms;
    all.extend(load.map(|load| Promise::most("load from the cache, ms", load.warm, 1.0)));
    if let Some(over) = &bench.deadline_overshoot_ms {
        all.push(Promise::most("overshoot of 99.9 %, ms", over.p999, 20.0));
        all.push(Promise::most("overshoot of all, ms", over.max, 100.0));
    }
    let grown = bench.rss_after_kills_mib;
    all.extend(grown.map(|mib| Promise::most("MiB more after kills", mib, 8.0)));
    if let Some(files) = &bench.files {
        let large = [
            files.read_large,
            files.read_large_mib_chunks,
            files.write_large,
            files.write_large_mib_chunks,
        ];
        let small = [files.small_write, files.small_read, files.small_stat];
        let worst = |figures: &[FileFigure]| figures.iter().map(|f| f.ratio).fold(0.0, f64::max);
        all.push(Promise::most("large files, guest / native", worst(&large), 2.5));
        all.push(Promise::most("small files, guest / native", worst(&small), 12.0));
    }
    all
}

/// How far a run is: a bar on a terminal, one line a part elsewhere.
pub(crate) struct Bar {
    terminal: bool,
    shown: Mutex<(Option<Part>, ProgressBar)>,
}

impl Bar {
    pub(crate) fn new() -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self { terminal, shown: Mutex::new((None, ProgressBar::hidden())) }
    }

    pub(crate) fn show(&self, progress: Progress) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.0 != Some(progress.part) {
            shown.0 = Some(progress.part);
            let title = title(progress.part);
            if self.terminal {
                let bar = ProgressBar::new(progress.total);
                if let Ok(style) =
                    ProgressStyle::with_template("{prefix:28} {wide_bar} {pos}/{len}")
                {
                    bar.set_style(style);
                }
                bar.set_prefix(title);
                shown.1.finish_and_clear();
                shown.1 = bar;
            } else {
                eprintln!("{title}");
            }
        }
        shown.1.set_position(progress.done);
    }

    /// Takes the bar away.
    pub(crate) fn clear(&self) {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).1.finish_and_clear();
    }
}

fn title(part: Part) -> &'static str {
    match part {
        Part::Live => "Memory of live instances",
        Part::Load => "Loading",
        Part::Calls => "Calls",
        Part::Deadline => "Deadlines",
        Part::Kills => "Memory after kills",
        Part::Files => "Files",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"{
        "version": "0.1.0", "machine": {"cores": 2, "kernel": "6.18"},
        "bare_us": {"p50": 20.0, "p99": 30.0, "n": 2000},
        "bare_tuned_us": {"p50": 22.0, "p99": 30.0, "n": 2000},
        "lucid_us": {"p50": 30.0, "p99": 50.0, "n": 2000},
        "lucid_without_folder_us": {"p50": 25.0, "p99": 50.0, "n": 2000},
        "warm_us": {"p50": 1.0, "p99": 2.0, "n": 2000},
        "spawn_us": {"p50": 400.0, "p99": 800.0, "n": 2000},
        "ratio_lucid_to_bare": 1.5, "ratio_lucid_to_bare_tuned": 1.4,
        "ratio_spawn_to_lucid": 13.3, "calls_per_second": 50000.0,
        "rss_per_instance_kib": {"n1000": 40.0, "n10000": null},
        "load_ms": {"cold": 100.0, "warm": 0.5}, "notes": ["10,000 did not fit"]
    }"#;

    #[test]
    fn a_promise_that_is_not_kept_is_said_and_what_was_not_measured_is_left_out() {
        let bench: EngineBench = serde_json::from_str(WHOLE).unwrap();
        let text = render(&bench);
        let line = |what: &str| text.lines().rfind(|line| line.contains(what)).unwrap();
        assert!(line("lucid / bare wasmtime").ends_with("NOT KEPT"), "{text}");
        assert!(!line("a process / lucid").contains("NOT"), "{text}");
        assert!(line("10000 instances alive").ends_with('-'), "{text}");
        assert!(text.contains("note: 10,000 did not fit") && !text.contains("oversho"));
    }

    #[test]
    fn bars_are_as_long_as_their_values() {
        assert_eq!(bar(4.0, 4.0).chars().count(), BAR_WIDTH);
        assert_eq!(bar(1.0, 2.0), "█".repeat(BAR_WIDTH / 2));
        assert_eq!((bar(0.0, 4.0), bar(1.0, 0.0)), (String::new(), String::new()));
    }
}
