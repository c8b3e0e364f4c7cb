//! Binding names to things: plugins that are loaded once, tools, agents.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use lucid_core::{Budget, Failure, Limits, Result, ToolOffer, ToolSpec, Via};
use lucid_engine::{Call, Plugin};
use lucid_model::{ModelName, RemoteModel};
use lucid_policy::http::HostRule;
use lucid_policy::manifest::Kind;
use lucid_policy::{Grants, Permissions, Policy, View};

use super::file::{AgentSection, AnsweredBy, ClientToolSection, Name, PluginSection};
use super::files::inside;
use super::limits::{self, LimitChanges};
use super::load::Loading;
use super::models::{self, ModelSections};
use super::narrow::{self, Narrow};
use super::secrets::{self, Secrets};
use super::source::Source;
use super::{budget, permissions, template};
use crate::plugins::read_file;

/// The name of the tool that runs commands, which this version does not have.
const BASH: &str = "bash";

/// A plugin with what this mission gives it.
#[derive(Clone)]
pub struct BoundPlugin {
    /// Its name in the mission.
    pub name: String,
    /// Its name as agents write it where it is their model: `plugin:NAME`.
    pub model_name: String,
    /// The plugin.
    pub plugin: Plugin,
    /// What one call may use.
    pub limits: Limits,
    /// The model it may ask.
    pub model: Option<AgentModel>,
    /// Environment variables; values may have placeholders.
    pub environment: BTreeMap<String, String>,
    /// What the host adds to its requests, and keeps out of all that it gives back.
    pub secrets: Secrets,
    /// Its tools, where it is a tool plugin.
    pub tools: Vec<ToolSpec>,
}

/// Where completions come from, for an agent or for a plugin that asks.
#[derive(Clone)]
pub enum AgentModel {
    /// A plugin of kind `model`.
    Plugin(Arc<BoundPlugin>),
    /// A model behind a network.
    Remote(Arc<RemoteModel>),
}

impl AgentModel {
    /// Its name as the mission has it, such as `plugin:echo` or `claude-sonnet-5`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Plugin(plugin) => &plugin.model_name,
            Self::Remote(model) => model.name(),
        }
    }
}

/// A tool an agent has.
pub struct BoundTool {
    /// The plugin it is in.
    pub plugin: Arc<BoundPlugin>,
    /// What it is.
    pub spec: ToolSpec,
}

/// A tool that somebody outside answers.
#[derive(Debug, Clone)]
pub struct ClientTool {
    /// As the model sees it.
    pub offer: ToolOffer,
    /// Who answers.
    pub via: Via,
    /// Whether a call needs a person before it is handed out.
    pub permission: Policy,
}

/// An agent, ready to work.
pub struct Agent {
    /// Its name.
    pub name: String,
    /// Its system prompt.
    pub system: String,
    /// Its model.
    pub model: AgentModel,
    /// Its tools, by the name the model calls.
    pub tools: BTreeMap<String, BoundTool>,
    /// Its tools that somebody outside answers, by the name the model calls.
    pub client_tools: BTreeMap<String, ClientTool>,
    /// Plugins that it knows as MCP servers, with the server's name.
    pub servers: BTreeMap<String, String>,
    /// Where its calls of a plugin get less than that is granted, by plugin.
    pub(crate) narrow: BTreeMap<String, Narrow>,
    /// The folders it sees.
    pub view: View,
    /// The agents it can delegate to.
    pub roster: Vec<String>,
    /// Which calls of its tools need a person, or are denied.
    pub permissions: Permissions,
    /// What all its threads of one session may use together.
    pub budget: Budget,
}

/// What a plugin's section gives it.
struct Given {
    /// The standard of its kind, then what the mission changes, then its section, then the
    /// command line.
    limits: Limits,
    http: Vec<HostRule>,
    secrets: Secrets,
}

/// Loads plugins by name, each once.
pub(crate) struct Binder<'a> {
    pub(crate) source: &'a Source,
    pub(crate) folder: &'a Path,
    pub(crate) loading: &'a Loading<'a>,
    pub(crate) sections: &'a BTreeMap<String, PluginSection>,
    pub(crate) models: &'a ModelSections,
    /// What the whole mission changes about limits.
    pub(crate) limits: LimitChanges,
    pub(crate) bound: BTreeMap<String, Arc<BoundPlugin>>,
    /// Graders that may ask others.
    pub(crate) panels: BTreeSet<String>,
    /// Models behind a network, by name: all that use one share its connections.
    pub(crate) remote: BTreeMap<String, Arc<RemoteModel>>,
}

