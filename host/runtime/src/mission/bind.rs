//! Binding names to things: plugins that are loaded once, tools, agents.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use lucid_core::{Failure, Limits, Result, ToolSpec};
use lucid_engine::{Call, Engine, Plugin};
use lucid_model::ModelName;
use lucid_policy::manifest::{Kind, Manifest};
use lucid_policy::{Grants, Policy, View};
use toml::Spanned;

use super::file::{AgentSection, Name, PluginSection};
use super::files::inside;
use super::source::Source;
use super::template;
use crate::plugins::{Bundled, read_file};

/// A plugin with what this mission gives it.
pub struct BoundPlugin {
    /// Its name in the mission.
    pub name: String,
    /// The plugin.
    pub plugin: Plugin,
    /// What one call may use.
    pub limits: Limits,
    /// The model it may ask.
    pub model: Option<Arc<BoundPlugin>>,
    /// Environment variables; values may have placeholders.
    pub environment: BTreeMap<String, String>,
    /// Its tools, where it is a tool plugin.
    pub tools: Vec<ToolSpec>,
}

/// A tool an agent has.
pub struct BoundTool {
    /// The plugin it is in.
    pub plugin: Arc<BoundPlugin>,
    /// What it is.
    pub spec: ToolSpec,
}

/// An agent, ready to work.
pub struct Agent {
    /// Its name.
    pub name: String,
    /// Its system prompt.
    pub system: String,
    /// Its model.
    pub model: Arc<BoundPlugin>,
    /// Its tools, by the name the model calls.
    pub tools: BTreeMap<String, BoundTool>,
    /// The folders it sees.
    pub view: View,
    /// The agents it can delegate to.
    pub roster: Vec<String>,
    /// Whether its tool calls need a person.
    pub permission: Policy,
}

/// Loads plugins by name, each once.
pub(crate) struct Binder<'a> {
    pub(crate) source: &'a Source,
    pub(crate) folder: &'a Path,
    pub(crate) engine: &'a Engine,
    pub(crate) bundled: &'a Bundled,
    pub(crate) sections: &'a BTreeMap<String, PluginSection>,
    pub(crate) bound: BTreeMap<String, Arc<BoundPlugin>>,
}

