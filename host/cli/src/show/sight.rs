//! How a run is shown on standard error while it goes on.

use std::sync::Arc;

use lucid_runtime::Observer;
use lucid_verbs::RunKind;

use super::live::Live;
use super::progress::Progress;
use crate::place::Place;

/// A run in sight.
pub(crate) enum Sight {
    /// One session, drawn.
    Drawn(Live),
    /// Many sessions, counted.
    Counted(Arc<Progress>),
}

impl Sight {
    /// Begins to show a run of a place; a session not where it is to be `quiet`.
    pub(crate) fn begin(kind: RunKind, place: &Place, quiet: bool) -> Self {
        match kind {
            RunKind::Session | RunKind::FixedSession => {
                Self::Drawn(Live::begin(place.clone(), quiet))
            }
            RunKind::Study | RunKind::Proof => Self::Counted(Arc::new(Progress::new())),
        }
    }

    /// What keeps quiet while somebody is asked.
    pub(crate) fn progress(&self) -> Option<Arc<Progress>> {
        match self {
            Self::Drawn(live) => live.progress(),
            Self::Counted(progress) => Some(progress.clone()),
        }
    }

    /// What the run tells.
    pub(crate) fn observer(&self) -> Arc<dyn Observer> {
        match self {
            Self::Drawn(live) => live.observer(),
            Self::Counted(progress) => progress.clone(),
        }
    }

    /// Shows what is left, and stops.
    pub(crate) async fn end(self) {
        match self {
            Self::Drawn(live) => live.end().await,
            Self::Counted(progress) => progress.clear(),
        }
    }
}
