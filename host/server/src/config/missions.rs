//! The missions that clients may name: the section `[missions]`.
//!
//! A mission names files and grants of this machine, so whoever runs the server says which
//! there are; a client can bring none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lucid_core::{Failure, Result};
use toml::{Table, Value};

/// Characters of a name at most.
const NAME_MAX: usize = 64;

/// Missions by their names, each with the folder that it lies in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Missions(BTreeMap<String, PathBuf>);

impl Missions {
    /// Reads them from the text of the file; paths begin in its folder.
    ///
    /// # Errors
    /// Invalid, when a name is none, or no mission lies where one is said to be.
    pub(crate) fn read(text: &str, folder: &Path) -> Result<Self> {
        let wrong = |why: &str| {
            Failure::invalid(format!("configuration: [missions]: {why}")).hint(
                "it has lines `NAME = \"PATH\"`: a name of letters, digits, `-` and `_`, and a \
                 mission's folder, as seen from the folder of this file",
            )
        };
        let table: Table = toml::from_str(text).map_err(|error| wrong(error.message()))?;
        let Some(section) = table.get("missions") else { return Ok(Self::default()) };
        let section = section.as_table().ok_or_else(|| wrong("it is no section"))?;
        let mut missions = BTreeMap::new();
        for (name, path) in section {
            if !is_name(name) {
                return Err(wrong(&format!("`{}` is no name", name.escape_debug())));
            }
            let Value::String(path) = path else {
                return Err(wrong(&format!("`{name}` is no path")));
            };
            let found = lies_in(&folder.join(path))
                .ok_or_else(|| wrong(&format!("no mission `{name}` lies at `{path}`")))?;
            missions.insert(name.clone(), found);
        }
        Ok(Self(missions))
    }

    /// Where the mission lies that a client names.
    ///
    /// # Errors
    /// Invalid, when it is a path, or there is none of that name; the hint has those there are.
    pub(crate) fn find(&self, named: &Path) -> Result<PathBuf> {
        let name = named.to_str().unwrap_or_default();
        if let Some(folder) = self.0.get(name) {
            return Ok(folder.clone());
        }
        let names: Vec<&str> = self.0.keys().map(String::as_str).collect();
        let hint = match names.is_empty() {
            true => "whoever runs the server names missions in `[missions]` of its `--config`; \
                     without one, run it where the folder is, with `--state DIR`"
                .to_owned(),
            false => format!("these are there: {}", names.join(", ")),
        };
        let message = match is_name(name) {
            true => format!("this server has no mission `{name}`"),
            false => "over a server a mission is named, and not given as a file".to_owned(),
        };
        Err(Failure::invalid(message).hint(hint))
    }

    /// How the mission is named that lies in a folder, or whose file this is.
    pub(crate) fn name_of(&self, path: &Path) -> Option<&str> {
        let folder = folder_of(path);
        let mut found = self.0.iter().filter(|(_, lies)| *lies == folder);
        found.next().map(|(name, _)| name.as_str())
    }
}

fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    (1..=NAME_MAX).contains(&name.len()) && name.chars().all(plain)
}

/// A mission's folder, which may be given as its file.
fn folder_of(path: &Path) -> &Path {
    match path.file_name().is_some_and(|name| name == "mission.toml") {
        true => path.parent().unwrap_or(path),
        false => path,
    }
}

/// The whole path of the folder of a mission that is there.
fn lies_in(path: &Path) -> Option<PathBuf> {
    let folder = folder_of(path).canonicalize().ok()?;
    folder.join("mission.toml").is_file().then_some(folder)
}

#[cfg(test)]
mod tests {
    use lucid_core::FailureKind;

    use super::*;

    /// A folder with a mission in `fly`, and one in `deep/land`.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in ["fly", "deep/land"] {
            let mission = folder.path().join(name);
            #[expect(clippy::disallowed_methods, reason = "a test writes files")]
            std::fs::create_dir_all(&mission).unwrap();
            #[expect(clippy::disallowed_methods, reason = "a test writes files")]
            std::fs::write(mission.join("mission.toml"), "").unwrap();
        }
        folder
    }

    #[test]
    fn missions_are_found_from_the_folder_of_the_file_by_their_names_alone() {
        let folder = folder();
        let text = "[missions]\nfly = \"fly\"\nLand-2_x = \"deep/../deep/land/mission.toml\"\n";
        let missions = Missions::read(text, folder.path()).unwrap();
        let root = folder.path().canonicalize().unwrap();
        let find = |name: &str| missions.find(Path::new(name));
        assert_eq!(find("fly").unwrap(), root.join("fly"));
        assert_eq!(find("Land-2_x").unwrap(), root.join("deep/land"));
        assert_eq!(missions.name_of(&root.join("fly/mission.toml")), Some("fly"));
        assert_eq!(missions.name_of(&root.join("deep")), None);
        let whole = root.join("fly");
        for wrong in ["fl", "land", "./fly", "fly/", "../fly", "", whole.to_str().unwrap()] {
            let failure = find(wrong).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Invalid, "{wrong}");
            let is_name = ["fl", "land"].contains(&wrong);
            assert_ne!(failure.message.contains("over a server"), is_name, "{wrong}: {failure}");
            let hint = failure.hint.as_deref().unwrap();
            assert_eq!(hint, "these are there: Land-2_x, fly", "{wrong}");
            let lies = root.to_str().unwrap();
            assert!(!failure.message.contains(lies), "{wrong}: {failure}");
        }
    }

    #[test]
    fn without_a_section_there_is_none_and_who_could_name_one_is_told() {
        let missions = Missions::read("[dreams]\n", Path::new("nowhere")).unwrap();
        assert_eq!(missions, Missions::default());
        let hint = missions.find(Path::new("fly")).unwrap_err().hint.unwrap();
        assert!(hint.contains("[missions]") && hint.contains("--state"), "{hint}");
    }

    #[test]
    fn what_is_misspelt_or_not_there_is_refused_and_never_ignored() {
        let folder = folder();
        let long = format!("{} = \"fly\"", "x".repeat(NAME_MAX + 1));
        for wrong in [
            "fly = \"flu\"",
            "fly = \"deep\"",
            "fly = \"fly/mission\"",
            "fly = 1",
            "fly = { path = \"fly\" }",
            "\"a b\" = \"fly\"",
            "\"../fly\" = \"fly\"",
            "\"\" = \"fly\"",
            long.as_str(),
        ] {
            let failure = Missions::read(&format!("[missions]\n{wrong}\n"), folder.path());
            let failure = failure.unwrap_err();
            assert_eq!(failure.kind, FailureKind::Invalid, "{wrong}");
            assert!(failure.message.contains("[missions]"), "{wrong}: {failure}");
            assert!(failure.hint.is_some(), "{wrong}");
        }
        assert!(Missions::read("missions = \"fly\"", folder.path()).is_err());
    }
}
