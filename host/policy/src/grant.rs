//! Capabilities: manifest ∩ grants, checked against what the component really imports.
//!
//! A plugin that asks for more than it was given does not load. Each refusal names the rule
//! that decided, and the line of a mission or manifest that would change it.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use lucid_core::{Failure, Result};
use serde::{Deserialize, Serialize};

use crate::http::HostRule;
use crate::manifest::{FileAccess, Kind, Manifest};

/// What a mission or a command line grants to a plugin. Everything is off unless given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Grants {
    /// Files: the calling agent's view, at most with this access.
    pub files: Option<FileAccess>,
    /// Environment variables, by name.
    pub environment: BTreeSet<String>,
    /// Whether it may ask the model of the session.
    pub model: bool,
    /// Whether it may ask the other graders of a panel.
    pub graders: bool,
    /// Whether it may read the sessions of a dream.
    pub transcripts: bool,
    /// Whether it may read the memory store of a dream.
    pub memories: bool,
    /// Whether it may propose operations to a dream.
    pub proposals: bool,
    /// Hosts it may send requests to, each as a [`HostRule`] is written: `api.example.org`,
    /// `127.0.0.1:8080`, or `*` for every public host on ports 80 and 443.
    pub http: BTreeSet<String>,
}

impl Grants {
    /// What a dream strategy gets by being one: to read its inputs and to propose.
    #[must_use]
    pub fn dream() -> Self {
        Self { transcripts: true, memories: true, proposals: true, ..Self::default() }
    }

    /// What a grader gets by being one: to read the outputs.
    #[must_use]
    pub fn grader() -> Self {
        Self { files: Some(FileAccess::ReadOnly), ..Self::default() }
    }
}

/// What a plugin has: the part of its manifest that was granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Capabilities {
    /// Files.
    pub files: Option<FileAccess>,
    /// Environment variables.
    pub environment: BTreeSet<String>,
    /// The model of the session.
    pub model: bool,
    /// The other graders of a panel.
    pub graders: bool,
    /// The sessions of a dream.
    pub transcripts: bool,
    /// The memory store of a dream.
    pub memories: bool,
    /// Proposals to a dream.
    pub proposals: bool,
    /// Hosts it may send requests to; without any it has no http at all.
    pub http: Vec<HostRule>,
}

/// The host interfaces that are capabilities: the line of a manifest that asks for each, and
/// whether it is there.
fn gated(manifest: &Manifest) -> [(&'static str, &'static str, bool); 8] {
    let wanted = &manifest.capabilities;
    let http = !wanted.http.is_empty();
    [
        ("lucid:plugin/model", "model = true", wanted.model),
        ("lucid:plugin/graders", "graders = true", wanted.graders),
        ("lucid:plugin/transcripts", "transcripts = true", wanted.transcripts),
        // What is kept of sessions is no more than what can be read of them.
        ("lucid:plugin/digests", "transcripts = true", wanted.transcripts),
        ("lucid:plugin/memories", "memories = true", wanted.memories),
        ("lucid:plugin/proposals", "proposals = true", wanted.proposals),
        ("wasi:http/types", HTTP_LINE, http),
        ("wasi:http/outgoing-handler", HTTP_LINE, http),
    ]
}

/// The line that asks for http.
const HTTP_LINE: &str = "http = [\"HOST\"]";

/// Host interfaces every plugin may import: they give nothing by themselves.
const FREE: [&str; 7] = [
    "lucid:plugin/log",
    "lucid:plugin/model-types",
    "wasi:cli/",
    "wasi:clocks/",
    "wasi:filesystem/",
    "wasi:io/",
    "wasi:random/",
];

/// Sockets link, so that ordinary programs do, and are refused when used.
const REFUSED_WHEN_USED: &str = "wasi:sockets/";

/// Decides what a plugin gets.
///
/// `imports` are the names of the component's imports, with or without a version.
///
/// # Errors
/// Denied, naming what is missing and how to give it: when the component imports what its
/// manifest does not ask for, or the manifest asks for what was not granted.
pub fn check(manifest: &Manifest, imports: &[String], grants: &Grants) -> Result<Capabilities> {
    check_imports(manifest, imports)?;
    let wanted = &manifest.capabilities;
    let files = files(manifest, grants)?;
    check_flags(manifest, grants)?;
    for variable in &wanted.environment {
        if !grants.environment.contains(variable) {
            let what = format!("environment variable {variable}");
            return Err(missing(&manifest.name, &what, "it was not")
                .hint(format!("grant it with `environment.{variable} = \"…\"`")));
        }
    }
    Ok(Capabilities {
        files,
        environment: wanted.environment.iter().cloned().collect(),
        model: wanted.model,
        graders: wanted.graders,
        transcripts: wanted.transcripts,
        memories: wanted.memories,
        proposals: wanted.proposals,
        http: http(manifest, grants)?,
    })
}

