//! Loading a mission: everything is checked before anything runs or is written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::future::BoxFuture;
use lucid_core::{Budget, Failure, Result, sha256_hex};
use lucid_engine::Engine;
use lucid_model::Prices;
use lucid_policy::Access;
use lucid_policy::manifest::FileAccess;

use super::bind::{Agent, AgentModel, Binder, BoundPlugin};
use super::dream::{self, DreamPlan};
use super::file::{GradersFile, MissionFile, OutcomeStudySection, StudySection};
use super::inputs::{self, InputFile};
use super::limits::{self, DiskQuota, LimitChanges};
use super::models::{self, TransportFactory};
use super::secrets::VariableSource;
use super::source::Source;
use super::{budget, files, panel, template};
use crate::grading::Graders;
use crate::plugins::{Bundled, Loaded};

/// A memory store of a mission, as its files have it.
#[derive(Debug, Clone)]
pub struct MemorySource {
    /// What it is for.
    pub description: String,
    /// Texts by path, such as `/notes.md`.
    pub memories: BTreeMap<String, String>,
}

/// What done looks like and who says so.
pub struct OutcomePlan {
    /// What the outcome is about; may have placeholders.
    pub description: String,
    /// The rubric's text.
    pub rubric: String,
    /// How often the result is evaluated at most.
    pub max_iterations: u32,
    /// Who judges.
    pub graders: Graders,
    /// How it is found out what the revisions are worth.
    pub study: Option<OutcomeStudySection>,
}

/// A mission, ready to run.
pub struct Mission {
    /// Its folder.
    pub folder: PathBuf,
    /// Its name.
    pub name: String,
    /// What it is, for people.
    pub description: String,
    /// The lead agent.
    pub lead: String,
    /// What the lead is told first; may have placeholders. None where somebody talks to the
    /// session instead.
    pub message: Option<String>,
    /// All agents, by name.
    pub agents: BTreeMap<String, Arc<Agent>>,
    /// What lies in each session's folders before anybody works.
    pub files: Vec<InputFile>,
    /// Its memory stores, by name.
    pub memory: BTreeMap<String, MemorySource>,
    /// What done looks like.
    pub outcome: Option<OutcomePlan>,
    /// Who judges outcomes that people define in a session of it.
    pub grader: Option<Graders>,
    /// How it dreams.
    pub dream: Option<DreamPlan>,
    /// How it is tried out.
    pub study: Option<StudySection>,
    /// What the filesystem of one of its sessions may hold.
    pub disk: DiskQuota,
    /// What one of its sessions may use in all.
    pub budget: Budget,
    /// Threads beside the lead's that one of its sessions has at most: 1 to 1,000, and 25
    /// unless the mission says otherwise.
    pub threads: usize,
    /// A hash over what it is made of: file, rubric, memory, files and plugins.
    pub digest: String,
}

impl Mission {
    /// Who judges the work of its sessions.
    #[must_use]
    pub fn judges(&self) -> Option<&Graders> {
        self.outcome.as_ref().map(|outcome| &outcome.graders).or(self.grader.as_ref())
    }
}

/// What a mission is loaded with, beside its own files.
pub(crate) struct Loading<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) bundled: &'a Bundled,
    /// Plugins that were loaded before.
    pub(crate) loaded: &'a Loaded,
    /// Where secrets that come from the environment are looked up.
    pub(crate) variables: &'a VariableSource,
    /// What the command line changes about limits; it wins over what the mission says.
    pub(crate) limits: &'a LimitChanges,
    /// What carries the requests of models behind a network.
    pub(crate) transports: &'a TransportFactory,
    /// Whether no request leaves this machine, because a recording answers: then no key is
    /// looked up.
    pub(crate) offline: bool,
    /// What models cost, for budgets in money.
    pub(crate) prices: &'a Prices,
}

