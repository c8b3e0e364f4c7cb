//! Log messages: kept up to a limit, for the event log.

use lucid_core::LogLevel;
use wasmtime::component::{HasSelf, Linker};

use crate::bindings::imports::lucid::plugin::log::{self, Level};
use crate::call::LogLine;
use crate::state::State;

/// What a message costs at least.
const MESSAGE_BYTES_MIN: u64 = 16;

/// What one call has logged.
#[derive(Debug)]
pub(crate) struct LogState {
    pub(crate) lines: Vec<LogLine>,
    room_bytes: u64,
    pub(crate) dropped_bytes: u64,
    /// Bytes of all messages, the dropped ones included.
    pub(crate) written_bytes: u64,
}

impl LogState {
    pub(crate) fn new(limit_bytes: u64) -> Self {
        Self { lines: Vec::new(), room_bytes: limit_bytes, dropped_bytes: 0, written_bytes: 0 }
    }

    fn keep(&mut self, level: LogLevel, message: &str) {
        let length = message.len() as u64;
        self.written_bytes += length;
        // An empty message costs, too: a million of them must not fit.
        let cost = length.max(MESSAGE_BYTES_MIN);
        if cost > self.room_bytes {
            self.dropped_bytes += length;
            return;
        }
        self.room_bytes -= cost;
        self.lines.push(LogLine { level, message: escape(message) });
    }
}

/// Control characters could drive a terminal that shows the log.
fn escape(message: &str) -> String {
    let mut safe = String::with_capacity(message.len());
    for character in message.chars() {
        if character.is_control() && character != '\n' && character != '\t' {
            safe.extend(character.escape_unicode());
        } else {
            safe.push(character);
        }
    }
    safe
}

/// Links the capability; every plugin has it.
pub(crate) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    log::add_to_linker::<State, HasSelf<State>>(linker, |state| state)
}

impl log::Host for State {
    async fn write(&mut self, level: Level, message: String) -> wasmtime::Result<()> {
        self.count_host_call()?;
        let level = match level {
            Level::Debug => LogLevel::Debug,
            Level::Info => LogLevel::Info,
            Level::Warn => LogLevel::Warn,
            Level::Error => LogLevel::Error,
        };
        self.log.keep(level, &message);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_never_reach_a_terminal() {
        assert_eq!(escape("a\u{1b}]52;c;x\u{7}\nb"), "a\\u{1b}]52;c;x\\u{7}\nb");
    }

    #[test]
    fn messages_over_the_limit_are_dropped_and_counted() {
        let mut log = LogState::new(20);
        log.keep(LogLevel::Info, "0123456789012345678");
        log.keep(LogLevel::Info, "0123");
        assert_eq!((log.lines.len(), log.dropped_bytes), (1, 4));
    }
}
