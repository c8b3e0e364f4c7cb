//! The MCP servers that an agent connects to.

use serde::{Deserialize, Serialize};

use crate::check::text;
use crate::error::{ApiError, Result};

/// Servers of an agent at most.
const SERVERS_MAX: usize = 20;
const NAME_MAX: usize = 255;
const URL_MAX: usize = 2_048;
const PLUGIN: &str = "plugin:";

/// An MCP server: behind a network, or a plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "url")]
pub struct McpServer {
    /// What toolsets call it.
    pub name: String,
    /// `https://…`, `http://…`, or `plugin:NAME` with perhaps an `@VERSION` behind it.
    pub url: String,
}

impl McpServer {
    /// The plugin's name, where the server is one.
    #[must_use]
    pub fn plugin(&self) -> Option<&str> {
        let rest = self.url.strip_prefix(PLUGIN)?;
        Some(rest.split_once('@').map_or(rest, |(name, _)| name))
    }
}

/// A server as a request has it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct McpServerParam {
    #[serde(rename = "type")]
    kind: UrlKind,
    name: String,
    url: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum UrlKind {
    Url,
}

/// Checks the servers and gives them as they are stored.
pub(super) fn servers(params: Vec<McpServerParam>) -> Result<Vec<McpServer>> {
    let wrong = |why: String| Err(ApiError::invalid(format!("mcp_servers: {why}")));
    if params.len() > SERVERS_MAX {
        return wrong(format!("{} servers, at most {SERVERS_MAX}", params.len()));
    }
    let mut servers: Vec<McpServer> = Vec::new();
    for (at, McpServerParam { kind: UrlKind::Url, name, url }) in params.into_iter().enumerate() {
        text(&format!("mcp_servers[{at}].name"), &name, 1..=NAME_MAX)?;
        text(&format!("mcp_servers[{at}].url"), &url, 1..=URL_MAX)?;
        if name.chars().any(char::is_control) {
            return wrong(format!("[{at}].name: a name has no control characters"));
        }
        if servers.iter().any(|server| server.name == name) {
            return wrong(format!("[{at}].name: two servers are named alike"));
        }
        if !is_address(&url) {
            return wrong(format!(
                "[{at}].url: not `https://HOST…`, `http://HOST…`, `plugin:NAME` or \
                 `plugin:NAME@VERSION`; a user or password does not belong into it"
            ));
        }
        servers.push(McpServer { name, url });
    }
    Ok(servers)
}

fn is_address(url: &str) -> bool {
    if let Some(plugin) = url.strip_prefix(PLUGIN) {
        let (name, version) = plugin.split_once('@').unwrap_or((plugin, "0"));
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let versioned = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+');
        return !name.is_empty()
            && name.bytes().all(plain)
            && !version.is_empty()
            && version.bytes().all(versioned);
    }
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let Some(rest) = rest else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let written = |c: char| !c.is_whitespace() && !c.is_control() && c != '\\';
    !host.is_empty() && !host.starts_with(':') && !host.contains('@') && rest.chars().all(written)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(list: Value) -> Result<Vec<McpServer>> {
        servers(crate::read::value(list)?)
    }

    fn url(url: &str) -> Result<Vec<McpServer>> {
        read(json!([{"type": "url", "name": "a", "url": url}]))
    }

    #[test]
    fn a_server_is_behind_a_url_or_is_a_plugin() {
        for right in [
            "https://mcp.example.com/sse?x=1",
            "http://[::1]:8080",
            "plugin:web-fetch",
            "plugin:web-fetch@1.2.0-rc.1+x",
        ] {
            assert!(url(right).is_ok(), "{right}");
        }
        for wrong in [
            "",
            "ftp://x",
            "https://",
            "https:///x",
            "https://u:p@x/",
            "https://a b",
            "plugin:",
            "plugin:Web",
            "plugin:a@",
            "plugin:../a",
            "plugin:a@1/2",
            "example.com",
            "https://:80/",
            "https://x\\y",
        ] {
            assert!(url(wrong).is_err(), "{wrong}");
        }
        let plugin = |of: &str| url(of).unwrap()[0].plugin().map(str::to_owned);
        assert_eq!(plugin("plugin:a-1@2.0").as_deref(), Some("a-1"));
        assert_eq!(plugin("plugin:a").as_deref(), Some("a"));
        assert_eq!(plugin("https://a"), None);
    }

    #[test]
    fn there_are_at_most_twenty_with_names_of_their_own() {
        let of = |names: Vec<String>| {
            let one = |name: String| json!({"type": "url", "name": name, "url": "https://a"});
            read(names.into_iter().map(one).collect())
        };
        assert!(of((0..20).map(|n| n.to_string()).collect()).is_ok());
        assert!(of((0..21).map(|n| n.to_string()).collect()).is_err());
        assert!(of(vec!["a".into(), "a".into()]).is_err());
        assert!(of(vec!["a".repeat(255)]).is_ok());
        for wrong in [String::new(), "a".repeat(256), "a\n".into()] {
            assert!(of(vec![wrong.clone()]).is_err(), "{wrong:?}");
        }
        assert!(read(json!([{"type": "stdio", "name": "a", "url": "https://a"}])).is_err());
        assert!(read(json!([{"type": "url", "name": "a", "url": "https://a", "x": 1}])).is_err());
    }
}
