//! `lucid serve`.

use std::path::Path;

use lucid_core::{Failure, Result};
use lucid_runtime::{Runtime, RuntimeOptions};
use lucid_server::{Log, Server, ServerOptions, Shutdown, Traces};
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
    let log = Log::new(|_, line| anstream::eprintln!("{}", plain(line)));
    let log = if args.verbose { log } else { log.without_requests() };
    let mut serving = ServerOptions::new(options.state.clone());
    (serving.sections, serving.log) = (sections, log);
    if let Some(folder) = args.config.as_deref().and_then(Path::parent) {
        folder.clone_into(&mut serving.folder);
    }
    serving.private_targets = args.allow_private_targets;
    if let Some(collector) = collector(|name| std::env::var(name).ok()) {
        serving.traces = Traces::to(&collector)?;
    }
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

/// Where traces go, by the variables that all of OpenTelemetry has: nowhere, unless one of
/// them says so.
fn collector(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    if set("OTEL_SDK_DISABLED").is_some_and(|value| value.trim().eq_ignore_ascii_case("true")) {
        return None;
    }
    set("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT").or_else(|| {
        let base = set("OTEL_EXPORTER_OTLP_ENDPOINT")?;
        Some(format!("{}/v1/traces", base.trim_end_matches('/')))
    })
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).map_err(|error| {
        Failure::invalid(format!("configuration {}: {error}", file.display())).hint(
            "give a TOML file with `[plugins.NAME]`, `[models.\"NAME\"]`, `[dreams]` and \
             `[missions]`",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_go_where_the_usual_variables_say() {
        let find = |set: &[(&str, &str)]| {
            collector(|name| {
                let found = set.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(find(&[]), None);
        let base = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318/");
        assert_eq!(find(&[base]).unwrap(), "http://127.0.0.1:4318/v1/traces");
        let own = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://c.example/x");
        assert_eq!(find(&[base, own]).unwrap(), "https://c.example/x");
        assert_eq!(find(&[base, ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "")]), find(&[base]));
        assert_eq!(find(&[base, ("OTEL_SDK_DISABLED", "true")]), None);
    }
}
