//! `cargo bench -p lucid-engine`: what `lucid bench engine` measures, as one JSON document;
//! `cargo bench -p lucid-engine -- files` measures one part.
//!
//! The bundled plugins have to be built first: `cargo xtask guests`. Files are measured in
//! the folder for temporary files (`TMPDIR`).
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    reason = "a benchmark works on the machine it runs on, and prints"
)]

use std::cell::Cell;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use lucid_core::{Failure, Result};
use lucid_engine::bench::{self, BenchOptions, EngineBench, LiveProcess, Part, Progress};

/// Says that this is the process for so many live instances, and where its folder is.
const LIVE: &str = "--live-alone";

/// The bundled plugins, from a folder of cargo's inside the target folder.
const PLUGINS: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/../release/plugins");

fn main() -> std::result::Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [LIVE, n, folder] => {
            let mut options = options(PathBuf::from(folder))?;
            options.only = Some(Part::Live);
            options.live = vec![n.parse()?];
            measure(&options)
        }
        // `cargo test --all-targets` runs benchmarks too, without this.
        words if !words.contains(&"--bench") => Ok(()),
        _ => {
            let folder = std::env::temp_dir().join(format!("lucid-bench-{}", std::process::id()));
            let mut options = options(folder.clone())?;
            options.only = Part::ALL.into_iter().find(|part| words.contains(&&*part.to_string()));
            options.live_process = Some(live_process(folder.clone()));
            let measured = measure(&options);
            std::fs::remove_dir_all(&folder)?;
            measured
        }
    }
}

fn options(folder: PathBuf) -> std::io::Result<BenchOptions> {
    let plugin = |name: &str| std::fs::read(Path::new(PLUGINS).join(name));
    std::fs::create_dir_all(&folder)?;
    Ok(BenchOptions::standard(plugin("bench.wasm")?, plugin("bench-files.wasm")?, folder))
}

fn measure(options: &BenchOptions) -> std::result::Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let told = Cell::new(None);
    let progress = |progress: Progress| {
        if told.replace(Some(progress.part)) != Some(progress.part) {
            eprintln!("{}", progress.part);
        }
    };
    let figures = runtime.block_on(bench::run(options, &progress))?;
    println!("{}", serde_json::to_string_pretty(&figures)?);
    Ok(())
}

fn live_process(folder: PathBuf) -> LiveProcess {
    Arc::new(move |n| alone(n, &folder))
}

fn alone(n: u32, folder: &Path) -> Result<f64> {
    let failed = |why: String| Failure::failed(format!("its own process: {why}"));
    let program = std::env::current_exe().map_err(|error| failed(error.to_string()))?;
    let output = Command::new(program)
        .args([LIVE, &n.to_string()])
        .arg(folder)
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ")));
    }
    let told: EngineBench =
        serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))?;
    told.live_kib(n).ok_or_else(|| failed(told.notes.join("; ")))
}
