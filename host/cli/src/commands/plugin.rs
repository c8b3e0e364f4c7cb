//! `lucid plugin`.

use std::path::{Path, PathBuf};

use lucid_core::{Failure, Limits, Result, Timestamp, ToolContent, sha256_hex};
use lucid_policy::manifest::{FileAccess, Kind};
use lucid_policy::{Access, Grants};
use lucid_runtime::{Bundled, Call, GuestTime, Mount, Plugin, Runtime, RuntimeOptions};
use serde_json::json;

use crate::args::{CallArgs, PluginCommand};
use crate::failure::Ended;
use crate::show::{plain, print, print_json};

pub(crate) async fn run(
    options: RuntimeOptions,
    command: PluginCommand,
    json: bool,
) -> crate::failure::Result {
    match command {
        PluginCommand::Inspect { plugin } => inspect(&options, &plugin, json),
        PluginCommand::Call(args) => call(&options, &args, json).await,
    }
}

/// Reads a component file, or a bundled plugin where there is no such file.
fn read(options: &RuntimeOptions, plugin: &str) -> Result<Vec<u8>> {
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

fn inspect(options: &RuntimeOptions, plugin: &str, json: bool) -> crate::failure::Result {
    let bytes = read(options, plugin)?;
    let manifest = Plugin::manifest_of(&bytes)?;
    let engine = Runtime::engine(options)?;
    let (imports, exports) = Plugin::interface_of(&engine, &bytes)?;
    let digest = sha256_hex(&bytes);
    if json {
        print_json(&json!({
            "manifest": manifest,
            "bytes": bytes.len(),
            "digest": digest,
            "imports": imports,
            "exports": exports,
        }))?;
        return Ok(Ended::Done);
    }
    let wanted = &manifest.capabilities;
    let mut asks: Vec<String> = Vec::new();
    asks.extend(wanted.files.map(|access| format!("files, {access}")));
    asks.extend(wanted.environment.iter().map(|name| format!("environment variable {name}")));
    asks.extend(wanted.http.iter().map(|host| format!("http to {host}")));
    let flags = [
        ("a model", wanted.model),
        ("the sessions of a dream", wanted.transcripts),
        ("the memory of a dream", wanted.memories),
        ("to propose to a dream", wanted.proposals),
    ];
    asks.extend(flags.iter().filter(|(_, on)| *on).map(|(what, _)| (*what).to_owned()));
    let list = |items: &[String]| match items {
        [] => "  nothing\n".to_owned(),
        items => items.iter().map(|item| format!("  {item}\n")).collect(),
    };
    print(&format!(
        "{} {}, a {}\n{}\n\n{} bytes, sha256 {digest}\n\nasks for\n{}exports\n{}imports\n{}",
        manifest.name,
        manifest.version,
        manifest.kind,
        manifest.description,
        bytes.len(),
        list(&asks),
        list(&exports),
        list(&imports),
    ))?;
    Ok(Ended::Done)
}

/// Puts this command's flags in the place of a mission's settings in a hint.
fn with_flags(mut failure: Failure) -> Failure {
    let flags = [
        ("files = \"read-write\"", "--dir HOST::GUEST:rw"),
        ("files = \"read-only\"", "--dir HOST::GUEST"),
        ("environment.", "--env "),
        ("limits.memory_bytes", "--memory-mib"),
        ("limits.deadline_ms", "--deadline-ms"),
    ];
    failure.hint = failure
        .hint
        .map(|hint| flags.iter().fold(hint, |hint, (setting, flag)| hint.replace(setting, flag)));
    failure
}

/// What the command line grants.
struct Granted {
    grants: Grants,
    mounts: Vec<Mount>,
    environment: Vec<(String, String)>,
}

fn grants(folders: &[String], variables: &[String]) -> Result<Granted> {
    let mut granted =
        Granted { grants: Grants::default(), mounts: Vec::new(), environment: Vec::new() };
    for folder in folders {
        let mount = mount(folder)?;
        let access = match mount.access {
            Access::ReadOnly => FileAccess::ReadOnly,
            Access::ReadWrite => FileAccess::ReadWrite,
        };
        let widest = granted.grants.files == Some(FileAccess::ReadWrite);
        granted.grants.files = Some(if widest { FileAccess::ReadWrite } else { access });
        granted.mounts.push(mount);
    }
    for name in variables {
        let value = std::env::var(name).map_err(|_| {
            Failure::invalid(format!("environment variable {name} is not set here"))
                .hint(format!("set it first: `{name}=… lucid plugin call …`"))
        })?;
        granted.grants.environment.insert(name.clone());
        granted.environment.push((name.clone(), value));
    }
    Ok(granted)
}

fn mount(text: &str) -> Result<Mount> {
    let wrong = || {
        Failure::invalid(format!("`{text}` is no folder grant"))
            .hint("write HOST::GUEST, GUEST an absolute path, then `:ro` or `:rw`")
    };
    let (host, rest) = text.split_once("::").ok_or_else(wrong)?;
    let (guest, access) = match rest.rsplit_once(':') {
        Some((guest, "rw")) => (guest, Access::ReadWrite),
        Some((guest, "ro")) => (guest, Access::ReadOnly),
        Some(_) => return Err(wrong()),
        None => (rest, Access::ReadOnly),
    };
    if host.is_empty() || !guest.starts_with('/') {
        return Err(wrong());
    }
    let host_folder = PathBuf::from(host);
    if !host_folder.is_dir() {
        return Err(Failure::invalid(format!("no such folder: {host}")));
    }
    Ok(Mount { host_folder, guest_path: guest.to_owned(), access })
}

async fn call(options: &RuntimeOptions, args: &CallArgs, json: bool) -> crate::failure::Result {
    let bytes = read(options, &args.plugin)?;
    let granted = grants(&args.dirs, &args.environment)?;
    let (tool, input) = (args.tool.as_str(), args.input.as_str());
    if !serde_json::from_str::<serde_json::Value>(input).is_ok_and(|value| value.is_object()) {
        return Err(Failure::invalid("the input is not a JSON object")
            .hint("write it in single quotes, such as '{\"text\": \"hello\"}'")
            .into());
    }
    let mut limits = Limits::STANDARD;
    limits.memory_bytes = args.memory_mib.map_or(limits.memory_bytes, |mib| mib << 20);
    limits.deadline_ms = args.deadline_ms.unwrap_or(limits.deadline_ms);
    let fixed = |seed| GuestTime::Fixed { now: Timestamp(0), seed };
    let engine = Runtime::engine(options)?;
    let plugin = Plugin::load(&engine, &bytes, Kind::Tool, &granted.grants).map_err(with_flags)?;
    let setup = Call {
        mounts: granted.mounts.clone(),
        environment: granted.environment.clone(),
        time: args.seed.map_or(GuestTime::Real, fixed),
        ..Call::bare(limits)
    };
    let report = plugin.call_tool(setup, tool, input).await;
    for line in &report.logs {
        anstream::eprintln!("log {:?}: {}", line.level, plain(&line.message));
    }
    let usage = report.usage;
    let answer = match report.result {
        Ok(answer) => answer,
        Err(failure) => {
            if json {
                print_json(&json!({"error": failure, "usage": usage}))?;
            }
            return Err(with_flags(failure).into());
        }
    };
    let text = |content: &ToolContent| match content {
        ToolContent::Text(text) | ToolContent::Json(text) => text.clone(),
        ToolContent::Image(kind, data) => format!("[image {kind}, {} bytes]", data.len()),
        ToolContent::File(path, kind) => format!("[file {path}, {kind}]"),
    };
    let texts: Vec<String> = answer.content.iter().map(text).collect();
    if json {
        print_json(&json!({"content": texts, "is_error": answer.is_error, "usage": usage}))?;
    } else {
        print(&plain(&format!("{}\n", texts.join("\n"))))?;
        anstream::eprintln!(
            "{} ms, {} KiB of memory, {} bytes in, {} out, {} host calls",
            usage.wall_ms,
            usage.memory_peak_bytes >> 10,
            usage.input_bytes,
            usage.output_bytes,
            usage.host_calls
        );
    }
    if answer.is_error {
        return Err(Failure::failed(format!("tool `{tool}` answered with an error")).into());
    }
    Ok(Ended::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_grant_is_read_only_unless_it_says_otherwise() {
        let here = std::env::temp_dir();
        let text = |suffix: &str| format!("{}::/data{suffix}", here.display());
        assert_eq!(mount(&text("")).unwrap().access, Access::ReadOnly);
        assert_eq!(mount(&text(":ro")).unwrap().access, Access::ReadOnly);
        assert_eq!(mount(&text(":rw")).unwrap().access, Access::ReadWrite);
        for wrong in ["", "x", "a::b", "::/data", &text(":x")] {
            assert!(mount(wrong).is_err(), "{wrong}");
        }
    }
}
