//! What the engine costs on this machine, measured in one run: calls beside bare wasmtime
//! and beside a process, loading, memory, deadlines, files.
//!
//! It is part of this crate because bare wasmtime, which everything is compared with, is
//! known here alone. What is compared is measured in turn, a few calls of each at a time, so
//! that a busy machine hits all of them alike.
#![allow(clippy::disallowed_methods, reason = "a benchmark measures")]

mod bare;
mod calls;
mod deadline;
mod files;
mod live;
mod load;
mod options;
mod plugin;
mod result;
mod spawn;
mod stats;

use std::sync::Arc;

use lucid_core::{Limits, Result, SeededEntropy, ToolContent};
use lucid_policy::manifest::{FileAccess, Kind};
use lucid_policy::{Access, Grants};

use crate::{CacheFolder, Call, Engine, EngineOptions, Mount, Plugin, Report, ToolAnswer};

pub use options::{BenchOptions, LiveProcess, Part, Progress};
pub use plugin::{PluginBench, PluginBenchOptions, plugin};
pub use result::{CallFigures, EngineBench, FileFigure, FileFigures, LoadFigures, Machine};
pub use stats::{Overshoot, Spread};

/// Who hears how far a run is.
type Listener<'a> = &'a dyn Fn(Progress);

/// Measures what the options name. Takes a minute or two for everything.
///
/// Has to run on a runtime of tokio with more than one thread.
///
/// # Errors
/// Invalid, when the component is not the bundled `bench`; failed, when the machine cannot
/// do what is measured; bug, when a call does not end as it has to.
pub async fn run(options: &BenchOptions, progress: &dyn Fn(Progress)) -> Result<EngineBench> {
    let mut bench = EngineBench::new(options);
    // First, as long as nothing else has used memory.
    if options.wants(Part::Live) {
        let (figures, notes) = Box::pin(live::measure(options, progress)).await?;
        bench.rss_per_instance_kib = Some(figures);
        bench.notes.extend(notes);
    }
    if options.wants(Part::Load) {
        bench.load_ms = Some(load::measure(options, progress)?);
    }
    if options.only.is_some_and(|part| matches!(part, Part::Live | Part::Load)) {
        return Ok(bench);
    }
    let plugin = options.plugin(EngineOptions::standard().calls_at_once)?;
    if options.wants(Part::Calls) {
        let (figures, notes) = Box::pin(calls::measure(options, &plugin, progress)).await?;
        bench.calls = Some(figures);
        bench.notes.extend(notes);
    }
    if options.wants(Part::Deadline) {
        let overshoot = deadline::measure(&plugin, options.deadline_calls, progress).await?;
        bench.deadline_overshoot_ms = Some(overshoot);
    }
    if options.wants(Part::Kills) {
        bench.rss_after_kills_mib = live::after_kills(&plugin, progress).await?;
    }
    if options.wants(Part::Files) {
        let plugin = options.loaded(&plugin.engine, &options.files_component)?;
        bench.files = Some(files::measure(options, &plugin, progress).await?);
    }
    Ok(bench)
}

/// Where the guest sees the folder of its calls.
const GUEST_FOLDER: &str = "/bench";

impl BenchOptions {
    /// An engine whose compiled components are kept in the run's own folder.
    fn engine(&self, calls_at_once: u32) -> Result<Engine> {
        // The seal of a cache that is thrown away after the run needs no secret key.
        let entropy = Arc::new(SeededEntropy::new(1));
        let cache = Some(CacheFolder { folder: self.folder.join("cache"), entropy });
        Engine::new(EngineOptions { cache, calls_at_once, ..EngineOptions::standard() })
    }

    /// The component, loaded in an engine of its own.
    fn plugin(&self, calls_at_once: u32) -> Result<Plugin> {
        self.load(&self.engine(calls_at_once)?)
    }

    fn load(&self, engine: &Engine) -> Result<Plugin> {
        self.loaded(engine, &self.component)
    }

    fn loaded(&self, engine: &Engine, component: &[u8]) -> Result<Plugin> {
        let grants = Grants { files: Some(FileAccess::ReadWrite), ..Grants::default() };
        Plugin::load(engine, component, Kind::Tool, &grants)
    }

    /// A call with every limit on and one folder.
    fn call(&self) -> Call {
        let mount = Mount {
            host_folder: self.folder.clone(),
            guest_path: GUEST_FOLDER.to_owned(),
            access: Access::ReadWrite,
        };
        Call { mounts: vec![mount], ..Call::bare(Limits::STANDARD) }
    }
}

/// What a call of `nap` is given.
fn nap_input(milliseconds: u64) -> String {
    format!(r#"{{"milliseconds":{milliseconds}}}"#)
}

/// The text a tool answered with, where it did.
fn text(report: Report<ToolAnswer>, tool: &str) -> Result<String> {
    let answer = report.result?;
    let mut blocks = answer.content.into_iter();
    match (answer.is_error, blocks.next(), blocks.next()) {
        (false, Some(ToolContent::Text(text)), None) => Ok(text),
        (_, block, _) => {
            let said = format!("tool `{tool}` of the benchmark answered {block:?}");
            Err(lucid_core::Failure::failed(said).hint("build the bundled plugins again"))
        }
    }
}

#[cfg(test)]
mod tests;
