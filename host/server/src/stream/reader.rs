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

/// Bytes of an event that is kept for them itself. A larger one is read again by each when it is
/// its turn, so that who reads slowly holds no more memory than this many times that many.
pub(crate) const KEPT_BYTES_MAX: usize = 64 << 10;

/// How often it is looked for what another process wrote, and whether anybody still listens.
const LOOK: Duration = Duration::from_secs(1);

/// What listeners are told.
#[derive(Debug, Clone)]
pub(super) enum Told {
    /// An event was written.
    Written(Arc<EventRecord>),
    /// A large event was written, which has this number.
    Large(u32),
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
            // Who still listens is cut off, and asks again. Somebody may have begun to listen
            // anew already, and has a reader of their own then.
            space.sessions.streams.remove(&id, &teller);
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
            forget(&mut all, id, teller);
        }
        idle
    }

    /// Forgets a reader, unless another one is there by now.
    fn remove(&self, id: &SessionId, teller: &broadcast::Sender<Told>) {
        forget(&mut self.all(), id, teller);
    }
}

fn forget(
    all: &mut HashMap<SessionId, broadcast::Sender<Told>>,
    id: &SessionId,
    teller: &broadcast::Sender<Told>,
) {
    if all.get(id).is_some_and(|there| there.same_channel(teller)) {
        all.remove(id);
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
        for (number, record) in page {
            from = number.saturating_add(1);
            let _ = teller.send(match record.body.len() {
                ..=KEPT_BYTES_MAX => Told::Written(Arc::new(record)),
                _ => Told::Large(number),
            });
        }
        // A page ends early where its events are large: a short one is not the end.
        if store.head(id).await?.is_some_and(|head| head > from) {
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
