//! Which names may appear where: no mission in the host, no machine in the tree.
//!
//! The host runs any mission, so it knows none by name. The names are read from the
//! folders of `examples/`, so a new mission is covered by being there.

use std::path::Path;

use super::{File, Report};
use crate::failure::Failure;
use crate::workspace::{folders_in, name_of};

/// Where no mission is mentioned.
const NEUTRAL: [&str; 3] = ["host/", "wit/", "sdk/"];

/// Lucid's own words. A mission's plugin that has one for its name does not take it away.
const OWN: [&str; 30] = [
    "agent",
    "checks",
    "consolidate",
    "dream",
    "echo",
    "engine",
    "events",
    "extract",
    "files",
    "formats",
    "grader",
    "judge",
    "mcp",
    "memory",
    "model",
    "office",
    "panel",
    "plugin",
    "policy",
    "reflect",
    "rubric",
    "search",
    "session",
    "stats",
    "store",
    "table",
    "test",
    "tool",
    "tools",
    "view",
];

/// Folders of people's own machines. In two halves, so that this file does not break its
/// own rule.
const MACHINE: [&str; 2] = [concat!("/ro", "ot/"), concat!("/wo", "rk/")];

/// The names of the missions and of their plugins, each as its words.
pub(super) fn of_missions(root: &Path) -> Result<Vec<Vec<String>>, Failure> {
    let mut names = Vec::new();
    for mission in folders_in(&root.join("examples"))? {
        names.push(name_of(&mission));
        names.extend(folders_in(&mission.join("plugins"))?.iter().map(|plugin| name_of(plugin)));
    }
    names.retain(|name| !OWN.contains(&name.as_str()));
    Ok(names.iter().map(|name| words_of(name)).collect())
}

/// Checks every text of the tree.
pub(super) fn check(missions: &[Vec<String>], files: &[File], report: &mut Report) {
    for file in files {
        let neutral = NEUTRAL.iter().any(|folder| file.path.starts_with(folder));
        for (number, line) in file.text.lines().enumerate() {
            let place = format!("{}:{}", file.path, number + 1);
            if let Some(path) = MACHINE.iter().find(|path| names_machine(line, path)) {
                report.problems.push(format!("{place}: `{path}` is of one machine only"));
            }
            let mission = missions.iter().filter(|_| neutral).find(|name| has_name(line, name));
            if let Some(name) = mission {
                let name = name.join("-");
                report.problems.push(format!("{place}: `{name}` is a mission's, not the host's"));
            }
        }
    }
}

/// Whether the folder is named from the root of a machine, not inside another path.
fn names_machine(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || "_-./~}>)$*".contains(c))
    })
}

fn has_name(line: &str, name: &[String]) -> bool {
    // Most lines have none of it; splitting each for every name would take seconds.
    let lower = line.to_lowercase();
    name.iter().all(|word| lower.contains(word.as_str()))
        && !name.is_empty()
        && words_of(line).windows(name.len()).any(|words| words == name)
}

/// The words of a text in lower case: `LunarMap`, `lunar_map` and `lunar-map` have the same.
fn words_of(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for c in text.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && after_lower) {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            words.last_mut().into_iter().for_each(|word| word.extend(c.to_lowercase()));
        }
        after_lower = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, text: &str) -> usize {
        let mut report = Report::default();
        let file = File { path: path.to_owned(), text: text.to_owned() };
        check(&[words_of("lunar-map"), words_of("rover")], &[file], &mut report);
        report.problems.len()
    }

    #[test]
    fn the_host_does_not_name_a_mission_however_it_is_written() {
        for text in ["LunarMap", "lunar_map", "// the lunar map", "\"Rover\"", "roverSpeed"] {
            assert_eq!(problems("host/cli/src/a.rs", text), 1, "{text}");
            assert_eq!(problems("wit/a.wit", text), 1, "{text}");
            assert_eq!(problems("examples/m/README.md", text), 0, "{text}");
        }
        for text in ["lunar", "discovered", "lunar base map", "turnover"] {
            assert_eq!(problems("host/cli/src/a.rs", text), 0, "{text}");
        }
    }

    #[test]
    fn no_file_names_a_folder_of_one_machine() {
        for folder in MACHINE {
            assert_eq!(problems("README.md", &format!("cd {folder}lucid")), 1);
            assert_eq!(problems("README.md", &format!("`/mnt{folder}x` $X{folder}y")), 0);
        }
    }
}