impl Binder<'_> {
    /// The plugin of a name, which has to be of a kind.
    pub(crate) async fn plugin(
        &mut self,
        name: &str,
        place: &std::ops::Range<usize>,
        kind: Kind,
    ) -> Result<Arc<BoundPlugin>> {
        if let Some(bound) = self.bound.get(name) {
            let has = bound.plugin.manifest().kind;
            if has == kind {
                return Ok(bound.clone());
            }
            let failure = Failure::invalid(format!("plugin `{name}` is a {has}, not a {kind}"))
                .hint(format!("name a plugin of kind {kind} here"));
            return Err(self.source.at(place, failure));
        }
        let section = self.sections.get(name);
        // A mistake in a plugin's own section is shown there, any other where it is used.
        let file = section.and_then(|section| section.file.as_ref());
        let model = match section.and_then(|section| section.model.as_ref()) {
            Some(model) => Some(self.asked(name, model, kind).await?),
            None => None,
        };
        let loaded = self.load(name, kind, model).await;
        let bound = loaded.map_err(|failure| match file {
            Some(file) if failure.message.contains(file.get_ref().as_str()) => {
                self.source.at(&file.span(), failure)
            }
            _ => self.source.at(place, failure),
        })?;
        let bound = Arc::new(bound);
        self.bound.insert(name.to_owned(), bound.clone());
        Ok(bound)
    }

    /// The model that a plugin may ask.
    async fn asked(&mut self, name: &str, model: &Name, kind: Kind) -> Result<Arc<BoundPlugin>> {
        let place = model.span();
        if kind == Kind::Model {
            let failure = Failure::invalid(format!("plugin `{name}` is a model and asks none"))
                .hint("take `model` out of its section");
            return Err(self.source.at(&place, failure));
        }
        let asked = ModelName::parse(model.get_ref());
        let ModelName::Plugin(asked) = asked.map_err(|failure| self.source.at(&place, failure))?;
        Box::pin(self.plugin(&asked, &place, Kind::Model)).await
    }

    async fn load(
        &self,
        name: &str,
        kind: Kind,
        model: Option<Arc<BoundPlugin>>,
    ) -> Result<BoundPlugin> {
        let none = PluginSection::default();
        let section = self.sections.get(name).unwrap_or(&none);
        let bytes = match &section.file {
            Some(file) => {
                let path = inside(self.folder, file.get_ref())?;
                read_file(&path).map_err(|failure| {
                    failure.about(format!("plugin `{name}`")).hint(
                        "a component has to be built first; `cargo xtask build` builds those of \
                         the repository's missions",
                    )
                })?
            }
            None => self.bundled.read(name)?,
        };
        let grants = grants(kind, section, model.is_some());
        let plugin = Plugin::load(self.engine, &bytes, kind, &grants)?;
        for (variable, value) in &section.environment {
            template::check(value, &format!("environment.{variable} of plugin `{name}`"))?;
        }
        let standard = match kind {
            Kind::Tool | Kind::Model => Limits::STANDARD,
            Kind::Grader => Limits::GRADER,
            Kind::Dream => Limits::DREAM,
        };
        let limits = limits(standard, section.limits.as_ref().map(Spanned::get_ref))?;
        check_needs(plugin.manifest(), &limits)?;
        let tools = match kind {
            Kind::Tool => plugin.list_tools(Call::bare(limits)).await.result?,
            _ => Vec::new(),
        };
        let environment = section.environment.clone();
        Ok(BoundPlugin { name: name.to_owned(), plugin, limits, model, environment, tools })
    }

    /// An agent with its model, tools and view.
    pub(crate) async fn agent(&mut self, name: &str, section: &AgentSection) -> Result<Agent> {
        let place = section.model.span();
        let model = ModelName::parse(section.model.get_ref());
        let ModelName::Plugin(model) = model.map_err(|failure| self.source.at(&place, failure))?;
        let model = self.plugin(&model, &place, Kind::Model).await?;
        let view = section.view.get_ref().clone();
        let view =
            View::new(view).map_err(|failure| self.source.at(&section.view.span(), failure))?;
        let mut tools = BTreeMap::new();
        for wanted in &section.tools {
            self.add_tools(&mut tools, wanted).await?;
        }
        Ok(Agent {
            name: name.to_owned(),
            system: section.system.clone(),
            model,
            tools,
            view,
            roster: section.roster.iter().map(|name| name.get_ref().clone()).collect(),
            permission: section.permission,
        })
    }

    /// Adds `plugin` (all its tools) or `plugin.tool` to an agent's tools.
    async fn add_tools(
        &mut self,
        tools: &mut BTreeMap<String, BoundTool>,
        wanted: &Name,
    ) -> Result<()> {
        let place = wanted.span();
        let (plugin, only) = match wanted.get_ref().split_once('.') {
            Some((plugin, tool)) => (plugin, Some(tool)),
            None => (wanted.get_ref().as_str(), None),
        };
        let bound = self.plugin(plugin, &place, Kind::Tool).await?;
        let chosen: Vec<_> =
            bound.tools.iter().filter(|tool| only.is_none_or(|only| only == tool.name)).collect();
        if chosen.is_empty() {
            let names: Vec<_> = bound.tools.iter().map(|tool| tool.name.as_str()).collect();
            let failure = Failure::invalid(format!("no such tool: `{}`", wanted.get_ref()))
                .hint(format!("plugin `{plugin}` has {}", names.join(", ")));
            return Err(self.source.at(&place, failure));
        }
        for spec in chosen {
            let tool = BoundTool { plugin: bound.clone(), spec: spec.clone() };
            if let Some(other) = tools.insert(spec.name.clone(), tool)
                && other.plugin.name != bound.name
            {
                let failure = Failure::invalid(format!(
                    "two tools are named `{}`: of plugin `{}` and of plugin `{plugin}`",
                    spec.name, other.plugin.name
                ))
                .hint("name single tools, as `plugin.tool`");
                return Err(self.source.at(&place, failure));
            }
        }
        Ok(())
    }
}

