//! Messages for the people who read the event log.

use crate::bindings::imports::lucid::plugin::log::Level;

/// Logs step-by-step detail.
pub fn debug(message: impl AsRef<str>) {
    write(Level::Debug, message.as_ref());
}

/// Logs something worth knowing.
pub fn info(message: impl AsRef<str>) {
    write(Level::Info, message.as_ref());
}

/// Logs something that may be wrong.
pub fn warn(message: impl AsRef<str>) {
    write(Level::Warn, message.as_ref());
}

/// Logs something that went wrong.
pub fn error(message: impl AsRef<str>) {
    write(Level::Error, message.as_ref());
}

/// Outside a component there is no host to log to, and a plugin's own tests must still run.
fn write(level: Level, message: &str) {
    if cfg!(target_arch = "wasm32") {
        crate::bindings::imports::lucid::plugin::log::write(level, message);
    }
}
