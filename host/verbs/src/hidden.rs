//! Failures that do not say where something lies on a server's machine.

use std::path::Path;

use lucid_core::Failure;

use crate::stage::Stage;

/// A failure as whoever asks may be told it: on a server, without where a folder lies.
pub(crate) fn told(stage: &Stage, failure: Failure, folder: &Path) -> Failure {
    match stage.around().is_here() {
        true => failure,
        false => without(failure, folder),
    }
}

/// A failure that does not name a folder. What is no whole path is a word that somebody wrote.
pub(crate) fn without(failure: Failure, folder: &Path) -> Failure {
    if !folder.is_absolute() {
        return failure;
    }
    let folder = folder.display().to_string();
    let told = |text: String| text.replace(&folder, "its mission");
    let Failure { kind, message, hint } = failure;
    Failure { kind, message: told(message), hint: hint.map(told) }
}
