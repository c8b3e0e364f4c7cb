//! What a manifest's types cannot say: ranges, spellings, and what each kind may ask for.

use super::{Capabilities, FileAccess, Kind, Manifest, WantedLimits};
use crate::http::HostRule;

/// Longer than any name a person would type, shorter than any file system's limit.
const NAME_CHARACTERS_MAX: usize = 64;
const VERSION_CHARACTERS_MAX: usize = 64;
const DESCRIPTION_CHARACTERS_MAX: usize = 1_000;
/// A list longer than this asks for "all of them", which is not a request one can judge.
const LIST_ENTRIES_MAX: usize = 64;
/// All that a 32-bit linear memory can hold.
const MEMORY_MIB_MAX: u32 = 4_096;
const DEADLINE_MS_MAX: u64 = 24 * 60 * 60 * 1_000;

/// The first thing wrong with a manifest that is well-formed.
pub(super) struct Fault {
    /// The table the key is in; `None` for the top level.
    pub(super) table: Option<&'static str>,
    /// The key whose value is wrong.
    pub(super) key: &'static str,
    /// What is wrong.
    pub(super) message: String,
    /// What to do about it.
    pub(super) hint: String,
}

/// Checks everything and returns the first fault, in the order of the file.
pub(super) fn first_fault(manifest: &Manifest) -> Option<Fault> {
    identity(manifest)
        .or_else(|| kind_fault(manifest.kind, &manifest.capabilities))
        .or_else(|| environment_fault(&manifest.capabilities.environment))
        .or_else(|| http_fault(&manifest.capabilities.http))
        .or_else(|| limits_fault(manifest.limits))
}

fn identity(manifest: &Manifest) -> Option<Fault> {
    let top = |key, message: &str, hint: &str| {
        Some(Fault { table: None, key, message: message.to_owned(), hint: hint.to_owned() })
    };
    let name = &manifest.name;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > NAME_CHARACTERS_MAX || !name.chars().all(plain) {
        return top(
            "name",
            "`name` is not 1 to 64 lower-case letters, digits and hyphens",
            "write a name such as `word-count`",
        );
    }
    if !is_version(&manifest.version) {
        return top(
            "version",
            "`version` is not of the form MAJOR.MINOR.PATCH",
            "write a version such as `0.1.0` or `1.0.0-rc.1`",
        );
    }
    let description = &manifest.description;
    if description.trim().is_empty() {
        return top(
            "description",
            "`description` is empty",
            "say what the plugin does, for the person who grants its requests",
        );
    }
    // People read descriptions in a terminal, where control characters are commands.
    if description.chars().any(|c| c.is_control() && c != '\n') {
        return top(
            "description",
            "`description` has control characters",
            "write plain text and line breaks only",
        );
    }
    if description.chars().count() > DESCRIPTION_CHARACTERS_MAX {
        return top(
            "description",
            "`description` is longer than 1,000 characters",
            "say it in a sentence, and put the rest into the plugin's documentation",
        );
    }
    None
}

/// Three numbers, then optionally `-` and `+` parts, as in semantic versioning.
fn is_version(version: &str) -> bool {
    let (rest, build) = version.split_once('+').unwrap_or((version, "0"));
    let (core, pre) = rest.split_once('-').unwrap_or((rest, "0"));
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let word = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    version.len() <= VERSION_CHARACTERS_MAX
        && core.split('.').count() == 3
        && core.split('.').all(number)
        && pre.split('.').all(word)
        && build.split('.').all(word)
}

/// What a kind's world does not import can be asked for, but never be given.
fn kind_fault(kind: Kind, capabilities: &Capabilities) -> Option<Fault> {
    let dream_only = [
        ("transcripts", capabilities.transcripts),
        ("memories", capabilities.memories),
        ("proposals", capabilities.proposals),
    ];
    if kind != Kind::Dream
        && let Some((key, _)) = dream_only.into_iter().find(|(_, wanted)| *wanted)
    {
        return Some(capability(
            key,
            format!("a {kind} cannot have `{key}`: only a dream can"),
            format!("remove `{key}`, or make the plugin a dream"),
        ));
    }
    if kind != Kind::Grader && capabilities.graders {
        return Some(capability(
            "graders",
            format!("a {kind} cannot have `graders`: only a grader can"),
            "remove `graders`, or make the plugin a grader".to_owned(),
        ));
    }
    if matches!(kind, Kind::Grader | Kind::Dream) && !capabilities.http.is_empty() {
        return Some(capability(
            "http",
            format!("a {kind} cannot have `http`: what it gives must not depend on the network"),
            "remove `http`; a tool can fetch what is needed and write it to a file".to_owned(),
        ));
    }
    if kind == Kind::Model && capabilities.model {
        return Some(capability(
            "model",
            "a model cannot ask another model".to_owned(),
            "remove `model`, or ask for `http` to reach a provider".to_owned(),
        ));
    }
    let reads_only = matches!(kind, Kind::Grader | Kind::Dream);
    if reads_only && capabilities.files == Some(FileAccess::ReadWrite) {
        return Some(capability(
            "files",
            format!("a {kind} cannot write files"),
            "ask for `files = \"read-only\"`".to_owned(),
        ));
    }
    None
}

fn environment_fault(names: &[String]) -> Option<Fault> {
    let legal = |name: &String| {
        let letter = |b: u8| b.is_ascii_alphabetic() || b == b'_';
        name.bytes().next().is_some_and(letter)
            && name.bytes().all(|b| letter(b) || b.is_ascii_digit())
    };
    if let Some(name) = names.iter().find(|name| !legal(name)) {
        return Some(capability(
            "environment",
            format!("`{}` is not the name of an environment variable", name.escape_debug()),
            "list names of letters, digits and underscores, without values".to_owned(),
        ));
    }
    list_fault("environment", names)
}

fn http_fault(hosts: &[String]) -> Option<Fault> {
    if let Some(failure) = hosts.iter().find_map(|host| HostRule::parse(host).err()) {
        return Some(capability("http", failure.message, failure.hint.unwrap_or_default()));
    }
    list_fault("http", hosts)
}

fn list_fault(key: &'static str, entries: &[String]) -> Option<Fault> {
    if entries.len() > LIST_ENTRIES_MAX {
        return Some(capability(
            key,
            format!("`{key}` has {} entries, more than 64", entries.len()),
            "ask for what the plugin uses".to_owned(),
        ));
    }
    let twice = entries
        .iter()
        .enumerate()
        .find(|(at, entry)| entries.iter().take(*at).any(|e| e == *entry));
    twice.map(|(_, entry)| {
        capability(key, format!("`{key}` names `{entry}` twice"), "name it once".to_owned())
    })
}

fn limits_fault(limits: WantedLimits) -> Option<Fault> {
    let limit = |key, message: &str, hint: &str| {
        let table = Some("limits");
        Some(Fault { table, key, message: message.to_owned(), hint: hint.to_owned() })
    };
    if limits.memory_mib.is_some_and(|mib| !(1..=MEMORY_MIB_MAX).contains(&mib)) {
        return limit(
            "memory_mib",
            "`memory_mib` is not between 1 and 4,096",
            "ask for what the plugin was measured to need, or leave it out",
        );
    }
    if limits.deadline_ms.is_some_and(|ms| !(1..=DEADLINE_MS_MAX).contains(&ms)) {
        return limit(
            "deadline_ms",
            "`deadline_ms` is not between 1 and 86,400,000",
            "ask for what one call was measured to need, or leave it out",
        );
    }
    None
}

fn capability(key: &'static str, message: String, hint: String) -> Fault {
    Fault { table: Some("capabilities"), key, message, hint }
}
