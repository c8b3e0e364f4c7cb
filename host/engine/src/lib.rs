//! Runs components: the only crate that knows wasmtime.
//!
//! A [`Plugin`] is loaded once and called often; each call gets a fresh store, this call's
//! mounts and nothing else, and ends in a [`Report`]: the result or one of the five kinds of
//! failure, and what it used. No wasmtime type leaves this crate.
//!
//! One capability is one module under `capability/`, each with the same three parts: *link*
//! (what is put in the linker), *grant* (decided by `lucid_policy`), *state* (what one call
//! holds).
#![deny(unsafe_code)]

pub mod bench;
mod bindings;
mod cache;
mod cache_unsafe;
mod call;
mod capability;
mod compile;
mod config;
mod effects;
mod executor;
mod kind;
mod limiter;
mod load;
mod options;
mod plugin;
mod run;
mod state;
mod stdio;
mod stopped;

pub use call::{Call, GuestTime, LogLine, Mount, Report};
pub use capability::digests::{DIGEST_BYTES_MAX, DIGESTS_PAGE_BYTES_MAX};
pub use capability::dream::{DreamEntry, DreamEvent, DreamHost, DreamSession, EntryShape};
pub use capability::files::FileQuota;
pub use capability::graders::{GradersHost, Panel, PanelMember};
pub use capability::http::{Connection, Network, SystemNetwork};
pub use capability::http::{Credentials, Lender, Lent, LentVariable, NotLent, UnusableCredential};
pub use capability::model::ModelHost;
pub use compile::compile_for_parent;
pub use config::{Engine, MEMORY_BYTES_MAX};
pub use effects::Effects;
pub use kind::dream::{DreamRequest, DreamSummary};
pub use kind::grader::GradeRequest;
pub use kind::tool::ToolAnswer;
pub use load::structure::Interface;
pub use options::{CacheFolder, Compiler, EngineOptions};
pub use plugin::Plugin;
