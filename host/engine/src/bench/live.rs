//! Memory: of many instances that are alive at the same moment, and after killed calls.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use lucid_core::{Failure, Limits, Result};
use tokio::task::JoinSet;

use super::deadline::Killing;
use super::options::{BenchOptions, Part, Progress};
use super::stats::rounded;
use super::{Listener, nap_input, text};
use crate::{Call, Plugin};

/// Calls that may run at once beside those that are counted.
const SLACK: u32 = 16;

/// Each attempt naps twice as long as the one before it.
const ATTEMPTS: u32 = 3;

const SAMPLED_EVERY: Duration = Duration::from_millis(20);

/// An hour: no call here is to run into its deadline.
const DEADLINE_MS: u64 = 3_600_000;

/// Killed calls before memory is looked at, so that what is made once is there: threads,
/// the pool's first slots, the allocator's arenas.
const KILLED_BEFORE: u32 = 200;
const KILLED: u32 = 1_000;

/// How long memory may take to be given back.
const SETTLES_IN: Duration = Duration::from_millis(500);

pub(super) async fn measure(
    options: &BenchOptions,
    progress: Listener<'_>,
) -> Result<(BTreeMap<String, Option<f64>>, Vec<String>)> {
    if options.live_process.is_some() {
        // Fills the cache: compiling would leave memory behind that instances then use.
        options.plugin(SLACK)?;
    }
    let mut figures = BTreeMap::new();
    let mut notes = Vec::new();
    let total = options.live.len() as u64;
    for (done, n) in (0..).zip(options.live.iter().copied()) {
        progress(Progress { part: Part::Live, done, total });
        let measured = match &options.live_process {
            Some(process) => process(n),
            None => alive(options, n).await,
        };
        if let Err(failure) = &measured {
            notes.push(format!("memory of {n} live instances: {failure}"));
        }
        figures.insert(format!("n{n}"), measured.ok());
    }
    progress(Progress { part: Part::Live, done: total, total });
    Ok((figures, notes))
}

/// KiB of resident memory for each of so many instances that are alive at the same moment.
async fn alive(options: &BenchOptions, n: u32) -> Result<f64> {
    let plugin = options.plugin(n.saturating_add(SLACK))?;
    nap(plugin.clone(), 0).await?;
    let before = resident_kib().ok_or_else(untold)?;
    let mut milliseconds = 2_000 + u64::from(n);
    for _ in 0..ATTEMPTS {
        if let Some(after) = napping(&plugin, n, milliseconds).await? {
            let grown = after.saturating_sub(before);
            // Both far below the numbers that a float cannot tell apart.
            return Ok(rounded(grown as f64 / f64::from(n.max(1))));
        }
        milliseconds *= 2;
    }
    Err(Failure::failed(format!("{n} instances were never alive at the same moment")))
}

/// Lets so many guests nap, and gives what memory was resident while all of them did.
///
/// A nap lasts at least as long as it was asked to. So a guest that answered at a moment was
/// alive for that long before it, and one that was called at a moment is, once its nap has
/// begun, alive at least until that long after it.
async fn napping(plugin: &Plugin, n: u32, milliseconds: u64) -> Result<Option<u64>> {
    let nap_time = Duration::from_millis(milliseconds);
    let first_begun = Instant::now();
    let mut naps = JoinSet::new();
    for _ in 0..n {
        let plugin = plugin.clone();
        naps.spawn(async move {
            nap(plugin, milliseconds).await?;
            Ok::<_, Failure>(Instant::now())
        });
    }
    let mut sampled = Vec::new();
    let mut last_ended = first_begun;
    let mut tick = tokio::time::interval(SAMPLED_EVERY);
    loop {
        tokio::select! {
            ended = naps.join_next() => match ended {
                None => break,
                Some(Ok(ended)) => last_ended = last_ended.max(ended?),
                Some(Err(error)) => {
                    return Err(Failure::bug(format!("a caller stopped: {error}")));
                }
            },
            _ = tick.tick() => sampled.extend(resident_kib().map(|kib| (Instant::now(), kib))),
        }
    }
    let all_begun = last_ended.checked_sub(nap_time).unwrap_or(first_begun);
    let none_ended = first_begun + nap_time;
    let all_alive = sampled.iter().filter(|(at, _)| (all_begun..none_ended).contains(at));
    Ok(all_alive.map(|(_, kib)| *kib).max())
}

/// One call that waits in the host, with nothing granted: a folder would be a file that is
/// open, and there are fewer of those than instances.
async fn nap(plugin: Plugin, milliseconds: u64) -> Result<()> {
    let call = Call::bare(Limits { deadline_ms: DEADLINE_MS, ..Limits::STANDARD });
    text(plugin.call_tool(call, "nap", &nap_input(milliseconds)).await, "nap").map(|_| ())
}

/// By how much memory grows over killed calls.
pub(super) async fn after_kills(plugin: &Plugin, progress: Listener<'_>) -> Result<Option<f64>> {
    let killing = |calls| Killing { calls, at_once: 100, shortest: 5, longest: 40 };
    killing(KILLED_BEFORE).run(plugin, Part::Kills, &|_| ()).await?;
    tokio::time::sleep(SETTLES_IN).await;
    let before = resident_kib();
    killing(KILLED).run(plugin, Part::Kills, progress).await?;
    tokio::time::sleep(SETTLES_IN).await;
    let grown = before.zip(resident_kib()).map(|(before, after)| {
        // Less than before is nothing that grew.
        rounded(after.saturating_sub(before) as f64 / 1_024.0)
    });
    Ok(grown)
}

/// Resident memory of this process in KiB, where the system tells.
fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

fn untold() -> Failure {
    Failure::failed("this system does not tell how much memory is resident")
}
