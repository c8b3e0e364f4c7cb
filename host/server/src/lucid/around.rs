//! What goes on around a workspace that a server has open.

use std::sync::Arc;

use async_trait::async_trait;
use lucid_api::ApiError;
use lucid_api::dream::SESSIONS_MAX;
use lucid_core::{
    Dream, DreamId, Failure, FailureKind, MemoryStoreId, Result, ReviewPolicy, SessionId,
};
use lucid_runtime::Forgotten;
use lucid_verbs::{Around, Dreams, Turn};

use crate::dreams::start_asked;
use crate::memory::shown;
use crate::sessions::{archive, delete, follow};
use crate::space::Space;

/// A workspace that this server has open.
pub(super) struct Serving(Arc<Space>);

impl Serving {
    pub(super) fn new(space: Arc<Space>) -> Self {
        Self(space)
    }
}

#[async_trait]
impl Around for Serving {
    fn is_here(&self) -> bool {
        false
    }

    fn dreams(&self) -> &dyn Dreams {
        self
    }

    fn wake(&self, id: &SessionId, from: u32) {
        self.0.live.wake(id);
        follow(&self.0, id, from);
    }

    fn works_on(&self, id: &SessionId) -> bool {
        self.0.live.is_working(id)
    }

    async fn turn(&self, id: &SessionId) -> Turn {
        Box::new(self.0.turns.of(id.as_str()).await)
    }

    async fn archive(&self, id: &SessionId) -> Result<()> {
        archive(&self.0, id.as_str()).await.map_err(failure)
    }

    async fn delete(&self, id: &SessionId) -> Result<Forgotten> {
        delete(&self.0, id.as_str()).await.map_err(failure)?
    }
}

#[async_trait]
impl Dreams for Serving {
    fn sessions_max(&self) -> Option<usize> {
        Some(SESSIONS_MAX)
    }

    async fn check_asked(&self, store: &MemoryStoreId, policy: ReviewPolicy) -> Result<()> {
        let store = shown(&self.0, store.as_str()).await.map_err(failure)?;
        store.check_open().map_err(failure)?;
        self.0.dreams.section.policy.check(policy)
    }

    async fn start(&self, dream: &Dream) -> Result<()> {
        start_asked(&self.0, dream).await
    }

    fn has(&self, id: &DreamId) -> bool {
        self.0.dreams.started.has(id)
    }

    fn failure(&self, id: &DreamId) -> Option<Failure> {
        let failure = self.0.dreams.started.failure(id)?;
        Some(match failure.kind {
            FailureKind::Invalid | FailureKind::Exceeded | FailureKind::Denied => failure,
            // It may name what is nobody's business.
            kind => Failure { kind, ..told_by_the_log(id) },
        })
    }
}

/// What is said of a dream that the server could not run to its end.
fn told_by_the_log(id: &DreamId) -> Failure {
    Failure::failed(format!("the server could not run dream {id} to its end"))
        .hint(format!("its log says why; `lucid dream resume {id}` dreams it again"))
}

/// The same as a failure: what the server did wrong stays the server's.
fn failure(error: ApiError) -> Failure {
    match error.internal {
        Some(why) => Failure::failed(why),
        None => Failure::invalid(error.message),
    }
}
