//! The files of a skill, as they are uploaded.

use std::collections::BTreeSet;

use super::front_matter::FrontMatter;
use crate::check::text;
use crate::error::{ApiError, Result};

/// Bytes of a skill's files together at most.
pub const SKILL_BYTES_MAX: usize = 30 << 20;
/// Files of a skill at most.
pub const SKILL_FILES_MAX: usize = 1_000;

const PATH_MAX: usize = 512;
const PART_MAX: usize = 255;
const NAME_MAX: usize = 64;
const DESCRIPTION_MAX: usize = 1_024;
const FRONT: &str = "SKILL.md";

/// One file of a skill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkillFile {
    /// Its path, with the skill's folder in front.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// The files of a skill, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The skill's name: `name` of its `SKILL.md`, else that of its folder.
    pub name: String,
    /// What it is for: `description` of its `SKILL.md`.
    pub description: String,
    /// The files, in the order of their paths, below a folder of the skill's name.
    pub files: Vec<SkillFile>,
}

impl Upload {
    /// Checks files.
    ///
    /// # Errors
    /// Invalid, naming the file: not all are in one folder, a path leads elsewhere, there is
    /// no `SKILL.md`, or it says not what it has to. Too large, when there is too much.
    pub fn read(files: Vec<SkillFile>) -> Result<Self> {
        if !(1..=SKILL_FILES_MAX).contains(&files.len()) {
            let has = files.len();
            let why = format!("files: {has} files, where 1 to {SKILL_FILES_MAX} may be");
            return Err(ApiError::invalid(why));
        }
        let bytes = files.iter().map(|file| file.bytes.len()).fold(0, usize::saturating_add);
        if bytes > SKILL_BYTES_MAX {
            let most = SKILL_BYTES_MAX >> 20;
            return Err(ApiError::too_large(format!("files: more than {most} MB together")));
        }
        let folder = folder(&files)?;
        let front = files.iter().find(|file| below(&file.path) == FRONT);
        let front = front.ok_or_else(|| {
            ApiError::invalid(format!("files: there is no `{folder}/{FRONT}`; every skill has one"))
        })?;
        let front = FrontMatter::read(&front.bytes)?;
        let name = front.name.unwrap_or_else(|| folder.clone());
        check_name(&name)?;
        let description = front.description.unwrap_or_default();
        text("SKILL.md: description", &description, 1..=DESCRIPTION_MAX)?;
        let mut files = files;
        for file in &mut files {
            file.path = format!("{name}/{}", below(&file.path));
        }
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(Self { name, description, files })
    }
}

/// The part of a path behind the first folder.
fn below(path: &str) -> &str {
    path.split_once('/').map_or("", |(_, below)| below)
}

/// The folder that all files are in.
fn folder(files: &[SkillFile]) -> Result<String> {
    let mut paths = BTreeSet::new();
    let mut folders = BTreeSet::new();
    let mut top = None;
    for (n, file) in files.iter().enumerate() {
        let wrong = |why: &str| Err(ApiError::invalid(format!("files[{n}]: {why}")));
        if !is_path(&file.path) {
            return wrong("its name is no plain path such as `my-skill/SKILL.md`");
        }
        let Some((first, _)) = file.path.split_once('/') else {
            return wrong("it is in no folder; all files are in one, as `my-skill/SKILL.md` is");
        };
        if *top.get_or_insert(first) != first {
            return wrong("it is in another folder than those before it");
        }
        if !paths.insert(file.path.as_str()) {
            return wrong("there is another file of the same name");
        }
        let ends = file.path.match_indices('/').map(|(end, _)| end);
        folders.extend(ends.filter_map(|end| file.path.get(..end)));
    }
    if paths.iter().any(|path| folders.contains(path)) {
        return Err(ApiError::invalid("files: one has the name of a folder"));
    }
    Ok(top.unwrap_or_default().to_owned())
}

fn is_path(path: &str) -> bool {
    let plain = |part: &str| {
        (1..=PART_MAX).contains(&part.len())
            && part != "."
            && part != ".."
            && !part.contains(['\\', ':'])
            && !part.chars().any(char::is_control)
    };
    path.len() <= PATH_MAX && path.split('/').all(plain)
}

