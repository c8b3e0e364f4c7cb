//! Folders that a package manager fills: filled once, and again when something else is wanted.

use std::fs;
use std::path::Path;

use crate::failure::Failure;
use crate::workspace::write_if_changed;

/// Says what is installed in a folder.
const STAMP: &str = "installed.txt";

/// Makes sure that a folder holds what is wanted: empties it and installs where it does not.
pub(crate) fn ensure(
    folder: &Path,
    wanted: &str,
    install: impl FnOnce() -> Result<(), Failure>,
) -> Result<(), Failure> {
    let stamp = folder.join(STAMP);
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| Failure::file("remove", folder, &error))?;
    }
    install()?;
    write_if_changed(&stamp, wanted.as_bytes()).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_not_installed_again_and_what_failed_is() {
        let folder = std::env::temp_dir().join(format!("xtask-installed-{}", std::process::id()));
        let mut installs = 0;
        let mut ensured = |wanted: &str, works: bool| {
            let outcome = ensure(&folder, wanted, || {
                installs += 1;
                write_if_changed(&folder.join("package"), wanted.as_bytes())?;
                if works { Ok(()) } else { Err(Failure::new("no", "again")) }
            });
            (outcome.is_ok(), installs)
        };
        assert_eq!(ensured("one", false), (false, 1));
        assert_eq!(ensured("one", true), (true, 2));
        assert_eq!(ensured("one", true), (true, 2));
        assert_eq!(ensured("two", true), (true, 3));
        assert_eq!(fs::read_to_string(folder.join("package")).unwrap(), "two");
        fs::remove_dir_all(&folder).unwrap();
    }
}
