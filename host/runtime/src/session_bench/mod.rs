//! What sessions cost on this machine, measured in one run: a turn's time outside of its
//! model, beside the disk's, and the memory of threads that wait for their models.
//!
//! Models answer from memory in a provider's wire format; everything else is what missions
//! run on: the driver, the log in SQLite, the engine.
#![allow(clippy::disallowed_methods, reason = "a benchmark measures, in a folder of its own")]

mod disk;
mod ground;
mod model;
mod threads;
mod turns;

use std::time::Duration;

use lucid_core::{Failure, Result};
use lucid_engine::bench::Spread;
use serde::Serialize;

use crate::state::RuntimeOptions;
use ground::Ground;

/// The most threads that a session has beside its lead's.
pub const THREADS_MAX: u32 = 1_000;

/// What is measured.
#[derive(Debug, Clone)]
pub struct SessionBenchOptions {
    /// What the sessions run on. Its folder of state has to be on the disk that matters; it is
    /// filled, and is not removed.
    pub runtime: RuntimeOptions,
    /// A tool of a bundled plugin that takes a `text`, such as `plugin.tool`, for the turns
    /// that call one; none leaves them out.
    pub tool: Option<String>,
    /// Turns of each kind: 1 or more.
    pub turns: u32,
    /// Threads that wait at the same moment: 1 to 1,000.
    pub threads: u32,
}

/// What is being measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionPart {
    /// Memory of threads that wait.
    Threads,
    /// Turns, and waits for the disk.
    Turns,
}

/// How far a run is.
#[derive(Debug, Clone, Copy)]
pub struct SessionProgress {
    /// The part.
    pub part: SessionPart,
    /// How much of it is done.
    pub done: u64,
    /// Of how much.
    pub total: u64,
}

/// Who hears how far a run is.
type Listener<'a> = &'a (dyn Fn(SessionProgress) + Sync);

/// What a run found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SessionBench {
    /// Lucid's version.
    pub version: String,
    /// Turns.
    pub turns: TurnFigures,
    /// Threads that wait.
    pub threads: ThreadFigures,
}

/// Turns, in milliseconds. A turn is one model request and one tool call: from the moment at
/// which the model is asked, and answers at once, to the moment at which it is asked again.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TurnFigures {
    /// A turn that calls a plugin's tool, whose own time is in it. The log is on disk before
    /// the tool runs and before the model is asked: two waits for the disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn_ms: Option<Spread>,
    /// The same with a log that does not wait for the disk (`synchronous=NORMAL`): what Lucid
    /// itself takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without_disk_ms: Option<Spread>,
    /// A turn that calls a tool of the host's own, which runs nowhere: one wait for the disk.
    pub own_tool_ms: Spread,
    /// One wait of the same disk alone, between the sessions: 4 KiB are written and synced.
    pub disk_ms: Spread,
    /// Turns in one session: the last of them carries a conversation of so many turns.
    pub turns_in_a_session: u32,
}

/// Threads of one session that wait for their models at the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ThreadFigures {
    /// How many waited.
    pub n: u32,
    /// By how much resident memory grew for each of them, in KiB, the session's log and its
    /// lead included and connections left out; none where the system does not tell.
    pub kib_each: Option<f64>,
    /// How long after the session's beginning all of them waited, in milliseconds.
    pub all_waiting_ms: f64,
}

/// Measures what the options name.
///
/// Has to run on a runtime of tokio with more than one thread, and first in its process:
/// memory that was freed before would be used by threads and not be seen.
///
/// # Errors
/// Invalid, when there are too few turns or threads, too many threads, or no such tool;
/// failed, when the folder of state cannot be used; bug, when a session does not go as it has
/// to.
pub async fn run(options: &SessionBenchOptions, progress: Listener<'_>) -> Result<SessionBench> {
    if options.turns == 0 {
        return Err(Failure::invalid("no turns to measure").hint("ask for 1 or more"));
    }
    if !(1..=THREADS_MAX).contains(&options.threads) {
        let message = format!("{} threads cannot be measured", options.threads);
        return Err(Failure::invalid(message).hint(format!("ask for 1 to {THREADS_MAX}")));
    }
    let ground = Ground::open(options.runtime.clone())?;
    // First, as long as nothing else has used memory.
    let threads = Box::pin(threads::measure(&ground, options.threads, progress)).await?;
    let tool = options.tool.as_deref();
    let turns = Box::pin(turns::measure(&ground, tool, options.turns, progress)).await?;
    Ok(SessionBench { version: env!("CARGO_PKG_VERSION").to_owned(), turns, threads })
}

/// The middle and the far end of times, in milliseconds.
fn spread(times: &[Duration]) -> Spread {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let at = |of_hundred: usize| {
        let place = (sorted.len() * of_hundred).div_ceil(100).saturating_sub(1);
        rounded(sorted.get(place).copied().unwrap_or_default().as_secs_f64() * 1e3)
    };
    Spread { p50: at(50), p99: at(99), n: sorted.len() as u64 }
}

/// A thousandth is finer than anything here can be measured.
fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    fn options(folder: &std::path::Path, turns: u32, threads: u32) -> SessionBenchOptions {
        let runtime = RuntimeOptions::new(folder.join("state"));
        SessionBenchOptions { runtime, tool: None, turns, threads }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn turns_and_threads_are_measured_on_sessions_that_really_run() {
        let folder = tempfile::tempdir().unwrap();
        let heard = Mutex::new(Vec::new());
        let hear = |progress: SessionProgress| heard.lock().unwrap().push(progress);
        let figures = run(&options(folder.path(), 60, 30), &hear).await.unwrap();
        let turns = figures.turns;
        assert_eq!((turns.own_tool_ms.n, turns.turn_ms), (60, None));
        assert!(turns.own_tool_ms.p50 > 0.0 && turns.own_tool_ms.p50 <= turns.own_tool_ms.p99);
        assert!(turns.disk_ms.n > 0);
        assert_eq!(figures.threads.n, 30);
        let last = heard.lock().unwrap().last().copied().unwrap();
        assert_eq!((last.part, last.done, last.total), (SessionPart::Turns, 60, 60));
    }

    #[tokio::test]
    async fn what_cannot_be_measured_is_refused_before_anything_is_made() {
        let folder = tempfile::tempdir().unwrap();
        for (turns, threads) in [(0, 1), (1, 0), (1, THREADS_MAX + 1)] {
            let refused = run(&options(folder.path(), turns, threads), &|_| ()).await.unwrap_err();
            assert!(refused.hint.is_some(), "{refused}");
        }
        assert!(!folder.path().join("state").exists());
    }

    #[test]
    fn a_percentile_is_a_time_that_was_measured_and_never_a_smaller_one() {
        let times: Vec<_> = (1..=200).rev().map(Duration::from_millis).collect();
        assert_eq!(spread(&times), Spread { p50: 100.0, p99: 198.0, n: 200 });
        assert_eq!(spread(&[]), Spread { p50: 0.0, p99: 0.0, n: 0 });
    }
}
