//! The process that compiles: what it may take, and what it answers.

use std::io::{Read, Write};
use std::time::Duration;

use lucid_core::{Failure, Result};

use crate::config::base_config;

/// The last byte of an answer that is machine code.
pub(super) const CODE: u8 = b'+';
/// The last byte of an answer that says why there is none.
pub(super) const ERROR: u8 = b'-';

/// Compiles one component for another process of this program: what `program` in
/// [`crate::Compiler::Process`] has to do, and all it has to do.
///
/// First it limits this process for good: at most `memory_bytes` of address space and as
/// much processor time as the deadline allows, no file to write, a few descriptors, no core
/// dump. Then it reads the component to its end and writes the answer, also where the
/// component does not compile.
///
/// # Errors
/// Failed, when the limits cannot be set, or the input or output breaks off.
pub fn compile_for_parent(
    input: &mut impl Read,
    output: &mut impl Write,
    memory_bytes: u64,
    deadline: Duration,
) -> Result<()> {
    confine(memory_bytes, deadline)?;
    let broken = |error| Failure::failed(format!("the process that asked went away: {error}"));
    let mut component = Vec::new();
    input.read_to_end(&mut component).map_err(broken)?;
    output.write_all(&answer(&component)).map_err(broken)?;
    output.flush().map_err(broken)
}

/// Machine code or an error, and a last byte that says which: so the reader need not copy.
pub(super) fn answer(component: &[u8]) -> Vec<u8> {
    let code = wasmtime::Engine::new(&base_config())
        .and_then(|engine| engine.precompile_component(component));
    let (mut answer, last) = match code {
        Ok(code) => (code, CODE),
        Err(error) => (format!("{error:#}").into_bytes(), ERROR),
    };
    answer.push(last);
    answer
}

#[cfg(unix)]
fn confine(memory_bytes: u64, deadline: Duration) -> Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    /// Standard streams, and what looking at the machine takes for a moment.
    const FILES_MAX: u64 = 16;

    // The parent's clock is the one that counts; this holds where the parent is gone.
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.min(super::THREADS_MAX) as u64;
    let processor = deadline.as_secs().saturating_add(1).saturating_mul(threads);
    for (name, resource, soft, hard) in [
        ("memory", Resource::As, memory_bytes, memory_bytes),
        // The soft limit ends it by a signal that says why.
        ("processor time", Resource::Cpu, processor, processor.saturating_add(1)),
        ("core dumps", Resource::Core, 0, 0),
        ("open files", Resource::Nofile, FILES_MAX, FILES_MAX),
        ("written files", Resource::Fsize, 0, 0),
    ] {
        // Only root could raise a limit that is lower already, and nobody has to.
        let most = getrlimit(resource).maximum.unwrap_or(u64::MAX);
        let limits = Rlimit { current: Some(soft.min(most)), maximum: Some(hard.min(most)) };
        setrlimit(resource, limits).map_err(|error| {
            Failure::failed(format!("the compiler cannot limit its {name}: {error}"))
        })?;
    }
    Ok(())
}

/// Where a process cannot limit itself, the parent's deadline is what holds.
#[cfg(not(unix))]
fn confine(_memory_bytes: u64, _deadline: Duration) -> Result<()> {
    Ok(())
}
