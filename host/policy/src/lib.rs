//! Pure decisions: what a plugin asked for, what it was granted, and the rule that decided.
//!
//! Deny by default: what a plugin gets is what its manifest asks for, and only where a
//! grant covers it. Nothing here does I/O, so every decision can be tested as a function.
#![forbid(unsafe_code)]

mod grant;
pub mod http;
pub mod manifest;
mod permission;
pub mod redact;
pub mod section;
mod view;

pub use grant::{Capabilities, Grants, INTERFACES_VERSION, check, exported_interface};
pub use http::Secret;
pub use permission::{Decision, Permissions, Policy, permission};
pub use view::{Access, View};
