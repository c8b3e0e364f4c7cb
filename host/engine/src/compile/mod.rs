//! From a component to machine code: in this process, or in one of its own.
//!
//! Compiling is the one thing that is done with a plugin's bytes outside of the sandbox.
//! Nothing of the plugin runs while it is compiled.

mod child;
mod process;
#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use lucid_core::{Failure, Result};

pub use self::child::compile_for_parent;
use crate::options::{Compiler, EngineOptions};

/// Threads that one process compiles on, at most: each has a stack and a heap of its own,
/// which count against the memory that compiling may take.
const THREADS_MAX: usize = 8;

/// Machine code that is known to be wasmtime's own: this process compiled it, a process of
/// its own program did, or it lay in the cache under a seal.
///
/// Only that may be loaded, so whoever makes one of these vouches for its bytes.
pub(crate) struct Code(Vec<u8>);

impl Code {
    /// The caller knows where the bytes come from.
    pub(crate) fn vouched_for(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Where one engine compiles, and within which bounds.
pub(crate) struct Compiling {
    compiler: Compiler,
    deadline: Duration,
    memory_bytes: u64,
}

impl Compiling {
    pub(crate) fn new(options: &EngineOptions) -> Self {
        Self {
            compiler: options.compiler.clone(),
            deadline: options.compile_deadline,
            memory_bytes: options.compile_memory_bytes,
        }
    }

    /// Compiles a plugin's component.
    ///
    /// # Errors
    /// Invalid, when it does not compile; exceeded, when that takes too long or too much
    /// memory; failed, when the process that compiles does not start: then nothing is
    /// compiled here instead.
    pub(crate) fn code(
        &self,
        engine: &wasmtime::Engine,
        plugin: &str,
        component: &[u8],
    ) -> Result<Code> {
        match &self.compiler {
            Compiler::Here => here(engine, plugin, component),
            Compiler::Process { program, arguments } => {
                let bounds =
                    process::Bounds { deadline: self.deadline, memory_bytes: self.memory_bytes };
                process::compile(program, arguments, &bounds, plugin, component)
            }
        }
    }
}

fn here(engine: &wasmtime::Engine, plugin: &str, component: &[u8]) -> Result<Code> {
    let compiled = catch_unwind(AssertUnwindSafe(|| engine.precompile_component(component)));
    match compiled {
        Ok(Ok(code)) => Ok(Code::vouched_for(code)),
        Ok(Err(error)) => Err(does_not_compile(plugin, &format!("{error:#}"))),
        Err(_panic) => Err(Failure::bug(format!("the compiler panicked on plugin `{plugin}`"))
            .hint("this is a mistake in the compiler; nothing of the plugin has run")),
    }
}

fn does_not_compile(plugin: &str, error: &str) -> Failure {
    Failure::invalid(format!("plugin `{plugin}` does not compile: {}", one_line(error)))
        .hint("rebuild it; `lucid plugin inspect` shows what it is")
}

/// A foreign text as a part of one line of a message.
pub(crate) fn one_line(text: &str) -> String {
    let words = text.split(|character: char| character.is_control() || character == ' ');
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(300).collect()
}

/// A time as people write it.
fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}
