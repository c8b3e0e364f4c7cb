//! `lucid bench plugin`.

use lucid_core::{Limits, Result};
use lucid_runtime::bench::{PluginBench, PluginBenchOptions, plugin};
use lucid_runtime::{Call, RuntimeOptions};

use super::Scratch;
use crate::args::PluginBenchArgs;
use crate::commands::plugin::read;
use crate::failure::Ended;
use crate::grants::{granted, with_flags};
use crate::show::{print, print_json};

pub(super) async fn run(
    options: &RuntimeOptions,
    args: &PluginBenchArgs,
    json: bool,
) -> crate::failure::Result {
    let measured = measure(options, args).await.map_err(with_flags)?;
    if json {
        print_json(&measured)?;
    } else {
        print(&render(&measured))?;
    }
    Ok(Ended::Done)
}

async fn measure(options: &RuntimeOptions, args: &PluginBenchArgs) -> Result<PluginBench> {
    let call = &args.call;
    let granted = granted(call, &options.state)?;
    let scratch = Scratch::new(None)?;
    plugin(&PluginBenchOptions {
        component: read(options, &call.plugin)?,
        call: Call {
            mounts: granted.mounts,
            environment: granted.environment,
            secrets: granted.secrets.attached(),
            ..Call::bare(granted.limits.over(Limits::STANDARD))
        },
        grants: granted.grants,
        tool: call.tool.clone(),
        input: call.input.clone(),
        calls: args.calls,
        folder: scratch.folder().join("cache"),
        compiler: options.compiler.clone(),
    })
    .await
}

fn render(measured: &PluginBench) -> String {
    let PluginBench { bytes, load_cold_ms, load_warm_ms, call_us, memory_peak_kib, .. } = measured;
    let ms = |us: f64| us / 1_000.0;
    format!(
        "size            {bytes} bytes\n\
         load, compiling {load_cold_ms:.1} ms\n\
         load, kept      {load_warm_ms:.2} ms\n\
         first call      {:.3} ms\n\
         second call     {:.3} ms\n\
         calls           {:.3} ms median, {:.3} ms p99, n = {}\n\
         memory          {memory_peak_kib} KiB\n",
        ms(measured.first_call_us),
        ms(measured.second_call_us),
        ms(call_us.p50),
        ms(call_us.p99),
        call_us.n,
    )
}
