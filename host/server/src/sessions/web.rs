//! What an agent may fetch of the web, as its mission says it.

use lucid_api::ApiError;
use lucid_api::agent::{AgentToolConfig, BuiltinTool, Tool, UrlSource, UrlSources};
use toml::{Table, Value};

/// Bytes of text that are taken for one token: fewer than most texts have, so that a page has
/// no more tokens than was said.
const BYTES_PER_TOKEN: u64 = 3;

/// The largest number of bytes that a mission can say.
const BYTES_MAX: u64 = (1 << 53) - 1;

/// The settings of `web_fetch` among an agent's tools, where there are any.
pub(super) fn settings(tools: &[Tool]) -> Option<&AgentToolConfig> {
    tools.iter().find_map(|tool| match tool {
        Tool::AgentToolset(set) => {
            set.configs.iter().find(|config| config.name == BuiltinTool::WebFetch)
        }
        _ => None,
    })
}

/// What an agent's fetches get less than the plugin is granted: by its own settings, and by
/// the domains of whoever may have work for it. Empty where nothing is less.
///
/// # Errors
/// Not implemented, naming the field, for what cannot be held.
pub(super) fn narrow(
    own: Option<&AgentToolConfig>,
    caller: Option<&AgentToolConfig>,
) -> Result<Table, ApiError> {
    let mut narrow = Table::new();
    if let Some(sources) = own.and_then(|own| own.url_sources.as_ref()) {
        check_sources(sources)?;
    }
    let lists: Vec<Value> = own.into_iter().chain(caller).flat_map(domains).collect();
    if !lists.is_empty() {
        narrow.insert("domains".into(), lists.into());
    }
    if let Some(tokens) = own.and_then(|own| own.max_content_tokens) {
        let bytes = tokens.saturating_mul(BYTES_PER_TOKEN).min(BYTES_MAX);
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        narrow.insert("result_bytes".into(), bytes.into());
    }
    Ok(narrow)
}

/// The lists of an agent, each a table of a mission.
fn domains(config: &AgentToolConfig) -> Vec<Value> {
    let lists = [("allowed", &config.allowed_domains), ("blocked", &config.blocked_domains)];
    let table = |(name, list): (&str, &Option<Vec<String>>)| {
        let list: Value = list.clone()?.into();
        Some(Value::Table(Table::from_iter([(name.to_owned(), list)])))
    };
    lists.into_iter().filter_map(table).collect()
}

/// Nobody notes here where an address of a page came from.
fn check_sources(sources: &UrlSources) -> Result<(), ApiError> {
    let UrlSources { user_input, client_tool_results, server_tool_results } = sources;
    let all = [
        ("user_input", user_input),
        ("client_tool_results", client_tool_results),
        ("server_tool_results", server_tool_results),
    ];
    let less = |source: &Option<UrlSource>| !matches!(source, None | Some(UrlSource::All));
    match all.into_iter().find(|(_, source)| less(source)) {
        None => Ok(()),
        Some((name, _)) => Err(ApiError::not_implemented(format!(
            "tools: web_fetch: `url_sources.{name}` is less than `all`, and this server does not \
             know where a URL came from; leave it out, or name `allowed_domains`"
        ))),
    }
}
