//! The interfaces that a project is built against: `wit/deps` in its folder.

use std::path::Path;

use lucid_core::Result;

use crate::{embedded, file};

/// The folder of Lucid's own interfaces in `wit/deps`.
const OWN: &str = "lucid-plugin@0.1.0";

/// Writes Lucid's interfaces and WASI's into `deps` of a `wit` folder, in place of what is
/// there under their names, and gives how many files it wrote.
///
/// # Errors
/// Failed, when a file cannot be written.
pub fn write_interfaces(wit: &Path) -> Result<usize> {
    let mut written = 0;
    for (name, bytes) in embedded::below("wit") {
        let path = match name.strip_prefix("deps/") {
            Some(dependency) => wit.join("deps").join(dependency),
            None => wit.join("deps").join(OWN).join(name),
        };
        write(&path, bytes)?;
        written += 1;
    }
    Ok(written)
}

/// Writes them where they are not there yet: they may be left out of what is committed.
pub(crate) fn ensure(wit: &Path) -> Result<()> {
    if wit.join("deps").join(OWN).is_dir() {
        return Ok(());
    }
    write_interfaces(wit).map(|_| ())
}

/// Writes a file and the folders above it.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder).map_err(|error| file("make", folder, &error))?;
    std::fs::write(path, bytes).map_err(|error| file("write", path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interfaces_are_whole_and_what_an_author_changed_stays() {
        let folder = tempfile::tempdir().unwrap();
        ensure(folder.path()).unwrap();
        let deps = folder.path().join("deps");
        let tools = deps.join(OWN).join("tools.wit");
        let text = std::fs::read_to_string(&tools).unwrap();
        assert_eq!(text, include_str!("../../../wit/tools.wit"));
        assert!(deps.join("wasi-cli@0.2.12").is_dir());
        std::fs::write(&tools, "mine").unwrap();
        ensure(folder.path()).unwrap();
        assert_eq!(std::fs::read_to_string(&tools).unwrap(), "mine");
        write_interfaces(folder.path()).unwrap();
        assert_eq!(std::fs::read_to_string(&tools).unwrap(), text);
    }
}
