//! `lucid session show`.

use lucid_core::{Clock as _, EventRecord, Failure, FailureKind, SessionSummary, Timestamp};
use lucid_runtime::SystemClock;

use super::read::{all_events, find, follow};
use crate::failure;
use crate::place::Place;
use crate::show::team::{self, Team};
use crate::show::{files, print, print_json, print_live, session, width};

/// What goes on for so long without an end is told before it ends.
const LONG_MS: u64 = 1_000;

/// How often it is looked for that, in milliseconds, where nothing else happens.
const LOOK_MS: u32 = 500;

pub(super) async fn show(
    place: &Place,
    summary: &SessionSummary,
    follows: bool,
    json: bool,
) -> failure::Result<()> {
    if follows && json {
        return Err(Failure::invalid("a drawing that goes on is not one JSON document")
            .hint("`lucid session events ID --follow --json` gives one line for each event")
            .into());
    }
    let mut records = all_events(place, &summary.session.id).await?;
    let columns = width::terminal();
    let mut drawing = Team::new(&summary.session.agent, columns, team::price);
    if json {
        drawing.draw(&records);
        return Ok(print_json(&session::document(summary, drawing.story()))?);
    }
    drawing.expect(&records);
    let heading = session::heading(summary, columns);
    if !follows {
        let mut text = format!("{heading}\n{}", drawing.draw(&records));
        text.push_str(&drawing.unfinished(Timestamp(u64::MAX)));
        text.push_str(&below(summary, &records, &drawing, columns));
        return Ok(print(&text)?);
    }
    print_live(&format!("{heading}\n{}", drawing.draw(&records)))?;
    let clock = SystemClock::default();
    let after = records.last().map(|(last, _)| *last);
    follow(place, summary, after, LOOK_MS, |page| {
        let mut text = drawing.draw(page);
        let long_ago = clock.now().as_millis().saturating_sub(LONG_MS);
        text.push_str(&drawing.unfinished(Timestamp(long_ago)));
        records.extend_from_slice(page);
        if text.is_empty() { Ok(()) } else { Ok(print_live(&text)?) }
    })
    .await?;
    let ended = match find(place, summary.session.id.as_str()).await {
        // It is gone: what was seen of it is told.
        Err(failure) if failure.kind == FailureKind::Invalid => summary.clone(),
        ended => ended?,
    };
    let summary = &ended;
    Ok(print(&below(summary, &records, &drawing, columns))?)
}

/// What stands below a drawing: what was left out, where the session stands, what waits, and
/// the tables.
fn below(
    summary: &SessionSummary,
    records: &[(u32, EventRecord)],
    drawing: &Team,
    columns: usize,
) -> String {
    let (story, id) = (drawing.story(), &summary.session.id);
    let parts = [
        drawing.hidden(),
        session::standing(summary, story, columns),
        team::waiting(story, id),
        team::threads(story, columns),
        team::criteria(story, columns),
        team::written(&files::of(records), id, columns),
    ];
    let parts = parts.iter().filter(|part| !part.is_empty());
    parts.map(|part| format!("\n{part}")).collect()
}