/// Loads graders without a mission, from the lines that a mission would have for them. Files
/// of plugins are found from the folder.
///
/// # Errors
/// Invalid or denied, saying what is wrong and what to do.
pub(crate) fn load_graders<'a>(
    text: String,
    folder: &'a Path,
    loading: &'a Loading<'a>,
) -> BoxFuture<'a, Result<Graders>> {
    Box::pin(read_graders(text, folder, loading))
}

async fn read_graders(text: String, folder: &Path, loading: &Loading<'_>) -> Result<Graders> {
    let source = Source::given(text);
    let file: GradersFile = toml::from_str(source.text()).map_err(|error| source.syntax(&error))?;
    let mut binder = Binder::new(&source, folder, loading, &file.plugins, &file.models);
    panel::load(&mut binder, &file.grader).await
}

/// Agents of a roster at most, as the API has it.
const ROSTER_MAX: usize = 20;

/// Loads a mission from its folder (or its `mission.toml`).
///
/// # Errors
/// Invalid or denied, saying what, in which file and line, and what to do.
// Boxed: an `async fn` is compiled anew in each crate that waits for it, with all that it waits
// for itself, and that is most of the runtime.
pub(crate) fn load<'a>(path: &'a Path, loading: &'a Loading<'a>) -> BoxFuture<'a, Result<Mission>> {
    Box::pin(read(path, loading))
}

async fn read(path: &Path, loading: &Loading<'_>) -> Result<Mission> {
    let (folder, file) = if path.file_name().is_some_and(|name| name == "mission.toml") {
        (path.parent().unwrap_or(Path::new(".")).to_owned(), path.to_owned())
    } else {
        (path.to_owned(), path.join("mission.toml"))
    };
    let source = Source::read(&file)?;
    let text = source.text();
    let mission: MissionFile = toml::from_str(text).map_err(|error| source.syntax(&error))?;
    check_texts(&source, &mission)?;
    let disk = DiskQuota::read(&source, &mission.session)?;
    let threads = budget::threads(&source, &mission.session)?;
    let budget = budget::read(&source, &mission.budget)?;
    models::check(&source, &mission)?;
    // Also of plugins that nobody uses: a limit that was misspelt must not pass for one.
    for section in mission.plugins.values() {
        limits::read(&source, &section.limits)?;
    }
    let mut binder = Binder::new(&source, &folder, loading, &mission.plugins, &mission.models);
    binder.limits = limits::read(&source, &mission.limits)?;
    let mut agents = BTreeMap::new();
    for (name, section) in &mission.agents {
        agents.insert(name.clone(), Arc::new(binder.agent(name, section).await?));
    }
    check_team(&source, &mission)?;
    check_views(&source, &mission, &agents)?;
    let outcome = load_outcome(&mut binder, &mission).await?;
    let grader = load_grader(&mut binder, &mission).await?;
    let graders = outcome.as_ref().map(|outcome| &outcome.graders).or(grader.as_ref());
    check_money(&source, &mission, &agents, graders, loading.prices)?;
    let dream = dream::load(&mut binder, &mission).await?;
    let mut memory = BTreeMap::new();
    for (name, section) in &mission.memory {
        let memories = files::read_memories(&folder, section.folder.get_ref())
            .map_err(|failure| source.at(&section.folder.span(), failure))?;
        let description = section.description.clone();
        memory.insert(name.clone(), MemorySource { description, memories });
    }
    let files = inputs::read(&source, &folder, &mission.files, disk)?;
    let digest = digest(text, outcome.as_ref(), &memory, &files, &binder);
    Ok(Mission {
        folder,
        name: mission.name,
        description: mission.description,
        lead: mission.lead.into_inner(),
        message: mission.message.map(toml::Spanned::into_inner),
        agents,
        files,
        memory,
        outcome,
        grader,
        dream,
        study: mission.study,
        disk,
        budget,
        threads,
        digest,
    })
}

