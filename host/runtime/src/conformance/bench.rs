//! One loaded plugin, what each of its calls is given, and what they came to.

use std::sync::{Arc, Mutex, PoisonError};

use lucid_core::{FailureKind, Limits, Timestamp};
use lucid_engine::{Call, DreamHost, GuestTime, Plugin, Report};
use lucid_policy::Access;
use lucid_policy::manifest::Kind;

use super::Check;
use super::fake::FakeModel;
use super::scratch::Scratch;
use crate::mission::standard_limits;

/// What each environment variable holds: many are read as a number.
const VARIABLE: &str = "1";

/// The longest deadline that a manifest can ask for here, in milliseconds.
const DEADLINE_MS_MAX: u64 = 60_000;

/// The time in every call whose clock stands still: 2026-01-01T00:00Z.
pub(super) const NOW: Timestamp = Timestamp(1_767_225_600_000);

/// Messages that are quoted are cut at so many characters.
const QUOTED_CHARACTERS_MAX: usize = 200;

/// A loaded plugin and its folders.
pub(super) struct Bench {
    pub(super) plugin: Plugin,
    scratch: Scratch,
    limits: Limits,
    tally: Mutex<Tally>,
}

/// What the calls came to so far.
#[derive(Default)]
struct Tally {
    calls: usize,
    longest_ms: u64,
    requests: u64,
    exceeded: Vec<String>,
    printed: Vec<String>,
}

impl Bench {
    pub(super) fn new(plugin: Plugin, scratch: Scratch, deadline_ms: u64) -> Self {
        let manifest = plugin.manifest();
        let mut limits = standard_limits(manifest.kind, manifest.capabilities.model);
        let wanted = manifest.limits;
        limits.deadline_ms = wanted.deadline_ms.map_or(deadline_ms, |wanted| {
            wanted.clamp(deadline_ms, DEADLINE_MS_MAX.max(deadline_ms))
        });
        let memory = wanted.memory_mib.map_or(0, |mib| u64::from(mib) << 20);
        limits.memory_bytes = limits.memory_bytes.max(memory).min(lucid_engine::MEMORY_BYTES_MAX);
        Self { plugin, scratch, limits, tally: Mutex::default() }
    }

    /// What one call is given: all that the plugin asks for.
    pub(super) fn call(&self) -> Call {
        let manifest = self.plugin.manifest();
        let fixed = GuestTime::Fixed { now: NOW, seed: 1 };
        let variables = manifest.capabilities.environment.iter();
        let grader = manifest.kind == Kind::Grader;
        let access = if grader { Access::ReadOnly } else { Access::ReadWrite };
        Call {
            mounts: self.scratch.mounts(grader, access),
            environment: variables.map(|name| (name.clone(), VARIABLE.to_owned())).collect(),
            time: if judges(manifest.kind) { fixed } else { GuestTime::Real },
            model: manifest.capabilities.model.then(FakeModel::shared),
            ..self.bare()
        }
    }

    /// What one call of a dream is given.
    pub(super) fn dream(&self, host: Arc<dyn DreamHost>) -> Call {
        Call { dream: Some(host), ..self.call() }
    }

    /// A call that is given its limits and nothing else.
    pub(super) fn bare(&self) -> Call {
        Call::bare(self.limits)
    }

    /// Notes how a call ended. What ended it is returned where the plugin did not end it
    /// itself: a trap, a limit, or a mistake of the host.
    pub(super) fn note<T>(&self, what: &str, report: &Report<T>) -> Option<String> {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.calls += 1;
        tally.longest_ms = tally.longest_ms.max(report.usage.wall_ms);
        tally.requests += report.usage.http_requests;
        if let Some(line) = report.stdout.lines().find(|line| !line.trim().is_empty()) {
            tally.printed.push(format!("it prints, where nobody reads it: {}", quoted(line)));
        }
        let failure = report.result.as_ref().err()?;
        let stopped = format!("{what}: {}", quoted(&failure.message));
        match failure.kind {
            FailureKind::Exceeded => tally.exceeded.push(stopped.clone()),
            FailureKind::Trap | FailureKind::Bug => {}
            FailureKind::Invalid | FailureKind::Denied | FailureKind::Failed => return None,
        }
        Some(stopped)
    }

    /// Whether every call ended within its limits.
    pub(super) fn limits(&self) -> Check {
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        let well = format!(
            "{} ended within their limits, the longest in {} of {} ms",
            count(tally.calls, "call"),
            tally.longest_ms,
            self.limits.deadline_ms
        );
        let hint =
            "bound what one input can cost, or ask for more under `[limits]` in the manifest";
        Check::of_findings("limits", &tally.exceeded, well, hint)
    }

    /// Whether nothing was printed to standard output.
    pub(super) fn printing(&self) -> Check {
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        let hint = "return it, or log it with `lucid:plugin/log`; print nothing";
        Check::of_findings("printing", &tally.printed, "it prints nothing", hint)
    }

    /// Whether nothing outside of the view was changed.
    pub(super) fn outside(&self) -> Check {
        let disturbed = self.scratch.disturbed();
        let changed: Vec<String> = disturbed
            .iter()
            .map(|name| format!("`{name}` outside of its view was changed"))
            .collect();
        let hint = "this is a mistake in Lucid: keep the file, and report it";
        let mut well = "nothing outside of its view was changed".to_owned();
        let requests = self.tally.lock().unwrap_or_else(PoisonError::into_inner).requests;
        if requests > 0 {
            well.push_str(&format!("; {requests} http requests were answered by a stand-in"));
        }
        Check::of_findings("outside", &changed, well, hint)
    }
}

/// Kinds that have to say the same of the same.
fn judges(kind: Kind) -> bool {
    matches!(kind, Kind::Grader | Kind::Dream)
}

/// A number of things, in words that fit the number.
pub(super) fn count(number: usize, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

/// What somebody else wrote, short and on one line.
pub(super) fn quoted(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = line.trim();
    match line.char_indices().nth(QUOTED_CHARACTERS_MAX) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_short_and_on_one_line() {
        assert_eq!((count(1, "tool"), count(2, "tool")), ("1 tool".into(), "2 tools".into()));
        assert_eq!(quoted(" a\nb\u{1b}c "), "a b c");
        assert_eq!(quoted(&"é".repeat(201)), format!("{}…", "é".repeat(200)));
    }
}
