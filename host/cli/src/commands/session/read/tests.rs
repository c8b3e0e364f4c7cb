//! Following a log that somebody else writes.

use lucid_core::{
    Clock as _, Content, EventId, SeededEntropy, Session, StepClock, ThreadId, Timestamp,
};
use lucid_runtime::{Runtime, RuntimeOptions};
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::*;

/// How long is waited for what comes: far longer than it takes.
const WAIT_MS: u32 = 20_000;

/// A folder with one session, and the events that can be written into it.
struct Shop {
    runtime: Runtime,
    place: Place,
    summary: SessionSummary,
    ids: (StepClock, SeededEntropy),
    _state: TempDir,
}

impl Shop {
    async fn new() -> Self {
        let ids = (StepClock::starting_at(Timestamp(1_000)), SeededEntropy::new(1));
        let session = Session {
            id: SessionId::new(&ids.0, &ids.1),
            title: "t".to_owned(),
            agent: "lead".to_owned(),
            metadata: std::collections::BTreeMap::new(),
            created_at: Timestamp(1_000),
        };
        let state = tempfile::tempdir().unwrap();
        let runtime = Runtime::open(RuntimeOptions::new(state.path().to_owned())).unwrap();
        runtime.store.create_session(&session).await.unwrap();
        let place = Place::here(runtime.clone());
        let summary = find(&place, session.id.as_str()).await.unwrap();
        Self { runtime, place, summary, ids, _state: state }
    }

    async fn write(&self, event: Event) {
        let id = EventId::new(&self.ids.0, &self.ids.1);
        let thread = Some(ThreadId::new(&self.ids.0, &self.ids.1));
        let record = EventRecord::new(id, &event, thread, false, self.ids.0.now()).unwrap();
        let session = &self.summary.session.id;
        self.runtime.store.append_events(session, 0, vec![record]).await.unwrap();
    }

    async fn say(&self, text: &str) {
        self.write(Event::UserMessage { content: Content::text(text) }).await;
    }
}

#[tokio::test]
async fn a_log_that_is_followed_is_told_once_and_in_order_until_it_is_archived() {
    let shop = Shop::new().await;
    shop.say("zero").await;
    shop.say("one").await;
    let (told, mut heard) = mpsc::channel(64);
    let (place, summary) = (shop.place.clone(), shop.summary.clone());
    let following = tokio::spawn(async move {
        let tell = |page: &[Numbered]| {
            for (number, _) in page {
                told.try_send(*number).unwrap();
            }
            Ok(())
        };
        follow(&place, &summary, Some(0), WAIT_MS, tell).await.unwrap();
    });
    assert_eq!(heard.recv().await, Some(1));
    // Only what was heard lets the next be written: each is told as it comes.
    for number in 2..5 {
        shop.say("more").await;
        assert_eq!(heard.recv().await, Some(number));
    }
    shop.write(Event::StatusTerminated {}).await;
    assert_eq!(heard.recv().await, Some(5));
    assert_eq!(heard.recv().await, None);
    following.await.unwrap();
}

#[tokio::test]
async fn a_session_that_is_archived_or_gone_is_not_waited_for() {
    let shop = Shop::new().await;
    shop.write(Event::StatusTerminated {}).await;
    let id = shop.summary.session.id.clone();
    let archived = find(&shop.place, id.as_str()).await.unwrap();
    follow(&shop.place, &archived, Some(0), WAIT_MS, |_| Ok(())).await.unwrap();
    let mut seen = 0;
    let tell = |page: &[_]| {
        seen += page.len();
        Ok(())
    };
    // Also where the summary is older than the end.
    follow(&shop.place, &shop.summary, None, WAIT_MS, tell).await.unwrap();
    assert_eq!(seen, 1);
    shop.runtime.store.delete_session(&id, 0).await.unwrap();
    follow(&shop.place, &shop.summary, None, WAIT_MS, |_| Ok(())).await.unwrap();
}

#[tokio::test]
async fn a_reader_that_went_away_ends_the_following() {
    let shop = Shop::new().await;
    shop.say("hello").await;
    let gone = |_: &[_]| Err(std::io::Error::from(std::io::ErrorKind::BrokenPipe).into());
    let ended = follow(&shop.place, &shop.summary, None, WAIT_MS, gone).await;
    assert!(matches!(ended, Err(failure::Stop::BrokenPipe)));
}

#[tokio::test]
async fn a_log_longer_than_one_answer_is_read_whole_and_some_types_of_it_alone() {
    let shop = Shop::new().await;
    let id = &shop.summary.session.id;
    let count = 2 * lucid_verbs::EVENTS_MAX + 1;
    let record = |number: u32| {
        let event = match number % 2 {
            0 => Event::StatusRunning {},
            _ => Event::UserMessage { content: Content::text(number.to_string()) },
        };
        let event_id = EventId::new(&shop.ids.0, &shop.ids.1);
        EventRecord::new(event_id, &event, None, false, Timestamp(1)).unwrap()
    };
    let written: Vec<_> = (0..count).map(record).collect();
    shop.runtime.store.append_events(id, 0, written.clone()).await.unwrap();
    let read = all_events(&shop.place, id).await.unwrap();
    assert!(read.iter().map(|(number, _)| *number).eq(0..count));
    assert!(read.iter().map(|(_, record)| record).eq(&written));
    let mut some = Vec::new();
    each_page(&shop.place, id, &["user.message"], |page| some.extend(page)).await.unwrap();
    assert!(some.iter().map(|(number, _)| *number).eq((1..count).step_by(2)));
}

#[tokio::test]
async fn a_list_longer_than_one_answer_has_every_session_once() {
    let shop = Shop::new().await;
    let session = |number: u32| Session {
        id: SessionId::new(&shop.ids.0, &shop.ids.1),
        created_at: Timestamp(1_000 + u64::from(number)),
        ..shop.summary.session.clone()
    };
    let more = (1..=SESSIONS_MAX).map(|number| (session(number), Vec::new())).collect();
    shop.runtime.store.import_sessions(more).await.unwrap();
    let list = ListSessions { newest_first: true, ..ListSessions::default() };
    let all = sessions(&shop.place, list.clone(), None).await.unwrap();
    let ids: std::collections::BTreeSet<_> = all.iter().map(|found| &found.session.id).collect();
    assert_eq!((all.len(), ids.len()), (1_001, 1_001));
    let some = sessions(&shop.place, list, Some(3)).await.unwrap();
    assert!(some.iter().eq(all.iter().take(3)));
    assert_eq!(find(&shop.place, "latest").await.as_ref(), Ok(&all[0]));
}
