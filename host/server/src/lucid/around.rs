//! What goes on around a workspace that a server has open.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use lucid_api::ApiError;
use lucid_api::dream::SESSIONS_MAX;
use lucid_core::{
    Dream, DreamId, Failure, FailureKind, MemoryStoreId, Result, ReviewPolicy, SessionId,
};
use lucid_runtime::Forgotten;
use lucid_verbs::{Around, Dreams, Runs, Turn};

use crate::dreams::{check_asked, start_asked};
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

    fn runs(&self) -> &Runs {
        &self.0.runs
    }

    fn mission(&self, named: &Path) -> Result<PathBuf> {
        self.0.missions.find(named)
    }

    fn mission_at(&self, path: &Path) -> Option<String> {
        self.0.missions.name_of(path).map(str::to_owned)
    }

    fn log(&self, line: &str) {
        self.0.log.error(line);
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
        check_asked(&self.0, store, policy).await
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
pub(crate) fn failure(error: ApiError) -> Failure {
    match error.internal {
        Some(why) => Failure::failed(why),
        None => Failure::invalid(error.message),
    }
}
