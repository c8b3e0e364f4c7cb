//! What one plugin costs: loading with nothing kept and from the cache, the first call, the
//! second, and many.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use lucid_core::{Failure, Result, SeededEntropy};
use lucid_policy::Grants;
use lucid_policy::manifest::Kind;
use serde::Serialize;

use super::stats::{Samples, Spread, ms, rounded, us};
use crate::{CacheFolder, Call, Compiler, Engine, EngineOptions, Plugin};

/// What is measured.
pub struct PluginBenchOptions {
    /// The component of a tool plugin, with its manifest.
    pub component: Vec<u8>,
    /// What it is loaded with.
    pub grants: Grants,
    /// What each call is given.
    pub call: Call,
    /// The tool.
    pub tool: String,
    /// The input, a JSON object.
    pub input: String,
    /// How many calls are measured after the second.
    pub calls: u32,
    /// An empty folder for compiled code.
    pub folder: PathBuf,
    /// Where compiling is done.
    pub compiler: Compiler,
}

/// What one plugin costs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PluginBench {
    /// The size of the component, in bytes.
    pub bytes: usize,
    /// Loading with nothing kept, in milliseconds: it is compiled.
    pub load_cold_ms: f64,
    /// Loading in another engine with the compiled code kept on disk, in milliseconds.
    pub load_warm_ms: f64,
    /// The first call in that engine, in microseconds: code and data are read from disk.
    pub first_call_us: f64,
    /// The second call, in microseconds. Its sandbox is a fresh one, as that of every call.
    pub second_call_us: f64,
    /// Calls after that, in microseconds.
    pub call_us: Spread,
    /// The most memory that the guest had in a call, in KiB.
    pub memory_peak_kib: u64,
}

/// Measures one tool of a plugin.
///
/// # Errors
/// As loading and calling: what does not answer well is not measured.
pub async fn plugin(options: &PluginBenchOptions) -> Result<PluginBench> {
    let load = || {
        let engine = engine(options)?;
        let started = Instant::now();
        let plugin = Plugin::load(&engine, &options.component, Kind::Tool, &options.grants)?;
        Ok::<_, Failure>((plugin, rounded(ms(started.elapsed()))))
    };
    let (first, load_cold_ms) = load()?;
    // Its engine has the code in memory, so the next load is one of a process that starts.
    drop(first);
    let (plugin, load_warm_ms) = load()?;
    let mut peak = 0;
    let first_call_us = call(options, &plugin, &mut peak).await?;
    let second_call_us = call(options, &plugin, &mut peak).await?;
    let mut times = Samples::new();
    for _ in 0..options.calls {
        times.push(call(options, &plugin, &mut peak).await?);
    }
    Ok(PluginBench {
        bytes: options.component.len(),
        load_cold_ms,
        load_warm_ms,
        first_call_us,
        second_call_us,
        call_us: times.spread(),
        memory_peak_kib: peak >> 10,
    })
}

fn engine(options: &PluginBenchOptions) -> Result<Engine> {
    // The seal of a cache that is thrown away after the run needs no secret key.
    let entropy = Arc::new(SeededEntropy::new(1));
    let cache = Some(CacheFolder { folder: options.folder.clone(), entropy });
    let compiler = options.compiler.clone();
    Engine::new(EngineOptions { cache, compiler, ..EngineOptions::standard() })
}

/// One call, in microseconds.
async fn call(options: &PluginBenchOptions, plugin: &Plugin, peak: &mut u64) -> Result<f64> {
    let started = Instant::now();
    let report = plugin.call_tool(options.call.clone(), &options.tool, &options.input).await;
    let took = rounded(us(started.elapsed()));
    *peak = report.usage.memory_peak_bytes.max(*peak);
    let answer = report.result?;
    if answer.is_error {
        let tool = &options.tool;
        return Err(Failure::failed(format!("tool `{tool}` answered with an error"))
            .hint("measure a call that ends well; `lucid plugin call` shows the answer"));
    }
    Ok(took)
}
