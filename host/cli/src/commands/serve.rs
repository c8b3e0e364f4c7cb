//! `lucid serve`.

use std::path::Path;

use lucid_core::{Failure, Result};
use lucid_runtime::{Runtime, RuntimeOptions};
use lucid_server::{Level, Log, Server, ServerOptions, Shutdown};
use serde_json::json;

use super::interrupt::asked_to_end;
use crate::args::ServeArgs;
use crate::failure::{self, Ended};
use crate::show::{plain, print};

pub(crate) async fn run(
    mut options: RuntimeOptions,
    args: ServeArgs,
    json: bool,
) -> failure::Result {
    let sections = args.config.as_deref().map(read).transpose()?.unwrap_or_default();
    for folder in args.plugins.into_iter().rev() {
        if !folder.is_dir() {
            let why = format!("no folder of plugins: {}", folder.display());
            return Err(Failure::invalid(why).hint("give one with `--plugins DIR`").into());
        }
        // What was given comes before what is bundled.
        options.bundled.insert(0, folder);
    }
    let log = Log::new(move |level, line| {
        if level != Level::Request || args.verbose {
            anstream::eprintln!("{}", plain(line));
        }
    });
    let mut serving = ServerOptions::new(options.state.clone());
    (serving.sections, serving.log) = (sections, log);
    let server = Server::bind(Runtime::open(options)?, serving, args.listen).await?;
    let address = server.address();
    print(&match json {
        true => format!("{}\n", json!({"address": address, "url": format!("http://{address}")})),
        false => format!("listening on http://{address}\n"),
    })?;
    let shutdown = Shutdown::new();
    let told = shutdown.clone();
    tokio::spawn(async move {
        loop {
            asked_to_end().await;
            told.signal();
        }
    });
    server.run(shutdown).await?;
    Ok(Ended::Done)
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).map_err(|error| {
        Failure::invalid(format!("configuration {}: {error}", file.display()))
            .hint("give a TOML file with `[plugins.NAME]` and `[models.\"NAME\"]` sections")
    })
}
