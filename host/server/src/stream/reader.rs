//! One reader per session that somebody listens to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lucid_api::ApiError;
use lucid_core::{EventRecord, Result, SessionId};
use tokio::sync::broadcast;

use crate::sessions::PAGE;
use crate::space::Space;

/// Events that are kept for whoever reads slowly; who is further behind is cut off.
pub(crate) const KEPT_MAX: usize = 1_024;

/// How often it is looked for what another process wrote, and whether anybody still listens.
const LOOK: Duration = Duration::from_secs(1);

/// What listeners are told.
#[derive(Debug, Clone)]
pub(super) enum Told {
    /// An event was written.
    Written(Arc<EventRecord>),
    /// The session was deleted: nothing comes any more.
    Gone,
}

/// The sessions that somebody listens to.
#[derive(Debug, Default)]
pub(crate) struct Streams(Mutex<HashMap<SessionId, broadcast::Sender<Told>>>);

impl Streams {
    fn all(&self) -> MutexGuard<'_, HashMap<SessionId, broadcast::Sender<Told>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens to a session: to everything that is written from now on.
    ///
    /// # Errors
    /// Internal, when the store fails.
    pub(super) async fn listen(
        &self,
        space: &Arc<Space>,
        id: &SessionId,
    ) -> Result<broadcast::Receiver<Told>, ApiError> {
        // Before anybody is told that the stream is open: nothing is missed.
        let head = space.runtime.store.head(id).await?.unwrap_or(0);
        let mut all = self.all();
        if let Some(teller) = all.get(id) {
            return Ok(teller.subscribe());
        }
        let (teller, told) = broadcast::channel(KEPT_MAX);
        all.insert(id.clone(), teller.clone());
        drop(all);
        let (space, id) = (space.clone(), id.clone());
        tokio::spawn(async move {
            if let Err(failure) = read(&space, &id, head, &teller).await {
                space.log.error(&format!("stream of session {id}: {failure}"));
            }
            // Who still listens is cut off, and asks again.
            space.sessions.streams.all().remove(&id);
        });
        Ok(told)
    }

    /// A session was deleted.
    pub(crate) fn ended(&self, id: &SessionId) {
        if let Some(teller) = self.all().get(id) {
            // Nobody may be listening any more.
            let _ = teller.send(Told::Gone);
        }
    }

    /// Stops telling where nobody listens.
    fn is_idle(&self, id: &SessionId, teller: &broadcast::Sender<Told>) -> bool {
        let mut all = self.all();
        let idle = teller.receiver_count() == 0;
        if idle {
            all.remove(id);
        }
        idle
    }
}

/// Tells what is written from an event's number on, as long as somebody listens.
async fn read(
    space: &Space,
    id: &SessionId,
    mut from: u32,
    teller: &broadcast::Sender<Told>,
) -> Result<()> {
    let store = &space.runtime.store;
    let mut news = store.watch(id);
    loop {
        news.borrow_and_update();
        let page = store.events(id, from.checked_sub(1), PAGE).await?;
        let is_whole = page.len() < PAGE as usize;
        for (number, record) in page {
            from = number.saturating_add(1);
            let _ = teller.send(Told::Written(Arc::new(record)));
        }
        if !is_whole {
            continue;
        }
        // Idle streams cost a look at the head once a second, all of a session together.
        loop {
            if let Ok(changed) = tokio::time::timeout(LOOK, news.changed()).await {
                if changed.is_err() {
                    // It was deleted, or the store is closed.
                    return gone(space, id, teller).await;
                }
                break;
            }
            if space.sessions.streams.is_idle(id, teller) {
                return Ok(());
            }
            match store.head(id).await? {
                None => return gone(space, id, teller).await,
                Some(head) if head > from => break,
                Some(_) => {}
            }
        }
    }
}

async fn gone(space: &Space, id: &SessionId, teller: &broadcast::Sender<Told>) -> Result<()> {
    if space.runtime.store.session(id).await?.is_none() {
        let _ = teller.send(Told::Gone);
    }
    Ok(())
}
