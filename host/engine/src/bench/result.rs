//! What a run found, as it is printed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::options::BenchOptions;
use super::stats::{Overshoot, Spread};

/// What a run found. Parts that were not asked for are left out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EngineBench {
    /// Lucid's version.
    pub version: String,
    /// Where it was measured.
    pub machine: Machine,
    /// Calls, and what they are compared with.
    #[serde(flatten)]
    pub calls: Option<CallFigures>,
    /// Resident memory in KiB that each instance adds while so many are alive at the same
    /// moment, by `n` and their number; null where that could not be had, with a note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rss_per_instance_kib: Option<BTreeMap<String, Option<f64>>>,
    /// Loading, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_ms: Option<LoadFigures>,
    /// How long after their deadline calls had ended: looping ones and ones that wait in the
    /// host, half each, 200 at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_overshoot_ms: Option<Overshoot>,
    /// By how much resident memory has grown over 1,000 calls that were all stopped at their
    /// deadline, in MiB; left out, too, where the system does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rss_after_kills_mib: Option<f64>,
    /// Files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<FileFigures>,
    /// What could not be measured and why, and what one has to know to read the rest.
    pub notes: Vec<String>,
}

impl EngineBench {
    pub(super) fn new(options: &BenchOptions) -> Self {
        let alone = options.live_process.is_some() || options.only.is_some();
        let mut notes = Vec::new();
        if !alone {
            let note = "live instances were measured in the process that measured the rest: \
                        memory that was freed before may hide some of theirs";
            notes.push(note.to_owned());
        }
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            machine: Machine::this(),
            calls: None,
            rss_per_instance_kib: None,
            load_ms: None,
            deadline_overshoot_ms: None,
            rss_after_kills_mib: None,
            files: None,
            notes,
        }
    }

    /// What each of so many live instances takes in KiB, where it was measured.
    #[must_use]
    pub fn live_kib(&self, n: u32) -> Option<f64> {
        self.rss_per_instance_kib.as_ref()?.get(&format!("n{n}")).copied().flatten()
    }
}

/// A machine.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Machine {
    /// Processors that this process may use.
    pub cores: usize,
    /// The release of its kernel, where it tells.
    pub kernel: Option<String>,
    /// How many processes wanted to run in the minute before, on average, where it tells:
    /// figures from a busy machine are larger.
    pub load: Option<f64>,
}

impl Machine {
    fn this() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").ok();
        let load = std::fs::read_to_string("/proc/loadavg").ok();
        let minute = load.and_then(|text| text.split(' ').next()?.parse().ok());
        Self { cores, kernel: kernel.map(|text| text.trim().to_owned()), load: minute }
    }
}

/// Calls of `echo` with 64 bytes of text, in microseconds, measured in turn.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CallFigures {
    /// Bare wasmtime: a fresh store, instantiate, call, drop. No limit, nothing granted; the
    /// async interface, a pool, page maps that are scanned, and no more tuning.
    pub bare_us: Spread,
    /// The same with tables that are kept as in Lucid's own pool: what Lucid would cost if it
    /// added nothing.
    pub bare_tuned_us: Spread,
    /// Lucid: the same with every limit on and one folder to read and write.
    pub lucid_us: Spread,
    /// Lucid with every limit on and no folder: what the folder costs.
    pub lucid_without_folder_us: Spread,
    /// A second call of an instance that is there already, in bare wasmtime: the floor. Lucid
    /// has no such call: each gets a store of its own, so that nothing is left of the last.
    pub warm_us: Spread,
    /// Starting `true` and waiting for its end; none where there is no such program.
    pub spawn_us: Option<Spread>,
    /// The medians of Lucid and of bare wasmtime.
    pub ratio_lucid_to_bare: f64,
    /// The medians of Lucid and of bare wasmtime with its pool tuned as Lucid's: what Lucid
    /// adds.
    pub ratio_lucid_to_bare_tuned: f64,
    /// The medians of starting a process and of Lucid.
    pub ratio_spawn_to_lucid: Option<f64>,
    /// Calls of Lucid a second, many at once on all cores, for two seconds.
    pub calls_per_second: f64,
}

/// Loading the plugin, in milliseconds: the whole of it, manifest, hash and linking included.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct LoadFigures {
    /// Without a cache: compiled. The median of three.
    pub cold: f64,
    /// With a cache on disk, each time by an engine that has loaded nothing before. The
    /// median of 200.
    pub warm: f64,
}

/// Files, in a guest and natively, in turn on one disk.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct FileFigures {
    /// Reading 64 MiB, 64 KiB at a time.
    pub read_large: FileFigure,
    /// Reading 64 MiB, 1 MiB at a time.
    pub read_large_mib_chunks: FileFigure,
    /// Writing 64 MiB, 64 KiB at a time.
    pub write_large: FileFigure,
    /// Writing 64 MiB, 1 MiB at a time.
    pub write_large_mib_chunks: FileFigure,
    /// Making 1,000 files of 1 KiB.
    pub small_write: FileFigure,
    /// Reading them.
    pub small_read: FileFigure,
    /// Asking for their sizes.
    pub small_stat: FileFigure,
    /// The longest time in milliseconds that the thread which made the guest's calls was not
    /// there for other work while the guest worked on files.
    pub runtime_stall_ms: f64,
    /// The same while a thread of its own did the work natively: what of it is the machine's.
    pub runtime_stall_native_ms: f64,
}

/// One kind of work on files; times in milliseconds.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct FileFigure {
    /// Natively, the median.
    pub native_ms: f64,
    /// In the guest, the median of whole calls.
    pub guest_ms: f64,
    /// The medians of guest and native.
    pub ratio: f64,
    /// The same of the shortest times.
    pub ratio_best: f64,
}