impl<'a> Binder<'a> {
    /// Binds what a source's sections name, from its folder; nothing is loaded yet, and the
    /// source changes nothing about limits as a whole.
    pub(crate) fn new(
        source: &'a Source,
        folder: &'a Path,
        loading: &'a Loading<'a>,
        sections: &'a BTreeMap<String, PluginSection>,
        models: &'a ModelSections,
    ) -> Self {
        Self {
            source,
            folder,
            loading,
            sections,
            models,
            limits: LimitChanges::default(),
            bound: BTreeMap::new(),
            panels: BTreeSet::new(),
            remote: BTreeMap::new(),
        }
    }
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
        let given = self.given(name, kind, model.is_some(), section)?;
        let loaded = self.load(name, kind, model, given).await;
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
    async fn asked(&mut self, name: &str, model: &Name, kind: Kind) -> Result<AgentModel> {
        if kind == Kind::Model {
            let failure = Failure::invalid(format!("plugin `{name}` is a model and asks none"))
                .hint("take `model` out of its section");
            return Err(self.source.at(&model.span(), failure));
        }
        Box::pin(self.model(model)).await
    }

    /// The model of a name.
    async fn model(&mut self, written: &Name) -> Result<AgentModel> {
        let place = written.span();
        let name = ModelName::parse(written.get_ref());
        let name = match name.map_err(|failure| self.source.at(&place, failure))? {
            ModelName::Plugin(plugin) => {
                return self.plugin(&plugin, &place, Kind::Model).await.map(AgentModel::Plugin);
            }
            name => name,
        };
        if let Some(model) = self.remote.get(written.get_ref()) {
            return Ok(AgentModel::Remote(model.clone()));
        }
        let Self { source, folder, loading, models, .. } = *self;
        let model = Arc::new(models::load(source, folder, loading, models, name, &place)?);
        self.remote.insert(written.get_ref().clone(), model.clone());
        Ok(AgentModel::Remote(model))
    }

    async fn load(
        &self,
        name: &str,
        kind: Kind,
        model: Option<AgentModel>,
        given: Given,
    ) -> Result<BoundPlugin> {
        let none = PluginSection::default();
        let section = self.sections.get(name).unwrap_or(&none);
        let bytes = self.read(name, section)?;
        let Given { limits, http, secrets } = given;
        let grants = Grants {
            http: http.into_iter().map(String::from).collect(),
            graders: self.panels.contains(name),
            ..grants(kind, section, model.is_some())
        };
        let engine = self.loading.engine.clone();
        let plugin = self.loading.loaded.load(engine, bytes, kind, grants).await?;
        for (variable, value) in &section.environment {
            template::check(value, &format!("environment.{variable} of plugin `{name}`"))?;
        }
        limits::check_needs(plugin.manifest(), &limits)?;
        let tools = match kind {
            Kind::Tool => {
                // Listing is asking what there is; nothing is sent anywhere for that.
                let listing = Limits { http_requests: 0, ..limits };
                plugin.list_tools(Call::bare(listing)).await.result?
            }
            _ => Vec::new(),
        };
        let (name, environment) = (name.to_owned(), section.environment.clone());
        let model_name = ModelName::Plugin(name.clone()).to_string();
        Ok(BoundPlugin { name, model_name, plugin, limits, model, environment, secrets, tools })
    }

    /// The component of a plugin: the mission's own, or a bundled one.
    fn read(&self, name: &str, section: &PluginSection) -> Result<Vec<u8>> {
        let Some(file) = &section.file else { return self.loading.bundled.read(name) };
        let path = inside(self.folder, file.get_ref())?;
        read_file(&path).map_err(|failure| {
            failure.about(format!("plugin `{name}`")).hint(
                "a component has to be built first; `cargo xtask build` builds those of the \
                 repository's missions",
            )
        })
    }

    /// What a plugin's section gives it; mistakes are shown there.
    fn given(
        &self,
        name: &str,
        kind: Kind,
        asks: bool,
        section: Option<&PluginSection>,
    ) -> Result<Given> {
        let of_the_mission = self.limits.over(limits::standard(kind, asks));
        let Some(section) = section else {
            let limits = self.loading.limits.over(of_the_mission);
            return Ok(Given { limits, http: Vec::new(), secrets: Secrets::default() });
        };
        if let (Kind::Grader | Kind::Dream, Some(host)) = (kind, section.http.first()) {
            let failure = Failure::invalid(format!("plugin `{name}` is a {kind} and gets no http"))
                .hint("take `http` out of its section: what it says has to be repeatable");
            return Err(self.source.at(&host.span(), failure));
        }
        let own = limits::read(self.source, &section.limits)?;
        let limits = self.loading.limits.over(own.over(of_the_mission));
        let mut http = Vec::new();
        for host in &section.http {
            let rule = HostRule::parse(host.get_ref());
            http.push(rule.map_err(|failure| self.source.at(&host.span(), failure))?);
        }
        let variables = self.loading.variables;
        let secrets = secrets::read(self.source, self.folder, variables, section, &http)?;
        Ok(Given { limits, http, secrets })
    }

    /// A plugin as one agent has it: what the agent's section says of limits wins over the
    /// plugin's own, and the command line over both.
    fn for_agent(&self, plugin: Arc<BoundPlugin>, changes: &LimitChanges) -> Arc<BoundPlugin> {
        if changes.is_empty() {
            return plugin;
        }
        let limits = self.loading.limits.over(changes.over(plugin.limits));
        Arc::new(BoundPlugin { limits, ..plugin.as_ref().clone() })
    }

