//! What a plugin is and asks for. Of the plugin itself only `list-tools` runs, with nothing
//! but limits.

use lucid_core::{Failure, Limits, Result, ToolSpec, sha256_hex};
use lucid_engine::{Call, Engine, Plugin};
use lucid_policy::manifest::{Kind, Manifest};
use serde::Serialize;

use super::wanted::{Wanted, exactly};
use super::{DEADLINE_MS, fake};
use crate::mission::standard_limits;
use crate::state::RuntimeOptions;

/// What there is to know about a plugin before it is used.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// What it says about itself.
    pub manifest: Manifest,
    /// The size of the file, in bytes.
    pub bytes: usize,
    /// SHA-256 of the file.
    pub digest: String,
    /// The interfaces it imports, with their versions.
    pub imports: Vec<String>,
    /// The interfaces it exports, with their versions.
    pub exports: Vec<String>,
    /// What it asks for.
    pub wants: Vec<Want>,
    /// The limits it needs beyond the standard of its kind.
    pub needs: Vec<Need>,
    /// Its tools; of another kind than `tool` it has none. A failure, where it does not load
    /// or does not say.
    pub tools: Result<Vec<ToolSpec>>,
}

/// One thing a plugin asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Want {
    /// The capability, as a manifest names it: `files`, `http`, `model`, ….
    pub capability: &'static str,
    /// How much of it, or which one: an access, a variable, a host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What gives it.
    pub given_by: GivenBy,
}

/// What gives a capability.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GivenBy {
    /// This line of the plugin's section in a mission.
    Mission(String),
    /// The plugin's kind: each one of it has it.
    Kind,
    /// Nothing: no plugin of its kind can have it.
    Nothing,
}

impl Want {
    pub(super) fn new(wanted: &Wanted, kind: Kind) -> Self {
        Self {
            capability: wanted.capability(),
            value: wanted.value(),
            given_by: given_by(wanted, kind),
        }
    }

    /// The capability and how much of it, for people: `files, read-write`, `http,
    /// api.example.org`, `model`.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.value {
            Some(value) => format!("{}, {value}", self.capability),
            None => self.capability.to_owned(),
        }
    }
}

/// A limit that a plugin needs to be other than the standard of its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Need {
    /// The limit, as missions name it.
    pub limit: &'static str,
    /// What it needs, in the limit's unit.
    pub value: u64,
    /// What its kind has unless a mission says otherwise.
    pub standard: u64,
}

impl Need {
    /// The line of the plugin's section in a mission that gives it.
    #[must_use]
    pub fn mission_line(&self) -> String {
        format!("limits.{} = {}", self.limit, self.value)
    }
}

/// What gives a capability to a plugin of a kind.
fn given_by(wanted: &Wanted, kind: Kind) -> GivenBy {
    match wanted {
        // A grader reads the outputs; a dream reads what it is given, and no files.
        Wanted::Files(_) if kind == Kind::Grader => GivenBy::Kind,
        Wanted::Files(_) if kind == Kind::Dream => GivenBy::Nothing,
        Wanted::Files(access) => GivenBy::Mission(format!("files = \"{access}\"")),
        Wanted::Http(host) => GivenBy::Mission(format!("http = [\"{host}\"]")),
        Wanted::Environment(name) => GivenBy::Mission(format!("environment.{name} = \"…\"")),
        Wanted::Flag("model") => GivenBy::Mission("model = \"plugin:NAME\"".to_owned()),
        Wanted::Flag("graders") => {
            GivenBy::Mission("grader = { name = \"NAME\", members = [\"OTHER\"] }".to_owned())
        }
        Wanted::Flag(_) => GivenBy::Kind,
    }
}

/// The limits a manifest asks for.
pub(super) fn needs(manifest: &Manifest) -> Vec<Need> {
    let standard = standard_limits(manifest.kind, manifest.capabilities.model);
    let memory = manifest.limits.memory_mib.map(|mib| u64::from(mib) << 20);
    let wanted = [
        ("memory_bytes", memory, standard.memory_bytes),
        ("deadline_ms", manifest.limits.deadline_ms, standard.deadline_ms),
    ];
    let need = |(limit, value, standard)| Some(Need { limit, value: value?, standard });
    wanted.into_iter().filter_map(need).collect()
}

/// Looks into a plugin.
///
/// # Errors
/// Invalid, when the bytes are no component with a manifest; failed, when the machine cannot
/// run components. A plugin that does not load is looked into all the same.
pub async fn inspect(options: &RuntimeOptions, bytes: &[u8]) -> Result<Inspection> {
    let manifest = Plugin::manifest_of(bytes)?;
    let engine = fake::engine(options)?;
    let interface = Plugin::interface_of(&engine, bytes)?;
    let wanted = Wanted::all(&manifest);
    Ok(Inspection {
        bytes: bytes.len(),
        digest: sha256_hex(bytes),
        imports: interface.imports,
        exports: interface.exports,
        wants: wanted.iter().map(|wanted| Want::new(wanted, manifest.kind)).collect(),
        needs: needs(&manifest),
        tools: tools(engine, bytes.to_vec(), &manifest).await,
        manifest,
    })
}

async fn tools(engine: Engine, bytes: Vec<u8>, manifest: &Manifest) -> Result<Vec<ToolSpec>> {
    let (kind, grants) = (manifest.kind, exactly(manifest));
    let plugin = fake::beside(move || Plugin::load(&engine, &bytes, kind, &grants)).await??;
    if kind != Kind::Tool {
        return Ok(Vec::new());
    }
    let limits = Limits { deadline_ms: DEADLINE_MS, ..standard_limits(kind, false) };
    let listed = plugin.list_tools(Call::bare(limits)).await.result;
    listed.map_err(|failure: Failure| failure.about("its tools"))
}
