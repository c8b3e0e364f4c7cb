//! The mission that somebody names: a path where the folder is, a name over a server.

use std::path::{Path, PathBuf};

use lucid_core::{Failure, FailureKind, Result};
use lucid_runtime::Mission;

use crate::hidden::told;
use crate::short::short;
use crate::stage::Stage;

/// A mission that somebody named.
pub(crate) struct Named {
    /// How failures call it.
    pub(crate) what: String,
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// It.
    pub(crate) mission: Mission,
}

impl Named {
    /// A failure of something that went on behind the back of whoever asked, as they may be
    /// told it: what is the server's own stands in its log.
    pub(crate) fn told(&self, stage: &Stage, failure: Failure) -> Failure {
        match failure.kind {
            FailureKind::Invalid | FailureKind::Exceeded | FailureKind::Denied => {
                told(stage, failure, &self.path)
            }
            _ if stage.around().is_here() => failure,
            kind => {
                let what = &self.what;
                stage.around().log(&format!("a run of {what}: {failure}"));
                let message = format!("the server could not run {what} to its end");
                Failure { kind, message, hint: Some("its log says why".to_owned()) }
            }
        }
    }
}

/// Finds and loads the mission that somebody names.
///
/// # Errors
/// Invalid, when there is none of that name or at that path; of one that does not load, on a
/// server, only that: why names files and grants of its machine, and stands in its log.
pub(crate) async fn load(stage: &Stage, named: &Path) -> Result<Named> {
    let path = stage.around().mission(named)?;
    let what = format!("mission `{}`", short(&named.display().to_string(), 60));
    match stage.runtime.load(&path).await {
        Ok(mission) => Ok(Named { what, path, mission }),
        Err(failure) if stage.around().is_here() => Err(failure),
        Err(failure) => {
            stage.around().log(&format!("{what} does not load: {failure}"));
            let message = format!("{what} does not load on the server");
            let hint = Some("the server's log says why; whoever runs it can mend it".to_owned());
            Err(Failure { kind: failure.kind, message, hint })
        }
    }
}