fn digest(
    text: &str,
    outcome: Option<&OutcomePlan>,
    memory: &BTreeMap<String, MemorySource>,
    files: &[InputFile],
    binder: &Binder<'_>,
) -> String {
    let mut parts = vec![sha256_hex(without_budgets(text).as_bytes())];
    parts.extend(outcome.map(|outcome| sha256_hex(outcome.rubric.as_bytes())));
    for source in memory.values() {
        parts.extend(source.memories.values().map(|text| sha256_hex(text.as_bytes())));
    }
    parts.extend(files.iter().map(|file| file.digest.clone()));
    parts.extend(binder.bound.values().map(|bound| bound.plugin.digest().to_owned()));
    sha256_hex(parts.concat().as_bytes())
}

/// A mission's text without what people change so that a session goes on.
fn without_budgets(text: &str) -> String {
    let Ok(mut mission) = text.parse::<toml::Table>() else { return text.to_owned() };
    mission.remove("budget");
    if let Some(toml::Value::Table(agents)) = mission.get_mut("agents") {
        for (_, agent) in agents.iter_mut() {
            if let toml::Value::Table(agent) = agent {
                agent.remove("budget");
            }
        }
    }
    mission.to_string()
}

fn check_texts(source: &Source, mission: &MissionFile) -> Result<()> {
    if let Some(message) = &mission.message {
        template::check(message.get_ref(), "`message`")
            .map_err(|failure| source.at(&message.span(), failure))?;
    }
    if let Some(outcome) = &mission.outcome {
        let description = &outcome.description;
        template::check(description.get_ref(), "`outcome.description`")
            .map_err(|failure| source.at(&description.span(), failure))?;
    }
    Ok(())
}

fn check_team(source: &Source, mission: &MissionFile) -> Result<()> {
    let names = || mission.agents.keys().cloned().collect::<Vec<_>>().join(", ");
    let unknown = |name: &str| {
        Failure::invalid(format!("no such agent: `{name}`"))
            .hint(format!("this mission has {}", names()))
    };
    if !mission.agents.contains_key(mission.lead.get_ref()) {
        return Err(source.at(&mission.lead.span(), unknown(mission.lead.get_ref())));
    }
    for section in mission.agents.values() {
        if section.roster.len() > ROSTER_MAX {
            let failure = Failure::invalid(format!("a roster of more than {ROSTER_MAX} agents"));
            return Err(source.at(&section.roster[ROSTER_MAX].span(), failure));
        }
        for member in &section.roster {
            let Some(other) = mission.agents.get(member.get_ref()) else {
                return Err(source.at(&member.span(), unknown(member.get_ref())));
            };
            if !other.roster.is_empty() {
                let failure =
                    Failure::invalid(format!("agent `{}` has a roster itself", member.get_ref()))
                        .hint("delegation is one level deep");
                return Err(source.at(&member.span(), failure));
            }
        }
    }
    Ok(())
}

/// A folder of one view must not lie inside a folder that another view may write: whoever
/// may write there could put a link in its place.
fn check_views(
    source: &Source,
    mission: &MissionFile,
    agents: &BTreeMap<String, Arc<Agent>>,
) -> Result<()> {
    let folders = |agent: &Agent| -> Vec<(String, Access)> {
        let all = agent.view.folders(FileAccess::ReadWrite);
        all.map(|(folder, access)| (folder.to_owned(), access)).collect()
    };
    for (name, agent) in agents {
        for (inner, _) in folders(agent) {
            for (other, writer) in agents {
                let outer = folders(writer).into_iter().find(|(outer, access)| {
                    *access == Access::ReadWrite && inner.starts_with(&format!("{outer}/"))
                });
                let Some((outer, _)) = outer else { continue };
                let failure = Failure::invalid(format!(
                    "agent `{name}` sees `{inner}`, inside `{outer}`, which agent `{other}` may \
                     write"
                ))
                .hint("give both the same folder, or folders beside each other");
                let place = mission.agents.get(name).map_or(0..0, |agent| agent.view.span());
                return Err(source.at(&place, failure));
            }
        }
    }
    Ok(())
}

