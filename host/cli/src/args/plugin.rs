//! The arguments of `lucid plugin`.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args as Group, Subcommand};
use lucid_build::Language;
use lucid_core::Result;
use lucid_policy::manifest::Kind;

/// The kinds of plugin, in the order they are listed.
const KINDS: [Kind; 4] = [Kind::Tool, Kind::Dream, Kind::Grader, Kind::Model];

#[derive(Debug, Subcommand)]
pub(crate) enum PluginCommand {
    /// Make a project for a new plugin, with a working example in it
    New(NewArgs),
    /// Build a plugin from its sources, with its manifest inside
    Build(BuildArgs),
    /// Put a manifest into a component that something else has built
    Pack(PackArgs),
    /// Build a plugin and run its examples, each time that its sources change
    Dev(DevArgs),
    /// Write the interfaces that plugins are built against
    Wit {
        /// The `wit` folder of a project; its `deps` are written
        #[arg(default_value = "wit")]
        dir: PathBuf,
    },
    /// Show what a plugin is, what it asks for and which tools it has
    Inspect {
        /// A component file, or the name of a bundled plugin
        plugin: String,
        /// Show what changed since another version of it, in what it asks first of all
        #[arg(long, value_name = "OLD")]
        diff: Option<String>,
    },
    /// Check that a plugin keeps to what plugins promise, on the real host with nothing outside
    Check {
        /// A component file, or the name of a bundled plugin
        plugin: String,
    },
    /// Call a tool of a plugin once, with explicit grants
    Call(CallArgs),
}

#[derive(Debug, Group)]
pub(crate) struct NewArgs {
    /// The plugin's name: lower-case letters, digits and `-`
    pub(crate) name: String,
    /// What it is to be
    #[arg(long, value_parser = kind_parser(), default_value = "tool")]
    pub(crate) kind: String,
    /// What it is to be written in
    #[arg(long, value_name = "LANGUAGE", value_parser = language_parser())]
    pub(crate) lang: String,
    /// The project's folder [default: the plugin's name]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

impl NewArgs {
    /// The kind that was chosen.
    pub(crate) fn kind(&self) -> Kind {
        let chosen = KINDS.into_iter().find(|kind| kind.to_string() == self.kind);
        chosen.unwrap_or(Kind::Tool)
    }

    /// The language that was chosen.
    pub(crate) fn language(&self) -> Language {
        language(&self.lang)
    }
}

#[derive(Debug, Group)]
pub(crate) struct BuildArgs {
    /// The project's folder
    #[arg(default_value = ".")]
    pub(crate) dir: PathBuf,
    /// The file to write [default: NAME.wasm in the project's folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// The language, where it does not show
    #[arg(long, value_name = "LANGUAGE", value_parser = language_parser())]
    pub(crate) lang: Option<String>,
}

impl BuildArgs {
    /// The language that was chosen, else that of the project.
    pub(crate) fn language(&self) -> Result<Language> {
        self.lang.as_deref().map_or_else(|| Language::of(&self.dir), |name| Ok(language(name)))
    }
}

#[derive(Debug, Group)]
pub(crate) struct PackArgs {
    /// The component
    pub(crate) component: PathBuf,
    /// Its manifest
    #[arg(long, value_name = "FILE", default_value = "plugin.toml")]
    pub(crate) manifest: PathBuf,
    /// The file to write [default: NAME.wasm beside the manifest]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Group)]
pub(crate) struct DevArgs {
    #[command(flatten)]
    pub(crate) build: BuildArgs,
    /// Build and run once, and end with 1 where something failed
    #[arg(long)]
    pub(crate) once: bool,
}

fn kind_parser() -> PossibleValuesParser {
    PossibleValuesParser::new(KINDS.map(|kind| match kind {
        Kind::Tool => "tool",
        Kind::Dream => "dream",
        Kind::Grader => "grader",
        Kind::Model => "model",
    }))
}

fn language_parser() -> PossibleValuesParser {
    PossibleValuesParser::new(Language::ALL.map(Language::name))
}

/// A language by the name that its parser let through.
fn language(name: &str) -> Language {
    Language::ALL.into_iter().find(|one| one.name() == name).unwrap_or(Language::Rust)
}

#[derive(Debug, Group)]
pub(crate) struct PluginBenchArgs {
    #[command(flatten)]
    pub(crate) call: CallArgs,
    /// How many calls are measured
    #[arg(long, value_name = "N", default_value_t = 200)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) calls: u32,
}

#[derive(Debug, Clone, Default, Group)]
pub(crate) struct CallArgs {
    /// A component file, or the name of a bundled plugin
    pub(crate) plugin: String,
    /// The tool
    pub(crate) tool: String,
    /// The input: a JSON object
    #[arg(value_name = "JSON")]
    pub(crate) input: String,
    /// Grant a folder: where it is, and where the plugin sees it; read-only unless `:rw`
    #[arg(long = "dir", value_name = "HOST::GUEST[:ro|:rw]")]
    pub(crate) dirs: Vec<String>,
    /// Grant an environment variable, with the value it has here
    #[arg(long = "env", value_name = "NAME")]
    pub(crate) environment: Vec<String>,
    /// Grant a host that requests may go to: ports 80 and 443 unless it names one
    #[arg(long = "host", value_name = "HOST[:PORT]")]
    pub(crate) hosts: Vec<String>,
    /// Add a secret to requests to one origin: `ORIGIN HEADER: [PREFIX ]env:NAME|file:PATH`
    #[arg(long = "secret", value_name = "SECRET")]
    pub(crate) secrets: Vec<String>,
    /// Change a limit, such as `http_requests=4` or `file_bytes=1MiB`
    #[arg(long = "limit", value_name = "NAME=VALUE")]
    pub(crate) limits: Vec<String>,
    /// Fix the plugin's clock and random numbers
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Memory in all [default: 64]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub(crate) memory_mib: Option<u64>,
    /// Wall time [default: 30000]
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(1..=86_400_000))]
    pub(crate) deadline_ms: Option<u64>,
}
