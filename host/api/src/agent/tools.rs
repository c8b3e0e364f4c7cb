//! The tools of an agent, and the rules they have among themselves.

mod config;
mod custom;
#[cfg(test)]
mod tests;
mod web;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::servers::McpServer;
use super::union::{at, tagged, unknown};
use crate::check::text;
use crate::error::{ApiError, Result};
use crate::read::value as read;

pub use config::{AgentToolConfig, BuiltinTool, McpToolConfig, PermissionPolicy, ToolDefaults};
use config::{AgentToolParam, DefaultsParam, McpToolParam};
pub use custom::CustomTool;
pub use web::{ToolReference, UrlSource, UrlSources, UserLocation};

/// Tools of an agent at most. A toolset counts as many as it has settings for, and at least
/// one: which tools an MCP server has is not known here.
const TOOLS_MAX: usize = 256;
const SERVER_NAME_MAX: usize = 255;
const TOOLSET: &str = "agent_toolset_20260401";

/// Something an agent can call, with all its settings filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Tool {
    /// The built-in tools.
    #[serde(rename = "agent_toolset_20260401")]
    AgentToolset(AgentToolset),
    /// The tools of an MCP server.
    McpToolset(McpToolset),
    /// A tool that the client runs.
    Custom(CustomTool),
}

/// The built-in tools.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentToolset {
    /// What holds for those that `configs` does not name.
    pub default_config: ToolDefaults,
    /// Those with settings of their own.
    pub configs: Vec<AgentToolConfig>,
}

impl AgentToolset {
    /// Whether a tool is on, and who has to be asked.
    #[must_use]
    pub fn of(&self, tool: BuiltinTool) -> ToolDefaults {
        let own = self.configs.iter().find(|config| config.name == tool);
        own.map_or(self.default_config, |config| ToolDefaults {
            enabled: config.enabled,
            permission_policy: config.permission_policy,
        })
    }
}

/// The tools of an MCP server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct McpToolset {
    /// The server's name in `mcp_servers`.
    pub mcp_server_name: String,
    /// What holds for those that `configs` does not name.
    pub default_config: ToolDefaults,
    /// Those with settings of their own.
    pub configs: Vec<McpToolConfig>,
}

impl McpToolset {
    /// Whether a tool of the server is on, and who has to be asked.
    #[must_use]
    pub fn of(&self, tool: &str) -> ToolDefaults {
        let own = self.configs.iter().find(|config| config.name == tool);
        own.map_or(self.default_config, |config| ToolDefaults {
            enabled: config.enabled,
            permission_policy: config.permission_policy,
        })
    }
}

impl Tool {
    fn count(&self) -> usize {
        match self {
            Self::AgentToolset(set) => set.configs.len().max(1),
            Self::McpToolset(set) => set.configs.len().max(1),
            Self::Custom(_) => 1,
        }
    }
}

/// A tool as a request has it: what is left out is filled in as it is read.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
pub struct ToolParam(pub(super) Tool);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgentToolsetParam {
    #[serde(default)]
    default_config: Option<DefaultsParam>,
    #[serde(default)]
    configs: Option<Vec<AgentToolParam>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct McpToolsetParam {
    mcp_server_name: String,
    #[serde(default)]
    default_config: Option<DefaultsParam>,
    #[serde(default)]
    configs: Option<Vec<McpToolParam>>,
}

impl TryFrom<Value> for ToolParam {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        Self::read(value).map_err(|error| error.message)
    }
}

impl ToolParam {
    fn read(value: Value) -> Result<Self> {
        let (kind, rest) = tagged(value)?;
        match kind.as_str() {
            TOOLSET => agent_toolset(rest),
            "mcp_toolset" => mcp_toolset(rest),
            "custom" => {
                let tool: CustomTool = read(rest)?;
                custom::check(&tool)?;
                Ok(Tool::Custom(tool))
            }
            _ => Err(unknown(&kind, &[TOOLSET, "mcp_toolset", "custom"])),
        }
        .map(Self)
    }
}

