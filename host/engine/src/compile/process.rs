//! Compiling in a process of its own: the parent's side.
//!
//! The process gets the component, its limits and nothing else, and is always reaped. What
//! it answers is bounded, and so is the time it is waited for.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use lucid_core::{Failure, Result};

use super::child::{CODE, ERROR};
use super::{Code, does_not_compile, one_line, seconds};

/// What it may say on its standard error, in bytes; more is read and dropped.
const STDERR_BYTES_MAX: u64 = 16 << 10;

/// The most machine code for a component of no bytes.
const CODE_BYTES_BASE: u64 = 64 << 20;
/// Bytes of machine code for each byte of a component; three are common.
const CODE_BYTES_RATIO: u64 = 32;
/// The most machine code there is.
const CODE_BYTES_MAX: u64 = 1 << 30;

/// How often a process that closed its output is looked at until it is gone.
const REAP_EVERY: Duration = Duration::from_millis(1);

/// What compiling may take.
pub(super) struct Bounds {
    pub(super) deadline: Duration,
    pub(super) memory_bytes: u64,
}

/// How a process ended.
struct Ended {
    /// Its output, bounded; an error when it could not be read.
    output: io::Result<Vec<u8>>,
    said: String,
    /// None when it was stopped.
    status: Option<ExitStatus>,
}

/// Runs the program over a component.
pub(super) fn compile(
    program: &Path,
    arguments: &[String],
    bounds: &Bounds,
    plugin: &str,
    component: &[u8],
) -> Result<Code> {
    #[expect(clippy::disallowed_methods, reason = "a deadline is wall time by definition")]
    let started = Instant::now();
    let until = started + bounds.deadline;
    let child = spawn(program, arguments, bounds).map_err(|error| {
        let program = program.display();
        Failure::failed(format!("the compiler `{program}` does not start: {error}"))
            .hint("install Lucid again: it starts its own program to compile plugins")
    })?;
    let output_max = (component.len() as u64)
        .saturating_mul(CODE_BYTES_RATIO)
        .saturating_add(CODE_BYTES_BASE)
        .min(CODE_BYTES_MAX);
    let ended = talk(child, component, output_max, until).map_err(|error| {
        Failure::failed(format!("no threads to compile plugin `{plugin}` with: {error}"))
    })?;
    judge(ended, bounds, output_max, plugin)
}

fn spawn(program: &Path, arguments: &[String], bounds: &Bounds) -> io::Result<Reaped> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    #[expect(clippy::disallowed_methods, reason = "compiling is to be stopped from outside")]
    let mut command = Command::new(program);
    command
        .args(arguments)
        .arg(bounds.memory_bytes.to_string())
        .arg(bounds.deadline.as_millis().to_string())
        .env_clear()
        .env("RAYON_NUM_THREADS", cores.min(super::THREADS_MAX).to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // A group of its own, so that all of it can be stopped.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    Ok(Reaped { child: command.spawn()?, gone: false })
}

/// Writes the component, reads the answer, and sees the process off.
fn talk(
    mut process: Reaped,
    component: &[u8],
    output_max: u64,
    until: Instant,
) -> io::Result<Ended> {
    let stdin = process.child.stdin.take();
    let stdout = process.child.stdout.take();
    let stderr = process.child.stderr.take();
    thread::scope(|scope| {
        // Moved in here, so that it is stopped before the threads are waited for.
        let mut process = process;
        let (answer, answered) = mpsc::sync_channel(1);
        let named = |name: &str| thread::Builder::new().name(name.to_owned());
        named("lucid-compile-in").spawn_scoped(scope, move || {
            // One that ends early says why on its own.
            stdin.map(|mut stdin| stdin.write_all(component))
        })?;
        named("lucid-compile-out").spawn_scoped(scope, move || {
            let output = stdout.map_or_else(|| Ok(Vec::new()), |out| read(out, output_max + 1));
            // Nobody listens past the deadline.
            let _ = answer.send(output);
        })?;
        let said = named("lucid-compile-err")
            .spawn_scoped(scope, move || stderr.map_or_else(String::new, say))?;
        let left = until.saturating_duration_since(now());
        let output = answered.recv_timeout(left).ok();
        let status = match output {
            Some(_) => process.wait(until),
            None => None,
        };
        process.stop();
        let said = said.join().unwrap_or_default();
        Ok(Ended { output: output.unwrap_or_else(|| Ok(Vec::new())), said, status })
    })
}

