//! What a worker is given for one work item: who it works for, sealed with the server's key, so
//! that nobody else can make one or change it.

use lucid_core::{EnvironmentId, Result, SessionId, WorkId, WorkspaceId};
use serde::{Deserialize, Serialize};

use crate::seal::Sealer;
use crate::space::Space;

/// What such a token begins with.
const PREFIX: &str = "sk-lucid-work_";

/// What it is sealed for.
const ABOUT: &str = "work token";

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Token {
    #[serde(rename = "s")]
    pub(super) workspace: WorkspaceId,
    #[serde(rename = "e")]
    pub(super) environment: EnvironmentId,
    #[serde(rename = "w")]
    pub(super) work: WorkId,
    #[serde(rename = "n")]
    pub(super) session: SessionId,
}

/// The token of a work item, good while the item lives.
///
/// # Errors
/// A bug, when it cannot be sealed.
pub(crate) fn work_token(
    space: &Space,
    environment: &EnvironmentId,
    work: &WorkId,
    session: &SessionId,
) -> Result<String> {
    let token = Token {
        workspace: space.id.clone(),
        environment: environment.clone(),
        work: work.clone(),
        session: session.clone(),
    };
    let text = serde_json::to_string(&token)
        .map_err(|error| lucid_core::Failure::bug(format!("a token: {error}")))?;
    Ok(format!("{PREFIX}{}", space.tokens.seal(ABOUT, &text)?))
}

/// Reads a token; none when it is none of ours.
pub(super) fn read(tokens: &Sealer, text: &str) -> Option<Token> {
    let sealed = text.strip_prefix(PREFIX)?;
    let opened = tokens.open_sealed(ABOUT, sealed).ok()?;
    serde_json::from_str(opened.reveal()).ok()
}
