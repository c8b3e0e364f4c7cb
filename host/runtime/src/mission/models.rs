//! Models behind a network: their settings, and where their keys are kept.
//!
//! A key goes to the server that it was written for, and to no other. So the provider's usual
//! variable is looked up only where the mission names no server of its own; for any other
//! server a mission has to say which key it gets, or it gets none.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use lucid_core::{Failure, Result};
use lucid_model::{HttpTransport, Key, ModelName, RemoteModel, RemoteSettings, Transport};
use lucid_policy::http::{Host, Target};
use toml::{Spanned, Value};

use super::file::{MissionFile, ModelSection, Name};
use super::files::read_kept;
use super::limits::{DEADLINE_MS_MAX, setting};
use super::load::Loading;
use super::source::Source;

/// The longest key, in bytes: what servers take as one header field.
const KEY_BYTES_MAX: u64 = 8 << 10;
/// The longest name of a variable that is looked up.
const VARIABLE_CHARACTERS_MAX: usize = 64;
/// Characters of a URL that an error repeats.
const SHOWN_CHARACTERS_MAX: usize = 100;

/// The most tokens that a setting can name.
const TOKENS_MAX: u64 = 100_000_000;
/// The fewest tokens that a model is let think with, as its API has it.
const THINKING_TOKENS_MIN: u64 = 1_024;

/// Makes what carries the requests of a model.
pub(crate) type TransportFactory =
    dyn Fn(&RemoteSettings) -> Result<Arc<dyn Transport>> + Send + Sync;

/// The transport that reaches the model's own server.
pub(crate) fn http_transport(settings: &RemoteSettings) -> Result<Arc<dyn Transport>> {
    Ok(Arc::new(HttpTransport::new(settings)?))
}

/// The sections of a mission file.
pub(crate) type ModelSections = BTreeMap<Name, ModelSection>;

/// Checks all sections, also those of models that only a plugin names which nobody uses. A
/// section that no line names is a mistake: a model whose name was misspelt here would be
/// reached at its provider instead of where the section says.
pub(crate) fn check(source: &Source, mission: &MissionFile) -> Result<()> {
    let agents = mission.agents.values().map(|agent| &agent.model);
    let plugins = mission.plugins.values().filter_map(|plugin| plugin.model.as_ref());
    let used: Vec<&str> = agents.chain(plugins).map(|name| name.get_ref().as_str()).collect();
    for (name, section) in &mission.models {
        let at = |failure| source.at(&name.span(), failure);
        let model = ModelName::parse(name.get_ref()).map_err(at)?;
        if let ModelName::Plugin(plugin) = &model {
            return Err(at(Failure::invalid(format!("model `{model}` is not behind a network"))
                .hint(format!("its settings are those of its plugin: `[plugins.{plugin}]`"))));
        }
        if !used.contains(&name.get_ref().as_str()) {
            let models = used.join(", ");
            return Err(at(Failure::invalid(format!("nobody uses the model `{model}`"))
                .hint(format!("agents and plugins have {models}: correct the name"))));
        }
        settings(source, model, section)?;
        if let Some(key) = &section.key {
            KeyPlace::read(key.get_ref()).map_err(|failure| source.at(&key.span(), failure))?;
        }
    }
    Ok(())
}

/// Makes a model that somebody names at `place`.
pub(crate) fn load(
    source: &Source,
    folder: &Path,
    loading: &Loading<'_>,
    sections: &ModelSections,
    name: ModelName,
    place: &Range<usize>,
) -> Result<RemoteModel> {
    let at = |failure| source.at(place, failure);
    let written = name.to_string();
    let section = sections.iter().find(|(key, _)| *key.get_ref() == written);
    let none = ModelSection::default();
    let section = section.map_or(&none, |(_, section)| section);
    let mut settings = settings(source, name, section)?;
    // A recording was made with a key, and holds none.
    if !loading.offline {
        settings.key = key(source, folder, loading, section, &settings.name, place)?;
    }
    let transport = (loading.transports)(&settings).map_err(at)?;
    RemoteModel::new(settings, transport).map_err(at)
}

