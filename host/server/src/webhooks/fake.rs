//! A workspace for tests, with a clock that is set by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lucid_core::{Clock, Timestamp, WorkspaceId};
use lucid_runtime::{Runtime, RuntimeOptions, SystemEntropy};
use tempfile::TempDir;

use super::Hooks;
use crate::app::ServerOptions;
use crate::config::Missions;
use crate::keys::Keys;
use crate::reach::Reach;
use crate::seal::Sealer;
use crate::space::{Ground, Space, open_folder};

/// A clock that stands still until it is set.
pub(crate) struct FakeClock(AtomicU64);

impl FakeClock {
    pub(crate) fn set(&self, at: &str) {
        self.0.store(Timestamp::parse(at).unwrap().as_millis(), Ordering::SeqCst);
    }

    pub(crate) fn pass(&self, millis: u64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// A workspace, its clock, and its folder, which is there as long as it is held.
pub(crate) fn space(at: &str) -> (Arc<Space>, Arc<FakeClock>, TempDir) {
    let state = tempfile::tempdir().unwrap();
    let clock = Arc::new(FakeClock(AtomicU64::new(0)));
    clock.set(at);
    let path = state.path().to_owned();
    let runtime = Runtime::open(RuntimeOptions::new(path.clone())).unwrap();
    let tokens = Arc::new(Sealer::open(&open_folder(&path).unwrap()).unwrap());
    let id = WorkspaceId::new(clock.as_ref(), &SystemEntropy);
    let options = ServerOptions::new(path.clone());
    let reach = Reach::new(Arc::new(Keys::new(runtime.store.clone(), &path).unwrap()), &options);
    let missions = Missions::default();
    let ground = Ground { tokens, reach: reach.clone(), missions, options: &options };
    let mut space = Space::new(id, runtime, &path, ground).unwrap();
    space.clock = clock.clone();
    space.hooks = Hooks::new(clock.clone(), reach);
    (Arc::new(space), clock, state)
}
