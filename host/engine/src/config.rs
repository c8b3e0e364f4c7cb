//! The one engine and its one configuration.

use std::sync::Arc;

use lucid_core::{Failure, Result};
use tokio::sync::Semaphore;
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::executor::Executor;
use crate::load::Loader;
use crate::options::EngineOptions;

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

/// Bytes of a fiber's stack, and of each table, that are cleared by hand between two calls
/// instead of being given back to the kernel: most calls use less, and asking the kernel for
/// pages again costs more than clearing them. The rest is given back.
const STACK_KEPT_BYTES: usize = 16 << 10;
const TABLE_KEPT_BYTES: usize = 8 << 10;

/// Runs components. Cheap to clone; one per process is enough.
#[derive(Clone)]
pub struct Engine {
    pub(crate) wasmtime: wasmtime::Engine,
    pub(crate) turns: Arc<Semaphore>,
    pub(crate) loader: Arc<Loader>,
    pub(crate) options: Arc<EngineOptions>,
    pub(crate) executor: Arc<Executor>,
    pub(crate) http: Arc<crate::capability::http::HttpClient>,
}

impl Engine {
    /// Makes an engine, with a pool of instances where the machine allows one.
    ///
    /// # Errors
    /// Failed, when the machine cannot run components.
    pub fn new(options: EngineOptions) -> Result<Self> {
        let mut pooled = base_config();
        pooled.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(&options)));
        // A machine with little address space has no room for a pool; calls then cost more.
        let wasmtime = wasmtime::Engine::new(&pooled)
            .or_else(|_| wasmtime::Engine::new(&base_config()))
            .map_err(|error| {
                Failure::failed(format!("the WebAssembly engine does not start: {error:#}"))
            })?;
        let loader = Arc::new(Loader::new(&options, &wasmtime)?);
        let executor = Arc::new(Executor::new(&wasmtime)?);
        let turns = Arc::new(Semaphore::new(options.calls_at_once as usize));
        let http = Arc::new(crate::capability::http::HttpClient::new(&options)?);
        Ok(Self { wasmtime, turns, loader, options: Arc::new(options), executor, http })
    }
}

/// What every engine has, with a pool or without.
pub(crate) fn base_config() -> Config {
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
        // On for the engine's own adapters between two parts of a component, each with a
        // memory; a plugin's module may have one (`load/structure.rs`).
        .wasm_multi_memory(true)
        .wasm_threads(false)
        .wasm_relaxed_simd(false)
        // A dream is reproducible byte for byte, so are its floating-point numbers.
        .cranelift_nan_canonicalization(true);
    config
}

/// What one call takes at most is bounded per component; the pool is made for calls of a
/// common size: a program in Rust takes four core instances, one memory and two tables.
fn pool(options: &EngineOptions) -> PoolingAllocationConfig {
    let calls = options.calls_at_once;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(calls)
        .total_core_instances(calls.saturating_mul(8))
        .total_memories(calls.saturating_mul(2))
        .total_tables(calls.saturating_mul(8))
        .total_stacks(calls)
        .max_core_instances_per_component(CORE_INSTANCES_MAX)
        .max_memories_per_component(MEMORIES_MAX)
        .max_tables_per_component(CORE_INSTANCES_MAX)
        .table_elements(TABLE_ELEMENTS_MAX)
        .table_keep_resident(TABLE_KEPT_BYTES)
        .async_stack_keep_resident(STACK_KEPT_BYTES)
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
