//! What one call holds on the host's side.

use std::sync::Arc;

use lucid_core::Limits;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::call::Call;
use crate::capability::dream::DreamHost;
use crate::capability::log::LogState;
use crate::capability::model::ModelHost;
use crate::capability::{clocks, environment, files};
use crate::limiter::MemoryLimiter;
use crate::stdio::BoundedOutput;
use lucid_policy::Capabilities;

/// The data of a store.
pub(crate) struct State {
    wasi: WasiCtx,
    pub(crate) table: ResourceTable,
    pub(crate) memory: MemoryLimiter,
    pub(crate) log: LogState,
    pub(crate) stdout: BoundedOutput,
    pub(crate) stderr: BoundedOutput,
    pub(crate) model: Option<Arc<dyn ModelHost>>,
    pub(crate) dream: Option<Arc<dyn DreamHost>>,
    host_calls: u64,
    host_calls_max: u64,
}

impl State {
    /// Builds the state of one call: the plugin's capabilities over this call's things.
    pub(crate) fn new(
        call: &Call,
        capabilities: &Capabilities,
        limits: &Limits,
    ) -> wasmtime::Result<Self> {
        let stdout = BoundedOutput::new(limits.stdio_bytes);
        let stderr = BoundedOutput::new(limits.stdio_bytes);
        let mut wasi = WasiCtx::builder();
        wasi.stdout(stdout.clone())
            .stderr(stderr.clone())
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false)
            .max_random_size(limits.random_bytes)
            // Calls run on tasks of their own; not changing threads for each file
            // operation makes them three times faster.
            .allow_blocking_current_thread(true);
        clocks::grant(&mut wasi, call.time);
        environment::grant(&mut wasi, capabilities, &call.environment);
        files::grant(&mut wasi, capabilities, &call.mounts)?;
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits.resources as usize);
        Ok(Self {
            wasi: wasi.build(),
            table,
            memory: MemoryLimiter::new(limits.memory_bytes),
            log: LogState::new(limits.log_bytes),
            stdout,
            stderr,
            model: capabilities.model.then(|| call.model.clone()).flatten(),
            dream: call.dream.clone(),
            host_calls: 0,
            host_calls_max: limits.host_calls,
        })
    }

    /// Counts one call of a host function, before it does anything.
    pub(crate) fn count_host_call(&mut self) -> wasmtime::Result<()> {
        if self.host_calls >= self.host_calls_max {
            return Err(wasmtime::Error::from(HostCallsUsedUp(self.host_calls_max)));
        }
        self.host_calls += 1;
        Ok(())
    }

    pub(crate) fn host_calls(&self) -> u64 {
        self.host_calls
    }
}

/// A guest called the host more often than it may.
#[derive(Debug, thiserror::Error)]
#[error("more than {0} calls of host functions")]
pub(crate) struct HostCallsUsedUp(pub(crate) u64);

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}
