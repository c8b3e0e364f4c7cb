//! Events of a session: reading its log, and waiting for what comes.

use std::time::Duration;

use lucid_core::{EventRecord, Result, SessionId};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::stage::Stage;
use crate::verb::Verb;

/// Events that one answer has at most; ask again behind the last for more.
pub const EVENTS_MAX: u32 = 1_000;

/// Bytes after which an answer has no more, though it has at least one thing.
pub(crate) const ANSWER_BYTES: usize = 8 * 1024 * 1024;

/// Events read at once. Each may have 16 MiB.
pub(crate) const EVENTS_AT_ONCE: u32 = 32;

/// How long an answer is waited for at most, in milliseconds.
pub const WAIT_MS_MAX: u32 = 20_000;

/// How often a log is looked at while nothing is heard of it: another process may write it.
const LOOK: Duration = Duration::from_millis(100);

/// An event with its number. Its text goes over the wire as a text, byte for byte.
pub type Numbered = (u32, EventRecord);

/// Reads a part of a session's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionEvents {
    /// The session.
    pub id: SessionId,
    /// The number to begin behind; from the start when none.
    #[serde(default)]
    pub after: Option<u32>,
    /// Only events of these types; of all, when none is named.
    #[serde(default)]
    pub kinds: Vec<String>,
}

/// A part of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventPage {
    /// The events.
    pub events: Vec<Numbered>,
    /// The number of the last event that was looked at; none when the log had no more.
    pub last: Option<u32>,
}

impl Verb for SessionEvents {
    const NAME: &'static str = "session_events";
    const CHANGES: bool = false;
    type Answer = EventPage;

    /// # Errors
    /// Failed, when the store fails. Of a session that is not there, there are no events.
    async fn perform(self, stage: &Stage) -> Result<EventPage> {
        let mut page = EventPage::default();
        let (mut bytes, mut left) = (0_usize, EVENTS_MAX);
        while left > 0 {
            // Little by little: what an answer does not have is not held either.
            let after = page.last.or(self.after);
            let read = stage.store().events(&self.id, after, left.min(EVENTS_AT_ONCE)).await?;
            if read.is_empty() {
                break;
            }
            for (number, record) in read {
                page.last = Some(number);
                left = left.saturating_sub(1);
                if self.kinds.is_empty() || self.kinds.contains(&record.kind) {
                    bytes = bytes.saturating_add(record.body.len());
                    page.events.push((number, record));
                }
                if bytes >= ANSWER_BYTES {
                    return Ok(page);
                }
            }
        }
        Ok(page)
    }
}

/// Reads what comes behind an event of a session, and waits for it where nothing is there yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwaitEvents {
    /// The session.
    pub id: SessionId,
    /// The number to begin behind; from the start when none.
    #[serde(default)]
    pub after: Option<u32>,
    /// How long to wait, in milliseconds; never longer than [`WAIT_MS_MAX`].
    pub wait_ms: u32,
}

/// What came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// Whether the session is there.
    pub is_there: bool,
    /// What came: nothing, when the time was over before something did.
    pub events: Vec<Numbered>,
}

impl Verb for AwaitEvents {
    const NAME: &'static str = "await_events";
    const CHANGES: bool = false;
    type Answer = News;

    /// # Errors
    /// Failed, when the store fails.
    async fn perform(self, stage: &Stage) -> Result<News> {
        let Self { id, after, wait_ms } = self;
        let next = after.map_or(0, |last| last.saturating_add(1));
        let mut waits = Waits::begin(stage, &id, wait_ms);
        loop {
            waits.looked();
            let Some(head) = stage.store().head(&id).await? else { return Ok(News::default()) };
            if head > next {
                let page = SessionEvents { id, after, kinds: Vec::new() }.perform(stage).await?;
                return Ok(News { is_there: true, events: page.events });
            }
            if !waits.on().await {
                return Ok(News { is_there: true, events: Vec::new() });
            }
        }
    }
}

/// Waits until nobody works on a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwaitRest {
    /// The session.
    pub id: SessionId,
    /// How long to wait, in milliseconds; never longer than [`WAIT_MS_MAX`].
    pub wait_ms: u32,
}

impl Verb for AwaitRest {
    const NAME: &'static str = "await_rest";
    const CHANGES: bool = false;
    /// Whether it rests.
    type Answer = bool;

    /// # Errors
    /// Failed, when the store fails.
    async fn perform(self, stage: &Stage) -> Result<bool> {
        let mut waits = Waits::begin(stage, &self.id, self.wait_ms);
        loop {
            waits.looked();
            if !stage.is_run(&self.id).await? {
                return Ok(true);
            }
            if !waits.on().await {
                return Ok(false);
            }
        }
    }
}

/// Waiting for news of a session until a time is over.
struct Waits {
    news: watch::Receiver<u32>,
    until: Instant,
}

impl Waits {
    fn begin(stage: &Stage, id: &SessionId, wait_ms: u32) -> Self {
        let time = Duration::from_millis(u64::from(wait_ms.min(WAIT_MS_MAX)));
        Self { news: stage.store().watch(id), until: Instant::now() + time }
    }

    /// What was heard so far is looked at now.
    fn looked(&mut self) {
        self.news.borrow_and_update();
    }

