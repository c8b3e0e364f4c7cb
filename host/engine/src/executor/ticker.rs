//! The clock of the guests: at each tick running guests look up, and calls whose deadline
//! has passed are brought to the front.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use lucid_core::{Failure, Result};

use super::queue::Queue;

/// How often running guests are looked at. It is also how late a deadline is seen at most,
/// on a machine that has a core to spare.
const TICK: Duration = Duration::from_millis(5);

/// Starts the thread; it ends with the executor.
pub(super) fn start(queue: &Arc<Queue>) -> Result<()> {
    let queue = queue.clone();
    let tick = move || {
        while !queue.stopped() {
            std::thread::sleep(TICK);
            if queue.runnable.load(Ordering::Relaxed) > 0 {
                queue.next_tick();
            }
            if queue.watches() {
                #[expect(clippy::disallowed_methods, reason = "a deadline is wall time")]
                queue.expire(Instant::now());
            }
        }
    };
    std::thread::Builder::new()
        .name("lucid-tick".into())
        .spawn(tick)
        .map_err(|error| Failure::failed(format!("no thread for the guests' clock: {error}")))?;
    Ok(())
}
