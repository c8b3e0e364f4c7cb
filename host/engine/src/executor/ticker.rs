//! The clock of the guests: at each tick running guests look up, and calls whose deadline
//! has passed are brought to the front.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lucid_core::{Failure, Result};

use super::queue::Queue;

/// How often running guests are looked at. It is also how late a deadline is seen at most,
/// on a machine that has a core to spare.
const TICK: Duration = Duration::from_millis(2);

/// How many ticks without work it goes on before it rests: waking it costs a call more than
/// a tick costs the machine.
const IDLE_TICKS: u32 = 500;

/// Starts the thread; it ends with the executor.
pub(super) fn start(queue: &Arc<Queue>) -> Result<()> {
    let (ticked, queue) = (queue, queue.clone());
    let tick = move || {
        let mut idle = 0;
        while !queue.stopped() {
            if idle >= IDLE_TICKS && queue.rest_ticker() {
                // Woken when there is work, or for no reason: then it rests again.
                std::thread::park();
                queue.resume_ticker();
                continue;
            }
            std::thread::sleep(TICK);
            idle = if queue.has_work() { 0 } else { idle.saturating_add(1) };
            queue.next_tick();
            #[expect(clippy::disallowed_methods, reason = "a deadline is wall time")]
            queue.expire(Instant::now());
        }
    };
    let started = std::thread::Builder::new().name("lucid-tick".into()).spawn(tick);
    let thread = started
        .map_err(|error| Failure::failed(format!("no thread for the guests' clock: {error}")))?;
    ticked.set_ticker(thread.thread().clone());
    Ok(())
}
