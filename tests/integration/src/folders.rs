//! Folders as they are, to be compared.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// One thing in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A folder.
    Folder,
    /// A file: its bytes, and when it was written.
    File(Vec<u8>, SystemTime),
    /// A link, and where it leads.
    Link(PathBuf),
}

/// Everything below a folder, by relative path.
#[must_use]
pub fn tree(folder: &Path) -> BTreeMap<String, Found> {
    let mut found = BTreeMap::new();
    collect(folder, "", &mut found);
    found
}

fn collect(folder: &Path, prefix: &str, found: &mut BTreeMap<String, Found>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().unwrap();
        let path = entry.path();
        if kind.is_symlink() {
            found.insert(name, Found::Link(std::fs::read_link(path).unwrap()));
        } else if kind.is_dir() {
            collect(&path, &format!("{name}/"), found);
            found.insert(name, Found::Folder);
        } else {
            let written = entry.metadata().unwrap().modified().unwrap();
            found.insert(name, Found::File(std::fs::read(path).unwrap(), written));
        }
    }
}
