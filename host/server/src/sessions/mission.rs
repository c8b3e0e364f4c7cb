//! The mission of a session that somebody made over the API: its agent as a mission file says
//! it. Tables are built and never text, so that no name and no prompt can say more than it is.

use std::collections::BTreeSet;

use lucid_api::ApiError;
use lucid_api::agent::{
    AgentToolset, BuiltinTool, McpServer, McpToolset, PermissionPolicy, Tool, ToolDefaults,
};
use lucid_api::session::{Member, Resource, SessionRecord, team};
use serde_json::{Value as Json, json};
use toml::{Table, Value};

use super::web;
use crate::config::fill;

/// The plugin with the tools of files.
const FILES: &str = "files";
/// The plugin that fetches pages, and its tool.
const WEB: &str = "web-fetch";
const WEB_TOOL: &str = "web-fetch.web_fetch";
/// How models that are plugins are named.
const PLUGIN: &str = "plugin:";
/// Who judges by the rubric's own checks.
const CHECKS: &str = "checks";
/// Who judges by asking a model.
const JUDGE: &str = "judge";

/// The tools that work on files, wherever they run.
const SANDBOX: [BuiltinTool; 6] = [
    BuiltinTool::Bash,
    BuiltinTool::Read,
    BuiltinTool::Write,
    BuiltinTool::Edit,
    BuiltinTool::Glob,
    BuiltinTool::Grep,
];

/// What the server has for sessions.
pub(super) struct Ground<'a> {
    /// What it grants: `plugins` and `models`, as in a mission.
    pub(super) sections: &'a Table,
    /// The version of a plugin that it has; none where it has none.
    pub(super) version: &'a dyn Fn(&str) -> Option<String>,
    /// The variables that a plugin wants and a vault of the session has, each with what stands
    /// for it.
    pub(super) variables: &'a dyn Fn(&str) -> Vec<(String, String)>,
}

/// Writes the mission of a session.
///
/// # Errors
/// Invalid, when a plugin is not there in that version, or the metadata do not have what the
/// server wants of them for a plugin; not implemented, for MCP servers that are behind a network
/// and for limits of the web that cannot be held.
pub(super) fn mission(
    id: &str,
    record: &SessionRecord,
    ground: &Ground<'_>,
) -> Result<String, ApiError> {
    let (self_hosted, plugins) = (record.self_hosted, Table::new());
    let memory = about_memory(&record.resources);
    let mut writer = Writer { ground, self_hosted, memory, plugins };
    let members = team(&record.agent);
    let lead = members.first().ok_or_else(|| ApiError::internal("a session without an agent"))?;
    let mut agents = Table::new();
    for member in &members {
        // Who works for the lead gets no further than the lead does.
        let caller = Some(lead).filter(|lead| lead.name != member.name);
        let mut agent = writer.agent(member, caller)?;
        if member.name == lead.name && members.len() > 1 {
            let others = members.iter().skip(1).map(|member| member.name.clone());
            agent.insert("roster".into(), others.collect::<Vec<_>>().into());
        }
        agents.insert(member.name.clone(), agent.into());
    }
    let mut mission = Table::new();
    mission.insert("name".into(), id.into());
    mission.insert("lead".into(), lead.name.clone().into());
    if let Some(grader) = writer.grader(record.grader(), &lead.agent.config.model.id)? {
        mission.insert("grader".into(), grader.into());
    }
    if let Some(budget) = &record.budget {
        // Cents up to a million dollars are exact enough in a float to be read back.
        let cents = u32::try_from(budget.cents()?).unwrap_or(u32::MAX);
        let usd = Value::Float(f64::from(cents) / 100.0);
        mission.insert("budget".into(), Table::from_iter([("usd".to_owned(), usd)]).into());
    }
    let models = writer.models(&members);
    for (plugin, section) in &mut writer.plugins {
        if let Value::Table(section) = section {
            fill(plugin, section, &record.metadata)?;
        }
    }
    for (name, table) in [("models", models), ("plugins", writer.plugins), ("agents", agents)] {
        if !table.is_empty() {
            mission.insert(name.into(), table.into());
        }
    }
    let text = toml::to_string(&mission);
    text.map_err(|error| ApiError::internal(format!("the mission of {id}: {error}")))
}

