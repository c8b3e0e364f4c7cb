//! One call of a plugin: what it is given, and what comes back.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lucid_core::{CallUsage, Failure, Limits, LogLevel, Result, Timestamp};
use lucid_policy::Access;
use wasmtime::{Store, Trap, UpdateDeadline};

use crate::capability::dream::DreamHost;
use crate::capability::model::ModelHost;
use crate::plugin::Plugin;
use crate::state::{HostCallsUsedUp, State};

/// One folder a call can see.
#[derive(Debug, Clone)]
pub struct Mount {
    /// Where it is on this machine.
    pub host_folder: PathBuf,
    /// Where the guest sees it: an absolute path.
    pub guest_path: String,
    /// What may be done in it.
    pub access: Access,
}

/// What time it is for a guest, and what is random.
#[derive(Debug, Clone, Copy)]
pub enum GuestTime {
    /// The machine's.
    Real,
    /// A clock that stands still, and random numbers that follow from a seed.
    Fixed {
        /// The time.
        now: Timestamp,
        /// The seed.
        seed: u64,
    },
}

/// What one call is given. What the plugin has no capability for is not passed on.
#[derive(Clone)]
pub struct Call {
    /// What it may use.
    pub limits: Limits,
    /// The folders it can see.
    pub mounts: Vec<Mount>,
    /// Environment variables.
    pub environment: Vec<(String, String)>,
    /// Its clocks and random numbers.
    pub time: GuestTime,
    /// The model it may ask.
    pub model: Option<Arc<dyn ModelHost>>,
    /// The dream it is part of.
    pub dream: Option<Arc<dyn DreamHost>>,
}

impl Call {
    /// A call that is given nothing but its limits.
    #[must_use]
    pub fn bare(limits: Limits) -> Self {
        Self {
            limits,
            mounts: Vec::new(),
            environment: Vec::new(),
            time: GuestTime::Real,
            model: None,
            dream: None,
        }
    }
}

/// One log message of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// How much it matters.
    pub level: LogLevel,
    /// The message, control characters escaped.
    pub message: String,
}

/// What a call came to.
#[derive(Debug, Clone)]
pub struct Report<T> {
    /// The result, or one of the five kinds of failure.
    pub result: Result<T>,
    /// What it used, also after a failure.
    pub usage: CallUsage,
    /// What it logged.
    pub logs: Vec<LogLine>,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl<T> Report<T> {
    fn failed(failure: Failure) -> Self {
        Self {
            result: Err(failure),
            usage: CallUsage::default(),
            logs: Vec::new(),
            stdout: String::new(),
            stderr: String::new(),
        }
    }

    /// Turns the result into another.
    pub(crate) fn and_then<U>(self, then: impl FnOnce(T) -> Result<U>) -> Report<U> {
        Report {
            result: self.result.and_then(then),
            usage: self.usage,
            logs: self.logs,
            stdout: self.stdout,
            stderr: self.stderr,
        }
    }
}

/// A future that borrows the store of its call.
pub(crate) type Guest<'a, T> = Pin<Box<dyn Future<Output = wasmtime::Result<T>> + Send + 'a>>;

/// Stops a call's task when the caller no longer waits for it.
struct AbortOnDrop(tokio::task::AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Runs a guest call in a fresh store and a task of its own: a panic of the host costs one
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
    let Ok(turn) = plugin.engine.turns.clone().acquire_owned().await else {
        return Report::failed(Failure::bug("the engine takes no more calls"));
    };
    let plugin = plugin.clone();
    let name = plugin.manifest().name.clone();
    let task = tokio::spawn(async move {
        let _turn = turn;
        in_store(&plugin, &call, input_bytes, size, guest).await
    });
    let _stop = AbortOnDrop(task.abort_handle());
    match task.await {
        Ok(report) => report,
        Err(panic) => Report::failed(
            Failure::bug(format!("a host function panicked during a call of `{name}`: {panic}"))
                .hint("this is a mistake in Lucid; only this call is lost"),
        ),
    }
}

async fn in_store<T, F>(
    plugin: &Plugin,
    call: &Call,
    input_bytes: usize,
    size: fn(&T) -> usize,
    guest: F,
) -> Report<T>
where
    F: for<'a> FnOnce(&'a mut Store<State>) -> Guest<'a, T> + Send,
{
    let limits = &call.limits;
    #[expect(clippy::disallowed_methods, reason = "a deadline is wall time by definition")]
    let started = Instant::now();
    let mut store = match store(plugin, call, started) {
        Ok(store) => store,
        Err(error) => {
            return Report::failed(Failure::failed(format!(
                "plugin `{}` could not be given its folders: {error:#}",
                plugin.manifest().name
            )));
        }
    };
    let fuel = limits.fuel.unwrap_or(u64::MAX);
    let ready = store.set_fuel(fuel);
    let deadline = Duration::from_millis(limits.deadline_ms);
    let result = match ready {
        // The timeout also cuts host calls that block, which epochs cannot.
        Ok(()) => tokio::time::timeout(deadline, guest(&mut store)).await,
        Err(error) => Ok(Err(error)),
    };
    let fuel_left = store.get_fuel().unwrap_or(0);
    let state = store.data();
    let mut usage = CallUsage {
        wall_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        fuel: limits.fuel.map(|given| given.saturating_sub(fuel_left)),
        memory_peak_bytes: state.memory.peak_bytes(),
        input_bytes: input_bytes as u64,
        output_bytes: 0,
        host_calls: state.host_calls(),
        dropped_bytes: state.log.dropped_bytes + state.stdout.dropped() + state.stderr.dropped(),
    };
    let name = &plugin.manifest().name;
    let result = match result {
        Err(_elapsed) => Err(deadline_exceeded(name, limits)),
        Ok(Err(error)) => Err(classify(name, limits, state, &error)),
        Ok(Ok(value)) => {
            usage.output_bytes = size(&value) as u64;
            if usage.output_bytes > limits.result_bytes {
                Err(exceeded(name, "result", limits.result_bytes, "bytes", "result_bytes"))
            } else {
                Ok(value)
            }
        }
    };
    let state = store.into_data();
    let (stdout, stderr) = (state.stdout.text(), state.stderr.text());
    let mut logs = state.log.lines;
    // What a failed call said last helps its author most; it goes where its log goes.
    if result.is_err() && !stderr.trim().is_empty() {
        let message = format!("stderr: {}", last_chars(stderr.trim_end()));
        logs.push(LogLine { level: LogLevel::Error, message });
    }
    Report { result, usage, logs, stdout, stderr }
}

