//! Messages for the people who read the event log.
//!
//! The host keeps at most 64 KiB of messages per call. In tests without a
//! [fake host](crate::testing) messages are dropped.
//!
//! ```
//! use lucid_sdk::log;
//!
//! log::info("12 headings");
//! log::warn(format!("{} has no headings", "/workspace/notes.md"));
//! ```

pub use crate::bindings::imports::lucid::plugin::log::Level;
use crate::host;

/// Logs step-by-step detail.
///
/// ```
/// lucid_sdk::log::debug("line 7 is a heading");
/// ```
pub fn debug(message: impl AsRef<str>) {
    host::write(Level::Debug, message.as_ref());
}

/// Logs something worth knowing.
///
/// ```
/// lucid_sdk::log::info("the file has 12 headings");
/// ```
pub fn info(message: impl AsRef<str>) {
    host::write(Level::Info, message.as_ref());
}

/// Logs something that may be wrong.
///
/// ```
/// lucid_sdk::log::warn("the file has no headings");
/// ```
pub fn warn(message: impl AsRef<str>) {
    host::write(Level::Warn, message.as_ref());
}

/// Logs something that went wrong.
///
/// ```
/// lucid_sdk::log::error("the index is damaged; it is made anew");
/// ```
pub fn error(message: impl AsRef<str>) {
    host::write(Level::Error, message.as_ref());
}
