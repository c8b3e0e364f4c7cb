//! Running dreams, stopping them, waiting for them.

use std::sync::Arc;
use std::time::Duration;

use lucid_core::{Clock as _, Dream, DreamId, DreamStatus, Failure, FailureKind, Result};
use lucid_store::{DreamChange, DreamJob};

use super::asked::DreamAsked;
use super::ended;
use super::running::Dreaming;
use crate::ambient::{SystemClock, SystemEntropy};
use crate::lease;
use crate::observer::{NoObserver, Observer};
use crate::state::Runtime;

/// How often somebody who waits looks.
const LOOK: Duration = Duration::from_millis(100);

/// Looks at a pending dream that nobody starts, before whoever waits gives up: half a minute.
const PENDING_LOOKS: u32 = 300;

/// How often a change that others were in the way of is tried.
const TRIES: u32 = 5;

/// How a dream is run.
#[derive(Clone)]
pub struct DreamRun {
    /// Watches.
    pub observer: Arc<dyn Observer>,
}

impl Default for DreamRun {
    fn default() -> Self {
        Self { observer: Arc::new(NoObserver) }
    }
}

impl Runtime {
    /// Asks for a dream and runs it to its end.
    ///
    /// # Errors
    /// Those of [`Runtime::plan_dream`] and [`Runtime::run_dream`].
    pub async fn start_dream(&self, asked: &DreamAsked, how: &DreamRun) -> Result<Dream> {
        let dream = self.plan_dream(asked).await?;
        self.run_dream(&dream.id, how).await
    }

    /// Runs a dream that is pending, or was left by its process, to its end: from its
    /// beginning, but what was kept of its sessions is not read again. Whether it completed,
    /// failed or was canceled is in the dream. One that others ended before it could begin here
    /// is given as it is.
    ///
    /// # Errors
    /// Invalid, when there is no such dream or it has ended; failed, when another process
    /// runs it, or the store fails.
    pub async fn run_dream(&self, id: &DreamId, how: &DreamRun) -> Result<Dream> {
        let dream = self.dream(id).await?;
        if dream.status.is_terminal() {
            let status = dream.status.as_str();
            return Err(Failure::invalid(format!("dream {id} is {status} already"))
                .hint("start another with `lucid dream start`"));
        }
        if self.is_dreaming(id).await? {
            return Err(Failure::failed(format!("another process runs dream {id}"))
                .hint(format!("watch it with `lucid dream watch {id}`")));
        }
        let job = self.job(id).await?;
        let strategy = match self.strategy(&job.source).await {
            Ok(strategy) => strategy,
            Err(failure) => {
                let after =
                    ended::failed(&dream, ended::error_of(&failure), SystemClock::default().now());
                let change = DreamChange::to(after.clone());
                if let Err(failure) = self.store.change_dream(&dream, change).await {
                    return ended::by_others(self.store.as_ref(), id, failure).await;
                }
                if let Some(session) = &after.session_id {
                    // That of the process which left it.
                    ended::end_session(&self.store, &self.owner, session, None).await?;
                }
                self.settle_forgetting(id).await?;
                return self.dream(id).await;
            }
        };
        let job = DreamJob { component: strategy.plugin.digest().to_owned(), ..job };
        let dreaming = Dreaming {
            store: self.store.clone(),
            owner: self.owner.clone(),
            observer: how.observer.clone(),
            clock: Arc::new(SystemClock::default()),
            entropy: Arc::new(SystemEntropy),
            strategy,
            is_timed: true,
        };
        match dreaming.run(dream, job).await {
            Err(failure) => self.if_canceled(id, failure).await,
            Ok(ran) => {
                // A session that it had read may have been deleted while it ran.
                self.settle_forgetting(id).await?;
                if ran.status == DreamStatus::Completed { self.dream(id).await } else { Ok(ran) }
            }
        }
    }

    /// Whether a dream that could not be run here was seen to by others: somebody canceled it,
    /// or another process was quicker. Why it could not be run is what [`Runtime::run_dream`]
    /// said. Unsure is not seen to.
    pub async fn is_seen_to(&self, id: &DreamId, why: &Failure) -> bool {
        let Ok(found) = self.store.dream(id).await else { return false };
        match found.filter(|dream| !dream.status.is_terminal()) {
            // What failed behind the end of a dream that ran here is another matter.
            None => why.kind == FailureKind::Invalid,
            Some(Dream { session_id: Some(session), .. }) => {
                let store = self.store.as_ref();
                lease::is_run_elsewhere(store, &self.owner, &session).await.unwrap_or(false)
            }
            Some(_) => false,
        }
    }

