//! `mission.toml` as it is written. Unknown keys are mistakes.

use std::collections::BTreeMap;

use lucid_core::ReviewPolicy;
use lucid_policy::manifest::FileAccess;
use lucid_policy::{Access, Policy};
use serde::{Deserialize, Serialize};
use toml::{Spanned, Value};

/// A name that stands in the file, with its place, for errors.
pub(crate) type Name = Spanned<String>;

/// A table of limits; names and values are checked when it is read.
pub(crate) type LimitsSection = BTreeMap<Name, Spanned<Value>>;

/// The whole file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MissionFile {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    /// The lead agent's name.
    pub(crate) lead: Name,
    /// What the lead is told first; may have `{placeholders}`.
    /// A mission without is for sessions that somebody talks to.
    pub(crate) message: Option<Name>,
    /// Who judges outcomes that people define in a session, written as `grader` of `[outcome]`.
    pub(crate) grader: Option<Spanned<Value>>,
    /// What one call of any plugin may use, where it differs from the standard of its kind.
    #[serde(default)]
    pub(crate) limits: LimitsSection,
    #[serde(default)]
    pub(crate) session: SessionSection,
    /// What one session may use in all.
    #[serde(default)]
    pub(crate) budget: BudgetSection,
    /// Settings of models behind a network, by the name that agents write.
    #[serde(default)]
    pub(crate) models: BTreeMap<Name, ModelSection>,
    /// Files and folders of the mission, by where each session's agents see a copy.
    #[serde(default)]
    pub(crate) files: BTreeMap<Name, Name>,
    #[serde(default)]
    pub(crate) plugins: BTreeMap<String, PluginSection>,
    pub(crate) agents: BTreeMap<String, AgentSection>,
    #[serde(default)]
    pub(crate) memory: BTreeMap<String, MemorySection>,
    pub(crate) outcome: Option<OutcomeSection>,
    pub(crate) dream: Option<DreamSection>,
    pub(crate) study: Option<StudySection>,
}

/// `[session]`: what a whole session may hold. Sizes may have a unit, such as `"1 GiB"`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SessionSection {
    /// Bytes of all files in its folders.
    pub(crate) disk_bytes: Option<Spanned<Value>>,
    /// Files, folders and links in its folders.
    pub(crate) disk_files: Option<Spanned<Value>>,
    /// Threads beside the lead's, at most.
    pub(crate) threads: Option<Spanned<Value>>,
}

/// `[budget]` of a session, `[agents.NAME.budget]` of one agent: what may be used before work
/// stops. Nothing is limited that is not named.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BudgetSection {
    /// Tokens, read and written.
    pub(crate) tokens: Option<Spanned<Value>>,
    /// US dollars, such as `2.5`.
    pub(crate) usd: Option<Spanned<Value>>,
    /// Time since the session began; may have a unit, such as `"2 h"`.
    pub(crate) wall_ms: Option<Spanned<Value>>,
    /// Calls of tools.
    pub(crate) tool_calls: Option<Spanned<Value>>,
}

/// `[models."NAME"]`: how a model behind a network is reached. Times may have a unit.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ModelSection {
    /// The server, such as `http://127.0.0.1:8080/v1`.
    pub(crate) base_url: Option<Name>,
    /// Whether requests may go to another machine without TLS.
    pub(crate) insecure: bool,
    /// Where the key is kept. Not typed here: what serde says of a mistake quotes the value,
    /// and somebody may have written the key there.
    pub(crate) key: Option<Spanned<Value>>,
    /// The proxy that requests go through.
    pub(crate) proxy: Option<Name>,
    /// How long to wait for a connection.
    pub(crate) connect_timeout_ms: Option<Spanned<Value>>,
    /// How long to wait for the next bytes of an answer.
    pub(crate) idle_timeout_ms: Option<Spanned<Value>>,
    /// How long a whole answer may take.
    pub(crate) request_timeout_ms: Option<Spanned<Value>>,
    /// Tokens of one answer.
    pub(crate) max_output_tokens: Option<Spanned<Value>>,
    /// Tokens of one answer that the model may think with.
    pub(crate) thinking_tokens: Option<Spanned<Value>>,
    /// Tokens of the model's window.
    pub(crate) context_tokens: Option<Spanned<Value>>,
}

/// `[plugins.NAME]`: where a plugin is and what it is granted.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PluginSection {
    /// The component, relative to the mission; a bundled plugin has none.
    pub(crate) file: Option<Name>,
    /// Files: the calling agent's view, at most with this access.
    pub(crate) files: Option<FileAccess>,
    /// Environment variables and their values; values may have `{placeholders}`.
    pub(crate) environment: BTreeMap<String, String>,
    /// The model it may ask, such as `plugin:echo` or `claude-sonnet-5`.
    pub(crate) model: Option<Name>,
    /// Hosts it may send requests to, such as `api.example.org` or `127.0.0.1:8080`.
    pub(crate) http: Vec<Name>,
    /// Secrets that the host adds to its requests, by name. Not typed here: what serde says of
    /// a mistake quotes the value, and somebody may have written a secret there.
    pub(crate) secrets: BTreeMap<Name, Value>,
    /// What one call may use, where it differs from what the mission says.
    pub(crate) limits: LimitsSection,
}

