//! How the host is: its memory, file handles and tasks, and the files around a view.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use lucid_core::Limits;
use tempfile::TempDir;
use tokio::runtime::Handle;

use crate::{Found, tree};

/// What no program may ever see. It lies beside the view.
pub const CANARY: &str = "CANARY-f2b9d0c4";

/// Memory that may stay after one attack: what allocators and the pool keep for the next.
const KEPT_BYTES: u64 = 16 << 20;

/// Memory that the host may use for one call beside what the call is given.
const BESIDE_BYTES: u64 = 32 << 20;

/// File handles that may stay after the first attack: the engine keeps the first state of a
/// component's memories, from when it is first instantiated.
const KEPT_FILES: usize = 2;

/// How long a call's threads and tasks may take to put things back.
const SETTLING: Duration = Duration::from_secs(20);

/// How the process is at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Health {
    resident_bytes: u64,
    open_files: usize,
    tasks: usize,
}

impl Health {
    pub(super) fn now(runtime: &Handle) -> Self {
        Self {
            resident_bytes: resident_bytes(),
            open_files: std::fs::read_dir("/proc/self/fd").unwrap().count(),
            tasks: runtime.metrics().num_alive_tasks(),
        }
    }

    /// The process is again as it was then, but for a little memory.
    pub(super) fn is_back(self, runtime: &Handle) {
        let started = Instant::now();
        loop {
            let now = Self::now(runtime);
            let process_is = now.resident_bytes <= self.resident_bytes + KEPT_BYTES
                && now.open_files <= self.open_files + KEPT_FILES;
            if now.tasks <= self.tasks && (process_is || !alone()) {
                return;
            }
            assert!(started.elapsed() < SETTLING, "before {self:?}, after {now:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Whether this process runs one test, as nextest does it: what is measured of it means
/// nothing where others run beside it.
#[must_use]
pub fn alone() -> bool {
    std::env::var("NEXTEST_EXECUTION_MODE").is_ok_and(|mode| mode == "process-per-test")
}

/// The memory of this process, in bytes.
#[must_use]
pub fn resident_bytes() -> u64 {
    status("VmRSS")
}

/// Lets the kernel forget the most memory that the process had.
pub(super) fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// The host used little more for a call than the call was given.
pub(super) fn check_peak(before: Health, limits: Limits) {
    let peak = status("VmHWM").saturating_sub(before.resident_bytes);
    let most = limits.memory_bytes + limits.guest_to_host_bytes + BESIDE_BYTES;
    assert!(!alone() || peak <= most, "the host used {peak} bytes for a call, {most} is the most");
}

/// A line of the process's own status, in bytes.
fn status(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    let kib = line.unwrap().trim().trim_end_matches(" kB");
    kib.parse::<u64>().unwrap() << 10
}

/// A folder with a view in it that a call may see, and a canary around it that it may not.
///
/// ```text
/// canary.txt          outside/canary.txt
/// view/file.txt       view/folder/file.txt
/// ```
pub struct Ground {
    root: TempDir,
}

impl Ground {
    pub(super) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("canary.txt", CANARY);
        write("outside/canary.txt", CANARY);
        write("view/file.txt", "a file");
        write("view/folder/file.txt", "another file");
        Self { root }
    }

    /// The folder that is to be mounted.
    #[must_use]
    pub fn view(&self) -> PathBuf {
        self.root.path().join("view")
    }

    /// The canary beside the view.
    #[must_use]
    pub fn canary(&self) -> PathBuf {
        self.root.path().join("canary.txt")
    }

    /// Everything that is not in the view.
    pub(super) fn around(&self) -> BTreeMap<String, Found> {
        let mut found = tree(self.root.path());
        found.retain(|path, _| !path.starts_with("view/"));
        found
    }
}
