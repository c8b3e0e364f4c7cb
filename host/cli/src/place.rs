//! Where a command works: in a folder of state, or on a server.

mod go_on;
mod remote;

use std::path::PathBuf;

use lucid_core::{Failure, Result};
use lucid_runtime::{Runtime, RuntimeOptions};
use lucid_verbs::{Stage, Verb};

use crate::args::ServerArgs;
use crate::home;
pub(crate) use remote::Remote;

/// Where a command is to work; nothing is open yet.
pub(crate) enum Site {
    /// In a folder of state of this machine.
    Here(Box<RuntimeOptions>),
    /// On a server.
    There(Remote),
}

impl Site {
    /// What the options say, else the environment. A folder that is named wins over a server
    /// that the environment names, which is nothing to what cannot ask one (not `anywhere`).
    ///
    /// # Errors
    /// Invalid, when there is no folder, or the server's URL, key or authorities are none.
    pub(crate) fn choose(
        state: Option<PathBuf>,
        server: ServerArgs,
        anywhere: bool,
    ) -> Result<Self> {
        if !anywhere || state.is_some() {
            return Ok(Self::Here(Box::new(home::options(state)?)));
        }
        if let Some(url) = server_url(&server) {
            let key = home::api_key(server.api_key_file.as_deref())?;
            let authorities = home::authorities(server.ca_file)?;
            let remote = Remote::new(&url, key.as_deref(), server.insecure, authorities)?;
            return Ok(Self::There(remote));
        }
        if let Some(option) = server.needs_server() {
            return Err(Failure::invalid(format!("{option} needs a server"))
                .hint("name it with `--server URL` or LUCID_SERVER"));
        }
        Ok(Self::Here(Box::new(home::options(None)?)))
    }

    /// Opens the state there is. Looking at things never makes a state folder.
    ///
    /// # Errors
    /// Invalid, when there is none here; failed, when it cannot be used.
    pub(crate) fn open(self) -> Result<Place> {
        if let Self::Here(options) = &self {
            check_state(options)?;
        }
        self.open_or_make()
    }

    /// Opens the state; makes a folder where there is none.
    ///
    /// # Errors
    /// Failed, when it cannot be used.
    pub(crate) fn open_or_make(self) -> Result<Place> {
        match self {
            Self::Here(options) => Ok(Place::here(Runtime::open(*options)?)),
            Self::There(remote) => Ok(Place::There(remote)),
        }
    }

    /// The folder, for what works there alone.
    ///
    /// # Errors
    /// Invalid, when it is a server.
    pub(crate) fn here(self) -> Result<RuntimeOptions> {
        match self {
            Self::Here(options) => Ok(*options),
            Self::There(_) => Err(Failure::invalid("this works in a folder of this machine alone")
                .hint("leave `--server` out, or LUCID_SERVER")),
        }
    }
}

/// The server that is named: by the option, else by the environment.
pub(crate) fn server_url(server: &ServerArgs) -> Option<String> {
    server.server.clone().or_else(home::server)
}

/// Checks that there is state.
///
/// # Errors
/// Invalid, when there is none.
pub(crate) fn check_state(options: &RuntimeOptions) -> Result<()> {
    if options.state.join("lucid.db").exists() {
        return Ok(());
    }
    Err(Failure::invalid(format!("no state in {}", options.state.display()))
        .hint("run a mission first, or give the right folder with `--state DIR`"))
}

/// Where a command works. Commands ask it, and know no more of where that is.
#[derive(Clone)]
pub(crate) enum Place {
    /// A folder that this process has open.
    Here(Box<Stage>),
    /// A server.
    There(Remote),
}

impl Place {
    /// A folder that this process has open.
    pub(crate) fn here(runtime: Runtime) -> Self {
        Self::Here(Box::new(Stage::alone(runtime)))
    }

    /// Asks one thing.
    ///
    /// # Errors
    /// Those of the verb; and over a server: failed, when it does not answer or is older than
    /// this program, denied, when it does not take the key.
    pub(crate) async fn ask<V: Verb>(&self, verb: V) -> Result<V::Answer> {
        match self {
            Self::Here(stage) => verb.perform(stage).await,
            Self::There(remote) => remote.ask(verb).await,
        }
    }

    /// Waits until everything is on disk.
    ///
    /// # Errors
    /// Failed, when the disk fails.
    pub(crate) async fn close(&self) -> Result<()> {
        match self {
            Self::Here(stage) => stage.runtime.store.close().await,
            // What a server answered is on its disk.
            Self::There(_) => Ok(()),
        }
    }
}
