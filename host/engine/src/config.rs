//! The one engine and its one configuration.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lucid_core::{Entropy, Failure, Result};
use tokio::sync::Semaphore;
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::cache::Cache;

/// How often running guests are looked at.
pub(crate) const TICK: Duration = Duration::from_millis(10);

/// Calls that run at once; more wait for their turn, so that the pool never runs dry.
const CALLS_AT_ONCE: u32 = 64;

/// The largest memory any limit can allow, in bytes: 1 GiB.
pub const MEMORY_BYTES_MAX: u64 = 1 << 30;

/// Elements one table may grow to: Python needs 5,700.
pub(crate) const TABLE_ELEMENTS_MAX: usize = 20_000;

/// Core instances of one component: QuickJS needs 9.
pub(crate) const CORE_INSTANCES_MAX: u32 = 32;

/// Linear memories of one component.
pub(crate) const MEMORIES_MAX: u32 = 4;

/// Bytes of stack for guest code; well under the fiber's own, so that a guest that recurses
/// without end is stopped and not the host.
///
/// A parser of expressions in a grader needs 300 KiB for the deepest it accepts.
const GUEST_STACK_BYTES: usize = 1 << 20;

/// Bytes of stack for a guest and the host functions it calls.
const FIBER_STACK_BYTES: usize = 3 << 20;

/// Where compiled components are kept.
pub struct CacheFolder {
    /// The folder; made when something is first compiled, for its owner only.
    pub folder: PathBuf,
    /// Makes the key that seals the cache's files, once.
    pub entropy: Arc<dyn Entropy>,
}

/// Runs components. Cheap to clone; one per process is enough.
#[derive(Clone)]
pub struct Engine {
    pub(crate) wasmtime: wasmtime::Engine,
    pub(crate) turns: Arc<Semaphore>,
    pub(crate) cache: Option<Arc<Cache>>,
    _ticker: Arc<Ticker>,
}

impl Engine {
    /// Makes an engine, with a pool of instances where the machine allows one.
    ///
    /// # Errors
    /// Failed, when the machine cannot run components.
    pub fn new(cache: Option<CacheFolder>) -> Result<Self> {
        let mut pooled = base_config();
        pooled.allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
        // A machine with little address space has no room for a pool; calls then cost more.
        let wasmtime = wasmtime::Engine::new(&pooled)
            .or_else(|_| wasmtime::Engine::new(&base_config()))
            .map_err(|error| {
                Failure::failed(format!("the WebAssembly engine does not start: {error:#}"))
            })?;
        let cache = cache.map(|options| Arc::new(Cache::new(options, &wasmtime)));
        let ticker = Arc::new(Ticker::start(&wasmtime)?);
        let turns = Arc::new(Semaphore::new(CALLS_AT_ONCE as usize));
        Ok(Self { wasmtime, turns, cache, _ticker: ticker })
    }
}

fn base_config() -> Config {
    let mut config = Config::new();
    config
        // Wall time by epochs, reproducible effort by fuel; fuel is compiled in for all,
        // because one engine serves all, and is unlimited where it is off.
        .epoch_interruption(true)
        .consume_fuel(true)
        .max_wasm_stack(GUEST_STACK_BYTES)
        .async_stack_size(FIBER_STACK_BYTES)
        .async_stack_zeroing(true)
        // Off: what no plugin needs and where most advisories are.
        .concurrency_support(false)
        .wasm_gc(false)
        .wasm_exceptions(false)
        .wasm_function_references(false)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_threads(false)
        .wasm_relaxed_simd(false)
        // A dream is reproducible byte for byte, so are its floating-point numbers.
        .cranelift_nan_canonicalization(true);
    config
}

fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(CALLS_AT_ONCE)
        .total_core_instances(CALLS_AT_ONCE * 4)
        .total_memories(CALLS_AT_ONCE * 2)
        .total_tables(CALLS_AT_ONCE * 8)
        .total_stacks(CALLS_AT_ONCE)
        .max_core_instances_per_component(CORE_INSTANCES_MAX)
        .max_memories_per_component(MEMORIES_MAX)
        .max_tables_per_component(CORE_INSTANCES_MAX)
        .table_elements(TABLE_ELEMENTS_MAX)
        .max_memory_size(usize::try_from(MEMORY_BYTES_MAX).unwrap_or(usize::MAX))
        // Measured: halves the cost of a call where the kernel has it; with it, keeping the
        // first pages resident is a gain, without it a loss.
        .pagemap_scan(Enabled::Auto)
        .linear_memory_keep_resident(if PoolingAllocationConfig::is_pagemap_scan_available() {
            128 << 10
        } else {
            0
        });
    pool
}

/// Advances the engine's epoch until it is dropped.
struct Ticker {
    stop: Arc<std::sync::atomic::AtomicBool>,
}

impl Ticker {
    fn start(engine: &wasmtime::Engine) -> Result<Self> {
        let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let (stopped, engine) = (stop.clone(), engine.weak());
        let tick = move || {
            while !stopped.load(std::sync::atomic::Ordering::Relaxed) {
                std::thread::sleep(TICK);
                let Some(engine) = engine.upgrade() else { break };
                engine.increment_epoch();
            }
        };
        std::thread::Builder::new()
            .name("lucid-epoch".into())
            .spawn(tick)
            .map_err(|error| Failure::failed(format!("no thread for the epoch: {error}")))?;
        Ok(Self { stop })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.stop.store(true, std::sync::atomic::Ordering::Relaxed);
    }
}