    /// An agent with its model, tools, permissions and view.
    pub(crate) async fn agent(&mut self, name: &str, section: &AgentSection) -> Result<Agent> {
        let changes = limits::read(self.source, &section.limits)?;
        let budget = budget::read(self.source, &section.budget)?;
        let model = match self.model(&section.model).await? {
            AgentModel::Plugin(plugin) => AgentModel::Plugin(self.for_agent(plugin, &changes)),
            remote @ AgentModel::Remote(_) => remote,
        };
        let view = section.view.get_ref().clone();
        let view =
            View::new(view).map_err(|failure| self.source.at(&section.view.span(), failure))?;
        let mut tools = BTreeMap::new();
        for wanted in &section.tools {
            self.add_tools(&mut tools, wanted, &changes).await?;
        }
        let named: Vec<_> = tools
            .values()
            .map(|tool| (tool.plugin.name.as_str(), tool.spec.name.as_str()))
            .collect();
        let permissions = permissions::read(self.source, name, section, &named)?;
        let narrow = narrow::read(self.source, section, &named)?;
        let client_tools = client_tools(self.source, section, &tools)?;
        let servers = section.servers.iter();
        let servers = servers.map(|(name, plugin)| (plugin.get_ref(), name.get_ref()));
        let servers = servers.map(|(plugin, name)| (plugin.clone(), name.clone())).collect();
        Ok(Agent {
            name: name.to_owned(),
            system: section.system.clone(),
            model,
            tools,
            client_tools,
            servers,
            narrow,
            view,
            roster: section.roster.iter().map(|name| name.get_ref().clone()).collect(),
            permissions,
            budget,
        })
    }

    /// Adds `plugin` (all its tools) or `plugin.tool` to an agent's tools.
    async fn add_tools(
        &mut self,
        tools: &mut BTreeMap<String, BoundTool>,
        wanted: &Name,
        changes: &LimitChanges,
    ) -> Result<()> {
        let place = wanted.span();
        let (plugin, only) = match wanted.get_ref().split_once('.') {
            Some((plugin, tool)) => (plugin, Some(tool)),
            None => (wanted.get_ref().as_str(), None),
        };
        let own = self.sections.get(plugin).is_some_and(|section| section.file.is_some());
        if plugin == BASH && !own {
            return Err(self.source.at(&place, no_bash()));
        }
        let bound = self.plugin(plugin, &place, Kind::Tool).await?;
        let chosen: Vec<_> =
            bound.tools.iter().filter(|tool| only.is_none_or(|only| only == tool.name)).collect();
        if chosen.is_empty() {
            if only == Some(BASH) {
                return Err(self.source.at(&place, no_bash()));
            }
            let names: Vec<_> = bound.tools.iter().map(|tool| tool.name.as_str()).collect();
            let failure = Failure::invalid(format!("no such tool: `{}`", wanted.get_ref()))
                .hint(format!("plugin `{plugin}` has {}", names.join(", ")));
            return Err(self.source.at(&place, failure));
        }
        let own = self.for_agent(bound.clone(), changes);
        for spec in chosen {
            let tool = BoundTool { plugin: own.clone(), spec: spec.clone() };
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

/// An agent's tools that somebody outside answers.
fn client_tools(
    source: &Source,
    section: &AgentSection,
    tools: &BTreeMap<String, BoundTool>,
) -> Result<BTreeMap<String, ClientTool>> {
    let mut all = BTreeMap::new();
    for written in &section.client_tools {
        let at = |failure| source.at(&written.span(), failure);
        let ClientToolSection { name, description, input_schema, by, permission } =
            written.get_ref().clone();
        let schema = serde_json::from_str::<serde_json::Value>(&input_schema);
        if !schema.is_ok_and(|schema| schema.is_object()) {
            return Err(at(Failure::invalid(format!("the input schema of `{name}` is no object"))
                .hint("write a JSON Schema of type `object`, as text")));
        }
        let via = match by {
            AnsweredBy::Custom => Via::Custom,
            AnsweredBy::Worker => Via::Worker,
        };
        let offer = ToolOffer { name: name.clone(), description, input_schema };
        let tool = ClientTool { offer, via, permission };
        if tools.contains_key(&name) || all.insert(name.clone(), tool).is_some() {
            return Err(at(Failure::invalid(format!("two tools are named `{name}`"))
                .hint("give one of them another name, or name single tools of a plugin")));
        }
    }
    Ok(all)
}

/// Missions from elsewhere name it, and what is missing is not one plugin.
fn no_bash() -> Failure {
    Failure::invalid("there is no tool `bash`: this version runs no commands").hint(
        "`files` reads, writes, edits and searches files; for what else a command would do, \
         `lucid plugin new` begins a tool of your own",
    )
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
