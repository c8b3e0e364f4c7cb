//! What an engine is made with.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lucid_core::Entropy;

use crate::capability::http::{Network, SystemNetwork};

/// Where compiled components are kept.
#[derive(Clone)]
pub struct CacheFolder {
    /// The folder; made when something is first compiled, for its owner only.
    pub folder: PathBuf,
    /// Makes the key that seals the cache's files, once.
    pub entropy: Arc<dyn Entropy>,
}

/// Where components are compiled.
///
/// Compiling is the one thing that is done with a plugin's bytes outside of the sandbox, and
/// what it costs is up to whoever wrote them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compiler {
    /// In this process: the size of a component is bounded, the time and memory it takes to
    /// compile are not.
    Here,
    /// In a process of its own, which is stopped when it takes too long or too much memory.
    Process {
        /// The program: it reads a component from its standard input, calls
        /// [`crate::compile_for_parent`] and writes what that gives to its standard output.
        program: PathBuf,
        /// Its arguments; the bytes of memory and the milliseconds it may take follow.
        arguments: Vec<String>,
    },
}

/// What an engine is made with.
#[derive(Clone)]
pub struct EngineOptions {
    /// Where compiled components are kept; none compiles each time.
    pub cache: Option<CacheFolder>,
    /// Calls that run at once; more wait for their turn, inside their deadline. 256.
    pub calls_at_once: u32,
    /// Where components are compiled. Here.
    pub compiler: Compiler,
    /// The largest component that is looked at, in bytes. 64 MiB: Python's are 18.
    pub component_bytes_max: usize,
    /// How long compiling may take, in a process of its own. 60 s.
    pub compile_deadline: Duration,
    /// How much memory compiling may take, in a process of its own, in bytes. 4 GiB.
    pub compile_memory_bytes: u64,
    /// How plugins with an http grant reach the network. The machine's.
    pub network: Arc<dyn Network>,
    /// Certificates, as DER, that are trusted for `https` beside the public ones. None.
    pub extra_roots: Vec<Vec<u8>>,
}

impl EngineOptions {
    /// What each field's documentation says.
    #[must_use]
    pub fn standard() -> Self {
        Self {
            cache: None,
            calls_at_once: 256,
            compiler: Compiler::Here,
            component_bytes_max: 64 << 20,
            compile_deadline: Duration::from_secs(60),
            compile_memory_bytes: 4 << 30,
            network: Arc::new(SystemNetwork),
            extra_roots: Vec::new(),
        }
    }
}
