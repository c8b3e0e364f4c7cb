//! One thing to ask of a workspace.

use lucid_core::Result;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::stage::Stage;

/// One thing to ask of a workspace: its fields are what is asked, and both ways through JSON.
///
/// Deny unknown fields: a server that does not know one must refuse it, for what is left out
/// would be done otherwise than asked.
pub trait Verb: Serialize + DeserializeOwned + Send + 'static {
    /// How a server calls it: lower case words with `_` between them.
    const NAME: &'static str;

    /// Whether it changes anything. What changes nothing may be dropped in the middle.
    const CHANGES: bool;

    /// What it answers.
    type Answer: Serialize + DeserializeOwned + Send + 'static;

    /// Performs it.
    ///
    /// # Errors
    /// Each verb says which.
    fn perform(self, stage: &Stage) -> impl Future<Output = Result<Self::Answer>> + Send;
}
