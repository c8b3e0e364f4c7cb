//! Taking in the sessions of a text before they are dreamt of.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Range;

use lucid_core::{Failure, Result, SeededEntropy, SessionId, StepClock, Timestamp, read_sessions};
use lucid_runtime::{Runtime, Store};

use crate::dream::inputs::check_count;
use crate::events::EVENTS_AT_ONCE;

/// Takes in the sessions of a text that are not here yet, and gives all of them: the same file
/// can be dreamt of twice. Where there are more than `max`, none is taken in.
pub(crate) async fn take_in(
    runtime: &Runtime,
    text: &str,
    max: Option<usize>,
) -> Result<Vec<SessionId>> {
    let given = given(text)?;
    check_count(given.len(), max)?;
    let mut is_new = Vec::with_capacity(given.len());
    for one in &given {
        is_new.push(!is_here(runtime, one).await?);
    }
    if is_new.iter().all(|is_new| *is_new) {
        return runtime.import(text).await;
    }
    let new = given.iter().zip(&is_new).filter(|(_, is_new)| **is_new);
    let rest: String = new.map(|(one, _)| &text[one.place.clone()]).collect();
    let imported = match rest.is_empty() {
        true => Vec::new(),
        false => runtime.import(&rest).await?,
    };
    let mut imported = imported.into_iter();
    let mut ids = Vec::with_capacity(given.len());
    for (one, is_new) in given.into_iter().zip(is_new) {
        ids.extend(if is_new { imported.next() } else { Some(one.id) });
    }
    Ok(ids)
}

/// A session of a text, without its events.
#[derive(Debug)]
struct Given {
    id: SessionId,
    events: usize,
    /// A hash of its events as they stand; none where some would be imported otherwise than
    /// they stand, because of ids that are made up.
    said: Option<u64>,
    /// Where it stands in the text.
    place: Range<usize>,
}

/// The sessions of a text, without their events, which may be large.
fn given(text: &str) -> Result<Vec<Given>> {
    // Ids that a text leaves out are made up here, and are never found.
    let (clock, entropy) = (StepClock::starting_at(Timestamp(0)), SeededEntropy::new(0));
    let read = read_sessions(text, &clock, &entropy)?;
    let mut lines = lines(text);
    let mut given: Vec<Given> = Vec::with_capacity(read.len());
    for (session, events) in read {
        let start = lines.next().map_or(text.len(), |(start, _)| start);
        if let Some(before) = given.last_mut() {
            before.place.end = start;
        }
        let mut hasher = DefaultHasher::new();
        let mut as_they_stand = true;
        for event in &events {
            as_they_stand &= lines.next().is_some_and(|(_, line)| line == event.body);
            event.body.hash(&mut hasher);
        }
        let said = as_they_stand.then(|| hasher.finish());
        let place = start..text.len();
        given.push(Given { id: session.id, events: events.len(), said, place });
    }
    Ok(given)
}

/// The lines of a text that say something, each with where it begins.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    let lines = text.split('\n').map(move |line| {
        let at = start;
        start += line.len() + 1;
        (at, line.strip_suffix('\r').unwrap_or(line))
    });
    // What some editors put in front of a file is no line.
    lines.filter(|(_, line)| !line.trim_start_matches('\u{FEFF}').trim().is_empty())
}

/// Whether a session is here, with the same events. One that has others is neither here nor new.
async fn is_here(runtime: &Runtime, given: &Given) -> Result<bool> {
    let store = &runtime.store;
    let Some(summary) = store.session_summary(&given.id).await? else { return Ok(false) };
    let is_same = summary.events as usize == given.events
        && match given.said {
            Some(said) => said == said_here(store.as_ref(), &given.id).await?,
            None => true,
        };
    if is_same {
        return Ok(true);
    }
    let id = &given.id;
    Err(Failure::invalid(format!("there is a session {id} already, with other events"))
        .hint(format!("dream of that one, or delete it first with `lucid session delete {id}`")))
}

/// The hash of a session's events as they would stand in a text.
async fn said_here(store: &dyn Store, id: &SessionId) -> Result<u64> {
    let (mut hasher, mut after) = (DefaultHasher::new(), None);
    loop {
        let page = store.events(id, after, EVENTS_AT_ONCE).await?;
        let Some((last, _)) = page.last() else { return Ok(hasher.finish()) };
        after = Some(*last);
        for (_, event) in &page {
            match event.body.contains(['\n', '\r']) {
                true => event.body.replace(['\n', '\r'], " ").hash(&mut hasher),
                false => event.body.hash(&mut hasher),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "{\"type\":\"session\",\"id\":\"sesn_01a\",\"title\":\"t\",\
                       \"created_at\":\"2026-01-01T00:00:00.000Z\",\"agent\":{\"name\":\"a\"}}\n\
                       {\"id\":\"sevt_01a\",\"type\":\"user.message\",\"content\":[]}\n";

    #[test]
    fn a_text_is_known_by_its_sessions_without_holding_their_events() {
        let other = ONE.replace("01a", "01b").replace("[]", "[1]");
        let text = format!("\u{FEFF}{ONE}\r\n{other}");
        let [one, two]: [Given; 2] = given(&text).unwrap().try_into().unwrap();
        assert_eq!((one.id.as_str(), one.events), ("sesn_01a", 1));
        assert!(one.said.is_some() && one.said != two.said);
        assert_eq!(&text[two.place.clone()], other);
        assert_eq!(given(ONE).unwrap()[0].said, one.said, "the same, wherever it stands");
        // What gets an id here says so each time otherwise.
        let nameless = ONE.replace("\"id\":\"sevt_01a\",", "");
        assert_eq!(given(&nameless).unwrap()[0].said, None);
    }
}
