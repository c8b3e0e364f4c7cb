//! What one call holds on the host's side.

use std::sync::Arc;

use lucid_core::CallUsage;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::call::Call;
use crate::capability::clocks::RandomCount;
use crate::capability::dream::DreamHost;
use crate::capability::files::FileState;
use crate::capability::graders::GradersHost;
use crate::capability::http::HttpState;
use crate::capability::log::LogState;
use crate::capability::model::ModelHost;
use crate::capability::{clocks, environment, files};
use crate::effects::EffectLog;
use crate::limiter::MemoryLimiter;
use crate::plugin::Plugin;
use crate::stdio::BoundedOutput;
use crate::stopped::LimitReached;

/// The data of a store.
pub(crate) struct State {
    pub(crate) wasi: Wasi,
    pub(crate) memory: MemoryLimiter,
    pub(crate) log: LogState,
    pub(crate) stdout: BoundedOutput,
    pub(crate) stderr: BoundedOutput,
    pub(crate) effects: EffectLog,
    pub(crate) files: FileState,
    pub(crate) http: HttpState,
    pub(crate) model: Option<Arc<dyn ModelHost>>,
    pub(crate) graders: Option<Arc<dyn GradersHost>>,
    pub(crate) model_tokens: u64,
    pub(crate) dream: Option<Arc<dyn DreamHost>>,
    /// Whether the call may know what is in the memory of its dream.
    pub(crate) entries_listed: bool,
    random: RandomCount,
    host_calls: u64,
    host_calls_max: u64,
}

impl State {
    /// Builds the state of one call: the plugin's capabilities over this call's things.
    pub(crate) fn new(plugin: &Plugin, call: Call) -> Self {
        let (capabilities, limits) = (plugin.capabilities(), call.limits);
        let stdout = BoundedOutput::new(limits.stdio_bytes);
        let stderr = BoundedOutput::new(limits.stdio_bytes);
        let effects = EffectLog::default();
        let mut wasi = WasiCtx::builder();
        wasi.stdout(stdout.clone())
            .stderr(stderr.clone())
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false)
            .max_random_size(limits.random_bytes)
            // File functions are on the guests' own threads, which may block; not changing
            // threads for each makes them three times faster.
            .allow_blocking_current_thread(true);
        let random = clocks::grant(&mut wasi, call.time);
        environment::grant(&mut wasi, capabilities, &call.environment);
        let http = HttpState::new(plugin, &call, effects.clone());
        let kind = plugin.manifest().kind;
        let (mounts, quota, noted) = (call.mounts, call.files, effects.clone());
        let files = files::grant(kind, capabilities, &limits, mounts, quota, noted, call.time);
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits.resources as usize);
        Self {
            wasi: Wasi { ctx: wasi.build(), table },
            memory: MemoryLimiter::new(limits.memory_bytes),
            log: LogState::new(limits.log_bytes),
            stdout,
            stderr,
            effects,
            files,
            http,
            model: capabilities.model.then_some(call.model).flatten(),
            graders: capabilities.graders.then_some(call.graders).flatten(),
            model_tokens: 0,
            dream: call.dream,
            entries_listed: false,
            random,
            host_calls: 0,
            host_calls_max: limits.host_calls,
        }
    }

    /// Counts one call of a host function, before it does anything.
    pub(crate) fn count_host_call(&mut self) -> wasmtime::Result<()> {
        if self.host_calls >= self.host_calls_max {
            return Err(wasmtime::Error::from(LimitReached {
                what: "host calls",
                limit: self.host_calls_max,
                unit: "calls",
                setting: "host_calls",
            }));
        }
        self.host_calls += 1;
        Ok(())
    }

    /// A limit that was reached where a guest could pass over it: in a stream, for one.
    pub(crate) fn swallowed(&self) -> Option<LimitReached> {
        self.files.reached().or_else(|| self.http.reached())
    }

    /// What was used, as far as the state knows it.
    pub(crate) fn usage(&self) -> CallUsage {
        CallUsage {
            memory_peak_bytes: self.memory.peak_bytes(),
            host_calls: self.host_calls,
            dropped_bytes: self.log.dropped_bytes + self.stdout.dropped() + self.stderr.dropped(),
            stdio_bytes: self.stdout.written() + self.stderr.written(),
            log_bytes: self.log.written_bytes,
            random_bytes: self.random.bytes(),
            model_tokens: self.model_tokens,
            file_bytes: self.files.bytes(),
            files: self.files.made(),
            http_requests: self.http.requests(),
            http_bytes: self.http.bytes(),
            ..CallUsage::default()
        }
    }
}

/// What wasmtime-wasi works on. By itself, so that it can be lent beside the rest.
pub(crate) struct Wasi {
    ctx: WasiCtx,
    pub(crate) table: ResourceTable,
}

impl WasiView for Wasi {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.ctx, table: &mut self.table }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.wasi.ctx()
    }
}
