//! `lucid session export`.

use std::fs::File;
use std::io::{BufWriter, Write as _};

use lucid_core::{EventRecord, Failure, Result, SessionSummary, write_session};
use lucid_verbs::ListSessions;

use super::read::{all_events, find, sessions};
use crate::args::ExportArgs;
use crate::failure;
use crate::place::Place;
use crate::show::print_live;

/// Writes one session after the other: a file may hold more than fits into memory.
pub(super) async fn export(place: &Place, args: &ExportArgs) -> failure::Result<()> {
    let wanted = wanted(place, args).await?;
    let Some(path) = &args.out else {
        for summary in &wanted {
            print_live(&text(place, summary).await?)?;
        }
        return Ok(());
    };
    let failed = |error: std::io::Error| Failure::failed(format!("{}: {error}", path.display()));
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    for summary in &wanted {
        file.write_all(text(place, summary).await?.as_bytes()).map_err(failed)?;
    }
    Ok(file.flush().map_err(failed)?)
}

async fn wanted(place: &Place, args: &ExportArgs) -> Result<Vec<SessionSummary>> {
    if !args.all {
        let mut wanted: Vec<SessionSummary> = Vec::new();
        for id in &args.ids {
            let found = find(place, id).await?;
            // One file cannot be taken in with a session in it twice.
            if !wanted.iter().any(|other| other.session.id == found.session.id) {
                wanted.push(found);
            }
        }
        return Ok(wanted);
    }
    let list = ListSessions { mission: args.mission.clone(), ..ListSessions::default() };
    let found = sessions(place, list, None).await?;
    match &args.mission {
        Some(name) if found.is_empty() => {
            Err(Failure::invalid(format!("there is no session of a mission `{name}`"))
                .hint("`lucid session list --json` shows the missions, as `lucid.mission`"))
        }
        _ => Ok(found),
    }
}

async fn text(place: &Place, summary: &SessionSummary) -> Result<String> {
    let events = all_events(place, &summary.session.id).await?;
    let records: Vec<EventRecord> = events.into_iter().map(|(_, record)| record).collect();
    Ok(write_session(&summary.session, summary.outcome, &records))
}
