//! `lucid plugin build` and `lucid plugin pack`: one file, and proof that it loads.

use std::path::{Path, PathBuf};
use std::time::Instant;

use lucid_core::{Failure, Result};
use lucid_runtime::RuntimeOptions;
use lucid_runtime::conformance::{Inspection, inspect};
use serde_json::json;

use crate::args::{BuildArgs, PackArgs};
use crate::failure::Ended;
use crate::show::{print, print_json};

/// A plugin that was written and loads.
pub(super) struct Built {
    /// Its file.
    pub(super) path: PathBuf,
    /// What it is.
    pub(super) inspection: Inspection,
}

pub(crate) async fn run(
    options: &RuntimeOptions,
    args: &BuildArgs,
    json: bool,
) -> crate::failure::Result {
    show(&build(options, args).await?, json)
}

pub(crate) async fn pack(
    options: &RuntimeOptions,
    args: &PackArgs,
    json: bool,
) -> crate::failure::Result {
    let place = args.component.display().to_string();
    let component = std::fs::read(&args.component).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::invalid(format!("no such file: {place}"))
            .hint("name the component that your build made"),
        _ => Failure::failed(format!("{place}: {error}")),
    })?;
    let folder = args.manifest.parent().unwrap_or(Path::new("."));
    let out = args.out.as_deref();
    let written = write(options, &component, &args.manifest, folder, out).await;
    show(&written.map_err(|failure| failure.about(place))?, json)
}

/// Builds a project.
pub(super) async fn build(options: &RuntimeOptions, args: &BuildArgs) -> Result<Built> {
    let language = args.language()?;
    let manifest = args.dir.join("plugin.toml");
    // Before the compiler, because a wrong manifest is the quicker to mend.
    let (_, read) = lucid_build::manifest_of(&manifest)?;
    anstream::eprintln!("building {}, a {} in {language}", read.name, read.kind);
    let machine = crate::home::machine();
    let started = Instant::now();
    let component = lucid_build::build(&machine, &args.dir, language, read.kind)?;
    anstream::eprintln!("built in {:.1} s", started.elapsed().as_secs_f64());
    write(options, &component, &manifest, &args.dir, args.out.as_deref()).await
}

/// Packs a component, loads it as every run of it will, and writes it where it loads.
async fn write(
    options: &RuntimeOptions,
    component: &[u8],
    manifest: &Path,
    folder: &Path,
    out: Option<&Path>,
) -> Result<Built> {
    let (text, manifest) = lucid_build::manifest_of(manifest)?;
    let plugin = lucid_build::pack(component, &text)?;
    let inspection = inspect(options, &plugin).await?;
    // A plugin that does not load is no use to anybody; the one before it may be.
    if let Err(failure) = &inspection.tools {
        return Err(failure.clone());
    }
    let named = || folder.join(format!("{}.wasm", manifest.name));
    let path = out.map_or_else(named, Path::to_owned);
    lucid_build::write_plugin(&path, &plugin)?;
    Ok(Built { path, inspection })
}

fn show(built: &Built, json: bool) -> crate::failure::Result {
    let Inspection { manifest, bytes, digest, imports, tools, .. } = &built.inspection;
    let names: Vec<&str> = tools.iter().flatten().map(|tool| tool.name.as_str()).collect();
    if json {
        print_json(&json!({
            "path": built.path, "name": manifest.name, "version": manifest.version,
            "kind": manifest.kind, "bytes": bytes, "digest": digest, "imports": imports,
            "tools": names,
        }))?;
        return Ok(Ended::Done);
    }
    let mut text = format!(
        "{}: {} {}, a {}, {bytes} bytes\nsha256 {digest}\n",
        built.path.display(),
        manifest.name,
        manifest.version,
        manifest.kind,
    );
    if !names.is_empty() {
        text.push_str(&format!("tools   {}\n", names.join(", ")));
    }
    text.push_str("imports\n");
    text.extend(imports.iter().map(|import| format!("  {import}\n")));
    print(&text)?;
    Ok(Ended::Done)
}
