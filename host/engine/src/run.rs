//! Running one call: a fresh store, every limit on, and a report whatever happens.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::{Duration, Instant};

use lucid_core::{CallUsage, Failure, LogLevel};
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::{Store, UpdateDeadline};

use crate::call::{Call, LogLine, Report};
use crate::executor::Running;
use crate::plugin::Plugin;
use crate::state::State;
use crate::stopped::{classify, deadline_exceeded, exceeded};

/// A future that borrows the store of its call.
pub(crate) type Guest<'a, T> = Pin<Box<dyn Future<Output = wasmtime::Result<T>> + Send + 'a>>;

/// Runs a guest call in a fresh store on the guests' threads. A panic of the host costs one
/// call.
///
/// `input_bytes` is what goes in; `size` measures what comes out.
pub(crate) async fn run<T, F>(
    plugin: &Plugin,
    call: Call,
    input_bytes: usize,
    size: fn(&T) -> usize,
    guest: F,
) -> Report<T>
where
    T: Send + 'static,
    F: for<'a> FnOnce(&'a mut Store<State>) -> Guest<'a, T> + Send + 'static,
{
    // What waits here for a call that may take long is no more than a handle to it.
    match begin(plugin, call, input_bytes, size, guest).await {
        Ok(report) => report,
        Err(panicked) => {
            let (name, said) = (&plugin.manifest().name, panicked.0);
            Report::failed(
                Failure::bug(format!("a host function panicked during a call of `{name}`: {said}"))
                    .hint("this is a mistake in Lucid; only this call is lost"),
            )
        }
    }
}

fn begin<T, F>(
    plugin: &Plugin,
    call: Call,
    input_bytes: usize,
    size: fn(&T) -> usize,
    guest: F,
) -> Running<Report<T>>
where
    T: Send + 'static,
    F: for<'a> FnOnce(&'a mut Store<State>) -> Guest<'a, T> + Send + 'static,
{
    #[expect(clippy::disallowed_methods, reason = "a deadline is wall time by definition")]
    let started = Instant::now();
    let time = Time { started, deadline: started + Duration::from_millis(call.limits.deadline_ms) };
    let mine = plugin.clone();
    plugin.engine.executor.start(time.deadline, async move {
        match turn(&mine, time).await {
            Ok(_turn) => in_store(&mine, call, time, input_bytes, size, guest).await,
            Err(failure) => {
                Report::failed(failure.about(format!("plugin `{}`", mine.manifest().name)))
            }
        }
    })
}

/// When a call began, and when it ends at the latest.
#[derive(Clone, Copy)]
struct Time {
    started: Instant,
    deadline: Instant,
}

/// Waits until one more call may run. Waiting is part of a call's time.
async fn turn(plugin: &Plugin, time: Time) -> Result<OwnedSemaphorePermit, Failure> {
    let turns = plugin.engine.turns.clone();
    if let Ok(turn) = turns.clone().try_acquire_owned() {
        return Ok(turn);
    }
    match tokio::time::timeout_at(time.deadline.into(), turns.acquire_owned()).await {
        Ok(Ok(turn)) => Ok(turn),
        Ok(Err(_closed)) => Err(Failure::bug("the engine takes no more calls")),
        Err(_elapsed) => Err(Failure::exceeded(format!(
            "waited its whole time for one of {} calls that run at once",
            plugin.engine.options.calls_at_once
        ))
        .hint("raise `limits.deadline_ms`, or let fewer calls run at the same time")),
    }
}

/// The work was not done in time.
struct Elapsed;

/// Polls a guest until its deadline; after it, never again.
async fn until<T>(deadline: Instant, guest: Guest<'_, T>) -> Result<wasmtime::Result<T>, Elapsed> {
    let mut guest = pin!(guest);
    std::future::poll_fn(move |context| {
        #[expect(clippy::disallowed_methods, reason = "a deadline is wall time by definition")]
        if Instant::now() >= deadline {
            return Poll::Ready(Err(Elapsed));
        }
        guest.as_mut().poll(context).map(Ok)
    })
    .await
}

