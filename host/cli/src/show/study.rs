//! A study: past work, before, the dream, after, the proof.

use lucid_core::{Dream, OperationState, Verdict};
use lucid_runtime::{HeldOutReport, PhaseReport, StudyReport, StudyResult, TaskReport};
use serde_json::Value;

use super::{dream, plot, table};

/// Everything, in the order it happened.
pub(crate) fn render(result: &StudyResult) -> String {
    let report = &result.report;
    let mut text = heading("Past work");
    text.push_str(&format!(
        "{} of {} training sessions succeeded{}\n",
        report.training_succeeded,
        report.training_sessions,
        if report.shuffled_labels { " (outcomes shuffled among them: a control)" } else { "" },
    ));
    text.push_str(&heading("Before the dream"));
    text.push_str(&phase(&report.before, None));
    for (section, before, _) in &result.plots {
        text.push_str(&format!("\n{}: lines succeeded, dots failed\n", section.title));
        text.push_str(&plot::curves(&section.x, &section.y, before));
    }
    text.push_str(&heading("The dream"));
    text.push_str(&dreamt(report, &result.dream));
    text.push('\n');
    text.push_str(&dream::files(&result.diff));
    text.push_str(&heading("After the dream"));
    text.push_str(&phase(&report.after, Some(&report.before)));
    for (section, _, after) in &result.plots {
        text.push_str(&format!("\n{}: lines succeeded, dots failed\n", section.title));
        text.push_str(&plot::curves(&section.x, &section.y, after));
    }
    text.push_str(&heading("The proof"));
    text.push_str(&proof(&report.held_out));
    text.push_str(&totals(report));
    text
}

pub(super) fn heading(title: &str) -> String {
    let bold = anstyle::Style::new().bold();
    format!("\n{bold}{title}{bold:#}\n")
}

fn phase(phase: &PhaseReport, before: Option<&PhaseReport>) -> String {
    let names: Vec<String> = phase
        .tasks
        .first()
        .and_then(|task| task.measures.as_object())
        .map(|measures| measures.keys().cloned().collect())
        .unwrap_or_default();
    let mut header = vec!["task", "verdict", "result"];
    header.extend(names.iter().map(String::as_str));
    header.push("criteria met");
    if before.is_some() {
        header.push("before");
    }
    let mut rows = table::table(&header);
    for task in &phase.tasks {
        let mut row = vec![task.task.to_string(), verdict(task).to_owned(), task.result.clone()];
        row.extend(names.iter().map(|name| measure(&task.measures[name])));
        let met = task.criteria.iter().filter(|(_, verdict)| *verdict == Verdict::Met).count();
        row.push(format!("{met} of {}", task.criteria.len()));
        if let Some(before) = before {
            let earlier = before.tasks.iter().find(|other| other.task == task.task);
            row.push(earlier.map_or("-", verdict).to_owned());
        }
        rows.add_row(row);
    }
    let mut text = table::text(&rows);
    text.push_str(&format!("{} of {} succeeded\n", phase.succeeded, phase.total));
    for task in phase.tasks.iter().filter(|task| !task.success) {
        let open = task.criteria.iter().filter(|(_, verdict)| *verdict != Verdict::Met);
        for (criterion, verdict) in open {
            let verdict = table::verdict(*verdict);
            text.push_str(&format!("  task {}: {verdict}: {criterion}\n", task.task));
        }
    }
    text
}

fn verdict(task: &TaskReport) -> &'static str {
    if task.success { "ok" } else { "FAILED" }
}

fn measure(value: &Value) -> String {
    match value {
        Value::Number(number) => number.as_f64().map_or_else(String::new, |n| format!("{n:.2}")),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => super::short(text, 24),
        Value::Null => "-".to_owned(),
        other => super::short(&other.to_string(), 24),
    }
}

fn dreamt(report: &StudyReport, dream: &Dream) -> String {
    let mut kinds: Vec<(&str, u32)> = Vec::new();
    for operation in dream.in_state(OperationState::Accepted) {
        let name = operation.change.name();
        match kinds.iter_mut().find(|(kind, _)| *kind == name) {
            Some((_, count)) => *count += 1,
            None => kinds.push((name, 1)),
        }
    }
    let kinds: Vec<_> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let mut text = format!(
        "{} with {}: {} operations accepted ({}), {} refused, {} ms\n",
        dream.id,
        dream.strategy,
        dream.in_state(OperationState::Accepted).count(),
        if kinds.is_empty() { "none".to_owned() } else { kinds.join(", ") },
        dream.refused().count(),
        report.dream.ms,
    );
    if report.dream.playbook.is_empty() {
        text.push_str("no rule: nothing told the successful sessions from the failed ones\n");
    }
    for numbers in &report.dream.playbook {
        text.push_str(&format!("  rule  {}\n", dream::rule(numbers)));
    }
    text.push_str(&dream::refused(dream));
    text
}

fn proof(report: &HeldOutReport) -> String {
    let title = format!("{} held-out tasks, each with the old and the new memory", report.n);
    rates(&title, ["old", "new"], report)
}

/// Two rates as bars, each with its name, and their difference.
pub(super) fn rates(title: &str, [before, after]: [&str; 2], report: &HeldOutReport) -> String {
    const BAR: usize = 40;
    let bar = |rate: f64| {
        // Between 0 and 40 by the clamp.
        let full = (rate.clamp(0.0, 1.0) * BAR as f64).round() as usize;
        format!("{}{}", "█".repeat(full), "░".repeat(BAR - full))
    };
    let [low, high] = report.ci95;
    format!(
        "{title}\n  {before}  {} {:5.1} %\n  {after}  {} {:5.1} %\n  \
         difference {:+.1} points, 95 % interval {:+.1} to {:+.1}\n",
        bar(report.before_rate),
        report.before_rate * 100.0,
        bar(report.after_rate),
        report.after_rate * 100.0,
        report.difference * 100.0,
        low * 100.0,
        high * 100.0,
    )
}

fn totals(report: &StudyReport) -> String {
    let sessions =
        report.training_sessions + report.before.total + report.after.total + 2 * report.held_out.n;
    format!(
        "\n{sessions} sessions, {} threads, {} tool calls, {} events, {:.1} s (seed {})\n\
         look further: lucid dream show {}, lucid session events {}\n",
        report.threads,
        report.tool_calls,
        report.events,
        // Milliseconds of a run fit a float exactly.
        report.wall_ms as f64 / 1_000.0,
        report.seed,
        report.dream.id,
        report.after.tasks.first().map_or("ID", |task| task.session_id.as_str()),
    )
}
