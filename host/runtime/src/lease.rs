//! Claiming sessions: one process at a time writes a session's log.

use std::sync::Arc;
use std::time::Duration;

use lucid_core::{Clock, Failure, Result, SessionId, Timestamp};
use lucid_store::Store;
use tokio::task::JoinHandle;

use crate::ambient::SystemClock;
use crate::owner::{Mark, Owner};

/// How long a claim lasts without a sign of life, in milliseconds.
const CLAIM_MS: u64 = 60_000;

/// How often a sign of life is given.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// A session that this process has claimed, kept until it is given back.
pub(crate) struct Claim {
    store: Arc<dyn Store>,
    session: SessionId,
    epoch: u64,
    heart: JoinHandle<()>,
    /// Whether there is something to give back.
    held: bool,
    _mark: Mark,
}

impl Claim {
    /// Claims a session; takes it over from a process that has ended.
    ///
    /// # Errors
    /// Failed, when a living process has it.
    pub(crate) async fn take(
        store: Arc<dyn Store>,
        owner: &Owner,
        session: &SessionId,
    ) -> Result<Self> {
        Self::try_take(store, owner, session).await?
    }

    /// The same; the inner error says that this process or another living one has it.
    ///
    /// # Errors
    /// Invalid, when there is no such session; failed, when the store fails.
    pub(crate) async fn try_take(
        store: Arc<dyn Store>,
        owner: &Owner,
        session: &SessionId,
    ) -> Result<Result<Self, Failure>> {
        let Some(mark) = owner.mark(session) else {
            let busy = Failure::failed(format!("this process runs session {session} already"));
            return Ok(Err(busy.hint("interrupt it and wait until it rests")));
        };
        let now = SystemClock::default().now();
        let until = later(now);
        let epoch = loop {
            if let Some(epoch) = store.claim(session, owner.name(), until, now).await? {
                break epoch;
            }
            // Where it was given back, or taken over, since it was refused, it is tried again.
            let Some(lease) = store.lease(session).await? else { continue };
            if !owner.has_ended(&lease.owner) {
                let busy = Failure::failed(format!("another process runs session {session}"));
                let watch = format!("watch it with `lucid session events {session} --follow`");
                return Ok(Err(busy.hint(watch)));
            }
            let from = &lease.owner;
            if let Some(epoch) = store.take_over(session, owner.name(), from, until, now).await? {
                break epoch;
            }
        };
        let heart = tokio::spawn(beat(store.clone(), session.clone(), epoch, until));
        let session = session.clone();
        Ok(Ok(Self { store, session, epoch, heart, held: true, _mark: mark }))
    }

    /// What to append with.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Gives it back.
    ///
    /// # Errors
    /// Failed, when the store fails.
    pub(crate) async fn give_back(mut self) -> Result<()> {
        self.heart.abort();
        self.store.release(&self.session, self.epoch).await?;
        self.held = false;
        Ok(())
    }

    /// There is nothing to give back any more: the session was deleted.
    pub(crate) fn gone(mut self) {
        self.held = false;
    }

    /// Comes back when the claim is lost; not to be asked again then.
    pub(crate) async fn lost(&mut self) {
        // However the heart ended, it beats no more.
        let _ = (&mut self.heart).await;
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.heart.abort();
        if self.held
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let (store, session, epoch) = (self.store.clone(), self.session.clone(), self.epoch);
            runtime.spawn(async move { store.release(&session, epoch).await });
        }
    }
}

/// Why a session goes on here no further.
pub(crate) fn taken(id: &SessionId) -> Failure {
    Failure::failed(format!("another process took over session {id}"))
        .hint(format!("watch it with `lucid session events {id} --follow`"))
}

/// Why a session does not go on by itself.
pub(crate) fn of_a_run(id: &SessionId) -> Failure {
    Failure::failed(format!("session {id} is part of a run of this process"))
        .hint("say something into it when the run has ended or is canceled")
}

/// Gives back what this process may still have of a session, where nothing of it runs here any
/// more.
///
/// # Errors
/// Failed, when the store fails.
pub(crate) async fn let_go(store: &dyn Store, owner: &Owner, id: &SessionId) -> Result<()> {
    match store.lease(id).await? {
        Some(lease) if lease.owner == owner.name() => store.release(id, lease.epoch).await,
        _ => Ok(()),
    }
}

/// Whether a living process has a session.
pub(crate) async fn is_run(store: &dyn Store, owner: &Owner, id: &SessionId) -> Result<bool> {
    let now = SystemClock::default().now();
    let lease = store.lease(id).await?;
    Ok(lease.is_some_and(|lease| lease.until > now && !owner.has_ended(&lease.owner)))
}

/// Whether another living process has a session. What this one dropped a moment ago, and has not
/// given back yet, is no other's.
pub(crate) async fn is_run_elsewhere(
    store: &dyn Store,
    owner: &Owner,
    id: &SessionId,
) -> Result<bool> {
    let lease = store.lease(id).await?;
    let is_ours = lease.is_some_and(|lease| lease.owner == owner.name());
    Ok(!is_ours && is_run(store, owner, id).await?)
}

/// Signs of life until the claim is lost: whoever has it then refuses this process's events.
async fn beat(store: Arc<dyn Store>, session: SessionId, epoch: u64, mut until: Timestamp) {
    loop {
        tokio::time::sleep(HEARTBEAT).await;
        let now = SystemClock::default().now();
        match store.heartbeat(&session, epoch, later(now)).await {
            Ok(true) => until = later(now),
            // A disk that fails once may work again before the claim runs out.
            Err(_) if now < until => {}
            Ok(false) | Err(_) => return,
        }
    }
}

fn later(now: Timestamp) -> Timestamp {
    Timestamp(now.as_millis() + CLAIM_MS)
}