/// `[agents.NAME]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgentSection {
    /// Such as `plugin:echo` or `claude-sonnet-5`.
    pub(crate) model: Name,
    /// The system prompt.
    #[serde(default)]
    pub(crate) system: String,
    /// Plugins (`files`: all their tools) and single tools (`files.read`).
    #[serde(default)]
    pub(crate) tools: Vec<Name>,
    /// The folders it sees.
    #[serde(default = "no_view")]
    pub(crate) view: Spanned<BTreeMap<String, Access>>,
    /// Tools that whoever talks to the session answers, or a worker of theirs.
    #[serde(default)]
    pub(crate) client_tools: Vec<Spanned<ClientToolSection>>,
    /// The names by which it knows plugins as MCP servers, each with its plugin.
    #[serde(default)]
    pub(crate) servers: BTreeMap<Name, Name>,
    /// Where its calls of a plugin get less than the plugin is granted, by plugin.
    #[serde(default)]
    pub(crate) narrow: BTreeMap<Name, NarrowSection>,
    /// The agents it can delegate to.
    #[serde(default)]
    pub(crate) roster: Vec<Name>,
    /// Whether its tool calls need a person.
    #[serde(default)]
    pub(crate) permission: Policy,
    /// The same for some of its tools: by `plugin.tool`, by tool, or by plugin.
    #[serde(default)]
    pub(crate) permissions: BTreeMap<Name, Policy>,
    /// What all its threads of one session may use together.
    #[serde(default)]
    pub(crate) budget: BudgetSection,
    /// What one call for it may use, its model's and its tools', where it differs from what
    /// the plugin has.
    #[serde(default)]
    pub(crate) limits: LimitsSection,
}

/// `[agents.NAME.narrow.PLUGIN]`: what an agent's calls of a plugin get less.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NarrowSection {
    /// Lists of domains; a request has to satisfy each.
    pub(crate) domains: Vec<Spanned<DomainsSection>>,
    /// Bytes of text of one result.
    pub(crate) result_bytes: Option<Spanned<Value>>,
}

/// One of `domains`: each name stands for those below it, too.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DomainsSection {
    /// The only ones there are.
    pub(crate) allowed: Option<Vec<String>>,
    /// Those there are not.
    pub(crate) blocked: Vec<String>,
}

/// One of `client_tools` of an agent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientToolSection {
    /// As the model calls it.
    pub(crate) name: String,
    /// What it is for.
    #[serde(default)]
    pub(crate) description: String,
    /// The JSON Schema of its input, as text.
    pub(crate) input_schema: String,
    /// Who answers.
    #[serde(default)]
    pub(crate) by: AnsweredBy,
    /// Whether a call needs a person before it is handed out.
    #[serde(default)]
    pub(crate) permission: Policy,
}

/// Who answers a call of a client's tool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AnsweredBy {
    /// Whoever talks to the session.
    #[default]
    Custom,
    /// A worker of the session's environment.
    Worker,
}

/// `[memory.NAME]`: a memory store, filled from a folder of the mission.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemorySection {
    /// The folder of Markdown files, relative to the mission.
    pub(crate) folder: Name,
    #[serde(default)]
    pub(crate) description: String,
}

/// `[outcome]`: what done looks like and who says so.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutcomeSection {
    /// What the outcome is about; may have `{placeholders}`.
    pub(crate) description: Name,
    /// The rubric, a Markdown file relative to the mission.
    pub(crate) rubric: Name,
    /// The grader plugin, `"NAME"`; or one that asks others, with who they are:
    /// `{ name = "NAME", rule = "majority", members = ["NAME", { name = "NAME", weight = 2 }] }`.
    pub(crate) grader: Spanned<Value>,
    /// How often the result is evaluated at most: 1 to 20.
    #[serde(default = "three")]
    pub(crate) max_iterations: Spanned<u32>,
    /// How it is found out what the revisions are worth.
    pub(crate) study: Option<Spanned<OutcomeStudySection>>,
}

/// `[outcome.study]`: numbered tasks, each done with one evaluation and with all of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeStudySection {
    /// The seed that makes the tasks, unless the command line gives another.
    pub seed: u64,
    /// How many tasks there are.
    pub tasks: u32,
}

/// Graders without a mission: the part of one that says who judges.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GradersFile {
    /// As `grader` of a mission's outcome.
    pub(crate) grader: Spanned<Value>,
    #[serde(default)]
    pub(crate) plugins: BTreeMap<String, PluginSection>,
    #[serde(default)]
    pub(crate) models: BTreeMap<Name, ModelSection>,
}

