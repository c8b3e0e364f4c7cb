//! Bare wasmtime: what anybody gets who takes wasmtime as it is and tunes it well, without
//! anything that Lucid adds.
//!
//! Its settings, and all others are wasmtime's own:
//!
//! | on | off |
//! |---|---|
//! | the pooling allocator, 64 instances | epochs, fuel |
//! | scanning page maps, 128 KiB kept resident | a limiter, handle and crossing limits |
//! | the async interface | the component model's own concurrency |
//! | 8 KiB of each table kept resident, as Lucid has it, unless [`Pool::Plain`] | |
//!
//! Concurrency would only make it slower, and Lucid has it off too. A call gets a fresh
//! store, and a WASI context that gives nothing.
//!
//! Tables that are kept are worth more than all that Lucid adds to a call. A baseline without
//! them makes Lucid look faster than what it is made of, so both are measured: what anybody
//! gets, and what Lucid is made of.

use wasmtime::component::{Component, HasSelf, Linker, ResourceTable};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store,
};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::bindings::imports::lucid::plugin::log;
use crate::bindings::tool::exports::lucid::plugin::tools::Content;
use crate::bindings::tool::{Tool, ToolPre};

const INSTANCES: u32 = 64;

/// As in Lucid's own pool.
const TABLE_KEPT_BYTES: usize = 8 << 10;

/// How the pool of bare wasmtime is tuned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pool {
    /// As well as Lucid's.
    AsLucid,
    /// With scanned page maps and nothing else.
    Plain,
}

/// A component in bare wasmtime.
pub(super) struct Bare {
    engine: Engine,
    tools: ToolPre<BareState>,
}

/// What a store holds, and nothing more.
struct BareState {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for BareState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl log::Host for BareState {
    async fn write(&mut self, _level: log::Level, _message: String) -> wasmtime::Result<()> {
        Ok(())
    }
}

impl Bare {
    pub(super) fn new(component: &[u8], pool: Pool) -> wasmtime::Result<Self> {
        let engine = Engine::new(&config(pool))?;
        let component = Component::new(&engine, component)?;
        let mut linker: Linker<BareState> = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        log::add_to_linker::<BareState, HasSelf<BareState>>(&mut linker, |state| state)?;
        let tools = ToolPre::new(linker.instantiate_pre(&component)?)?;
        Ok(Self { engine, tools })
    }

    /// One call of a tool in a store of its own; gives the text it answered with.
    pub(super) async fn call(&self, tool: &str, input: &str) -> wasmtime::Result<Option<String>> {
        self.instance().await?.call(tool, input).await
    }

    /// An instance that can be called again and again.
    pub(super) async fn instance(&self) -> wasmtime::Result<Instance> {
        let state = BareState { wasi: WasiCtx::builder().build(), table: ResourceTable::new() };
        let mut store = Store::new(&self.engine, state);
        let tools = self.tools.instantiate_async(&mut store).await?;
        Ok(Instance { store, tools })
    }
}

/// A component that was instantiated.
pub(super) struct Instance {
    store: Store<BareState>,
    tools: Tool,
}

impl Instance {
    pub(super) async fn call(
        &mut self,
        tool: &str,
        input: &str,
    ) -> wasmtime::Result<Option<String>> {
        let tools = self.tools.lucid_plugin_tools();
        let answer = tools.call_call_tool(&mut self.store, tool, input).await?;
        Ok(match answer.ok().and_then(|content| content.into_iter().next()) {
            Some(Content::Text(text)) => Some(text),
            _ => None,
        })
    }
}

fn config(tuning: Pool) -> Config {
    let mut pool = PoolingAllocationConfig::new();
    if tuning == Pool::AsLucid {
        pool.table_keep_resident(TABLE_KEPT_BYTES);
    }
    pool.total_component_instances(INSTANCES)
        .total_core_instances(INSTANCES * 4)
        .total_memories(INSTANCES)
        .total_tables(INSTANCES * 4)
        .total_stacks(INSTANCES)
        .pagemap_scan(Enabled::Auto)
        .linear_memory_keep_resident(if scans() { 128 << 10 } else { 0 });
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .concurrency_support(false);
    config
}

/// Whether this machine's kernel can scan page maps.
pub(super) fn scans() -> bool {
    PoolingAllocationConfig::is_pagemap_scan_available()
}
