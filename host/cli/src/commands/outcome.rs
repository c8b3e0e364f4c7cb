//! `lucid outcome`.

use lucid_core::{CallUsage, Event, EventRecord, Timestamp, TokenUsage};
use lucid_runtime::Prices;
use lucid_verbs::ListSessions;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::session::read::{each_page, sessions};
use crate::args::OutcomeCommand;
use crate::failure::{self, Ended};
use crate::place::Site;
use crate::show::outcome::{Report, Round};
use crate::show::{print, print_json};

/// The types of events that a report is made of.
const KINDS: [&str; 2] = ["span.model_request_end", "span.outcome_evaluation_end"];

pub(crate) async fn run(site: Site, command: OutcomeCommand, json: bool) -> failure::Result {
    let OutcomeCommand::Report { mission } = command;
    let place = site.open()?;
    let list = ListSessions { mission, ..ListSessions::default() };
    let mut report = Report::default();
    for summary in sessions(&place, list, None).await? {
        report.begin(&summary.session);
        let tell = |page: Vec<_>| page.iter().for_each(|(_, record)| read(record, &mut report));
        each_page(&place, &summary.session.id, &KINDS, tell).await?;
        report.end();
    }
    place.close().await?;
    match json {
        true => print_json(&report.document())?,
        false => print(&report.text())?,
    }
    Ok(Ended::Done)
}

fn read(record: &EventRecord, report: &mut Report) {
    match record.event() {
        Some(Event::ModelRequestEnd { model_usage, .. }) => report.agent(model_usage.into()),
        Some(Event::EvaluationEnd { outcome_id, iteration, result, usage, lucid, .. }) => {
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
