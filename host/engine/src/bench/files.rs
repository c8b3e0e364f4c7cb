//! Files in a guest, and natively with the same calls of the standard library, in turn on
//! one disk.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use lucid_core::{Failure, Result};
use tokio::runtime::Runtime;

use super::options::{BenchOptions, Part, Progress};
use super::result::{FileFigure, FileFigures};
use super::stats::{Samples, ms, ratio, rounded};
use super::{GUEST_FOLDER, Listener, text};
use crate::Plugin;

/// How often each kind of work is done on each side.
const TURNS: u32 = 9;

const LARGE_MIB: usize = 64;
const SMALL_FILES: u32 = 1_000;
const SMALL_BYTES: usize = 1_024;

/// How long the ticker sleeps.
const TICK: Duration = Duration::from_millis(1);

/// One kind of work.
#[derive(Debug, Clone, Copy)]
enum Work {
    WriteLarge { chunk_kib: usize },
    ReadLarge { chunk_kib: usize },
    SmallWrite,
    SmallRead,
    SmallStat,
}

/// In an order in which each finds the files it needs.
const WORK: [Work; 7] = [
    Work::WriteLarge { chunk_kib: 64 },
    Work::ReadLarge { chunk_kib: 64 },
    Work::WriteLarge { chunk_kib: 1_024 },
    Work::ReadLarge { chunk_kib: 1_024 },
    Work::SmallWrite,
    Work::SmallRead,
    Work::SmallStat,
];

pub(super) async fn measure(
    options: &BenchOptions,
    plugin: &Plugin,
    progress: Listener<'_>,
) -> Result<FileFigures> {
    let mut bench = FileBench { options: options.clone(), plugin: plugin.clone() };
    let mut figures = Vec::new();
    let mut stalls = [0.0_f64; 2];
    let total = WORK.len() as u64;
    for (done, work) in (0..).zip(WORK) {
        progress(Progress { part: Part::Files, done, total });
        // A runtime of one thread, away from this one: whatever keeps that thread busy
        // shows as a gap between its ticks.
        let measured;
        (bench, measured) = tokio::task::spawn_blocking(move || {
            let measured = bench.in_turn(work);
            (bench, measured)
        })
        .await
        .map_err(|error| Failure::bug(format!("the benchmark of files stopped: {error}")))?;
        let (figure, stalled) = measured?;
        figures.push(figure);
        stalls = [stalls[0].max(stalled[0]), stalls[1].max(stalled[1])];
    }
    progress(Progress { part: Part::Files, done: total, total });
    let all: [FileFigure; WORK.len()] =
        figures.try_into().map_err(|_| Failure::bug("a kind of work without a figure"))?;
    let [write_large, read_large, write_mib, read_mib, small_write, small_read, small_stat] = all;
    Ok(FileFigures {
        read_large,
        read_large_mib_chunks: read_mib,
        write_large,
        write_large_mib_chunks: write_mib,
        small_write,
        small_read,
        small_stat,
        runtime_stall_ms: rounded(stalls[1]),
        runtime_stall_native_ms: rounded(stalls[0]),
    })
}

struct FileBench {
    options: BenchOptions,
    plugin: Plugin,
}

impl FileBench {
    /// One kind of work, natively and in the guest in turn; and the longest stall of each.
    fn in_turn(&self, work: Work) -> Result<(FileFigure, [f64; 2])> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::failed(format!("no runtime: {error}")))?;
        let stalls = [Stall::default(), Stall::default()];
        let (mut native, mut guest) = (Samples::new(), Samples::new());
        for turn in 0..=TURNS {
            for side in [turn % 2, 1 - turn % 2] {
                let took = match side {
                    0 => self.native(&runtime, work, &stalls[0])?,
                    _ => self.guest(&runtime, work, &stalls[1])?,
                };
                // The first turn warms up both.
                if turn > 0 {
                    [&mut native, &mut guest][side as usize].push(took);
                }
            }
        }
        let (native_best, guest_best) = (native.min(), guest.min());
        let (native_ms, guest_ms) = (native.median(), guest.median());
        let figure = FileFigure {
            native_ms,
            guest_ms,
            ratio: ratio(guest_ms, native_ms),
            ratio_best: ratio(guest_best, native_best),
        };
        Ok((figure, stalls.map(|stall| stall.longest_ms())))
    }

    /// On a thread of its own, which does not count as a stall.
    fn native(&self, runtime: &Runtime, work: Work, stall: &Stall) -> Result<f64> {
        let folder = self.clear("native", work)?;
        let done = runtime.block_on(stall.during(tokio::task::spawn_blocking(move || {
            let started = Instant::now();
            let bytes = work.natively(&folder)?;
            Ok::<_, std::io::Error>((bytes, started.elapsed()))
        })));
        let done = done.map_err(|error| Failure::bug(format!("native work stopped: {error}")))?;
        let (bytes, took) = done.map_err(|error| io("natively", &error))?;
        work.check(bytes)?;
        Ok(ms(took))
    }

    /// The whole call, as its caller sees it.
    fn guest(&self, runtime: &Runtime, work: Work, stall: &Stall) -> Result<f64> {
        self.clear("guest", work)?;
        let (tool, input) = work.asked(&format!("{GUEST_FOLDER}/guest"));
        let (report, took) = runtime.block_on(stall.during(async {
            let started = Instant::now();
            let report = self.plugin.call_tool(self.options.call(), tool, &input).await;
            (report, started.elapsed())
        }));
        let bytes = text(report, tool)?;
        work.check(bytes.parse().unwrap_or(0))?;
        Ok(ms(took))
    }

    /// One side's folder, without what the work would find there from before.
    fn clear(&self, side: &str, work: Work) -> Result<PathBuf> {
        let folder = self.options.folder.join(side);
        let small = folder.join("small");
        let large = folder.join("large");
        let cleared = match work {
            Work::SmallWrite if small.exists() => fs::remove_dir_all(&small),
            Work::WriteLarge { .. } if large.exists() => fs::remove_file(large),
            _ => Ok(()),
        };
        cleared.and_then(|()| fs::create_dir_all(small)).map_err(|error| io("clearing", &error))?;
        Ok(folder)
    }
}

