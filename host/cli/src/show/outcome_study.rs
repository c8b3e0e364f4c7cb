//! What the revisions of an outcome are worth.

use lucid_runtime::OutcomeStudyReport;

use super::{short, study, table};

/// The criteria that were not always met, and the two rates.
pub(crate) fn render(report: &OutcomeStudyReport) -> String {
    let mut text = study::heading("Criteria that were not met at the end");
    let mut rows = table::table(&["line", "criterion", "without", "with"]);
    let missed = |unmet: u32| if unmet == 0 { "-".to_owned() } else { unmet.to_string() };
    for criterion in &report.criteria {
        if criterion.unmet_without + criterion.unmet_with > 0 {
            rows.add_row(vec![
                criterion.line.to_string(),
                short(&criterion.text, 60),
                missed(criterion.unmet_without),
                missed(criterion.unmet_with),
            ]);
        }
    }
    text.push_str(&table::text(&rows));
    text.push_str(&study::heading("What revisions are worth"));
    let title = format!(
        "{} tasks, each with one evaluation and with up to {}",
        report.satisfied.n, report.max_iterations
    );
    text.push_str(&study::rates(&title, ["without", "with   "], &report.satisfied));
    text.push_str(&format!(
        "\n{} sessions, {} threads, {} tool calls, {} events, {:.1} s (seed {})\n\
         look further: lucid session events {}\n",
        2 * report.satisfied.n,
        report.threads,
        report.tool_calls,
        report.events,
        // Milliseconds of a run fit a float exactly.
        report.wall_ms as f64 / 1_000.0,
        report.seed,
        report.session_id.as_deref().unwrap_or("ID"),
    ));
    text
}