/// What a section says, but for the key; the rest is as the provider has it.
fn settings(source: &Source, name: ModelName, section: &ModelSection) -> Result<RemoteSettings> {
    let number = |name: &str, value: &Option<Spanned<Value>>, least, most| {
        value.as_ref().map(|value| setting(source, name, value, least..=most)).transpose()
    };
    let time = |name: &str, value, standard| {
        number(name, value, 1, DEADLINE_MS_MAX).map(|time| time.unwrap_or(standard))
    };
    let small = |tokens: Option<u64>| tokens.and_then(|tokens| u32::try_from(tokens).ok());
    let base = url(source, "base URL", section.base_url.as_ref())?;
    let proxy = url(source, "proxy", section.proxy.as_ref())?;
    check_plain(source, section, base.as_ref(), proxy.as_ref())?;
    let output = number("max_output_tokens", &section.max_output_tokens, 1, TOKENS_MAX)?;
    let (least, thinking) = (THINKING_TOKENS_MIN, &section.thinking_tokens);
    let thinks = number("thinking_tokens", thinking, least, TOKENS_MAX)?;
    if let Some((place, thinks)) = thinking.as_ref().zip(thinks) {
        check_thinking(&name, thinks, output)
            .map_err(|failure| source.at(&place.span(), failure))?;
    }
    let text = |written: &Option<Name>| written.as_ref().map(|text| text.get_ref().clone());
    let standard = RemoteSettings::new(name);
    let ModelSection { connect_timeout_ms, idle_timeout_ms, request_timeout_ms, .. } = section;
    let (connect, idle) = (standard.connect_timeout_ms, standard.idle_timeout_ms);
    let request = standard.request_timeout_ms;
    Ok(RemoteSettings {
        base_url: text(&section.base_url),
        proxy: text(&section.proxy),
        connect_timeout_ms: time("connect_timeout_ms", connect_timeout_ms, connect)?,
        idle_timeout_ms: time("idle_timeout_ms", idle_timeout_ms, idle)?,
        request_timeout_ms: time("request_timeout_ms", request_timeout_ms, request)?,
        max_output_tokens: small(output),
        thinking_tokens: small(thinks),
        context_tokens: number("context_tokens", &section.context_tokens, 1, TOKENS_MAX)?,
        ..standard
    })
}

/// Thinking is part of an answer, and chat completions have no setting for it.
fn check_thinking(name: &ModelName, thinks: u64, output: Option<u64>) -> Result<()> {
    if !matches!(name, ModelName::Anthropic(_)) {
        return Err(Failure::invalid(format!("`thinking_tokens` means nothing to `{name}`"))
            .hint("take it out: it is for `claude-…` models"));
    }
    match output {
        Some(output) if thinks >= output => Err(Failure::invalid(format!(
            "`thinking_tokens` is {thinks}, and a whole answer has {output}"
        ))
        .hint("raise `max_output_tokens` above it: thinking is part of an answer")),
        _ => Ok(()),
    }
}

/// Where a URL leads; a mistake is shown with its line.
fn url(source: &Source, what: &str, written: Option<&Name>) -> Result<Option<Target>> {
    let Some(written) = written else { return Ok(None) };
    let read = read_url(what, written.get_ref());
    read.map(Some).map_err(|failure| source.at(&written.span(), failure))
}

/// Reads a URL: scheme, host, where it is not the usual one a port, and a path.
fn read_url(what: &str, text: &str) -> Result<Target> {
    let wrong = |why: &str| {
        // What stands before an `@` may be a password.
        let shown: String = match text.rsplit_once('@') {
            Some((_, rest)) => format!("…@{rest}"),
            None => text.to_owned(),
        };
        let shown: String = shown.chars().take(SHOWN_CHARACTERS_MAX).collect();
        Failure::invalid(format!("{what} `{}` is none: {why}", shown.escape_debug()))
            .hint("write scheme, host and path, such as `http://127.0.0.1:8080/v1`")
    };
    let (scheme, rest) =
        text.split_once("://").ok_or_else(|| wrong("it begins with no `https://`"))?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let target = Target::parse(scheme, authority).map_err(|denial| {
        wrong(match denial.rule.as_str() {
            "scheme" => "only `http` and `https` are spoken",
            "userinfo" => "it has a user or password before the host",
            "port_form" => "its port is not a number from 1 to 65535",
            _ => "it has no host, or one that can be read in two ways",
        })
    })?;
    if path.contains(['?', '#']) {
        return Err(wrong("requests have paths of their own, so it has no `?` and no `#`"));
    }
    let path = if path.is_empty() { "/" } else { path };
    target.check_line("POST", path).map_err(|_| wrong("its path is not one"))?;
    Ok(target)
}

