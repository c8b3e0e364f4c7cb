//! A plugin's manifest: what it is, what it asks for, and what it needs beyond the defaults.
//!
//! The manifest is a request, never a grant: everything is off unless asked for, and what
//! is asked for is still given only where a mission or the command line grants it. A key
//! that is not known is an error, because a capability that was misspelt must not pass
//! for one that was not wanted.

mod check;
#[cfg(test)]
mod property;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use toml::de::{DeTable, DeValue};

/// The custom section of the component file that holds the manifest's text.
pub const SECTION: &str = "lucid:manifest";

/// The largest manifest that is read, in bytes: a hundred times a typical one.
pub const MANIFEST_BYTES_MAX: usize = 64 * 1024;

/// What a plugin says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The plugin's name: lower-case letters, digits and hyphens, at most 64.
    pub name: String,
    /// The plugin's version, such as `0.1.0`.
    pub version: String,
    /// Which of the four worlds the component implements.
    pub kind: Kind,
    /// What the plugin does, for a person who decides whether to grant its requests.
    pub description: String,
    /// What it asks for; nothing by default.
    #[serde(default)]
    pub capabilities: Capabilities,
    /// What it needs beyond the default limits; nothing by default.
    #[serde(default)]
    pub limits: WantedLimits,
}

/// The kind of a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Tools that an agent calls.
    Tool,
    /// A model that answers a conversation.
    Model,
    /// A judge of outputs against a rubric.
    Grader,
    /// A strategy that proposes operations on a memory store.
    Dream,
}

impl Kind {
    /// The word that names the kind in manifests, on the command line and in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Model => "model",
            Self::Grader => "grader",
            Self::Dream => "dream",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// The capabilities a plugin asks for. The default asks for none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Capabilities {
    /// Files of the view it is called with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<FileAccess>,
    /// Environment variables, by name.
    pub environment: Vec<String>,
    /// Asking a model, within a budget of tokens.
    pub model: bool,
    /// Asking the other graders of a panel. Graders only.
    pub graders: bool,
    /// Reading past sessions. Dreams only.
    pub transcripts: bool,
    /// Reading the input memory store. Dreams only.
    pub memories: bool,
    /// Proposing operations on a memory store. Dreams only.
    pub proposals: bool,
    /// Hosts it sends HTTP requests to: `host` for ports 80 and 443, `host:port`, or `*` for
    /// whatever hosts it is granted. Tools and models only.
    pub http: Vec<String>,
}

/// How much of its view a plugin may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileAccess {
    /// Reading only.
    ReadOnly,
    /// Reading, writing, creating and removing, where the view is writable.
    ReadWrite,
}

impl fmt::Display for FileAccess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::ReadOnly => "read-only",
            Self::ReadWrite => "read-write",
        })
    }
}

/// Limits a plugin needs that differ from the defaults. `None` is the default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WantedLimits {
    /// Linear memory in all, in MiB: 1 to 4,096.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_mib: Option<u32>,
    /// Wall time of one call, in milliseconds: 1 to 86,400,000 (a day).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline_ms: Option<u64>,
}

/// Why a manifest is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("manifest line {line}: {message}")]
pub struct ManifestError {
    /// The line the message is about, from 1.
    pub line: usize,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The next step for the plugin's author.
    pub hint: String,
}

impl Manifest {
    /// Reads a manifest and checks all that can be known without the component.
    ///
    /// # Errors
    /// [`ManifestError`] for text that is not TOML, a key that is missing or not known, a
    /// value outside its range, and a capability that the plugin's kind cannot have.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        if text.len() > MANIFEST_BYTES_MAX {
            return Err(ManifestError {
                line: 1,
                message: format!("the manifest is larger than {MANIFEST_BYTES_MAX} bytes"),
                hint: "put long texts into the plugin's documentation".to_owned(),
            });
        }
        let manifest: Self = toml::from_str(text).map_err(|error| ManifestError {
            line: line_at(text, error.span().map_or(0, |span| span.start)),
            // It quotes the text, which a terminal must not take for commands.
            message: error.message().replace('\n', " ").replace(char::is_control, "\u{fffd}"),
            hint: "correct that line: a key or value that is not known is never ignored".to_owned(),
        })?;
        match check::first_fault(&manifest) {
            None => Ok(manifest),
            Some(fault) => Err(ManifestError {
                line: line_of_key(text, fault.table, fault.key),
                message: fault.message,
                hint: fault.hint,
            }),
        }
    }
}

/// The line, from 1, of a byte offset into the text.
fn line_at(text: &str, offset: usize) -> usize {
    let before = text.bytes().take(offset);
    1 + before.filter(|byte| *byte == b'\n').count()
}

/// The line of a key's value, from 1; of the table, or the start, where there is no key.
fn line_of_key(text: &str, table: Option<&str>, key: &str) -> usize {
    let Ok(root) = DeTable::parse(text) else {
        return 1;
    };
    let offset = match table {
        None => key_in(root.get_ref(), key).map(|(start, _)| start),
        Some(table) => key_in(root.get_ref(), table).map(|(start, value)| {
            let inner = value.as_table().and_then(|inner| key_in(inner, key));
            inner.map_or(start, |(start, _)| start)
        }),
    };
    line_at(text, offset.unwrap_or(0))
}

/// Where a key of a table is, and its value.
fn key_in<'a, 'i>(table: &'a DeTable<'i>, key: &str) -> Option<(usize, &'a DeValue<'i>)> {
    let found = table.iter().find(|(name, _)| name.get_ref() == key);
    found.map(|(name, value)| (name.span().start, value.get_ref()))
}
