//! `lucid session events`.

use std::collections::BTreeMap;

use lucid_core::SessionSummary;
use lucid_verbs::WAIT_MS_MAX;

use super::read::{all_events, follow};
use crate::failure;
use crate::place::Place;
use crate::show::{events as text, print_live};

pub(super) async fn events(
    place: &Place,
    session: &SessionSummary,
    after: Option<u32>,
    follows: bool,
    json: bool,
) -> failure::Result<()> {
    let mut agents = BTreeMap::new();
    let mut tell = |page: &[_]| {
        // Names of threads stand early in the log, so all of it is read.
        for (thread, agent) in text::agents(page) {
            agents.entry(thread).or_insert(agent);
        }
        let shown = |number: u32| after.is_none_or(|after| number > after);
        let records: Vec<_> = page.iter().filter(|(number, _)| shown(*number)).cloned().collect();
        if records.is_empty() {
            return Ok(());
        }
        if !json {
            return Ok(print_live(&text::lines(&agents, &records))?);
        }
        // One by one: whoever reads them waits for whole lines.
        for (_, record) in &records {
            print_live(&format!("{}\n", record.body))?;
        }
        Ok(())
    };
    if follows {
        return follow(place, session, None, WAIT_MS_MAX, tell).await;
    }
    tell(&all_events(place, &session.session.id).await?)
}