fn check_name(name: &str) -> Result<()> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let ends = name.starts_with('-') || name.ends_with('-');
    if (1..=NAME_MAX).contains(&name.len()) && name.bytes().all(plain) && !ends {
        return Ok(());
    }
    Err(ApiError::invalid(format!(
        "SKILL.md: its `name`, or the folder's where it has none, is 1 to {NAME_MAX} lower-case \
         letters, digits and `-` in between"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> SkillFile {
        SkillFile { path: path.to_owned(), bytes: text.as_bytes().to_vec() }
    }

    fn front(front: &str) -> String {
        format!("---\n{front}\n---\n# How\n")
    }

    fn with(path: &str) -> Result<Upload> {
        let text = front("name: pdf\ndescription: d");
        Upload::read(vec![file("pdf/SKILL.md", &text), file(path, "x")])
    }

    #[test]
    fn a_skill_is_below_a_folder_of_its_name() {
        let upload = Upload::read(vec![
            file("Upload 1/scripts/a.py", "#!"),
            file("Upload 1/SKILL.md", &front("name: pdf\ndescription: Reads PDF files.")),
        ]);
        let upload = upload.unwrap();
        assert_eq!(
            (upload.name.as_str(), upload.description.as_str()),
            ("pdf", "Reads PDF files.")
        );
        let paths: Vec<_> = upload.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["pdf/SKILL.md", "pdf/scripts/a.py"]);
        let unnamed = Upload::read(vec![file("pdf/SKILL.md", &front("description: d"))]);
        assert_eq!(unnamed.unwrap().name, "pdf");
    }

    #[test]
    fn no_path_leads_out_of_the_folder() {
        assert!(with("pdf/a b/ü.txt").is_ok());
        for wrong in [
            "pdf/../x",
            "/pdf/x",
            "pdf//x",
            "pdf/",
            "pdf/./x",
            "pdf\\x",
            "pdf/a\\..\\b",
            "pdf/c:x",
            "pdf/a\0",
            "x",
            "docx/x",
            "",
            "pdf/SKILL.md",
            "pdf/SKILL.md/x",
            &format!("pdf/{}", "x".repeat(256)),
            &format!("pdf/{}x", "x/".repeat(254)),
        ] {
            assert!(with(wrong).is_err(), "{wrong:?}");
        }
        assert!(with(&format!("pdf/{}", "x".repeat(255))).is_ok());
    }

    #[test]
    fn a_skill_says_what_it_is_for() {
        let says = |text: &str| Upload::read(vec![file("pdf/SKILL.md", text)]);
        for wrong in [
            "# How",
            &front("name: pdf"),
            &front("name: pdf\ndescription:"),
            &front("name: PDF\ndescription: d"),
            &front("name: -a\ndescription: d"),
            &front(&format!("name: {}\ndescription: d", "a".repeat(65))),
            &front(&format!("description: {}", "ä".repeat(1_025))),
        ] {
            assert_eq!(says(wrong).unwrap_err().status, 400, "{wrong}");
        }
        assert!(says(&front(&format!("name: {}\ndescription: d", "a".repeat(64)))).is_ok());
        assert!(says(&front(&format!("description: {}", "ä".repeat(1_024)))).is_ok());
        let deeper = Upload::read(vec![file("pdf/a/SKILL.md", &front("description: d"))]);
        assert!(deeper.unwrap_err().message.contains("pdf/SKILL.md"));
    }

    #[test]
    fn a_skill_has_at_most_a_thousand_files_and_thirty_megabytes() {
        let many = |count: usize| {
            let mut files = vec![file("pdf/SKILL.md", &front("description: d"))];
            files.extend((1..count).map(|n| file(&format!("pdf/{n}"), "x")));
            Upload::read(files)
        };
        assert!(many(1_000).is_ok());
        assert!(many(1_001).is_err() && Upload::read(Vec::new()).is_err());
        let text = front("description: d");
        let large = |bytes: usize| {
            let large = SkillFile { path: "pdf/x".into(), bytes: vec![0; bytes] };
            Upload::read(vec![file("pdf/SKILL.md", &text), large])
        };
        assert!(large(SKILL_BYTES_MAX - text.len()).is_ok());
        assert_eq!(large(SKILL_BYTES_MAX - text.len() + 1).unwrap_err().status, 413);
    }
}
