//! What loading costs: with nothing kept, and from the cache on disk.

use std::time::Instant;

use lucid_core::Result;

use super::Listener;
use super::options::{BenchOptions, Part, Progress};
use super::result::LoadFigures;
use super::stats::{Samples, ms};
use crate::{Engine, EngineOptions};

const COLD: u32 = 3;
const WARM: u32 = 200;

/// Calls that the engines here could run at once: they run none.
const CALLS_AT_ONCE: u32 = 8;

pub(super) fn measure(options: &BenchOptions, progress: Listener<'_>) -> Result<LoadFigures> {
    let step = |done: u32| {
        progress(Progress { part: Part::Load, done: done.into(), total: (COLD + WARM).into() });
    };
    let mut cold = Samples::new();
    for done in 0..COLD {
        step(done);
        let calls_at_once = CALLS_AT_ONCE;
        let engine = Engine::new(EngineOptions { calls_at_once, ..EngineOptions::standard() })?;
        cold.push(load(options, &engine)?);
    }
    // Fills the cache.
    options.plugin(CALLS_AT_ONCE)?;
    let mut warm = Samples::new();
    for done in 0..WARM {
        step(COLD + done);
        // An engine of its own: what another has loaded is not in the memory of this one.
        warm.push(load(options, &options.engine(CALLS_AT_ONCE)?)?);
    }
    step(COLD + WARM);
    Ok(LoadFigures { cold: cold.median(), warm: warm.median() })
}

fn load(options: &BenchOptions, engine: &Engine) -> Result<f64> {
    let started = Instant::now();
    let plugin = options.load(engine)?;
    let took = ms(started.elapsed());
    // Not before the clock has stopped: giving memory back is no part of loading.
    drop(plugin);
    Ok(took)
}