fn judge(ended: Ended, bounds: &Bounds, output_max: u64, plugin: &str) -> Result<Code> {
    let mut output = ended.output.map_err(|error| {
        Failure::failed(format!("the answer of the compiler could not be read: {error}"))
    })?;
    if output.len() as u64 > output_max {
        return Err(Failure::exceeded(format!(
            "plugin `{plugin}` compiles to more than {output_max} bytes"
        ))
        .hint("no plugin of its size needs so many: its author has to make it smaller"));
    }
    let Some(status) = ended.status else { return Err(too_long(plugin, bounds)) };
    let last = output.pop();
    match (status.success(), last) {
        (true, Some(CODE)) => Ok(Code::vouched_for(output)),
        (_, Some(ERROR)) if status.success() => {
            let error = String::from_utf8_lossy(&output);
            if is_out_of_memory(&error) {
                return Err(too_large(plugin, bounds));
            }
            Err(does_not_compile(plugin, &error))
        }
        (true, _) => Err(Failure::failed("the compiler gave no answer")
            .hint("the program that was named as compiler has to be one of this version of Lucid")),
        (false, _) if was_out_of_time(status) => Err(too_long(plugin, bounds)),
        (false, _) if is_out_of_memory(&ended.said) => Err(too_large(plugin, bounds)),
        (false, _) => {
            let said = one_line(ended.said.trim_start().lines().next().unwrap_or_default());
            Err(Failure::invalid(format!(
                "plugin `{plugin}` made the compiler crash ({status}): {said}"
            ))
            .hint("nothing of it has run; its author can try another build of it"))
        }
    }
}

fn too_long(plugin: &str, bounds: &Bounds) -> Failure {
    let deadline = seconds(bounds.deadline);
    Failure::exceeded(format!("compiling plugin `{plugin}` took longer than {deadline}"))
        .hint("build it smaller and optimised, or raise `compile_deadline` if you trust it")
}

fn too_large(plugin: &str, bounds: &Bounds) -> Failure {
    let mib = bounds.memory_bytes >> 20;
    Failure::exceeded(format!("compiling plugin `{plugin}` took more than {mib} MiB of memory"))
        .hint("build it smaller, or raise `compile_memory_bytes` if you trust it")
}

/// What Rust's allocator, the system and wasmtime say when there is no memory left.
fn is_out_of_memory(said: &str) -> bool {
    // The last is what a thread says that found no room for its stack.
    let ways = [
        "memory allocation of",
        "Cannot allocate memory",
        "out of memory",
        "Resource temporarily unavailable",
    ];
    ways.iter().any(|words| said.contains(words))
}

/// Whether the limit of processor time ended it.
#[cfg(unix)]
fn was_out_of_time(status: ExitStatus) -> bool {
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    signal == Some(rustix::process::Signal::XCPU.as_raw())
}

#[cfg(not(unix))]
fn was_out_of_time(_status: ExitStatus) -> bool {
    false
}

fn read(from: impl Read, max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What was said first; the rest is read too, so that saying it does not block.
fn say(mut from: impl Read) -> String {
    let bytes = read(&mut from, STDERR_BYTES_MAX).unwrap_or_default();
    let _ = io::copy(&mut from, &mut io::sink());
    String::from_utf8_lossy(&bytes).into_owned()
}

#[expect(clippy::disallowed_methods, reason = "a deadline is wall time by definition")]
fn now() -> Instant {
    Instant::now()
}

/// A process that is stopped and reaped when this is dropped.
struct Reaped {
    child: Child,
    gone: bool,
}

impl Reaped {
    /// Waits until it has ended by itself; `None` when it has not in time.
    fn wait(&mut self, until: Instant) -> Option<ExitStatus> {
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                self.gone = true;
                return Some(status);
            }
            if now() >= until {
                return None;
            }
            thread::sleep(REAP_EVERY);
        }
    }

    fn stop(&mut self) {
        if self.gone {
            return;
        }
        // Not reaped yet, so the number is still its own. What it started ends with it:
        // that could hold its pipes open.
        #[cfg(unix)]
        let _ = rustix::process::kill_process_group(
            rustix::process::Pid::from_child(&self.child),
            rustix::process::Signal::KILL,
        );
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.gone = true;
    }
}

impl Drop for Reaped {
    fn drop(&mut self) {
        self.stop();
    }
}