/// Budgets in money need to know what everything costs that works in a session: agents, what
/// their tools ask, and what graders ask.
fn check_money(
    source: &Source,
    mission: &MissionFile,
    agents: &BTreeMap<String, Arc<Agent>>,
    graders: Option<&Graders>,
    prices: &Prices,
) -> Result<()> {
    fn asks(plugin: &BoundPlugin) -> Option<(&str, &str)> {
        plugin.model.as_ref().map(|model| (plugin.name.as_str(), model.name()))
    }
    // What graders ask is counted by model, as what agents ask is.
    let graders = graders.into_iter().flat_map(Graders::all);
    let graders = graders.filter_map(|grader| grader.model.as_ref());
    let mut models: Vec<&str> = graders.map(AgentModel::name).collect();
    let mut asked = Vec::new();
    for (name, agent) in agents {
        let own: Vec<_> = agent.tools.values().filter_map(|tool| asks(&tool.plugin)).collect();
        if let Some(section) = mission.agents.get(name) {
            budget::check_money(source, &section.budget, &[agent.model.name()], &own, prices)?;
        }
        models.push(agent.model.name());
        asked.extend(own);
    }
    budget::check_money(source, &mission.budget, &models, &asked, prices)
}

/// Tasks of an outcome's study at most.
const STUDY_TASKS_MAX: u32 = 100_000;

/// Loads who judges outcomes that people define.
async fn load_grader(binder: &mut Binder<'_>, mission: &MissionFile) -> Result<Option<Graders>> {
    let Some(grader) = &mission.grader else { return Ok(None) };
    if mission.outcome.is_some() {
        let failure = Failure::invalid("a mission has one grader, and this is the second")
            .hint("take out `grader`: that of [outcome] judges every outcome");
        return Err(binder.source.at(&grader.span(), failure));
    }
    panel::load(binder, grader).await.map(Some)
}

async fn load_outcome(
    binder: &mut Binder<'_>,
    mission: &MissionFile,
) -> Result<Option<OutcomePlan>> {
    let Some(section) = &mission.outcome else { return Ok(None) };
    let iterations = section.max_iterations.get_ref();
    if !(1..=20).contains(iterations) {
        let failure =
            Failure::invalid(format!("max_iterations is {iterations}")).hint("write 1 to 20");
        return Err(binder.source.at(&section.max_iterations.span(), failure));
    }
    if let Some(study) = section.study.as_ref().filter(|_| mission.study.is_some()) {
        let failure = Failure::invalid("a mission has one study, and this is the second")
            .hint("take out [study] or [outcome.study]");
        return Err(binder.source.at(&study.span(), failure));
    }
    if let Some(study) = &section.study
        && !(1..=STUDY_TASKS_MAX).contains(&study.get_ref().tasks)
    {
        let failure = Failure::invalid(format!("`tasks` is {}", study.get_ref().tasks))
            .hint(format!("write 1 to {STUDY_TASKS_MAX}"));
        return Err(binder.source.at(&study.span(), failure));
    }
    let path = section.rubric.get_ref();
    let rubric = files::read_text(binder.folder, path)
        .map_err(|failure| binder.source.at(&section.rubric.span(), failure))?;
    let graders = panel::load(binder, &section.grader).await?;
    graders.check_rubric(&rubric).await.map_err(|failure| {
        let file = binder.folder.join(path);
        failure.about(format!("rubric {}", file.display()))
    })?;
    Ok(Some(OutcomePlan {
        description: section.description.get_ref().clone(),
        rubric,
        max_iterations: *iterations,
        graders,
        study: section.study.as_ref().map(|study| study.get_ref().clone()),
    }))
}