fn store(plugin: &Plugin, call: &Call, started: Instant) -> wasmtime::Result<Store<State>> {
    let limits = &call.limits;
    let state = State::new(call, plugin.capabilities(), limits)?;
    let mut store = Store::new(&plugin.engine.wasmtime, state);
    store.limiter(|state| &mut state.memory);
    store.set_hostcall_fuel(usize::try_from(limits.guest_to_host_bytes).unwrap_or(usize::MAX));
    store.set_max_component_handles(limits.handles as usize);
    let deadline = Duration::from_millis(limits.deadline_ms);
    store.set_epoch_deadline(1);
    // At each tick the guest gives way to other tasks, so that one busy guest cannot keep
    // a thread of the host; past the deadline it is stopped.
    store.epoch_deadline_callback(move |_| {
        if started.elapsed() >= deadline {
            Ok(UpdateDeadline::Interrupt)
        } else {
            Ok(UpdateDeadline::Yield(1))
        }
    });
    Ok(store)
}

fn exceeded(plugin: &str, what: &str, limit: u64, unit: &str, setting: &str) -> Failure {
    Failure::exceeded(format!("plugin `{plugin}` went over its limit of {limit} {unit} ({what})"))
        .hint(format!("raise `limits.{setting}` if the plugin needs more"))
}

fn deadline_exceeded(plugin: &str, limits: &Limits) -> Failure {
    exceeded(plugin, "wall time", limits.deadline_ms, "ms", "deadline_ms")
}

/// Says which limit or mistake ended a call.
fn classify(plugin: &str, limits: &Limits, state: &State, error: &wasmtime::Error) -> Failure {
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return failure.clone();
    }
    if error.downcast_ref::<HostCallsUsedUp>().is_some() {
        return exceeded(plugin, "host calls", limits.host_calls, "calls", "host_calls");
    }
    let text = format!("{error:#}");
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
    if state.memory.refused {
        return exceeded(plugin, "memory", limits.memory_bytes, "bytes", "memory_bytes");
    }
    if text.contains("fuel allocated for hostcalls") {
        let bytes = limits.guest_to_host_bytes;
        return exceeded(plugin, "guest to host", bytes, "bytes", "guest_to_host_bytes");
    }
    if text.contains("handle limit exceeded") {
        return exceeded(plugin, "handles", limits.handles.into(), "handles", "handles");
    }
    if text.contains("resource table has no free keys") || text.contains("table full") {
        return exceeded(plugin, "resources", limits.resources.into(), "resources", "resources");
    }
    if text.contains("requested len") && text.contains("exceeds limit") {
        let bytes = limits.random_bytes;
        return exceeded(plugin, "random in one request", bytes, "bytes", "random_bytes");
    }
    let said = state.stderr.text();
    let cause = match said.lines().rfind(|line| !line.trim().is_empty()) {
        Some(line) if error.downcast_ref::<Trap>().is_some() => first_chars(line.trim()),
        _ => error.root_cause().to_string(),
    };
    Failure::trap(format!("plugin `{plugin}` was stopped: {cause}"))
        .hint("this is a mistake in the plugin; its log and stderr say more")
}

/// The end of a text, control characters left out.
fn last_chars(text: &str) -> String {
    let kept = |c: &char| !c.is_control() || *c == '\n';
    let mut end: Vec<char> = text.chars().rev().filter(kept).take(2_000).collect();
    end.reverse();
    end.into_iter().collect()
}

fn first_chars(line: &str) -> String {
    line.chars().filter(|character| !character.is_control()).take(300).collect()
}