/// What whoever made a session says about its memory stores: all threads see the same ones.
fn about_memory(resources: &[Resource]) -> String {
    let about = |resource: &Resource| match resource {
        Resource::MemoryStore { instructions: Some(text), mount_path, .. } if !text.is_empty() => {
            Some(format!("\n\nAbout the memory at {mount_path}: {text}"))
        }
        _ => None,
    };
    resources.iter().filter_map(about).collect()
}

struct Writer<'a> {
    ground: &'a Ground<'a>,
    self_hosted: bool,
    /// What every agent is told about the memory of this session, behind its own prompt.
    memory: String,
    /// The sections of the plugins that are used.
    plugins: Table,
}

/// What an agent can call, as it is collected.
#[derive(Default)]
struct Tools {
    names: BTreeSet<String>,
    permissions: Table,
    client: Vec<Value>,
    servers: Table,
    narrow: Table,
}

impl Writer<'_> {
    fn agent(&mut self, member: &Member, caller: Option<&Member>) -> Result<Table, ApiError> {
        let config = &member.agent.config;
        let mut tools = Tools::default();
        for tool in &config.tools {
            match tool {
                Tool::AgentToolset(set) => {
                    self.toolset(set, &mut tools);
                    if tools.names.contains(WEB_TOOL) {
                        let caller = caller.map(|caller| &caller.agent.config.tools);
                        let caller = caller.and_then(|tools| web::settings(tools));
                        let narrow = web::narrow(web::settings(&config.tools), caller)?;
                        if !narrow.is_empty() {
                            tools.narrow.insert(WEB.into(), narrow.into());
                        }
                    }
                }
                Tool::McpToolset(set) => self.server(set, &config.mcp_servers, &mut tools)?,
                Tool::Custom(tool) => {
                    let schema = Json::Object(tool.input_schema.clone());
                    let (name, text) = (&tool.name, &tool.description);
                    let policy = Policy::Allow;
                    tools.client.push(client_tool(name, text, &schema, "custom", policy));
                }
            }
        }
        if let Some(plugin) = config.model.id.strip_prefix(PLUGIN) {
            self.uses(plugin);
        }
        let mut agent = Table::new();
        agent.insert("model".into(), config.model.id.clone().into());
        let system = format!("{}{}", config.system.as_deref().unwrap_or_default(), self.memory);
        if !system.is_empty() {
            agent.insert("system".into(), system.into());
        }
        agent.insert("view".into(), view().into());
        let names: Vec<_> = tools.names.into_iter().collect();
        agent.insert("tools".into(), names.into());
        agent.insert("client_tools".into(), Value::Array(tools.client));
        let Tools { permissions, servers, narrow, .. } = tools;
        for (name, table) in
            [("permissions", permissions), ("servers", servers), ("narrow", narrow)]
        {
            if !table.is_empty() {
                agent.insert(name.into(), table.into());
            }
        }
        Ok(agent)
    }

    /// The built-in tools: those of files run here, or where a worker is; commands run there
    /// alone, and pages are fetched here where the server grants it.
    fn toolset(&mut self, set: &AgentToolset, tools: &mut Tools) {
        for tool in SANDBOX {
            let ToolDefaults { enabled, permission_policy } = set.of(tool);
            if !enabled {
                continue;
            }
            let policy = Policy::of(permission_policy);
            if self.self_hosted {
                let (text, schema) = worker_tool(tool);
                tools.client.push(client_tool(tool.as_str(), text, &schema, "worker", policy));
            } else if tool != BuiltinTool::Bash {
                let name = format!("{FILES}.{}", tool.as_str());
                tools.permissions.insert(name.clone(), policy.into());
                tools.names.insert(name);
                self.uses(FILES);
            }
        }
        let web = set.of(BuiltinTool::WebFetch);
        if web.enabled && self.section(WEB).is_some() {
            let policy = Policy::of(web.permission_policy);
            tools.permissions.insert(WEB_TOOL.into(), policy.into());
            tools.names.insert(WEB_TOOL.into());
            self.uses(WEB);
        }
    }

    /// The tools of a plugin that is named as an MCP server.
    fn server(
        &mut self,
        set: &McpToolset,
        servers: &[McpServer],
        tools: &mut Tools,
    ) -> Result<(), ApiError> {
        let name = &set.mcp_server_name;
        let server = servers.iter().find(|server| server.name == *name);
        let server = server.ok_or_else(|| ApiError::internal(format!("no server `{name}`")))?;
        let Some(plugin) = server.plugin().map(str::to_owned) else {
            return Err(ApiError::not_implemented(format!(
                "mcp_servers: `{name}` is behind a network, which this server does not connect \
                 to; name a plugin, as `plugin:NAME`"
            )));
        };
        self.check_version(server, &plugin)?;
        tools.servers.insert(name.clone(), plugin.clone().into());
        let default = set.default_config;
        if default.enabled {
            let policy = Policy::of(default.permission_policy);
            tools.permissions.insert(plugin.clone(), policy.into());
            tools.names.insert(plugin.clone());
        }
        for config in &set.configs {
            let tool = format!("{plugin}.{}", config.name);
            // One that is off among others that are on is refused when it is called.
            let policy = match (config.enabled, default.enabled) {
                (true, _) => Policy::of(config.permission_policy),
                (false, true) => Policy::Deny,
                (false, false) => continue,
            };
            tools.permissions.insert(tool.clone(), policy.into());
            if !default.enabled {
                tools.names.insert(tool);
            }
        }
        self.uses(&plugin);
        Ok(())
    }

    fn check_version(&self, server: &McpServer, plugin: &str) -> Result<(), ApiError> {
        let name = &server.name;
        let Some(has) = (self.ground.version)(plugin) else {
            return Err(ApiError::invalid(format!(
                "mcp_servers: `{name}` is the plugin `{plugin}`, which this server does not have"
            )));
        };
        match server.url.split_once('@') {
            Some((_, wanted)) if wanted != has => Err(ApiError::invalid(format!(
                "mcp_servers: `{name}` is version {wanted} of the plugin `{plugin}`; this server \
                 has {has}"
            ))),
            _ => Ok(()),
        }
    }

    /// Who judges outcomes: whoever is named, or else whoever fits the lead's model, where the
    /// server has them.
    fn grader(&mut self, named: Option<&str>, model: &str) -> Result<Option<String>, ApiError> {
        let fitting = if model.starts_with(PLUGIN) { CHECKS } else { JUDGE };
        let grader = named.unwrap_or(fitting);
        if (self.ground.version)(grader).is_none() {
            return match named {
                None => Ok(None),
                Some(_) => Err(ApiError::invalid(format!(
                    "metadata: `lucid.grader` is `{}`, a plugin that this server does not have",
                    grader.escape_debug()
                ))),
            };
        }
        self.uses(grader);
        if grader == JUDGE
            && let Some(Value::Table(section)) = self.plugins.get_mut(JUDGE)
        {
            section.entry("model").or_insert_with(|| model.into());
        }
        Ok(Some(grader.to_owned()))
    }

    fn section(&self, plugin: &str) -> Option<&Table> {
        let plugins = self.ground.sections.get("plugins").and_then(Value::as_table);
        plugins?.get(plugin).and_then(Value::as_table)
    }

    /// Notes that a plugin is used, and what it is granted.
    fn uses(&mut self, plugin: &str) {
        let mut section = self.section(plugin).cloned().unwrap_or_default();
        if plugin == FILES {
            section.entry("files").or_insert_with(|| "read-write".into());
        }
        // What the server has fixed may be a bound, so a session's own does not replace it; a
        // value that was left empty is for whoever has one.
        for (name, placeholder) in (self.ground.variables)(plugin) {
            let environment = section.entry("environment").or_insert_with(|| Table::new().into());
            if let Value::Table(environment) = environment {
                let there = environment.get(&name).and_then(Value::as_str);
                if there.is_none_or(str::is_empty) {
                    environment.insert(name, placeholder.into());
                }
            }
        }
        // What a grader reads are the outputs, and nothing of it is granted here.
        self.plugins.entry(plugin).or_insert_with(|| section.into());
    }

    /// The settings of the models that somebody asks.
    fn models(&mut self, members: &[Member]) -> Table {
        let agents = members.iter().map(|member| member.agent.config.model.id.clone());
        let model = |section: &Value| Some(section.get("model")?.as_str()?.to_owned());
        let plugins = self.plugins.iter().filter_map(|(_, section)| model(section));
        let asked: BTreeSet<String> = agents.chain(plugins).collect();
        let settings = self.ground.sections.get("models").and_then(Value::as_table);
        let settings = settings.into_iter().flatten();
        let used = settings.filter(|(name, _)| asked.contains(*name));
        used.map(|(name, section)| (name.clone(), section.clone())).collect()
    }
}

