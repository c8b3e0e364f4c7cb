//! Dreams that run behind the back of whoever asked for them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use lucid_core::{Dream, DreamId, Failure, MemoryStoreId, Result, ReviewPolicy};
use lucid_runtime::{DreamRun, Runtime};

/// Dreams that could not be run to their end and are remembered; the oldest go first.
const FAILED_MAX: usize = 100;

/// What runs dreams in a place.
#[async_trait]
pub trait Dreams: Send + Sync {
    /// How many sessions one dream reads at most; none for as many as there are.
    fn sessions_max(&self) -> Option<usize>;

    /// Checks that dreams over a memory store, of which a policy decides so much without a
    /// person, may be asked for here.
    ///
    /// # Errors
    /// Invalid, when the store takes no dreams any more; denied, when whoever runs this place
    /// wants a person to decide; failed, when the store fails.
    async fn check_asked(&self, store: &MemoryStoreId, policy: ReviewPolicy) -> Result<()>;

    /// Runs a dream that waits, or was left, to its end, when it is its turn. Returns at once;
    /// one that was started already is not started again.
    ///
    /// # Errors
    /// Failed, when the store fails.
    async fn start(&self, dream: &Dream) -> Result<()>;

    /// Whether a dream was started here and has not ended; it may wait for its turn.
    fn has(&self, id: &DreamId) -> bool;

    /// Why a dream that was started here could not be run to its end, where it could not. A
    /// dream that failed was run to its end.
    fn failure(&self, id: &DreamId) -> Option<Failure>;
}

/// Which dreams were started and have not ended, and what went wrong. A clone is the same.
#[derive(Debug, Clone, Default)]
pub struct DreamsStarted(Arc<Mutex<BTreeMap<DreamId, Option<Failure>>>>);

impl DreamsStarted {
    /// A dream is started; none where it is already. It has ended when what is given is
    /// dropped.
    #[must_use]
    pub fn begin(&self, id: &DreamId) -> Option<DreamTurn> {
        let mut dreams = self.dreams();
        if dreams.get(id).is_some_and(Option::is_none) {
            return None;
        }
        dreams.insert(id.clone(), None);
        let failed: Vec<DreamId> = dreams
            .iter()
            .filter(|(_, failure)| failure.is_some())
            .map(|(id, _)| id.clone())
            .collect();
        for old in failed.iter().take(failed.len().saturating_sub(FAILED_MAX)) {
            dreams.remove(old);
        }
        let stopped = Failure::failed(format!("dream {id} was left before it ended"))
            .hint(format!("`lucid dream resume {id}` dreams it again"));
        Some(DreamTurn { started: self.clone(), id: id.clone(), failure: Some(stopped) })
    }

    /// Whether a dream was started and has not ended.
    #[must_use]
    pub fn has(&self, id: &DreamId) -> bool {
        self.dreams().get(id).is_some_and(Option::is_none)
    }

    /// What went wrong with a dream that was started.
    #[must_use]
    pub fn failure(&self, id: &DreamId) -> Option<Failure> {
        self.dreams().get(id).cloned().flatten()
    }

    fn dreams(&self) -> MutexGuard<'_, BTreeMap<DreamId, Option<Failure>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A dream that was started: it has ended when this is dropped.
#[derive(Debug)]
pub struct DreamTurn {
    started: DreamsStarted,
    id: DreamId,
    failure: Option<Failure>,
}

impl DreamTurn {
    /// The dream ended, or why it could not be run to its end.
    pub fn end(mut self, failure: Option<Failure>) {
        self.failure = failure;
    }
}

impl Drop for DreamTurn {
    /// Also when what ran it was stopped: nobody is to wait for it then.
    fn drop(&mut self) {
        let mut dreams = self.started.dreams();
        match self.failure.take() {
            Some(failure) => dreams.insert(self.id.clone(), Some(failure)),
            None => dreams.remove(&self.id),
        };
    }
}

/// Runs dreams in this process at once, and no longer than it lives.
pub(crate) struct DreamsHere {
    runtime: Runtime,
    started: DreamsStarted,
}

impl DreamsHere {
    pub(crate) fn new(runtime: Runtime) -> Self {
        Self { runtime, started: DreamsStarted::default() }
    }
}

#[async_trait]
impl Dreams for DreamsHere {
    fn sessions_max(&self) -> Option<usize> {
        None
    }

    async fn check_asked(&self, _store: &MemoryStoreId, _policy: ReviewPolicy) -> Result<()> {
        // Whoever asks has the folder.
        Ok(())
    }

    async fn start(&self, dream: &Dream) -> Result<()> {
        let Some(turn) = self.started.begin(&dream.id) else { return Ok(()) };
        let (runtime, id) = (self.runtime.clone(), dream.id.clone());
        tokio::spawn(async move {
            // On the heap: a dream holds all it reads.
            let ran = Box::pin(runtime.run_dream(&id, &DreamRun::default())).await;
            turn.end(match ran {
                Ok(_) => None,
                // Somebody canceled it before it could begin, or another process was quicker.
                Err(failure) if runtime.is_seen_to(&id, &failure).await => None,
                Err(failure) => Some(failure),
            });
        });
        Ok(())
    }

    fn has(&self, id: &DreamId) -> bool {
        self.started.has(id)
    }