    /// Waits until it is worth looking again; false when the time is over.
    async fn on(&mut self) -> bool {
        let now = Instant::now();
        if now >= self.until {
            return false;
        }
        let next = self.until.min(now + LOOK);
        // The watch ends when the session is removed: then nothing is heard at all.
        if let Ok(Err(_)) = tokio::time::timeout_at(next, self.news.changed()).await {
            tokio::time::sleep_until(next).await;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use lucid_core::{EventId, SeededEntropy, Session, StepClock, Timestamp};
    use lucid_runtime::{Runtime, RuntimeOptions};
    use tempfile::TempDir;

    use super::*;
    use crate::table::answer_to;

    /// A workspace with a session whose events have texts that no library would write so.
    async fn stage() -> (Stage, SessionId, Vec<EventRecord>, TempDir) {
        let (clock, entropy) = (StepClock::starting_at(Timestamp(1_000)), SeededEntropy::new(1));
        let state = tempfile::tempdir().unwrap();
        let runtime = Runtime::open(RuntimeOptions::new(state.path().to_owned())).unwrap();
        let session = Session {
            id: SessionId::new(&clock, &entropy),
            title: "t".to_owned(),
            agent: "lead".to_owned(),
            metadata: std::collections::BTreeMap::new(),
            created_at: Timestamp(1_000),
        };
        let bodies = [
            r#"{"type":"x", "a" : 1.10, "b":1e2, "c":"\u00e9\/", "a":2}"#.to_owned(),
            r#"{"type":"x","big":123456789012345678901234567890}"#.to_owned(),
            format!(r#"{{"type":"x","long":"{}"}}"#, "y".repeat(ANSWER_BYTES)),
            r#"{"type":"x","last":true}"#.to_owned(),
        ];
        let record = |body: String| EventRecord {
            id: EventId::new(&clock, &entropy),
            kind: "x".to_owned(),
            thread_id: None,
            created_at: Timestamp(1_000),
            body,
        };
        let records: Vec<_> = bodies.into_iter().map(record).collect();
        let (id, whole) = (session.id.clone(), (session, records.clone()));
        runtime.store.import_sessions(vec![whole]).await.unwrap();
        (Stage::alone(runtime), id, records, state)
    }

    #[tokio::test]
    async fn events_are_the_same_byte_for_byte_over_the_wire() {
        let (stage, id, records, _state) = stage().await;
        let mut asked = SessionEvents { id, after: None, kinds: Vec::new() };
        let mut read = Vec::new();
        loop {
            let body = serde_json::to_vec(&asked).unwrap();
            let answer = answer_to(SessionEvents::NAME, &body, &stage).await.unwrap();
            let page: EventPage = serde_json::from_str(&answer).unwrap();
            assert_eq!(page, asked.clone().perform(&stage).await.unwrap());
            let Some(last) = page.last else { break };
            asked.after = Some(last);
            // A long one ends its page.
            assert!(page.events.len() < records.len());
            read.extend(page.events.into_iter().map(|(_, record)| record));
        }
        assert_eq!(read, records);
    }

    #[tokio::test]
    async fn a_log_that_is_read_little_by_little_has_every_event_once() {
        let (stage, id, records, _state) = stage().await;
        let clock = StepClock::starting_at(Timestamp(2_000));
        let entropy = SeededEntropy::new(2);
        let more = (0..3 * EVENTS_AT_ONCE).map(|number| EventRecord {
            id: EventId::new(&clock, &entropy),
            kind: if number % 2 == 0 { "even" } else { "odd" }.to_owned(),
            thread_id: None,
            created_at: Timestamp(2_000),
            body: format!(r#"{{"type":"y","number":{number}}}"#),
        });
        let more: Vec<_> = more.collect();
        stage.runtime.store.post_events(&id, more.clone()).await.unwrap();
        let there = u32::try_from(records.len()).unwrap();
        let asked = |kinds: &[&str]| SessionEvents {
            id: id.clone(),
            after: Some(there - 1),
            kinds: kinds.iter().map(|&kind| kind.to_owned()).collect(),
        };
        let all = asked(&[]).perform(&stage).await.unwrap();
        let numbers: Vec<u32> = all.events.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, (there..there + 3 * EVENTS_AT_ONCE).collect::<Vec<_>>());
        assert_eq!(all.last, numbers.last().copied());
        let odd = asked(&["odd"]).perform(&stage).await.unwrap();
        assert_eq!((odd.events.len(), odd.last), (more.len() / 2, all.last));
    }

    #[tokio::test]
    async fn what_is_there_is_not_waited_for_and_what_is_not_is_waited_for_so_long() {
        let (stage, id, records, _state) = stage().await;
        let asked =
            |after: u32, wait_ms: u32| AwaitEvents { id: id.clone(), after: Some(after), wait_ms };
        let there = asked(2, u32::MAX).perform(&stage).await.unwrap();
        assert_eq!(there, News { is_there: true, events: vec![(3, records[3].clone())] });
        let nothing = asked(3, 10).perform(&stage).await.unwrap();
        assert_eq!(nothing, News { is_there: true, events: Vec::new() });
        stage.runtime.store.delete_session(&id, 0).await.unwrap();
        let gone = asked(3, u32::MAX).perform(&stage).await.unwrap();
        assert!(!gone.is_there);
    }

    #[tokio::test]
    async fn a_session_that_is_removed_is_not_waited_for_any_longer() {
        let (stage, id, _, _state) = stage().await;
        let asked = AwaitEvents { id: id.clone(), after: Some(3), wait_ms: u32::MAX };
        let removes = stage.runtime.store.delete_session(&id, 0);
        let (news, removed) = tokio::join!(asked.perform(&stage), removes);
        removed.unwrap();
        assert!(!news.unwrap().is_there);
    }

    #[tokio::test]
    async fn a_session_that_nobody_runs_rests() {
        let (stage, id, _, _state) = stage().await;
        assert_eq!(AwaitRest { id, wait_ms: u32::MAX }.perform(&stage).await, Ok(true));
    }
}
