//! Why a call was stopped: which limit, or whose mistake.

use lucid_core::{Failure, Limits};
use wasmtime::{PoolConcurrencyLimitError, Trap};
use wasmtime_wasi::I32Exit;

use crate::state::State;

/// A guest went over one of its limits in a host function. As the error of that function it
/// ends the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("over the limit of {limit} {unit} ({what})")]
pub(crate) struct LimitReached {
    /// What there was too much of.
    pub(crate) what: &'static str,
    /// How much is allowed.
    pub(crate) limit: u64,
    /// What the limit counts.
    pub(crate) unit: &'static str,
    /// The field of `Limits`, or whole name of the setting, that raises it.
    pub(crate) setting: &'static str,
}

impl LimitReached {
    /// The failure of a call of a plugin.
    pub(crate) fn failure(self, plugin: &str) -> Failure {
        exceeded(plugin, self.what, self.limit, self.unit, self.setting)
    }
}

pub(crate) fn exceeded(plugin: &str, what: &str, limit: u64, unit: &str, setting: &str) -> Failure {
    let table = if setting.contains('.') { "" } else { "limits." };
    Failure::exceeded(format!("plugin `{plugin}` went over its limit of {limit} {unit} ({what})"))
        .hint(format!("raise `{table}{setting}` if the plugin needs more"))
}

pub(crate) fn deadline_exceeded(plugin: &str, limits: &Limits) -> Failure {
    exceeded(plugin, "wall time", limits.deadline_ms, "ms", "deadline_ms")
}

/// Says which limit or mistake ended a call.
pub(crate) fn classify(
    plugin: &str,
    limits: &Limits,
    state: &State,
    error: &wasmtime::Error,
) -> Failure {
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return failure.clone();
    }
    if let Some(reached) = error.downcast_ref::<LimitReached>() {
        return reached.failure(plugin);
    }
    if error.downcast_ref::<PoolConcurrencyLimitError>().is_some() {
        return Failure::exceeded(format!(
            "plugin `{plugin}` found no room among the calls that run at once"
        ))
        .hint("it has many instances or memories; let fewer calls run at the same time");
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => return deadline_exceeded(plugin, limits),
        Some(Trap::OutOfFuel) => {
            return exceeded(plugin, "fuel", limits.fuel.unwrap_or(0), "units", "fuel");
        }
        Some(Trap::StackOverflow) => {
            return Failure::exceeded(format!("plugin `{plugin}` used up its stack"))
                .hint("it recurses too deep; its author has to bound that");
        }
        _ => {}
    }
    if let Some(exit) = error.downcast_ref::<I32Exit>() {
        let code = exit.0;
        return Failure::trap(format!(
            "plugin `{plugin}` ended its program (exit code {code}) instead of answering"
        ))
        .hint("its author has to return an error where it exits");
    }
    if state.memory.refused {
        return exceeded(plugin, "memory", limits.memory_bytes, "bytes", "memory_bytes");
    }
    if let Some(reached) = state.swallowed() {
        return reached.failure(plugin);
    }
    let text = format!("{error:#}");
    if text.contains("total size of fields exceeds limit") {
        let most = crate::capability::http::FIELD_BYTES_MAX;
        return Failure::exceeded(format!(
            "plugin `{plugin}` made header fields of more than {most} bytes in one message"
        ))
        .hint("its author has to send fewer or shorter ones");
    }
    engine_limit(plugin, limits, &text).unwrap_or_else(|| trap(plugin, state, error, &text))
}

/// The limits that wasmtime holds and has no types for; each has a test.
fn engine_limit(plugin: &str, limits: &Limits, text: &str) -> Option<Failure> {
    let (what, limit, unit, setting) = if text.contains("fuel allocated for hostcalls") {
        ("guest to host", limits.guest_to_host_bytes, "bytes", "guest_to_host_bytes")
    } else if text.contains("handle limit exceeded") {
        ("handles", limits.handles.into(), "handles", "handles")
    } else if text.contains("resource table has no free keys") || text.contains("table full") {
        ("resources", limits.resources.into(), "resources", "resources")
    } else if text.contains("requested len") && text.contains("exceeds limit") {
        ("random in one request", limits.random_bytes, "bytes", "random_bytes")
    } else {
        return None;
    };
    Some(exceeded(plugin, what, limit, unit, setting))
}

fn trap(plugin: &str, state: &State, error: &wasmtime::Error, text: &str) -> Failure {
    let said = state.stderr.text();
    // A panic's last line is advice to its author, on how to see more.
    let telling = |line: &&str| line.contains(char::is_alphanumeric) && !line.starts_with("note: ");
    let cause = match said.lines().rfind(telling) {
        Some(line) if error.downcast_ref::<Trap>().is_some() => first_chars(line.trim()),
        _ => first_chars(&error.root_cause().to_string()),
    };
    let cause = if cause.is_empty() { first_chars(text) } else { cause };
    Failure::trap(format!("plugin `{plugin}` was stopped: {cause}"))
        .hint("this is a mistake in the plugin; its log and stderr say more")
}

fn first_chars(line: &str) -> String {
    line.chars().filter(|character| !character.is_control()).take(300).collect()
}