    /// A dream that was canceled while it ran; else why it did not go on.
    async fn if_canceled(&self, id: &DreamId, failure: Failure) -> Result<Dream> {
        let now = self.dream(id).await?;
        if now.status == DreamStatus::Canceled { Ok(now) } else { Err(failure) }
    }

    /// Asks a dream to stop, whoever runs it, and gives the dream as it is then; one that
    /// nobody runs has stopped by then. Its input is as it was, and its output store a copy
    /// of that.
    ///
    /// # Errors
    /// Invalid, when there is no such dream, or it completed or failed; failed, when the store
    /// fails.
    pub async fn cancel_dream(&self, id: &DreamId) -> Result<Dream> {
        for _ in 0..TRIES {
            let dream = self.dream(id).await?;
            match dream.status {
                DreamStatus::Canceled => {
                    self.settle_forgetting(id).await?;
                    return self.dream(id).await;
                }
                DreamStatus::Completed | DreamStatus::Failed => {
                    let status = dream.status.as_str();
                    return Err(Failure::invalid(format!("dream {id} is {status} already"))
                        .hint("only a dream that waits or runs can be canceled"));
                }
                DreamStatus::Pending | DreamStatus::Running => {}
            }
            let now = SystemClock::default().now();
            self.job(id).await?;
            self.store.request_cancel(id, now).await?;
            if self.is_dreaming(id).await? {
                return Ok(dream);
            }
            let after = ended::canceled(&dream, now);
            match self.store.change_dream(&dream, DreamChange::to(after.clone())).await {
                Ok(()) => {
                    if let Some(session) = &after.session_id {
                        ended::end_session(&self.store, &self.owner, session, None).await?;
                    }
                    // A session that it had read may have been deleted while nobody ran it.
                    self.settle_forgetting(id).await?;
                    return self.dream(id).await;
                }
                // It began or ended this moment.
                Err(failure) if failure.kind == FailureKind::Failed => {}
                Err(failure) => return Err(failure),
            }
        }
        self.dream(id).await
    }

    /// Waits until a dream has ended, or nobody runs it any more, and gives it.
    ///
    /// # Errors
    /// Invalid, when there is no such dream; failed, when the store fails.
    pub async fn await_dream(&self, id: &DreamId) -> Result<Dream> {
        let mut pending = 0;
        loop {
            // Asked first: it may end between the two.
            let runs = self.is_dreaming(id).await?;
            let dream = self.dream(id).await?;
            match dream.status {
                DreamStatus::Pending if pending < PENDING_LOOKS => pending += 1,
                DreamStatus::Running if runs => {}
                _ => return Ok(dream),
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Whether a living process runs a dream.
    ///
    /// # Errors
    /// Invalid, when there is no such dream; failed, when the store fails.
    pub async fn is_dreaming(&self, id: &DreamId) -> Result<bool> {
        let dream = self.dream(id).await?;
        match (&dream.session_id, dream.status) {
            (Some(session), DreamStatus::Running) => {
                lease::is_run(self.store.as_ref(), &self.owner, session).await
            }
            _ => Ok(false),
        }
    }

    /// Whether somebody has to run a dream: it waits, or was left by a process that ended. One
    /// that is not there has not to be run.
    ///
    /// # Errors
    /// Failed, when the store fails.
    pub async fn waits_to_run(&self, id: &DreamId) -> Result<bool> {
        let Some(dream) = self.store.dream(id).await? else { return Ok(false) };
        Ok(match dream.status {
            DreamStatus::Pending => true,
            DreamStatus::Running => !self.is_dreaming(id).await?,
            _ => false,
        })
    }

    /// A dream that somebody named.
    pub(super) async fn dream(&self, id: &DreamId) -> Result<Dream> {
        self.store.dream(id).await?.ok_or_else(|| {
            Failure::invalid(format!("there is no dream {id}"))
                .hint("`lucid dream list` shows the dreams there are")
        })
    }

    /// What it takes to run a dream.
    pub(super) async fn job(&self, id: &DreamId) -> Result<DreamJob> {
        self.store.dream_job(id).await?.ok_or_else(|| {
            Failure::invalid(format!("dream {id} is of an older version of Lucid"))
                .hint("it can be read; dream again with `lucid dream start` to decide about it")
        })
    }
}

#[cfg(test)]
mod tests;
