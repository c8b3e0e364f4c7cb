//! Capabilities: manifest ∩ grants, checked against what the component really imports.

use std::collections::BTreeSet;

use lucid_core::{Failure, Result};
use serde::{Deserialize, Serialize};

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
    /// Whether it may read the sessions of a dream.
    pub transcripts: bool,
    /// Whether it may read the memory store of a dream.
    pub memories: bool,
    /// Whether it may propose operations to a dream.
    pub proposals: bool,
    /// Hosts it may send requests to.
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
    /// The sessions of a dream.
    pub transcripts: bool,
    /// The memory store of a dream.
    pub memories: bool,
    /// Proposals to a dream.
    pub proposals: bool,
}

/// The host interfaces that are capabilities, and whether a manifest asks for each.
fn gated(manifest: &Manifest) -> [(&'static str, &'static str, bool); 4] {
    let wanted = &manifest.capabilities;
    [
        ("model", "lucid:plugin/model", wanted.model),
        ("transcripts", "lucid:plugin/transcripts", wanted.transcripts),
        ("memories", "lucid:plugin/memories", wanted.memories),
        ("proposals", "lucid:plugin/proposals", wanted.proposals),
    ]
}

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
    let name = &manifest.name;
    let wanted = &manifest.capabilities;
    let files = match (wanted.files, grants.files) {
        (None, _) => None,
        (Some(FileAccess::ReadOnly), Some(_)) => Some(FileAccess::ReadOnly),
        (Some(FileAccess::ReadWrite), Some(FileAccess::ReadWrite)) => Some(FileAccess::ReadWrite),
        (Some(access), granted) => {
            let have = if granted.is_some() { "only read-only was" } else { "none was" };
            return Err(missing(name, &format!("files, {access}"), have)
                .hint(format!("grant it with `files = \"{access}\"`, if you trust the plugin")));
        }
    };
    let flags = [
        ("model", wanted.model, grants.model),
        ("transcripts", wanted.transcripts, grants.transcripts),
        ("memories", wanted.memories, grants.memories),
        ("proposals", wanted.proposals, grants.proposals),
    ];
    for (capability, wanted, granted) in flags {
        if wanted && !granted {
            let hint = match capability {
                "model" => "grant one with `model = \"plugin:NAME\"`, if you trust the plugin",
                _ => "only a dream strategy can have it",
            };
            return Err(missing(name, capability, "none was").hint(hint));
        }
    }
    for variable in &wanted.environment {
        if !grants.environment.contains(variable) {
            return Err(missing(name, &format!("environment variable {variable}"), "it was not")
                .hint(format!("grant it with `environment.{variable} = \"…\"`")));
        }
    }
    if let Some(host) = wanted.http.first() {
        return Err(missing(name, &format!("http to {host}"), "none can be")
            .hint("this version of Lucid gives plugins no network"));
    }
    Ok(Capabilities {
        files,
        environment: wanted.environment.iter().cloned().collect(),
        model: wanted.model,
        transcripts: wanted.transcripts,
        memories: wanted.memories,
        proposals: wanted.proposals,
    })
}

fn missing(plugin: &str, what: &str, have: &str) -> Failure {
    Failure::denied(format!("plugin `{plugin}` asks for {what}, and {have} granted"))
}

fn check_imports(manifest: &Manifest, imports: &[String]) -> Result<()> {
    let gated = gated(manifest);
    for import in imports {
        let interface = import.split('@').next().unwrap_or(import);
        if let Some((capability, _, wanted)) = gated.iter().find(|(_, name, _)| *name == interface)
        {
            // A model's own interface is its export; importing it would be a second model.
            if *wanted {
                continue;
            }
            return Err(Failure::denied(format!(
                "plugin `{}` imports `{interface}`, which its manifest does not ask for",
                manifest.name
            ))
            .hint(format!("its author has to add `{capability} = true` to its manifest")));
        }
        let free = FREE.iter().any(|prefix| interface.starts_with(prefix));
        if !free && !interface.starts_with(REFUSED_WHEN_USED) {
            return Err(Failure::denied(format!(
                "plugin `{}` imports `{import}`, which no {} plugin can have",
                manifest.name, manifest.kind
            ))
            .hint("rebuild it against the interfaces in `wit/`"));
        }
    }
    Ok(())
}

/// The interface that a component of a kind exports.
#[must_use]
pub fn exported_interface(kind: Kind) -> &'static str {
    match kind {
        Kind::Tool => "lucid:plugin/tools",
        Kind::Model => "lucid:plugin/model",
        Kind::Grader => "lucid:plugin/grading",
        Kind::Dream => "lucid:plugin/dream-strategy",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(kind: &str, capabilities: &str) -> Manifest {
        Manifest::parse(&format!(
            "name = \"x\"\nversion = \"0.1.0\"\nkind = \"{kind}\"\ndescription = \"d\"\n\
             [capabilities]\n{capabilities}\n"
        ))
        .unwrap()
    }

    fn imports(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn nothing_is_given_that_was_not_asked_for() {
        let everything = Grants {
            files: Some(FileAccess::ReadWrite),
            environment: BTreeSet::from(["A".to_owned()]),
            model: true,
            ..Grants::default()
        };
        let got = check(&manifest("tool", ""), &[], &everything).unwrap();
        assert_eq!(got.files, None);
        assert!(got.environment.is_empty());
        assert!(!got.model);
    }

    #[test]
    fn asking_for_more_than_was_granted_names_the_grant() {
        let cases = [
            ("files = \"read-write\"", Some(FileAccess::ReadOnly), "files = \"read-write\""),
            ("files = \"read-only\"", None, "files = \"read-only\""),
            ("model = true", None, "model = \"plugin:NAME\""),
            ("environment = [\"KEY\"]", None, "environment.KEY"),
        ];
        for (wanted, files, hint) in cases {
            let grants = Grants { files, ..Grants::default() };
            let denied = check(&manifest("tool", wanted), &[], &grants).unwrap_err();
            assert_eq!(denied.kind, lucid_core::FailureKind::Denied);
            assert!(denied.hint.unwrap().contains(hint), "{wanted}");
        }
    }

    #[test]
    fn imports_beyond_the_manifest_are_denied() {
        let sneaky = imports(&["wasi:cli/stdout@0.2.6", "lucid:plugin/model@0.1.0"]);
        let grants = Grants { model: true, ..Grants::default() };
        assert!(check(&manifest("tool", ""), &sneaky, &grants).is_err());
        assert!(check(&manifest("tool", "model = true"), &sneaky, &grants).is_ok());
        let unknown = imports(&["lucid:plugin/shell@0.1.0"]);
        assert!(check(&manifest("tool", ""), &unknown, &grants).is_err());
    }

    #[test]
    fn a_grader_has_nothing_through_which_a_transcript_could_reach_it() {
        let import = imports(&["lucid:plugin/transcripts@0.1.0"]);
        assert!(check(&manifest("grader", ""), &import, &Grants::grader()).is_err());
        assert_eq!(Grants::grader().files, Some(FileAccess::ReadOnly));
        assert!(!Grants::grader().transcripts);
    }
}
