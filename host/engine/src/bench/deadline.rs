//! By how much deadlines are overshot: by guests that loop and by guests that wait in the
//! host.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use lucid_core::{Failure, FailureKind, Limits, Result};
use tokio::task::JoinSet;

use super::options::{Part, Progress};
use super::stats::{Overshoot, Samples, ms};
use super::{Listener, nap_input};
use crate::{Call, Plugin};

/// Calls that run at the same time.
const AT_ONCE: u32 = 200;

/// The shortest and the longest deadline, in milliseconds. They vary, so that they do not all
/// end at the same tick.
const SHORTEST_MS: u64 = 20;
const LONGEST_MS: u64 = 200;

/// Longer than any deadline here.
const NAP_MS: u64 = 60_000;

/// How often progress is told.
const TOLD_EVERY: Duration = Duration::from_millis(250);

pub(super) async fn measure(
    plugin: &Plugin,
    calls: u32,
    progress: Listener<'_>,
) -> Result<Overshoot> {
    let killing = Killing { calls, at_once: AT_ONCE, shortest: SHORTEST_MS, longest: LONGEST_MS };
    let samples = killing.run(plugin, Part::Deadline, progress).await?;
    Ok(samples.overshoot())
}

/// Calls that all run into their deadline.
#[derive(Debug, Clone, Copy)]
pub(super) struct Killing {
    /// How many.
    pub(super) calls: u32,
    /// How many at the same time.
    pub(super) at_once: u32,
    /// The shortest deadline, in milliseconds.
    pub(super) shortest: u64,
    /// The longest deadline, in milliseconds.
    pub(super) longest: u64,
}

impl Killing {
    /// Makes the calls, and gives by how many milliseconds each overshot.
    pub(super) async fn run(
        self,
        plugin: &Plugin,
        part: Part,
        progress: Listener<'_>,
    ) -> Result<Samples> {
        let begun = Arc::new(AtomicU32::new(0));
        let mut callers = JoinSet::new();
        for _ in 0..self.at_once.min(self.calls) {
            callers.spawn(self.caller(plugin.clone(), begun.clone()));
        }
        let mut samples = Samples::new();
        let mut tick = tokio::time::interval(TOLD_EVERY);
        loop {
            tokio::select! {
                ended = callers.join_next() => match ended {
                    None => return Ok(samples),
                    Some(Ok(overshot)) => samples.extend(overshot?),
                    Some(Err(error)) => {
                        return Err(Failure::bug(format!("a caller stopped: {error}")));
                    }
                },
                _ = tick.tick() => {
                    let done = begun.load(Ordering::Relaxed).min(self.calls);
                    progress(Progress { part, done: done.into(), total: self.calls.into() });
                }
            }
        }
    }

    async fn caller(self, plugin: Plugin, begun: Arc<AtomicU32>) -> Result<Samples> {
        let mut samples = Samples::new();
        loop {
            let number = begun.fetch_add(1, Ordering::Relaxed);
            if number >= self.calls {
                return Ok(samples);
            }
            samples.push(self.call(&plugin, number).await?);
        }
    }

    /// One call: looping if its number is even, else waiting in the host.
    async fn call(self, plugin: &Plugin, number: u32) -> Result<f64> {
        // A stride without a common divisor visits every length before it repeats one.
        let range = self.longest - self.shortest + 1;
        let deadline_ms = self.shortest + u64::from(number) * 7_919 % range;
        let (tool, input) = match number % 2 {
            0 => ("spin", "{}".to_owned()),
            _ => ("nap", nap_input(NAP_MS)),
        };
        let call = Call::bare(Limits { deadline_ms, ..Limits::STANDARD });
        let started = Instant::now();
        let report = plugin.call_tool(call, tool, &input).await;
        let took = started.elapsed();
        match report.result {
            Err(failure) if failure.kind == FailureKind::Exceeded => {
                Ok(ms(took.saturating_sub(Duration::from_millis(deadline_ms))))
            }
            ended => {
                let message = format!("`{tool}` did not run into its deadline but into {ended:?}");
                Err(Failure::bug(message))
            }
        }
    }
}
