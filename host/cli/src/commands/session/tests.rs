//! Following a log that somebody else writes.

use std::sync::Arc;

use lucid_core::{
    Clock as _, Content, EventId, SeededEntropy, Session, StepClock, ThreadId, Timestamp,
};
use lucid_store::InMemoryStore;
use tokio::sync::mpsc;

use super::*;

/// A store with one session, and the events that can be written into it.
struct Shop {
    store: Arc<InMemoryStore>,
    summary: SessionSummary,
    ids: (StepClock, SeededEntropy),
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
        let store = Arc::new(InMemoryStore::default());
        store.create_session(&session).await.unwrap();
        let summary = store.session_summary(&session.id).await.unwrap().unwrap();
        Self { store, summary, ids }
    }

    async fn write(&self, event: Event) {
        let id = EventId::new(&self.ids.0, &self.ids.1);
        let thread = Some(ThreadId::new(&self.ids.0, &self.ids.1));
        let record = EventRecord::new(id, &event, thread, false, self.ids.0.now()).unwrap();
        self.store.append_events(&self.summary.session.id, 0, vec![record]).await.unwrap();
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
    let (store, summary) = (shop.store.clone(), shop.summary.clone());
    let following = tokio::spawn(async move {
        let tell = |page: &[(u32, EventRecord)]| {
            for (number, _) in page {
                told.try_send(*number).unwrap();
            }
            Ok(())
        };
        follow(store.as_ref(), &summary, Some(0), tell).await.unwrap();
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
    let id = &shop.summary.session.id;
    let archived = shop.store.session_summary(id).await.unwrap().unwrap();
    follow(shop.store.as_ref(), &archived, Some(0), |_| Ok(())).await.unwrap();
    let mut seen = 0;
    let tell = |page: &[_]| {
        seen += page.len();
        Ok(())
    };
    // Also where the summary is older than the end.
    follow(shop.store.as_ref(), &shop.summary, None, tell).await.unwrap();
    assert_eq!(seen, 1);
    shop.store.delete_session(id, 0).await.unwrap();
    follow(shop.store.as_ref(), &shop.summary, None, |_| Ok(())).await.unwrap();
}

#[tokio::test]
async fn a_reader_that_went_away_ends_the_following() {
    let shop = Shop::new().await;
    shop.say("hello").await;
    let gone = |_: &[_]| Err(std::io::Error::from(std::io::ErrorKind::BrokenPipe).into());
    let ended = follow(shop.store.as_ref(), &shop.summary, None, gone).await;
    assert!(matches!(ended, Err(failure::Stop::BrokenPipe)));
}
