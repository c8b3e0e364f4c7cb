//! What all requests share.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use lucid_core::{Failure, Result};
use lucid_runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::keys::Keys;
use crate::log::Log;
use crate::metrics::Metrics;
use crate::workspaces::Spaces;

/// What whoever runs the server decides.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// The state folder, which is the default workspace's.
    pub state: PathBuf,
    /// What plugins and models that sessions name are granted: `[plugins.NAME]` and
    /// `[models."NAME"]` as in a mission, the text of a TOML file.
    pub sections: String,
    /// Whether only this machine can reach the server.
    pub loopback: bool,
    /// Where lines for whoever runs it go.
    pub log: Log,
}

impl ServerOptions {
    /// A server for this machine alone that grants nothing and tells nobody.
    #[must_use]
    pub fn new(state: PathBuf) -> Self {
        Self { state, sections: String::new(), loopback: true, log: Log::silent() }
    }
}

/// What all requests share.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// See [`App`].
pub struct Shared {
    pub(crate) options: ServerOptions,
    pub(crate) spaces: Spaces,
    pub(crate) keys: Keys,
    pub(crate) metrics: Metrics,
    /// Done when the server begins to stop: streams end then.
    pub(crate) stopping: CancellationToken,
}

impl App {
    /// Opens the default workspace; the others are opened when they are first used.
    ///
    /// # Errors
    /// Invalid, when what is granted is no such TOML; failed, when the state folder cannot be
    /// used.
    pub async fn open(runtime: Runtime, options: ServerOptions) -> Result<Self> {
        check_sections(&options.sections)?;
        let keys = Keys::new(runtime.store.clone());
        let stopping = CancellationToken::new();
        let metrics = Metrics::new();
        let spaces = Spaces::open(runtime, &options, stopping.clone()).await?;
        Ok(Self(Arc::new(Shared { options, spaces, keys, metrics, stopping })))
    }
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// Checks what is granted as far as that goes without a session.
fn check_sections(text: &str) -> Result<()> {
    let wrong = |why: &str| {
        Failure::invalid(format!("configuration: {why}"))
            .hint("it has `[plugins.NAME]` and `[models.\"NAME\"]` sections, as in a mission")
    };
    let table: toml::Table = toml::from_str(text).map_err(|error| wrong(error.message()))?;
    let other = table
        .iter()
        .find(|(name, value)| !["plugins", "models"].contains(&name.as_str()) || !value.is_table());
    other.map_or(Ok(()), |(name, _)| Err(wrong(&format!("nothing is named `{name}`"))))
}
