//! `lucid plugin`.

mod build;
mod call;
mod check;
mod dev;
mod inspect;
mod new;

use std::path::Path;

use lucid_core::{Failure, Result};
use lucid_runtime::{Bundled, RuntimeOptions};

use crate::args::PluginCommand;

pub(crate) async fn run(
    options: RuntimeOptions,
    command: PluginCommand,
    json: bool,
) -> crate::failure::Result {
    match command {
        PluginCommand::New(args) => new::run(&args, json),
        PluginCommand::Build(args) => build::run(&options, &args, json).await,
        PluginCommand::Pack(args) => build::pack(&options, &args, json).await,
        PluginCommand::Dev(args) => dev::run(options, &args, json).await,
        PluginCommand::Wit { dir } => new::interfaces(&dir, json),
        PluginCommand::Inspect { plugin, diff } => match diff {
            Some(old) => inspect::difference(&options, &old, &plugin, json).await,
            None => inspect::run(&options, &plugin, json).await,
        },
        PluginCommand::Check { plugin } => check::run(options, &plugin, json).await,
        PluginCommand::Call(args) => call::run(&options, &args, json).await,
    }
}

/// Reads a component file, or a bundled plugin where there is no such file.
pub(crate) fn read(options: &RuntimeOptions, plugin: &str) -> Result<Vec<u8>> {
    let path = Path::new(plugin);
    if path.is_file() {
        return std::fs::read(path).map_err(|error| Failure::failed(format!("{plugin}: {error}")));
    }
    if plugin.contains(['/', '\\', '.']) {
        return Err(Failure::invalid(format!("no such file: {plugin}"))
            .hint("give a component file, or the name of a bundled plugin"));
    }
    Bundled::new(options.bundled.clone()).read(plugin)
}
