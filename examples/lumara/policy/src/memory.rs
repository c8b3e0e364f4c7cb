//! Reading the mounted memory: list its files, read them, collect their rules.

use serde_json::{Value, json};

use crate::conversation::Conversation;
use crate::rules::{Rule, rules};

/// Where memory stores are mounted.
const MOUNTS: &str = "/mnt/memory/";

/// Most files that are read.
const FILES_MAX: usize = 24;

/// How far the reading of the memory has come.
#[derive(Debug, Clone, PartialEq)]
pub enum Memory {
    /// These calls come next.
    Next(Vec<(&'static str, Value)>),
    /// All that could be read was read; these are its rules. Without a memory, or without
    /// a readable file, there are none, and work goes on.
    Known(Vec<Rule>),
}

impl Memory {
    /// Looks at what was read so far.
    pub fn of(conversation: &Conversation<'_>) -> Self {
        let Some(mount) = mount(conversation.system) else {
            return Self::Known(Vec::new());
        };
        let Some(listed) = conversation.call_with("glob", "path", mount) else {
            return Self::Next(vec![("glob", json!({"pattern": "**/*.md", "path": mount}))]);
        };
        let paths = paths(listed.text().unwrap_or_default(), mount);
        let read = |path: &String| conversation.call_with("read", "file_path", path);
        let unread: Vec<_> = paths
            .iter()
            .filter(|path| read(path).is_none())
            .map(|path| ("read", json!({"file_path": path})))
            .collect();
        if !unread.is_empty() {
            return Self::Next(unread);
        }
        let texts = paths.iter().filter_map(read).filter_map(|call| call.text().ok());
        Self::Known(texts.flat_map(rules).collect())
    }
}

/// The first mount that the system prompt names, without a slash at its end.
fn mount(system: &str) -> Option<&str> {
    let path = &system[system.find(MOUNTS)?..];
    let name = &path[MOUNTS.len()..];
    let ends = |c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_'));
    let length = name.find(ends).unwrap_or(name.len());
    (length > 0).then(|| &path[..MOUNTS.len() + length])
}

/// The files in a listing, in the order of their paths.
fn paths(listing: &str, mount: &str) -> Vec<String> {
    let markdown = listing.lines().map(str::trim).filter(|line| line.ends_with(".md"));
    let absolute = |line: &str| match line.starts_with('/') {
        true => line.to_owned(),
        false => format!("{mount}/{}", line.trim_start_matches("./")),
    };
    let mut paths: Vec<String> = markdown.map(absolute).collect();
    paths.sort();
    paths.truncate(FILES_MAX);
    paths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::Call;

    const SYSTEM: &str = "Be kind.\nMemory store \"m\" is mounted read-only at /mnt/memory/m/.";

    fn conversation(calls: Vec<Call<'static>>) -> Conversation<'static> {
        Conversation { system: SYSTEM, texts: Vec::new(), calls }
    }

    fn call(
        name: &'static str,
        input: Value,
        result: Result<&'static str, &'static str>,
    ) -> Call<'static> {
        Call { name, input, result: Some(result) }
    }

    fn listed(result: Result<&'static str, &'static str>) -> Call<'static> {
        call("glob", json!({"pattern": "**/*.md", "path": "/mnt/memory/m"}), result)
    }

    #[test]
    fn files_are_listed_then_read_at_once_and_then_known() {
        let first = Memory::of(&conversation(Vec::new()));
        assert!(matches!(first, Memory::Next(calls) if calls[0].0 == "glob"));
        let files = listed(Ok("/mnt/memory/m/b.md\na.md\npicture.png"));
        let Memory::Next(reads) = Memory::of(&conversation(vec![files.clone()])) else {
            panic!("nothing is read yet");
        };
        assert_eq!(reads[0], ("read", json!({"file_path": "/mnt/memory/m/a.md"})));
        assert_eq!(reads.len(), 2);
        let a = call("read", reads[0].1.clone(), Ok("- Rule: `x.y` at most 3"));
        let b = call("read", reads[1].1.clone(), Err("gone"));
        let Memory::Known(rules) = Memory::of(&conversation(vec![files, a, b])) else {
            panic!("all was tried");
        };
        assert_eq!(rules.len(), 1);
    }

    #[test]
    fn work_goes_on_without_a_memory() {
        let known = Memory::Known(Vec::new());
        let bare = Conversation { system: "Be kind.", texts: Vec::new(), calls: Vec::new() };
        assert_eq!(Memory::of(&bare), known);
        for result in [Ok("no matches"), Ok(""), Err("no such folder")] {
            assert_eq!(Memory::of(&conversation(vec![listed(result)])), known);
        }
    }
}
