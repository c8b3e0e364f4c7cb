//! The built-in tools and those of MCP servers: which are on, and who has to be asked.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::union::at;
use super::web::{UrlSources, UserLocation, domains, location, sources};
use crate::check::text;
use crate::error::{ApiError, Result};

const MCP_TOOL_MAX: usize = 128;

/// What has to happen before a tool is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum PermissionPolicy {
    /// Nothing.
    AlwaysAllow,
    /// Somebody says yes.
    AlwaysAsk,
    /// The call is judged.
    Auto,
}

macro_rules! builtin {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)+) => {
        /// A tool that comes with the toolset.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum BuiltinTool {$(
            $(#[$doc])*
            #[serde(rename = $text)]
            $name,
        )+}

        impl BuiltinTool {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {$(Self::$name => $text,)+}
            }

            /// The tool of a name.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|tool| tool.as_str() == name)
            }
        }
    };
}

builtin! {
    /// Runs commands.
    Bash = "bash";
    /// Reads files.
    Read = "read";
    /// Writes files.
    Write = "write";
    /// Replaces text in files.
    Edit = "edit";
    /// Finds files by name.
    Glob = "glob";
    /// Finds text in files.
    Grep = "grep";
    /// Fetches a page.
    WebFetch = "web_fetch";
    /// Searches the web.
    WebSearch = "web_search";
}

/// What holds for each tool of a set that has no settings of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolDefaults {
    /// Whether it is on.
    pub enabled: bool,
    /// Who has to be asked.
    pub permission_policy: PermissionPolicy,
}

/// The settings of one built-in tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentToolConfig {
    /// Its name.
    #[serde(rename = "type")]
    pub kind: BuiltinTool,
    /// Its name again.
    pub name: BuiltinTool,
    /// Whether it is on.
    pub enabled: bool,
    /// Who has to be asked.
    pub permission_policy: PermissionPolicy,
    /// Of the web's tools: the only domains there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_domains: Option<Vec<String>>,
    /// Of the web's tools: domains there are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_domains: Option<Vec<String>>,
    /// Of `web_search`: where it is meant to be asked from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_location: Option<UserLocation>,
    /// Of `web_fetch`: tokens of a page at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_content_tokens: Option<u64>,
    /// Of `web_fetch`: who may name a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url_sources: Option<UrlSources>,
}

/// The settings of one tool of an MCP server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct McpToolConfig {
    /// What the server calls it.
    pub name: String,
    /// Whether it is on.
    pub enabled: bool,
    /// Who has to be asked.
    pub permission_policy: PermissionPolicy,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DefaultsParam {
    #[serde(default)]
    enabled: Option<bool>,
    #[serde(default)]
    permission_policy: Option<PermissionPolicy>,
}

impl DefaultsParam {
    /// Fills what is left out: on, and the policy that the kind of toolset has.
    pub(super) fn over(self, policy: PermissionPolicy) -> ToolDefaults {
        ToolDefaults {
            enabled: self.enabled.unwrap_or(true),
            permission_policy: self.permission_policy.unwrap_or(policy),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct McpToolParam {
    name: String,
    #[serde(default)]
    enabled: Option<bool>,
    #[serde(default)]
    permission_policy: Option<PermissionPolicy>,
}

impl McpToolParam {
    pub(super) fn over(self, defaults: ToolDefaults) -> Result<McpToolConfig> {
        text("name", &self.name, 1..=MCP_TOOL_MAX)?;
        Ok(McpToolConfig {
            name: self.name,
            enabled: self.enabled.unwrap_or(defaults.enabled),
            permission_policy: self.permission_policy.unwrap_or(defaults.permission_policy),
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AgentToolParam {
    #[serde(rename = "type", default)]
    kind: Option<BuiltinTool>,
    name: BuiltinTool,
    #[serde(default)]
    enabled: Option<bool>,
    #[serde(default)]
    permission_policy: Option<PermissionPolicy>,
    #[serde(default)]
    allowed_domains: Option<Vec<String>>,
    #[serde(default)]
    blocked_domains: Option<Vec<String>>,
    #[serde(default)]
    user_location: Option<Value>,
    #[serde(default)]
    max_content_tokens: Option<u64>,
    #[serde(default)]
    url_sources: Option<Value>,
}

impl AgentToolParam {
    pub(super) fn over(self, defaults: ToolDefaults) -> Result<AgentToolConfig> {
        self.check()?;
        let place = self.user_location.map(|place| at("user_location", location(place)));
        let sources = self.url_sources.map(|value| at("url_sources", sources(value)));
        Ok(AgentToolConfig {
            kind: self.name,
            name: self.name,
            enabled: self.enabled.unwrap_or(defaults.enabled),
            permission_policy: self.permission_policy.unwrap_or(defaults.permission_policy),
            allowed_domains: self.allowed_domains,
            blocked_domains: self.blocked_domains,
            user_location: place.transpose()?,
            max_content_tokens: self.max_content_tokens,
            url_sources: sources.transpose()?,
        })
    }

    fn check(&self) -> Result<()> {
        let (search, fetch) =
            (self.name == BuiltinTool::WebSearch, self.name == BuiltinTool::WebFetch);
        let settings = [
            ("allowed_domains", self.allowed_domains.is_some(), search || fetch),
            ("blocked_domains", self.blocked_domains.is_some(), search || fetch),
            ("user_location", self.user_location.is_some(), search),
            ("max_content_tokens", self.max_content_tokens.is_some(), fetch),
            ("url_sources", self.url_sources.is_some(), fetch),
        ];
        let name = self.name.as_str();
        if let Some((field, ..)) = settings.iter().find(|(_, there, may)| *there && !may) {
            return Err(ApiError::invalid(format!("`{name}` has no `{field}`")));
        }
        if self.kind.is_some_and(|kind| kind != self.name) {
            return Err(ApiError::invalid(format!("`type` and `name` differ: write `{name}`")));
        }
        if self.allowed_domains.is_some() && self.blocked_domains.is_some() {
            let why = "`allowed_domains` and `blocked_domains` do not go together";
            return Err(ApiError::invalid(format!("{name}: {why}")));
        }
        let lists = [
            ("allowed_domains", &self.allowed_domains),
            ("blocked_domains", &self.blocked_domains),
        ];
        for (field, list) in lists {
            list.as_ref().map_or(Ok(()), |list| domains(field, list, search))?;
        }
        if self.max_content_tokens == Some(0) {
            return Err(ApiError::invalid("max_content_tokens: at least 1"));
        }
        Ok(())
    }
}