fn no_view() -> Spanned<BTreeMap<String, Access>> {
    Spanned::new(0..0, BTreeMap::new())
}

fn three() -> Spanned<u32> {
    Spanned::new(0..0, 3)
}

/// `[dream]`: which strategy reads which memory, and what becomes of what it proposes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DreamSection {
    /// The strategy plugin.
    pub(crate) strategy: Name,
    /// The memory it reads.
    pub(crate) memory: Name,
    /// What people want of it.
    #[serde(default = "nothing")]
    pub(crate) instructions: Name,
    /// Who decides about its operations.
    pub(crate) policy: Option<ReviewPolicy>,
    /// Held-out tasks that a proof needs before anything mined is accepted.
    pub(crate) proof: Option<Spanned<u32>>,
    /// What the lower bound of the proof has to be above.
    pub(crate) margin: Option<Spanned<f64>>,
    /// When it is dreamt: five cron fields or `@nightly` and the like.
    pub(crate) schedule: Option<Name>,
    /// By the wall clock of which place.
    pub(crate) time_zone: Option<String>,
    /// How many new sessions there have to be.
    pub(crate) min_new: Option<u32>,
}

/// A strategy without a mission: the part of one that says how it dreams.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StrategyFile {
    /// As `strategy` of a mission's dream.
    pub(crate) strategy: Name,
    #[serde(default)]
    pub(crate) plugins: BTreeMap<String, PluginSection>,
    #[serde(default)]
    pub(crate) models: BTreeMap<Name, ModelSection>,
}

fn nothing() -> Name {
    Spanned::new(0..0, String::new())
}

/// `[study]`: how the mission is tried out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StudySection {
    /// The seed that makes the tasks, unless the command line gives another.
    pub seed: u64,
    /// How many different tasks are trained on.
    pub training_tasks: u32,
    /// How many sessions train; the tasks take turns.
    pub training_sessions: u32,
    /// How many tasks are shown, before and after.
    pub shown_tasks: u32,
    /// How many tasks are held out for the proof.
    pub held_out_tasks: u32,
    /// Where a task's result is.
    pub result: ResultSection,
    /// What to plot of the shown tasks.
    #[serde(default, rename = "plot")]
    pub plots: Vec<PlotSection>,
}

/// `[study.result]`: where in the outputs a task's result and measures are.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResultSection {
    /// A JSON file in the outputs.
    pub file: String,
    /// A JSON pointer to the task's record in it.
    #[serde(default)]
    pub record: String,
    /// The field that names the result.
    pub result: String,
    /// The fields that measure it.
    pub measures: Vec<String>,
}

/// `[[study.plot]]`: one curve per shown task.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlotSection {
    /// What is shown.
    pub title: String,
    /// A CSV file in the outputs.
    pub file: String,
    /// The column across.
    pub x: String,
    /// The column up.
    pub y: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const MISSION: &str = r#"
name = "small"
lead = "a"
message = "m"

[limits]
files = 1

[session]
disk_bytes = "1 GiB"

[plugins.x]
http = ["api.example.org"]
limits.handles = 2

[plugins.x.secrets.key]
origin = "https://api.example.org"

[plugins.y.limits]
fuel = 3

[agents.a]
model = "plugin:x"
limits = { deadline_ms = "4 s" }
"#;

    #[test]
    fn every_setting_knows_its_place_however_its_table_is_written() {
        let mission: MissionFile = toml::from_str(MISSION).unwrap();
        let line = |text: &str| {
            let places: Vec<_> = MISSION.match_indices(text).map(|(at, _)| at).collect();
            assert_eq!(places.len(), 1, "{text}");
            places[0]
        };
        let (x, y) = (&mission.plugins["x"], &mission.plugins["y"]);
        let agent = &mission.agents["a"];
        for (section, name, value) in [
            (&mission.limits, "files", "1\n"),
            (&x.limits, "handles", "2"),
            (&y.limits, "fuel", "3"),
            (&agent.limits, "deadline_ms", "\"4 s\""),
        ] {
            let (key, set) = section.first_key_value().unwrap();
            assert_eq!((key.get_ref().as_str(), key.span().start), (name, line(name)));
            assert_eq!(set.span().start, line(name) + name.len() + 3, "{value}");
        }
        let disk = mission.session.disk_bytes.unwrap();
        assert_eq!(disk.span().start, line("\"1 GiB\""));
        assert_eq!(x.http[0].span().start, line("\"api.example.org\""));
        let (key, secret) = x.secrets.first_key_value().unwrap();
        assert_eq!((key.get_ref().as_str(), key.span().start), ("key", line("key]")));
        assert!(secret.as_table().is_some());
    }
}
