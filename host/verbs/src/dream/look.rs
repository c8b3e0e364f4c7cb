//! Looking at a dream while it goes on.

use std::collections::{BTreeMap, BTreeSet};

use lucid_core::{
    DreamId, DreamStatus, Event, EventRecord, Failure, Result, SessionId, SessionStatus,
};
use serde::{Deserialize, Serialize};

use crate::events::SessionEvents;
use crate::stage::Stage;
use crate::verb::Verb;

/// Looks at a dream: where it stands, and what is new in its log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookAtDream {
    /// Its whole id.
    pub id: DreamId,
    /// Show events behind this number of the session's log; none for all.
    pub after: Option<LogPlace>,
    /// What is shown of its log.
    pub show: DreamLog,
    /// Whether it is found out who runs it, which is more work than all else.
    pub who: bool,
}

/// A place in the log of a dream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogPlace {
    /// The dream's session: a dream that is run again has another.
    pub session: SessionId,
    /// The number of the event.
    pub event: u32,
}

/// What is shown of a dream's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DreamLog {
    /// Nothing.
    Nothing,
    /// The events.
    Events,
    /// The events, and the titles of the sessions that they name.
    EventsWithTitles,
}

/// A dream, as it stands at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DreamSeen {
    /// Where it stands. What was written before it ended is in `events`, or behind them.
    pub status: DreamStatus,
    /// Events that are new, with their numbers; no more than one answer has.
    pub events: Vec<(u32, EventRecord)>,
    /// Whether its log has more behind them.
    pub more: bool,
    /// Where to look behind; none while there is no log.
    pub at: Option<LogPlace>,
    /// Titles of sessions that the events name, where they were asked for.
    pub titles: BTreeMap<SessionId, String>,
    /// Whether its log has ended, which it does a moment after the dream.
    pub log_ended: bool,
    /// Whether it was started here and has not ended.
    pub here: bool,
    /// Whether anybody runs it; none where that was not asked.
    pub runs: Option<bool>,
    /// Why it could not be run to its end, where it was started here and could not.
    pub failure: Option<Failure>,
}

impl Verb for LookAtDream {
    const NAME: &'static str = "look_at_dream";
    const CHANGES: bool = false;
    type Answer = DreamSeen;

    /// # Errors
    /// Invalid, when there is no such dream.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        let Self { id, after, show, who } = self;
        let (store, dreams) = (stage.store(), stage.around().dreams());
        // Before the dream is read: what is not here any more has ended in the store by then.
        let here = dreams.has(&id);
        // Before the log is read: what was written before the end is in it then.
        let dream = store.dream(&id).await?;
        let dream = dream.ok_or_else(|| {
            Failure::invalid(format!("there is no dream {id}"))
                .hint("`lucid dream list` shows the dreams there are")
        })?;
        let mut seen = DreamSeen {
            status: dream.status,
            events: Vec::new(),
            more: false,
            at: None,
            titles: BTreeMap::new(),
            log_ended: true,
            here,
            runs: None,
            failure: if here { None } else { dreams.failure(&id) },
        };
        if who {
            seen.runs = Some(here || stage.runtime.is_dreaming(&id).await?);
        }
        if let Some(session) = dream.session_id {
            let summary = store.session_summary(&session).await?;
            seen.log_ended =
                summary.is_none_or(|summary| summary.status == SessionStatus::Terminated);
            if show != DreamLog::Nothing {
                let from = after.filter(|place| place.session == session).map(|place| place.event);
                let read = SessionEvents { id: session.clone(), after: from, kinds: Vec::new() };
                seen.events = read.perform(stage).await?.events;
                let last = seen.events.last().map(|(number, _)| *number).or(from);
                let head = store.head(&session).await?.unwrap_or(0);
                seen.more = last.map_or(0, |last| last.saturating_add(1)) < head;
                seen.at = last.map(|event| LogPlace { session, event });
            }
        }
        if show == DreamLog::EventsWithTitles {
            seen.titles = titles(stage, &seen.events).await?;
        }
        Ok(seen)
    }
}