/// Who has to be asked, as a mission says it.
#[derive(Clone, Copy)]
enum Policy {
    Allow,
    Ask,
    Deny,
}

impl Policy {
    /// Nobody judges calls here, so one that is to be judged waits for a person.
    fn of(policy: PermissionPolicy) -> Self {
        match policy {
            PermissionPolicy::AlwaysAllow => Self::Allow,
            PermissionPolicy::AlwaysAsk | PermissionPolicy::Auto => Self::Ask,
        }
    }
}

impl From<Policy> for Value {
    fn from(policy: Policy) -> Self {
        match policy {
            Policy::Allow => "always_allow",
            Policy::Ask => "always_ask",
            Policy::Deny => "deny",
        }
        .into()
    }
}

/// The folders that agents see.
fn view() -> Table {
    let folders =
        [("/workspace", "rw"), ("/mnt/session/outputs", "rw"), ("/mnt/session/uploads", "ro")];
    folders.into_iter().map(|(folder, access)| (folder.to_owned(), access.into())).collect()
}

fn client_tool(name: &str, text: &str, schema: &Json, by: &str, policy: Policy) -> Value {
    let fields = [
        ("name", name.into()),
        ("description", text.into()),
        ("input_schema", schema.to_string().into()),
        ("by", by.into()),
        ("permission", policy.into()),
    ];
    Value::Table(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// What a tool that a worker runs is for, and what it takes.
fn worker_tool(tool: BuiltinTool) -> (&'static str, Json) {
    let (text, numbers) = (json!({"type": "string"}), json!({"type": "integer"}));
    let (path, pattern) = (text.clone(), text.clone());
    let (about, properties, required) = match tool {
        BuiltinTool::Read => (
            "Reads a file: text, an image or a PDF. `view_range` is the first and the last line.",
            json!({"file_path": path, "view_range": {"type": "array", "items": numbers,
                "minItems": 2, "maxItems": 2}}),
            json!(["file_path"]),
        ),
        BuiltinTool::Write => (
            "Writes a file, and the folders above it; what was in it is gone.",
            json!({"file_path": path, "content": text}),
            json!(["file_path", "content"]),
        ),
        BuiltinTool::Edit => (
            "Replaces a text in a file, which has to be there once, or everywhere.",
            json!({"file_path": path, "old_string": text, "new_string": text,
                "replace_all": {"type": "boolean"}}),
            json!(["file_path", "old_string", "new_string"]),
        ),
        BuiltinTool::Glob => (
            "Finds files by their names, such as `**/*.md`, those that changed last first.",
            json!({"pattern": pattern, "path": path}),
            json!(["pattern"]),
        ),
        BuiltinTool::Grep => (
            "Finds lines in files by a regular expression.",
            json!({"pattern": pattern, "path": path}),
            json!(["pattern"]),
        ),
        _ => (
            "Runs a command in a shell that keeps its state; `restart` begins a new one.",
            json!({"command": text, "restart": {"type": "boolean"}, "timeout_ms": numbers}),
            json!([]),
        ),
    };
    (about, json!({"type": "object", "properties": properties, "required": required}))
}

#[cfg(test)]
#[path = "mission_tests.rs"]
mod tests;
