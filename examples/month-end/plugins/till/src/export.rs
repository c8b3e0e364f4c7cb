//! `export`.

use std::path::Path;
use std::str::FromStr;

use lucid_sdk::prelude::*;

use crate::month::Month;

/// Where the export goes. Who makes the close may read it there, and not write.
pub const FOLDER: &str = "/mnt/session/outputs/source";

/// The input of `export`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {}

/// The result of `export`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// The branch's number.
    pub branch: u32,
    /// The month, such as `2026-03`.
    pub month: String,
    /// The folder of the files.
    pub folder: String,
    /// The files in it.
    pub files: Vec<String>,
    /// How many orders there are.
    pub orders: usize,
    /// How many corrections.
    pub corrections: usize,
}

/// Exports the branch's month to `/mnt/session/outputs/source`: `branch.json`, `orders.csv`, and
/// `corrections.csv` with what was corrected later.
///
/// # Errors
/// Denied, where the mission grants no branch; failed, where the files cannot be written.
#[tool(destructive, idempotent)]
pub fn export(_input: Input) -> Result<Json<Exported>, ToolError> {
    let seed = granted("TILL_SEED", std::env::var("TILL_SEED").ok().as_deref())?;
    let branch = granted("TILL_BRANCH", std::env::var("TILL_BRANCH").ok().as_deref())?;
    write(&Month::of(seed, branch), Path::new(FOLDER)).map(Json)
}

/// Writes the files of an export.
///
/// # Errors
/// Why they cannot be written.
pub fn write(month: &Month, folder: &Path) -> Result<Exported, ToolError> {
    let failed = |path: &Path, error: &dyn std::fmt::Display| {
        ToolError::failed(format!("cannot write {}: {error}", path.display()))
    };
    // In a session the folder is there: it is the agent's.
    if !folder.is_dir() {
        std::fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    }
    let mut files = Vec::new();
    for (name, text) in month.files() {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|error| failed(&path, &error))?;
        files.push(name.to_owned());
    }
    Ok(Exported {
        branch: month.branch,
        month: month.month.clone(),
        folder: folder.display().to_string(),
        files,
        orders: month.orders.len(),
        corrections: month.corrections.len(),
    })
}

fn granted<T: FromStr>(name: &str, value: Option<&str>) -> Result<T, ToolError> {
    let Some(text) = value else {
        return Err(ToolError::denied(format!("the mission grants no {name}")));
    };
    let number = text.trim().parse();
    number.map_err(|_| ToolError::denied(format!("{name} is not a whole number: `{text}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_or_malformed_grant_is_named() {
        for value in [None, Some("seven"), Some("-1"), Some("")] {
            let error = granted::<u32>("TILL_BRANCH", value);
            assert!(matches!(&error, Err(ToolError::Denied(why)) if why.contains("TILL_BRANCH")));
        }
        assert_eq!(granted::<u32>("TILL_BRANCH", Some("7")), Ok(7));
    }

    #[test]
    fn an_export_is_three_files_and_the_same_when_it_is_made_again() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("outputs/source");
        let month = Month::of(4, 7);
        let first = write(&month, &folder).unwrap();
        assert_eq!(first.files, ["branch.json", "orders.csv", "corrections.csv"]);
        let read = || first.files.iter().map(|name| std::fs::read_to_string(folder.join(name)));
        let texts: Vec<String> = read().map(Result::unwrap).collect();
        assert_eq!(write(&month, &folder), Ok(first.clone()));
        assert_eq!(read().map(Result::unwrap).collect::<Vec<_>>(), texts);
        assert!(texts[0].contains("https://till.example/exports/"), "{}", texts[0]);
        assert_eq!(texts[1].lines().count(), first.orders + 1);
        assert_eq!(texts[2].lines().count(), first.corrections + 1);
    }
}
