//! What a call costs: in turn with what it is compared with, and many at once.

use std::path::Path;
use std::time::{Duration, Instant};

use lucid_core::{Failure, Limits, Result};
use tokio::task::JoinSet;

use super::bare::{self, Bare, Instance, Pool};
use super::options::{BenchOptions, Part, Progress};
use super::result::CallFigures;
use super::stats::{Samples, ratio, rounded, us};
use super::{Listener, spawn, text};
use crate::{Call, Plugin};

/// Calls of one kind before it is another's turn.
const BATCH: u32 = 20;

/// For how long calls are counted that run at once.
const COUNTED: Duration = Duration::from_secs(2);

/// Callers for each core, so that no core waits for a caller.
const CALLERS_PER_CORE: usize = 4;

/// 64 bytes of text.
const TEXT: &str = "The quick brown fox jumps over the lazy dog, sixty-four in all.\u{21}";

/// What is measured in turn.
#[derive(Clone, Copy)]
enum Way {
    Bare,
    BareTuned,
    Lucid,
    LucidWithoutFolder,
    Warm,
    Spawn,
}

const WAYS: [Way; 6] =
    [Way::Bare, Way::Lucid, Way::BareTuned, Way::LucidWithoutFolder, Way::Warm, Way::Spawn];

/// Everything that is called.
struct Callee<'a> {
    options: &'a BenchOptions,
    plugin: &'a Plugin,
    bare: Bare,
    tuned: Bare,
    warm: Instance,
    program: Option<&'static Path>,
    input: String,
}

impl Callee<'_> {
    async fn call(&mut self, way: Way) -> Result<()> {
        let said = match way {
            Way::Bare => self.bare.call("echo", &self.input).await.map_err(failed)?,
            Way::BareTuned => self.tuned.call("echo", &self.input).await.map_err(failed)?,
            Way::Warm => self.warm.call("echo", &self.input).await.map_err(failed)?,
            Way::Lucid => Some(self.lucid(self.options.call()).await?),
            Way::LucidWithoutFolder => Some(self.lucid(Call::bare(Limits::STANDARD)).await?),
            Way::Spawn => return self.program.map_or(Ok(()), spawn::spawn),
        };
        match said {
            Some(said) if said == TEXT => Ok(()),
            said => Err(Failure::bug(format!("`echo` answered {said:?}"))),
        }
    }

    async fn lucid(&self, call: Call) -> Result<String> {
        text(self.plugin.call_tool(call, "echo", &self.input).await, "echo")
    }
}

fn failed(error: wasmtime::Error) -> Failure {
    Failure::failed(format!("bare wasmtime: {error:#}"))
}

pub(super) async fn measure(
    options: &BenchOptions,
    plugin: &Plugin,
    progress: Listener<'_>,
) -> Result<(CallFigures, Vec<String>)> {
    let tuned = Bare::new(&options.component, Pool::AsLucid).map_err(failed)?;
    let bare = Bare::new(&options.component, Pool::Plain).map_err(failed)?;
    let warm = tuned.instance().await.map_err(failed)?;
    let input = format!(r#"{{"text":"{TEXT}"}}"#);
    let program = spawn::program();
    let mut callee = Callee { options, plugin, bare, tuned, warm, program, input };
    let samples = in_turn(&mut callee, options.calls, progress).await?.map(Samples::spread);
    let [bare, lucid, tuned, without_folder, warm, spawn] = WAYS.map(|way| samples[way as usize]);
    let spawn = callee.program.map(|_| spawn);
    let mut notes = Vec::new();
    if spawn.is_none() {
        notes.push("no process was started: this machine has no `true`".to_owned());
    }
    if !bare::scans() {
        notes.push("this kernel does not scan page maps, so every call is slower".to_owned());
    }
    let figures = CallFigures {
        bare_us: bare,
        bare_tuned_us: tuned,
        lucid_us: lucid,
        lucid_without_folder_us: without_folder,
        warm_us: warm,
        spawn_us: spawn,
        ratio_lucid_to_bare: ratio(lucid.p50, bare.p50),
        ratio_lucid_to_bare_tuned: ratio(lucid.p50, tuned.p50),
        ratio_spawn_to_lucid: spawn.map(|spawn| ratio(spawn.p50, lucid.p50)),
        calls_per_second: at_once(options, plugin, &callee.input).await?,
    };
    Ok((figures, notes))
}

/// Calls each way a few times, then back in the other order, so that none always comes right
/// behind the same other. The first call of a batch finds the caches full of another's data
/// and is not counted.
async fn in_turn(
    callee: &mut Callee<'_>,
    calls: u32,
    progress: Listener<'_>,
) -> Result<[Samples; WAYS.len()]> {
    let mut samples = [const { Samples::new() }; WAYS.len()];
    let mut done = 0;
    for round in 0.. {
        progress(Progress { part: Part::Calls, done: done.into(), total: calls.into() });
        let batch = BATCH.min(calls - done);
        if batch == 0 {
            break;
        }
        let mut ways = WAYS;
        if round % 2 == 1 {
            ways.reverse();
        }
        for way in ways {
            callee.call(way).await?;
            for _ in 0..batch {
                let started = Instant::now();
                callee.call(way).await?;
                samples[way as usize].push(us(started.elapsed()));
            }
        }
        done += batch;
    }
    Ok(samples)
}

/// Calls a second, with many callers at once.
async fn at_once(options: &BenchOptions, plugin: &Plugin, input: &str) -> Result<f64> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let started = Instant::now();
    let mut callers = JoinSet::new();
    for _ in 0..cores * CALLERS_PER_CORE {
        let (plugin, call, input) = (plugin.clone(), options.call(), input.to_owned());
        callers.spawn(async move {
            let mut calls = 0_u32;
            while started.elapsed() < COUNTED {
                text(plugin.call_tool(call.clone(), "echo", &input).await, "echo")?;
                calls += 1;
            }
            Ok::<_, Failure>(calls)
        });
    }
    let mut calls = 0;
    while let Some(done) = callers.join_next().await {
        let done = done.map_err(|error| Failure::bug(format!("a caller stopped: {error}")))?;
        calls += u64::from(done?);
    }
    let seconds = started.elapsed().as_secs_f64();
    // Far below the numbers that a float cannot tell apart.
    Ok(rounded(calls as f64 / seconds))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_text_of_a_call_has_64_bytes() {
        assert_eq!(super::TEXT.len(), 64);
    }
}
