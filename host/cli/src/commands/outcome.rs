//! `lucid outcome`.

use lucid_core::{CallUsage, Event, SessionSummary, Timestamp, TokenUsage};
use lucid_runtime::{Prices, Runtime, SessionFilter};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::args::OutcomeCommand;
use crate::failure::{self, Ended};
use crate::show::outcome::{Report, Round};
use crate::show::{print, print_json};

/// Events read at once.
const PAGE: u32 = 1_000;

pub(crate) async fn run(runtime: &Runtime, command: OutcomeCommand, json: bool) -> failure::Result {
    let OutcomeCommand::Report { mission } = command;
    let metadata = mission.map(|name| ("lucid.mission".to_owned(), name));
    let filter =
        SessionFilter { metadata: metadata.into_iter().collect(), ..SessionFilter::default() };
    let mut report = Report::default();
    for summary in runtime.store.sessions(&filter).await? {
        read(runtime, &summary, &mut report).await?;
    }
    runtime.store.close().await?;
    match json {
        true => print_json(&report.document())?,
        false => print(&report.text())?,
    }
    Ok(Ended::Done)
}

async fn read(
    runtime: &Runtime,
    summary: &SessionSummary,
    report: &mut Report,
) -> lucid_core::Result<()> {
    let mut after = None;
    report.begin(&summary.session);
    loop {
        let page = runtime.store.events(&summary.session.id, after, PAGE).await?;
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
        for (_, record) in &page {
            match record.kind.as_str() {
                "span.model_request_end" | "span.outcome_evaluation_end" => {}
                _ => continue,
            }
            match record.event() {
                Some(Event::ModelRequestEnd { model_usage, .. }) => {
                    report.agent(model_usage.into());
                }
                Some(Event::EvaluationEnd {
                    outcome_id, iteration, result, usage, lucid, ..
                }) => {
                    let round = Round {
                        iteration,
                        result,
                        criteria: part(&lucid, "criteria"),
                        tokens: usage.into(),
                        micro_usd: micro_usd(&lucid, record.created_at),
                        wall_ms: part::<CallUsage>(&lucid, "usage").wall_ms,
                    };
                    report.evaluation(&outcome_id, round);
                }
                _ => {}
            }
        }
    }
    report.end();
    Ok(())
}

/// A part of an evaluation's details; nothing where it has none.
fn part<T: DeserializeOwned + Default>(details: &Value, name: &str) -> T {
    let part = details.get(name).cloned().unwrap_or_default();
    serde_json::from_value(part).unwrap_or_default()
}

/// What the graders' models cost at the prices of then, in millionths of a US dollar; none
/// where a price is not known. Plugins cost nothing.
fn micro_usd(details: &Value, at: Timestamp) -> Option<u64> {
    let models = Event::evaluation_models(details).into_iter();
    let mut costing = models.filter(|(model, _)| !model.starts_with("plugin:"));
    costing.try_fold(0, |sum: u64, (model, usage)| {
        let cost = Prices::bundled().cost_micro_usd(&model, &TokenUsage::from(usage), at)?;
        Some(sum.saturating_add(cost))
    })
}
