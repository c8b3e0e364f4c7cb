//! What a run measures, and how far it is.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use lucid_core::Result;

/// Measures the memory of so many live instances in a process that does nothing else, and
/// gives KiB for each.
pub type LiveProcess = Arc<dyn Fn(u32) -> Result<f64> + Send + Sync>;

/// One part of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Memory of many live instances.
    Live,
    /// Loading with a cold and a warm cache.
    Load,
    /// Calls: bare wasmtime, Lucid, warm, a process; and calls per second.
    Calls,
    /// By how much deadlines are overshot.
    Deadline,
    /// Memory after many killed calls.
    Kills,
    /// Files in a guest and natively.
    Files,
}

impl Part {
    /// All of them, in the order of a run.
    pub const ALL: [Self; 6] =
        [Self::Live, Self::Load, Self::Calls, Self::Deadline, Self::Kills, Self::Files];
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Live => "live",
            Self::Load => "load",
            Self::Calls => "calls",
            Self::Deadline => "deadline",
            Self::Kills => "kills",
            Self::Files => "files",
        })
    }
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being measured.
    pub part: Part,
    /// How many of its steps are done.
    pub done: u64,
    /// How many it has.
    pub total: u64,
}

/// What a run measures.
#[derive(Clone)]
pub struct BenchOptions {
    /// The bundled plugin `bench`.
    pub component: Vec<u8>,
    /// The bundled plugin `bench-files`.
    pub files_component: Vec<u8>,
    /// A folder of the run's own, on the disk whose speed counts. It stays as the run leaves
    /// it.
    pub folder: PathBuf,
    /// Calls of each kind. 2,000.
    pub calls: u32,
    /// Numbers of live instances, each measured by itself. 1,000 and 10,000.
    pub live: Vec<u32>,
    /// Calls that run into their deadline. 10,000.
    pub deadline_calls: u32,
    /// Only this part; none measures all.
    pub only: Option<Part>,
    /// Where live instances are measured; none measures them here, where memory that was
    /// freed before hides some of what they take.
    pub live_process: Option<LiveProcess>,
}

impl BenchOptions {
    /// What each field's documentation says.
    #[must_use]
    pub fn standard(component: Vec<u8>, files_component: Vec<u8>, folder: PathBuf) -> Self {
        Self {
            component,
            files_component,
            folder,
            calls: 2_000,
            live: vec![1_000, 10_000],
            deadline_calls: 10_000,
            only: None,
            live_process: None,
        }
    }

    /// Whether a part is to be measured.
    pub(crate) fn wants(&self, part: Part) -> bool {
        self.only.is_none_or(|only| only == part)
    }
}