    fn failure(&self, id: &DreamId) -> Option<Failure> {
        self.started.failure(id)
    }
}

/// Dreams for tests.
#[cfg(test)]
pub(crate) mod testing {
    use lucid_core::{Dream, DreamId, MemoryStoreId, SessionId, Timestamp};
    use lucid_runtime::{DreamJob, StrategySource};

    /// A dream that nobody has begun, of a strategy that is not there.
    pub(crate) fn pending(name: &str) -> (Dream, DreamJob) {
        let id = DreamId::parse(&format!("drm_01{name}")).unwrap();
        let store = MemoryStoreId::parse("memstore_01in").unwrap();
        let sessions = vec![SessionId::parse("sesn_01in").unwrap()];
        let source = StrategySource::Named { strategy: "nobody".to_owned(), model: None };
        let dream = Dream::pending(id, "nobody", store, sessions, Timestamp(5));
        (dream, DreamJob::new(source, "", 0))
    }
}

#[cfg(test)]
mod tests {
    use lucid_core::{Clock as _, DreamStatus, Session, SessionId, Timestamp};
    use lucid_runtime::{RuntimeOptions, SystemClock};

    use super::*;

    fn id(name: &str) -> DreamId {
        DreamId::parse(&format!("drm_01{name}")).unwrap()
    }

    #[test]
    fn a_dream_is_started_once_and_is_over_whatever_ends_it() {
        let dreams = DreamsStarted::default();
        let turn = dreams.begin(&id("a")).unwrap();
        assert!(dreams.begin(&id("a")).is_none());
        assert!(dreams.has(&id("a")) && dreams.failure(&id("a")).is_none());
        turn.end(None);
        assert!(!dreams.has(&id("a")) && dreams.failure(&id("a")).is_none());

        dreams.begin(&id("a")).unwrap().end(Some(Failure::failed("the disk is full")));
        assert_eq!(dreams.failure(&id("a")).unwrap().message, "the disk is full");

        // Another try forgets what was wrong with the last; one that is dropped was left.
        let turn = dreams.begin(&id("a")).unwrap();
        assert!(dreams.failure(&id("a")).is_none());
        drop(turn);
        assert!(dreams.failure(&id("a")).unwrap().message.contains("was left"));
        assert!(!dreams.has(&id("a")));
    }

    #[test]
    fn failures_are_not_remembered_for_ever() {
        let dreams = DreamsStarted::default();
        let running = dreams.begin(&id("0")).unwrap();
        for number in 0..FAILED_MAX + 50 {
            drop(dreams.begin(&id(&format!("f{number}"))));
        }
        assert!(dreams.dreams().len() <= FAILED_MAX + 2);
        assert!(dreams.has(&id("0")), "one that runs is not forgotten");
        drop(running);
    }

    /// A dream of a strategy that is not there.
    async fn dream(runtime: &Runtime, name: &str, status: DreamStatus) -> Dream {
        let (pending, job) = super::testing::pending(name);
        let dream = Dream { status, ..pending };
        runtime.store.create_dream(&dream, &job).await.unwrap();
        dream
    }

    #[tokio::test]
    async fn a_dream_runs_here_behind_the_back_of_whoever_asked_for_it() {
        let state = tempfile::tempdir().unwrap();
        let runtime = Runtime::open(RuntimeOptions::new(state.path().to_owned())).unwrap();
        let here = DreamsHere::new(runtime.clone());
        for (name, status, ended) in [
            ("a", DreamStatus::Pending, DreamStatus::Failed),
            // Canceled before it could begin: nothing is wrong with that.
            ("b", DreamStatus::Canceled, DreamStatus::Canceled),
        ] {
            let dream = dream(&runtime, name, status).await;
            here.start(&dream).await.unwrap();
            assert!(here.has(&dream.id), "{name}: it is there before it began");
            while here.has(&dream.id) {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
            assert_eq!(here.failure(&dream.id), None, "{name}");
            let now = runtime.store.dream(&dream.id).await.unwrap().unwrap();
            assert_eq!(now.status, ended, "{name}");
        }
    }

    #[tokio::test]
    async fn a_dream_that_another_process_is_quicker_with_did_not_fail_here() {
        let state = tempfile::tempdir().unwrap();
        let runtime = Runtime::open(RuntimeOptions::new(state.path().to_owned())).unwrap();
        let here = DreamsHere::new(runtime.clone());
        let (pending, job) = super::testing::pending("a");
        let session = Session {
            id: SessionId::parse("sesn_01dreams").unwrap(),
            title: String::new(),
            agent: "nobody".to_owned(),
            metadata: BTreeMap::new(),
            created_at: Timestamp(5),
        };
        runtime.store.create_session(&session).await.unwrap();
        let later = Timestamp(SystemClock::default().now().0 + 3_600_000);
        // No name that a process takes: nobody can say that its process has ended.
        let claimed = runtime.store.claim(&session.id, "another process", later, Timestamp(5));
        claimed.await.unwrap().unwrap();
        let (status, session_id) = (DreamStatus::Running, Some(session.id));
        let dream = Dream { status, session_id, ..pending };
        runtime.store.create_dream(&dream, &job).await.unwrap();
        here.start(&dream).await.unwrap();
        while here.has(&dream.id) {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        assert_eq!(here.failure(&dream.id), None);
        let now = runtime.store.dream(&dream.id).await.unwrap().unwrap();
        assert_eq!(now.status, DreamStatus::Running, "it is the other's");
    }
}