/// Whoever is between could read a conversation, and the key with it, that goes without TLS to
/// another machine; a mission has to say that this is meant.
fn check_plain(
    source: &Source,
    section: &ModelSection,
    base: Option<&Target>,
    proxy: Option<&Target>,
) -> Result<()> {
    let (Some(written), Some(base)) = (&section.base_url, base) else { return Ok(()) };
    let leaves = |target: &Target| !is_here(&target.host);
    if base.secure || section.insecure || !(leaves(base) || proxy.is_some_and(leaves)) {
        return Ok(());
    }
    let failure = Failure::invalid(format!(
        "base URL `{}` has no TLS, and anybody on the way could read along",
        written.get_ref().escape_debug()
    ))
    .hint("write `https://`, or `insecure = true` beside it if the network is yours");
    Err(source.at(&written.span(), failure))
}

/// Whether a host is this machine.
fn is_here(host: &Host) -> bool {
    host.is_local() || host.address().is_some_and(|address| address.is_loopback())
}

/// Where a key is kept.
#[derive(Debug, PartialEq, Eq)]
enum KeyPlace<'a> {
    Variable(&'a str),
    File(&'a str),
}

impl<'a> KeyPlace<'a> {
    /// Reads `{ env = "NAME" }` or `{ file = "PATH" }`. What is not that is not repeated: it may
    /// be the key itself.
    fn read(value: &'a Value) -> Result<Self> {
        let wrong = || {
            Failure::invalid("`key` does not say where the key is kept").hint(
                "write `{ env = \"NAME\" }` for an environment variable or `{ file = \"PATH\" }` \
                 for a file, never the key itself",
            )
        };
        let table = value.as_table().ok_or_else(wrong)?;
        let mut settings = table.iter().filter_map(|(key, value)| Some((key, value.as_str()?)));
        let place = match (settings.next(), table.len()) {
            (Some((key, name)), 1) if key == "env" && is_variable(name) => Self::Variable(name),
            (Some((key, path)), 1) if key == "file" => Self::File(path),
            _ => return Err(wrong()),
        };
        Ok(place)
    }
}

/// Whether this is how a variable is called. Keys have other characters in them, so none is
/// taken for a name and shown.
fn is_variable(name: &str) -> bool {
    let letter = |b: u8| b.is_ascii_alphabetic() || b == b'_';
    name.bytes().next().is_some_and(letter)
        && name.bytes().all(|b| letter(b) || b.is_ascii_digit())
        && name.len() <= VARIABLE_CHARACTERS_MAX
}

/// The variable that holds a provider's key everywhere else, too.
fn usual_variable(name: &ModelName) -> Option<&'static str> {
    match name {
        ModelName::Plugin(_) => None,
        ModelName::Anthropic(_) => Some("ANTHROPIC_API_KEY"),
        ModelName::OpenAi(_) => Some("OPENAI_API_KEY"),
    }
}

/// Finds the key of a model. A mistake is shown where the key's place is written, else where
/// the model is named.
fn key(
    source: &Source,
    folder: &Path,
    loading: &Loading<'_>,
    section: &ModelSection,
    name: &ModelName,
    place: &Range<usize>,
) -> Result<Option<Key>> {
    let (kept, place) = match (&section.key, usual_variable(name)) {
        (Some(written), _) => {
            let kept = KeyPlace::read(written.get_ref());
            (kept.map_err(|failure| source.at(&written.span(), failure))?, written.span())
        }
        (None, Some(variable)) if section.base_url.is_none() => {
            (KeyPlace::Variable(variable), place.clone())
        }
        (None, _) => return Ok(None),
    };
    let found = match kept {
        KeyPlace::Variable(variable) => loading.variables.get(variable).ok_or_else(|| {
            Failure::invalid(format!("its key is missing: variable {variable} is not set")).hint(
                format!(
                    "set it before, `{variable}=… lucid run …`, or name a file that has it: \
                     `key = {{ file = \"PATH\" }}` in `[models.\"{name}\"]`"
                ),
            )
        }),
        KeyPlace::File(path) => read_kept(folder, path, KEY_BYTES_MAX)
            .map_err(|failure| failure.about("its key is missing")),
    };
    let key = found.and_then(check_key);
    let key = key.map_err(|failure| source.at(&place, failure.about(format!("model `{name}`"))));
    key.map(Some)
}

/// A key is one line that can stand in a header field. It is not repeated.
fn check_key(text: String) -> Result<Key> {
    let key = text.trim();
    let fits = u64::try_from(key.len()).is_ok_and(|bytes| (1..=KEY_BYTES_MAX).contains(&bytes));
    if fits && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(Key::new(key));
    }
    Err(Failure::invalid("what is kept as its key is none")
        .hint("keep the key alone: 1 to 8,192 printable ASCII characters, no space in between"))
}

#[cfg(test)]
mod tests;