fn agent_toolset(rest: Value) -> Result<Tool> {
    let AgentToolsetParam { default_config, configs } = read(rest)?;
    let default_config = default_config.unwrap_or_default().over(PermissionPolicy::AlwaysAllow);
    let mut filled: Vec<AgentToolConfig> = Vec::new();
    for (n, config) in configs.unwrap_or_default().into_iter().enumerate() {
        let config = at(&format!("configs[{n}]"), config.over(default_config))?;
        if filled.iter().any(|other| other.name == config.name) {
            let name = config.name.as_str();
            let why = format!("configs[{n}]: `{name}` is there twice");
            return Err(ApiError::invalid(why));
        }
        filled.push(config);
    }
    Ok(Tool::AgentToolset(AgentToolset { default_config, configs: filled }))
}

fn mcp_toolset(rest: Value) -> Result<Tool> {
    let McpToolsetParam { mcp_server_name, default_config, configs } = read(rest)?;
    text("mcp_server_name", &mcp_server_name, 1..=SERVER_NAME_MAX)?;
    let default_config = default_config.unwrap_or_default().over(PermissionPolicy::AlwaysAsk);
    let mut names = BTreeSet::new();
    let mut filled = Vec::new();
    for (n, config) in configs.unwrap_or_default().into_iter().enumerate() {
        let config = at(&format!("configs[{n}]"), config.over(default_config))?;
        if !names.insert(config.name.clone()) {
            let why = format!("configs[{n}]: the same tool is there twice");
            return Err(ApiError::invalid(why));
        }
        filled.push(config);
    }
    Ok(Tool::McpToolset(McpToolset { mcp_server_name, default_config, configs: filled }))
}

/// Checks the tools among themselves and against the servers.
pub(super) fn check(tools: &[Tool], servers: &[McpServer]) -> Result<()> {
    let wrong = |why: String| Err(ApiError::invalid(why));
    let count: usize = tools.iter().map(Tool::count).fold(0, usize::saturating_add);
    if count > TOOLS_MAX {
        return wrong(format!("tools: {count} tools, at most {TOOLS_MAX} over all toolsets"));
    }
    let customs: Vec<&str> = customs(tools).map(|tool| tool.name.as_str()).collect();
    let (mut names, mut used, mut toolsets) = (BTreeSet::new(), BTreeSet::new(), 0);
    for (n, tool) in tools.iter().enumerate() {
        match tool {
            Tool::AgentToolset(set) => {
                toolsets += 1;
                if toolsets > 1 {
                    return wrong(format!("tools[{n}]: `{TOOLSET}` is there twice"));
                }
                let sources = set.configs.iter().filter_map(|config| config.url_sources.as_ref());
                let mut named = sources.flat_map(UrlSources::custom_tools);
                if named.any(|name| !customs.contains(&name)) {
                    return wrong(format!(
                        "tools[{n}]: client_tool_results names a tool that is no custom tool here"
                    ));
                }
            }
            Tool::McpToolset(set) => {
                let name = &set.mcp_server_name;
                if !servers.iter().any(|server| server.name == *name) {
                    return wrong(format!(
                        "tools[{n}].mcp_server_name: none of `mcp_servers` is named so"
                    ));
                }
                if !used.insert(name) {
                    return wrong(format!("tools[{n}]: that server has two toolsets"));
                }
            }
            Tool::Custom(tool) if !names.insert(&tool.name) => {
                return wrong(format!("tools[{n}].name: two tools are named alike"));
            }
            Tool::Custom(_) => {}
        }
    }
    match servers.iter().position(|server| !used.contains(&server.name)) {
        None => Ok(()),
        Some(n) => wrong(format!(
            "mcp_servers[{n}]: no toolset uses it; add an `mcp_toolset` with its name to `tools`"
        )),
    }
}

/// The custom tools among these.
pub(super) fn customs(tools: &[Tool]) -> impl Iterator<Item = &CustomTool> {
    tools.iter().filter_map(|tool| match tool {
        Tool::Custom(tool) => Some(tool),
        _ => None,
    })
}

/// Whether files can be read, which skills need.
pub(super) fn can_read(tools: &[Tool]) -> bool {
    tools.iter().any(|tool| match tool {
        Tool::AgentToolset(set) => set.of(BuiltinTool::Read).enabled,
        _ => false,
    })
}
