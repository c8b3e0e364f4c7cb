//! The HTTP API of Lucid: routes, streams, and what goes on behind them.
//!
//! Everything is thin here: a route reads what was sent, lets `lucid-api` check it, asks the
//! store or the runtime, and answers. Which workspace a request may see is decided before any
//! route runs; a route has no way to another's store.
#![forbid(unsafe_code)]

mod answer;
mod app;
mod around;
mod auth;
mod background;
mod bodies;
mod config;
mod documents;
mod extract;
mod guard;
mod health;
pub mod keys;
mod limits;
mod lock;
mod log;
mod metrics;
mod reach;
mod router;
mod serve;
mod shutdown;
mod space;
mod turns;
mod workspaces;

#[cfg(test)]
mod testing;

mod agents;
mod deployments;
mod dreams;
mod environments;
mod events;
mod files;
mod lucid;
mod memory;
mod models;
mod seal;
mod sessions;
mod skills;
mod stream;
mod tls;
mod traces;
mod vaults;
mod webhooks;
mod work;
mod written;

pub use app::{App, ServerOptions};
pub use log::{Level, Log};
pub use serve::Server;
pub use shutdown::Shutdown;
pub use traces::Traces;
