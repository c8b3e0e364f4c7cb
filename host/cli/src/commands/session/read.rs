//! Reading sessions and their logs, wherever they are.

use lucid_core::{
    Event, EventRecord, Result, SessionId, SessionState, SessionStatus, SessionSummary,
};
use lucid_verbs::{
    AwaitEvents, FindSession, ListSessions, News, Numbered, SESSIONS_MAX, SessionEvents,
};

use crate::failure;
use crate::place::Place;

/// The session that is meant by an id, the unique start of one, or `latest`.
///
/// # Errors
/// Invalid, when none or several fit; those of the place.
pub(crate) async fn find(place: &Place, wanted: &str) -> Result<SessionSummary> {
    place.ask(FindSession { wanted: wanted.to_owned() }).await
}

/// Sessions at a glance, as many as there are or are wanted.
///
/// # Errors
/// Those of the place.
pub(crate) async fn sessions(
    place: &Place,
    mut list: ListSessions,
    limit: Option<u32>,
) -> Result<Vec<SessionSummary>> {
    let mut all: Vec<SessionSummary> = Vec::new();
    loop {
        let read = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let left = limit.map_or(SESSIONS_MAX, |limit| limit.saturating_sub(read));
        list.limit = Some(left.min(SESSIONS_MAX));
        let page = if left == 0 { Vec::new() } else { place.ask(list.clone()).await? };
        let Some(last) = page.last() else { return Ok(all) };
        list.after = Some(last.session.id.clone());
        all.extend(page);
    }
}

/// Tells of a log page by page, as far as it goes now: of these types of events, or of all.
///
/// # Errors
/// Those of the place.
pub(crate) async fn each_page(
    place: &Place,
    id: &SessionId,
    kinds: &[&str],
    mut tell: impl FnMut(Vec<Numbered>),
) -> Result<()> {
    let kinds: Vec<String> = kinds.iter().map(|&kind| kind.to_owned()).collect();
    let mut asked = SessionEvents { id: id.clone(), after: None, kinds };
    loop {
        let page = place.ask(asked.clone()).await?;
        if page.last.is_none() {
            return Ok(());
        }
        asked.after = page.last;
        tell(page.events);
    }
}

/// The whole log of a session, as far as it goes now.
///
/// # Errors
/// Those of the place.
pub(crate) async fn all_events(place: &Place, id: &SessionId) -> Result<Vec<Numbered>> {
    let mut all = Vec::new();
    each_page(place, id, &[], |page| all.extend(page)).await?;
    Ok(all)
}

/// What a session is now, by its log.
///
/// # Errors
/// Those of the place.
pub(crate) async fn state(place: &Place, id: &SessionId) -> Result<SessionState> {
    let mut state = SessionState::new();
    each_page(place, id, &[], |page| page.iter().for_each(|(_, record)| state.apply(record)))
        .await?;
    Ok(state)
}

/// Reads a log as it grows, whoever writes it, until the session is archived or gone. Tells
/// of each page, and of an empty one whenever nothing was new for so many milliseconds.
///
/// # Errors
/// Those of the place, and of whoever is told.
pub(super) async fn follow(
    place: &Place,
    session: &SessionSummary,
    mut after: Option<u32>,
    wait_ms: u32,
    mut tell: impl FnMut(&[Numbered]) -> failure::Result<()>,
) -> failure::Result<()> {
    let id = &session.session.id;
    let mut over = session.status == SessionStatus::Terminated;
    loop {
        let wait_ms = if over { 0 } else { wait_ms };
        let asked = AwaitEvents { id: id.clone(), after, wait_ms };
        let News { is_there, events } = place.ask(asked).await?;
        if !is_there {
            return Ok(());
        }
        tell(&events)?;
        match events.last() {
            Some((last, _)) => after = Some(*last),
            None if over => return Ok(()),
            None => {}
        }
        let status = |record: &EventRecord| Event::session_status(&record.kind);
        let mut statuses = events.iter().rev().filter_map(|(_, record)| status(record));
        over |= statuses.next() == Some(SessionStatus::Terminated);
    }
}

#[cfg(test)]
mod tests;
