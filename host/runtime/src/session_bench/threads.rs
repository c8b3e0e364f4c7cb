//! What threads take that wait for their models.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lucid_core::{Failure, Result};
use serde_json::json;
use tokio::time::{sleep, timeout};

use super::ground::{Ground, MEMBER_AGENT};
use super::model::{Quick, Slow, calling};
use super::{Listener, SessionPart, SessionProgress, ThreadFigures, rounded};

/// How long all threads may take until they wait.
const ALL_WAIT_IN: Duration = Duration::from_secs(300);

/// Memory is looked at so often while all threads wait.
const SAMPLES: u32 = 25;
const SAMPLED_EVERY: Duration = Duration::from_millis(20);

pub(super) async fn measure(
    ground: &Ground,
    threads: u32,
    progress: Listener<'_>,
) -> Result<ThreadFigures> {
    let report = |waiting: u32| {
        let (done, total) = (u64::from(waiting.min(threads)), u64::from(threads));
        progress(SessionProgress { part: SessionPart::Threads, done, total });
    };
    report(0);
    // What is made once is there then: connections of the store, threads, the first arenas.
    waiting(ground, 1, &|_| ()).await?;
    let before = resident_kib();
    let (all_waiting, after) = waiting(ground, threads, &report).await?;
    let kib_each = before.zip(after).map(|(before, after)| {
        // Both far below the numbers that a float cannot tell apart.
        rounded(after.saturating_sub(before) as f64 / f64::from(threads))
    });
    let all_waiting_ms = rounded(all_waiting.as_secs_f64() * 1e3);
    Ok(ThreadFigures { n: threads, kib_each, all_waiting_ms })
}

/// Runs a session whose lead starts so many threads. Gives how long it took until all of
/// their models were asked, and the most memory that was resident while all of them waited.
async fn waiting(
    ground: &Ground,
    threads: u32,
    report: &(dyn Fn(u32) + Sync),
) -> Result<(Duration, Option<u64>)> {
    let start = |number| {
        let message = format!("Do part {number}.");
        ("start_thread".to_owned(), json!({"agent_name": MEMBER_AGENT, "message": message}))
    };
    let lead = Arc::new(Quick::new(calling((0..threads).map(start))));
    let slow = Arc::new(Slow::new());
    let mission = ground.mission(None, threads, lead, slow.clone()).await?;
    let begun = Instant::now();
    let mut session = pin!(ground.session(&mission));
    let early = || Failure::bug("a session ended before its threads had their answers");
    let all_wait = timeout(ALL_WAIT_IN, slow.all_wait(threads, report));
    tokio::select! {
        ended = &mut session => return Err(ended.err().unwrap_or_else(early)),
        waited = all_wait => waited.map_err(|_| {
            let seconds = ALL_WAIT_IN.as_secs();
            Failure::failed(format!("{threads} threads did not wait within {seconds} s"))
                .hint("ask for fewer with `--threads N`")
        })?,
    }
    let all_waiting = begun.elapsed();
    let resident = tokio::select! {
        ended = &mut session => return Err(ended.err().unwrap_or_else(early)),
        resident = most_resident_kib() => resident,
    };
    slow.answer();
    let state = session.await?;
    let had = state.threads.len().saturating_sub(1);
    if had != threads as usize {
        return Err(Failure::bug(format!("a session of {threads} threads had {had}")));
    }
    Ok((all_waiting, resident))
}

/// The most memory that is resident within half a second.
async fn most_resident_kib() -> Option<u64> {
    let mut most = None;
    for _ in 0..SAMPLES {
        most = most.max(resident_kib());
        sleep(SAMPLED_EVERY).await;
    }
    most
}

/// Resident memory of this process in KiB, where the system tells.
fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