/// The titles of the sessions that events name; nothing for one that is gone.
async fn titles(
    stage: &Stage,
    events: &[(u32, EventRecord)],
) -> Result<BTreeMap<SessionId, String>> {
    let mut titles = BTreeMap::new();
    for id in named(events) {
        let found = stage.store().session(&id).await?;
        titles.insert(id, found.map(|session| session.title).unwrap_or_default());
    }
    Ok(titles)
}

/// The sessions that events name.
fn named(events: &[(u32, EventRecord)]) -> BTreeSet<SessionId> {
    let named = |record: &EventRecord| match record.event()? {
        Event::DreamProgress { session_id, .. } => session_id,
        _ => None,
    };
    events.iter().filter_map(|(_, record)| named(record)).collect()
}

#[cfg(test)]
mod tests {
    use lucid_core::{Clock as _, EventId, SeededEntropy, StepClock, Timestamp};

    use super::*;
    use crate::events::ANSWER_BYTES;

    fn step(number: u32, session: Option<&str>) -> (u32, EventRecord) {
        let session_id = session.and_then(SessionId::parse);
        let event =
            Event::DreamProgress { phase: "read".to_owned(), done: number, total: 9, session_id };
        let clock = StepClock::starting_at(Timestamp(u64::from(number)));
        let id = EventId::new(&clock, &SeededEntropy::new(number.into()));
        (number, EventRecord::new(id, &event, None, false, clock.now()).unwrap())
    }

    #[test]
    fn each_session_that_is_read_is_named_once() {
        let events = [step(1, Some("sesn_01b")), step(2, None), step(3, Some("sesn_01b"))];
        let names: Vec<String> = named(&events).iter().map(ToString::to_string).collect();
        assert_eq!(names, ["sesn_01b"]);
    }

    #[tokio::test]
    async fn a_look_shows_no_more_of_a_log_than_one_answer_has() {
        let state = tempfile::tempdir().unwrap();
        let options = lucid_runtime::RuntimeOptions::new(state.path().to_owned());
        let stage = Stage::alone(lucid_runtime::Runtime::open(options).unwrap());
        let session = SessionId::parse("sesn_01log").unwrap();
        let long = |number: u32| {
            let (_, record) = step(number, None);
            let body = format!(r#"{{"type":"x","long":"{}"}}"#, "y".repeat(ANSWER_BYTES));
            EventRecord { body, ..record }
        };
        let log = lucid_core::Session {
            id: session.clone(),
            title: String::new(),
            agent: "dream".to_owned(),
            metadata: BTreeMap::new(),
            created_at: Timestamp(1),
        };
        let sessions = vec![(log, vec![long(1), long(2)])];
        stage.store().import_sessions(sessions).await.unwrap();
        let (mut dream, job) = crate::dreams::testing::pending("a");
        dream.session_id = Some(session);
        stage.store().create_dream(&dream, &job).await.unwrap();
        let (mut after, mut seen) = (None, Vec::new());
        for more in [true, false] {
            let look =
                LookAtDream { id: dream.id.clone(), after, show: DreamLog::Events, who: false };
            let looked = look.perform(&stage).await.unwrap();
            assert_eq!((looked.events.len(), looked.more), (1, more));
            seen.extend(looked.events.into_iter().map(|(number, _)| number));
            after = looked.at;
        }
        assert_eq!(seen, [0, 1]);
    }

    #[test]
    fn what_was_seen_is_the_same_behind_a_server() {
        let session = SessionId::parse("sesn_01a").unwrap();
        let seen = DreamSeen {
            status: DreamStatus::Running,
            events: vec![step(1, Some("sesn_01b"))],
            more: true,
            at: Some(LogPlace { session: session.clone(), event: 1 }),
            titles: [(session, "Notes \"of\" May".to_owned())].into(),
            log_ended: false,
            here: true,
            runs: Some(true),
            failure: Some(Failure::denied("no").hint("ask")),
        };
        let sent = serde_json::to_string(&seen).unwrap();
        assert_eq!(serde_json::from_str::<DreamSeen>(&sent).unwrap(), seen);
    }
}