fn files(manifest: &Manifest, grants: &Grants) -> Result<Option<FileAccess>> {
    match (manifest.capabilities.files, grants.files) {
        (None, _) => Ok(None),
        (Some(FileAccess::ReadOnly), Some(_)) => Ok(Some(FileAccess::ReadOnly)),
        (Some(FileAccess::ReadWrite), Some(FileAccess::ReadWrite)) => {
            Ok(Some(FileAccess::ReadWrite))
        }
        (Some(access), granted) => {
            let have = if granted.is_some() { "only read-only was" } else { "none was" };
            Err(missing(&manifest.name, &format!("files, {access}"), have)
                .hint(format!("grant it with `files = \"{access}\"`, if you trust the plugin")))
        }
    }
}

/// What is either given or not.
fn check_flags(manifest: &Manifest, grants: &Grants) -> Result<()> {
    let wanted = &manifest.capabilities;
    let flags = [
        ("model", wanted.model, grants.model),
        ("graders", wanted.graders, grants.graders),
        ("transcripts", wanted.transcripts, grants.transcripts),
        ("memories", wanted.memories, grants.memories),
        ("proposals", wanted.proposals, grants.proposals),
    ];
    for (capability, wanted, granted) in flags {
        if wanted && !granted {
            let hint = match capability {
                "model" => "grant one with `model = \"plugin:NAME\"`, if you trust the plugin",
                "graders" => {
                    "name its members: `grader = { name = \"NAME\", members = [\"OTHER\"] }`; a \
                     member asks no others"
                }
                _ => "no grant gives it: only a dream strategy has it, by being one",
            };
            return Err(missing(&manifest.name, capability, "none was").hint(hint));
        }
    }
    Ok(())
}

/// The hosts a plugin gets: those it asks for, where grants cover each; for `*` all that were
/// granted.
fn http(manifest: &Manifest, grants: &Grants) -> Result<Vec<HostRule>> {
    let parse = |texts: &mut dyn Iterator<Item = &String>| {
        texts.map(|text| HostRule::parse(text)).collect::<Result<Vec<_>>>()
    };
    let granted = parse(&mut grants.http.iter())
        .map_err(|failure| failure.about(format!("http granted to `{}`", manifest.name)))?;
    let wanted = parse(&mut manifest.capabilities.http.iter())?;
    for host in &wanted {
        let covered = if host.is_any() {
            !granted.is_empty()
        } else {
            granted.iter().any(|grant| grant.covers(host))
        };
        if !covered {
            let have = if granted.is_empty() { "none was" } else { "that was not" };
            let (what, line) = if host.is_any() {
                ("http to whatever hosts it is granted".to_owned(), HTTP_LINE.to_owned())
            } else {
                (format!("http to {host}"), format!("http = [\"{host}\"]"))
            };
            return Err(missing(&manifest.name, &what, have).hint(format!(
                "grant it with `{line}` in the plugin's section of the mission, if you trust \
                 the plugin"
            )));
        }
    }
    Ok(if wanted.iter().any(HostRule::is_any) { granted } else { wanted })
}

fn missing(plugin: &str, what: &str, have: &str) -> Failure {
    Failure::denied(format!(
        "plugin `{plugin}` asks for {what}, and {have} granted (rule `manifest_within_grants`)"
    ))
}

fn check_imports(manifest: &Manifest, imports: &[String]) -> Result<()> {
    let gated = gated(manifest);
    for import in imports {
        let interface = import.split('@').next().unwrap_or(import);
        if let Some((_, line, wanted)) = gated.iter().find(|(name, ..)| *name == interface) {
            // A model's own interface is its export; importing it would be a second model.
            if *wanted {
                continue;
            }
            return Err(Failure::denied(format!(
                "plugin `{}` imports `{interface}`, which its manifest does not ask for (rule \
                 `imports_within_manifest`)",
                manifest.name
            ))
            .hint(format!("its author has to add `{line}` to `[capabilities]` of its manifest")));
        }
        let free = FREE.iter().any(|prefix| interface.starts_with(prefix));
        if !free && !interface.starts_with(REFUSED_WHEN_USED) {
            return Err(Failure::denied(format!(
                "plugin `{}` imports `{import}`, which no {} plugin can have (rule \
                 `imports_known`)",
                manifest.name, manifest.kind
            ))
            .hint("no grant gives it: rebuild it against the interfaces in `wit/`"));
        }
    }
    Ok(())
}

/// The version of Lucid's interfaces, all of them together: that of `wit/`.
pub const INTERFACES_VERSION: &str = "0.1.0";

/// The interface that a component of a kind exports, without its version.
#[must_use]
pub fn exported_interface(kind: Kind) -> &'static str {
    match kind {
        Kind::Tool => "lucid:plugin/tools",
        Kind::Model => "lucid:plugin/model",
        Kind::Grader => "lucid:plugin/grading",
        Kind::Dream => "lucid:plugin/dream-strategy",
    }
}