fn io(doing: &str, error: &std::io::Error) -> Failure {
    Failure::failed(format!("files of the benchmark, {doing}: {error}"))
}

impl Work {
    /// Which tool does it, and what that is given.
    fn asked(self, folder: &str) -> (&'static str, String) {
        let large = |chunk_kib: usize| {
            format!(r#"{{"path":"{folder}/large","mib":{LARGE_MIB},"chunk_kib":{chunk_kib}}}"#)
        };
        let small = |what: &str| {
            let sizes = format!(r#""count":{SMALL_FILES},"bytes":{SMALL_BYTES}"#);
            format!(r#"{{"folder":"{folder}/small",{sizes},"what":"{what}"}}"#)
        };
        match self {
            Self::WriteLarge { chunk_kib } => ("write-large", large(chunk_kib)),
            Self::ReadLarge { chunk_kib } => ("read-large", large(chunk_kib)),
            Self::SmallWrite => ("small-files", small("write")),
            Self::SmallRead => ("small-files", small("read")),
            Self::SmallStat => ("small-files", small("stat")),
        }
    }

    /// What the plugin does, here. Gives how many bytes it was about.
    fn natively(self, folder: &Path) -> std::io::Result<u64> {
        let large = folder.join("large");
        match self {
            Self::WriteLarge { chunk_kib } => write_large(&large, chunk_kib),
            Self::ReadLarge { chunk_kib } => read_large(&large, chunk_kib),
            Self::SmallWrite => {
                let data = vec![b'x'; SMALL_BYTES];
                small_files(folder, |file| fs::write(file, &data).map(|()| data.len() as u64))
            }
            Self::SmallRead => small_files(folder, |file| Ok(fs::read(file)?.len() as u64)),
            Self::SmallStat => small_files(folder, |file| Ok(fs::metadata(file)?.len())),
        }
    }

    /// Both sides have to have done the same.
    fn check(self, bytes: u64) -> Result<()> {
        let expected = match self {
            Self::WriteLarge { .. } | Self::ReadLarge { .. } => (LARGE_MIB << 20) as u64,
            _ => u64::from(SMALL_FILES) * SMALL_BYTES as u64,
        };
        if bytes == expected {
            return Ok(());
        }
        Err(Failure::bug(format!("{self:?} was about {bytes} bytes and not {expected}")))
    }
}

fn write_large(path: &Path, chunk_kib: usize) -> std::io::Result<u64> {
    let chunk = vec![b'x'; chunk_kib << 10];
    let chunks = (LARGE_MIB << 10).div_ceil(chunk_kib);
    let mut file = File::create(path)?;
    for _ in 0..chunks {
        file.write_all(&chunk)?;
    }
    Ok((chunks * chunk.len()) as u64)
}

fn read_large(path: &Path, chunk_kib: usize) -> std::io::Result<u64> {
    let mut chunk = vec![b'x'; chunk_kib << 10];
    let mut file = File::open(path)?;
    let mut total = 0;
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(total),
            bytes => total += bytes as u64,
        }
    }
}

fn small_files(
    folder: &Path,
    one: impl Fn(PathBuf) -> std::io::Result<u64>,
) -> std::io::Result<u64> {
    let small = folder.join("small");
    (0..SMALL_FILES).map(|number| one(small.join(number.to_string()))).sum()
}

/// The longest time a runtime's thread was not there for a task that wanted to run.
#[derive(Default)]
struct Stall(Arc<AtomicU64>);

impl Stall {
    /// Waits for a future, and lets a task tick beside it.
    async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        let longest = self.0.clone();
        let ticker = tokio::spawn(async move {
            loop {
                let slept = Instant::now();
                tokio::time::sleep(TICK).await;
                let late = slept.elapsed().saturating_sub(TICK);
                longest.fetch_max(u64::try_from(late.as_micros()).unwrap_or(0), Ordering::Relaxed);
            }
        });
        // It has to be asleep before the work begins, or it would not see its first slice.
        tokio::task::yield_now().await;
        let done = work.await;
        // And to wake once after it, or it would not see its last.
        tokio::time::sleep(TICK * 2).await;
        ticker.abort();
        done
    }

    fn longest_ms(&self) -> f64 {
        // Far below the numbers that a float cannot tell apart.
        self.0.load(Ordering::Relaxed) as f64 / 1e3
    }
}