/// What a plugin is granted: what its kind has by itself, and what the mission says.
fn grants(kind: Kind, section: &PluginSection, model: bool) -> Grants {
    let standard = match kind {
        Kind::Tool | Kind::Model => Grants::default(),
        Kind::Grader => Grants::grader(),
        Kind::Dream => Grants::dream(),
    };
    // A grader reads outputs and a dream proposes; no grant makes them write.
    let files = match kind {
        Kind::Tool | Kind::Model => section.files,
        Kind::Grader | Kind::Dream => standard.files,
    };
    let environment: BTreeSet<String> = section.environment.keys().cloned().collect();
    Grants { files, environment, model, ..standard }
}

/// The limits of a plugin: the standard of its kind, with what its section changes.
fn limits(standard: Limits, changes: Option<&toml::Table>) -> Result<Limits> {
    let Some(changes) = changes else { return Ok(standard) };
    let mut whole = toml::Table::try_from(standard)
        .map_err(|error| Failure::bug(format!("limits that are no table: {error}")))?;
    whole.extend(changes.clone());
    let limits: Limits = whole.try_into().map_err(|error: toml::de::Error| {
        Failure::invalid(format!("limits: {}", error.message()))
            .hint("limits are whole numbers, such as `deadline_ms = 60000`")
    })?;
    if limits.memory_bytes > lucid_engine::MEMORY_BYTES_MAX {
        return Err(Failure::invalid(format!(
            "limits.memory_bytes is {}, and {} is the most",
            limits.memory_bytes,
            lucid_engine::MEMORY_BYTES_MAX
        ))
        .hint("give it less"));
    }
    Ok(limits)
}

/// A plugin says what it needs beyond the standard; a mission has to allow it.
fn check_needs(manifest: &Manifest, limits: &Limits) -> Result<()> {
    let memory = manifest.limits.memory_mib.map(|mib| u64::from(mib) << 20);
    let deadline = manifest.limits.deadline_ms;
    let needs = [
        ("memory_bytes", memory, limits.memory_bytes),
        ("deadline_ms", deadline, limits.deadline_ms),
    ];
    for (setting, needed, given) in needs {
        if let Some(needed) = needed.filter(|needed| *needed > given) {
            let name = &manifest.name;
            return Err(Failure::denied(format!(
                "plugin `{name}` needs {needed} as its limit of {setting}, and has {given}"
            ))
            .hint(format!("grant it with `limits.{setting} = {needed}`")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changing_one_limit_leaves_the_others_as_their_kind_has_them() {
        let changes = "deadline_ms = 5".parse::<toml::Table>().unwrap();
        let changed = limits(Limits::DREAM, Some(&changes)).unwrap();
        assert_eq!(changed, Limits { deadline_ms: 5, ..Limits::DREAM });
        assert_eq!(limits(Limits::GRADER, None), Ok(Limits::GRADER));
    }

    #[test]
    fn limits_that_make_no_sense_are_refused() {
        for wrong in ["deadline = 5", "deadline_ms = -1", "memory_bytes = 9_000_000_000"] {
            let changes = wrong.parse::<toml::Table>().unwrap();
            let refused = limits(Limits::STANDARD, Some(&changes)).unwrap_err();
            assert!(!refused.message.contains('\n'), "{refused}");
        }
    }

    #[test]
    fn a_plugin_that_needs_more_than_it_has_does_not_load() {
        let text = "name = \"x\"\nversion = \"0.1.0\"\nkind = \"tool\"\ndescription = \"d\"\n\
                    [limits]\nmemory_mib = 128\n";
        let manifest = Manifest::parse(text).unwrap();
        let denied = check_needs(&manifest, &Limits::STANDARD).unwrap_err();
        assert!(denied.hint.unwrap().contains("limits.memory_bytes = 134217728"));
        let granted = Limits { memory_bytes: 128 << 20, ..Limits::STANDARD };
        assert_eq!(check_needs(&manifest, &granted), Ok(()));
    }
}
