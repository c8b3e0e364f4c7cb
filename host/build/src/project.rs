//! A new project, from a template.

use std::path::Path;

use lucid_core::{Failure, Result};
use lucid_policy::manifest::{Kind, Manifest};

use crate::language::Language;
use crate::{embedded, file, interfaces};

/// The name that a template has, which becomes the project's; also with `_` for `-`.
const NAME: &str = "my-plugin";

/// Where a Rust project has the SDK.
const SDK: &str = "vendor/lucid-sdk";

/// Makes a project in a folder that is not there yet, or is empty, and gives how many files
/// it wrote.
///
/// # Errors
/// Invalid, when the name is none for a plugin, the language has no template of the kind, or
/// the folder has something in it; failed, when it cannot be written.
pub fn create(folder: &Path, name: &str, kind: Kind, language: Language) -> Result<usize> {
    check_name(name)?;
    let files = template(name, kind, language)?;
    if std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        let place = folder.display();
        return Err(Failure::invalid(format!("the folder {place} is there and is not empty"))
            .hint("choose another name, or another folder with `--dir`"));
    }
    std::fs::create_dir_all(folder).map_err(|error| file("make", folder, &error))?;
    let mut written = 0;
    for (path, bytes) in &files {
        interfaces::write(&folder.join(path), bytes)?;
        written += 1;
    }
    if language.toolchain().needs_interfaces() {
        return Ok(written + interfaces::write_interfaces(&folder.join("wit"))?);
    }
    for (path, bytes) in embedded::below("sdk") {
        interfaces::write(&folder.join(SDK).join(path), bytes)?;
        written += 1;
    }
    Ok(written)
}

/// Says what is wrong with a name before a compiler does, in a language of its own.
fn check_name(name: &str) -> Result<()> {
    let plain =
        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let letter = name.starts_with(|first: char| first.is_ascii_lowercase());
    if !plain || !letter || name.ends_with('-') || name.contains("--") {
        return Err(Failure::invalid(format!("`{name}` is no name for a plugin"))
            .hint("use lower-case letters, digits and single `-`, with a letter first"));
    }
    // The manifest knows the rest, such as how long it may be.
    let text =
        format!("name = \"{name}\"\nversion = \"0.1.0\"\nkind = \"tool\"\ndescription = \"x\"");
    match Manifest::parse(&text) {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::invalid(error.message).hint(error.hint)),
    }
}

/// The files of a template under the project's name. Those of the kind stand in place of
/// those that all kinds of the language have.
fn template(name: &str, kind: Kind, language: Language) -> Result<Vec<(String, Vec<u8>)>> {
    let folder = |part: &str| format!("templates/{}/{part}", language.name());
    let own: Vec<_> = embedded::below(&folder(&kind.to_string())).collect();
    if own.is_empty() {
        let kinds: Vec<String> = language.kinds().iter().map(Kind::to_string).collect();
        let languages = Language::ALL.into_iter().filter(|one| one.kinds().contains(&kind));
        let languages: Vec<&str> = languages.map(Language::name).collect();
        return Err(Failure::invalid(format!("no template of kind {kind} for {language}")).hint(
            format!(
                "{language} has {}; of kind {kind} there are {}",
                kinds.join(", "),
                languages.join(", ")
            ),
        ));
    }
    let of_kind = |path: &str| own.iter().any(|(other, _)| *other == path);
    let common = folder("common");
    let shared = embedded::below(&common).filter(|(path, _)| !of_kind(path));
    Ok(shared.chain(own.iter().copied()).map(|(path, bytes)| named(name, path, bytes)).collect())
}

/// A file of a template under the project's name.
fn named(name: &str, path: &str, bytes: &[u8]) -> (String, Vec<u8>) {
    let rename = |text: &str| {
        text.replace(NAME, name).replace(&NAME.replace('-', "_"), &name.replace('-', "_"))
    };
    let path = match path.strip_suffix("gitignore") {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => format!("{folder}.gitignore"),
        _ => rename(path),
    };
    let bytes = match std::str::from_utf8(bytes) {
        Ok(text) => rename(text).into_bytes(),
        Err(_) => bytes.to_vec(),
    };
    (path, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_a_project_with_its_own_name_and_nothing_of_the_templates() {
        for language in Language::ALL {
            for kind in language.kinds() {
                let folder = tempfile::tempdir().unwrap();
                let written = create(folder.path(), "sea-level", *kind, language).unwrap();
                assert!(written > 10, "{language} {kind}: {written} files");
                let (_, manifest) = crate::manifest_of(&folder.path().join("plugin.toml")).unwrap();
                assert_eq!((manifest.name.as_str(), manifest.kind), ("sea-level", *kind));
                assert_eq!(Language::of(folder.path()).unwrap(), language);
                for needed in ["README.md", ".gitignore"] {
                    assert!(folder.path().join(needed).is_file(), "{language} {kind}: {needed}");
                }
                for (path, bytes) in template("sea-level", *kind, language).unwrap() {
                    let text = String::from_utf8(bytes).unwrap();
                    for left in ["my-plugin", "my_plugin"] {
                        assert!(!path.contains(left) && !text.contains(left), "{path}");
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_is_written_over_and_a_bad_name_or_kind_is_refused_first() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("new");
        for name in ["", "Upper", "1st", "a b", "-a", "a-", "a--b", "../a", "ä", &"x".repeat(200)]
        {
            let failure = create(&inside, name, Kind::Tool, Language::Rust).unwrap_err();
            assert!(failure.hint.is_some(), "{name}: {failure}");
        }
        let failure = create(&inside, "a", Kind::Dream, Language::C).unwrap_err();
        assert!(failure.hint.unwrap().contains("rust, python, js"));
        assert!(!inside.exists());
        std::fs::write(folder.path().join("mine"), "1").unwrap();
        let failure = create(folder.path(), "a", Kind::Tool, Language::Rust).unwrap_err();
        assert!(failure.message.contains("not empty"), "{failure}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