async fn in_store<T, F>(
    plugin: &Plugin,
    call: Call,
    time: Time,
    input_bytes: usize,
    size: fn(&T) -> usize,
    guest: F,
) -> Report<T>
where
    F: for<'a> FnOnce(&'a mut Store<State>) -> Guest<'a, T> + Send,
{
    let limits = call.limits;
    let name = &plugin.manifest().name;
    let mut store = match store(plugin, call, time) {
        Ok(store) => store,
        Err(error) => {
            return Report::failed(Failure::bug(format!(
                "no store for a call of plugin `{name}`: {error:#}"
            )));
        }
    };
    let ended = until(time.deadline, guest(&mut store)).await;
    let fuel_left = store.get_fuel().unwrap_or(0);
    let state = store.into_data();
    let mut usage = CallUsage {
        wall_ms: u64::try_from(time.started.elapsed().as_millis()).unwrap_or(u64::MAX),
        fuel: limits.fuel.map(|given| given.saturating_sub(fuel_left)),
        input_bytes: input_bytes as u64,
        ..state.usage()
    };
    let result = match ended {
        Err(Elapsed) => Err(deadline_exceeded(name, &limits)),
        Ok(Err(error)) => Err(classify(name, &limits, &state, &error)),
        Ok(Ok(value)) => {
            usage.output_bytes = size(&value) as u64;
            match state.swallowed() {
                // What ended a request or a file may not be passed over by the guest.
                Some(reached) => Err(reached.failure(name)),
                None if usage.output_bytes > limits.result_bytes => {
                    Err(exceeded(name, "result", limits.result_bytes, "bytes", "result_bytes"))
                }
                None => Ok(value),
            }
        }
    };
    report(result, usage, state)
}

fn report<T>(result: Result<T, Failure>, usage: CallUsage, state: State) -> Report<T> {
    let effects = state.effects.take();
    let (stdout, stderr) = (state.stdout.text(), state.stderr.text());
    let mut logs = state.log.lines;
    // What a failed call said last helps its author most; it goes where its log goes.
    if result.is_err() && !stderr.trim().is_empty() {
        let message = format!("stderr: {}", last_chars(stderr.trim_end()));
        logs.push(LogLine { level: LogLevel::Error, message });
    }
    Report { result, usage, logs, stdout, stderr, effects }
}

fn store(plugin: &Plugin, call: Call, time: Time) -> wasmtime::Result<Store<State>> {
    let limits = call.limits;
    let state = State::new(plugin, call);
    let mut store = Store::new(&plugin.engine.wasmtime, state);
    store.limiter(|state| &mut state.memory);
    store.set_hostcall_fuel(usize::try_from(limits.guest_to_host_bytes).unwrap_or(usize::MAX));
    store.set_max_component_handles(limits.handles as usize);
    store.set_fuel(limits.fuel.unwrap_or(u64::MAX))?;
    store.set_epoch_deadline(1);
    // At each tick the guest gives way to other calls, so that one busy guest cannot keep a
    // thread; past the deadline, or over a limit that it passed over, it is stopped.
    store.epoch_deadline_callback(move |store| {
        if let Some(reached) = store.data().swallowed() {
            return Err(reached.into());
        }
        #[expect(clippy::disallowed_methods, reason = "a deadline is wall time by definition")]
        if Instant::now() >= time.deadline {
            Ok(UpdateDeadline::Interrupt)
        } else {
            Ok(UpdateDeadline::Yield(1))
        }
    });
    Ok(store)
}

/// The end of a text, control characters left out.
fn last_chars(text: &str) -> String {
    let kept = |c: &char| !c.is_control() || *c == '\n';
    let mut end: Vec<char> = text.chars().rev().filter(kept).take(2_000).collect();
    end.reverse();
    end.into_iter().collect()
}
