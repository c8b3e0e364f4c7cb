//! The outputs folder, as one check sees it: what it read stays readable for as long as the
//! check runs, and what it used is counted.

use crate::budget::Meter;
use crate::data::MAX_VALUES;
use crate::documents::{Ask, Kind};
use crate::folder::confined;
use crate::glob::Glob;
use crate::shelf::{Entry, HELD_BYTES, Shelf};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The most files one check reads whole.
pub const MAX_FILES: usize = 512;
/// The most text one check reads from all its files, in bytes.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// The most files an explanation names as looked at.
const MAX_TOUCHED: usize = 64;
/// What asking the file system for something costs, in steps.
const ASKING: u64 = 100;

/// The files of one outputs folder, for one check.
#[derive(Debug)]
pub struct Library {
    shelf: Arc<Shelf>,
    meter: Meter,
    /// Append-only, so that what was read can be borrowed while more is read.
    files: Box<[OnceLock<Arc<Entry>>]>,
    names: Mutex<HashMap<String, usize>>,
    touched: Mutex<Vec<String>>,
    bytes: AtomicUsize,
    values: AtomicUsize,
}

impl Default for Library {
    fn default() -> Self {
        Self::new(Path::new(""))
    }
}

impl Library {
    /// The files below `root`, for one check alone.
    pub fn new(root: &Path) -> Self {
        Self::sharing(&Arc::new(Shelf::new(root, HELD_BYTES)), Meter::default())
    }

    /// The files on a shelf, for a check that `meter` counts.
    pub fn sharing(shelf: &Arc<Shelf>, meter: Meter) -> Self {
        Self {
            shelf: Arc::clone(shelf),
            meter,
            files: (0..MAX_FILES).map(|_| OnceLock::new()).collect(),
            names: Mutex::default(),
            touched: Mutex::default(),
            bytes: AtomicUsize::new(0),
            values: AtomicUsize::new(0),
        }
    }

    /// What counts the check's work.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// What the checks share.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// The files that were asked for, in order.
    pub fn touched(&self) -> Vec<String> {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether there is a file or a folder.
    ///
    /// # Errors
    /// A path that leads out of the folder.
    pub fn exists(&self, path: &str) -> Result<bool, String> {
        let inside = self.touch(path)?;
        Ok(self.shelf.folder.look(&inside)?.is_some())
    }

    /// A file's size in bytes.
    ///
    /// # Errors
    /// Why it has none.
    pub fn size(&self, path: &str) -> Result<u64, String> {
        let file = self.touch(path).and_then(|inside| self.shelf.folder.file(&inside));
        let (_, metadata) = file.map_err(|error| {
            let is_text = path.len() > 200 || path.contains('\n');
            let hint = "`size` of a string is the size of the file it names; the length of a \
                        string is `.size()`";
            if is_text { hint.to_owned() } else { error }
        })?;
        Ok(metadata.len())
    }

    /// How many lines a file has.
    ///
    /// # Errors
    /// Why that is not known.
    pub fn lines(&self, path: &str) -> Result<u64, String> {
        let inside = self.touch(path)?;
        self.shelf.lines(&inside, &self.meter)
    }

    /// A file's SHA-256, in lowercase hexadecimal.
    ///
    /// # Errors
    /// Why that is not known.
    pub fn sha256(&self, path: &str) -> Result<String, String> {
        let inside = self.touch(path)?;
        self.shelf.sha256(&inside, &self.meter)
    }

    /// The paths of the files that fit a pattern, in the order of their bytes.
    ///
    /// # Errors
    /// A pattern that is none, and a folder that cannot be listed.
    pub fn matching(&self, pattern: &str) -> Result<Vec<String>, String> {
        let glob = Glob::new(pattern)?;
        let listing = self.shelf.listing();
        let paths = listing.as_ref().as_ref().map_err(Clone::clone)?;
        let text: usize = paths.iter().map(String::len).sum();
        self.meter.steps(ASKING + (paths.len() + text * pattern.len() / 64) as u64)?;
        Ok(paths.iter().filter(|path| glob.matches(path)).cloned().collect())
    }

    /// Reads a file in one way, unless it was read before.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn load(&self, kind: Kind, path: &str) -> Result<&dyn Val, String> {
        self.entry(&Ask::one(kind, path))?.value.as_deref().map_err(Clone::clone)
    }

    /// Reads what is asked for, unless it was read before.
    ///
    /// # Errors
    /// Why the check may not read it. What is wrong with the file is in the entry.
    pub fn entry(&self, ask: &Ask<'_>) -> Result<&Entry, String> {
        for path in ask.files() {
            self.touch(path)?;
        }
        let name = ask.name();
        if let Some(entry) = self.slot(&name) {
            return Ok(entry);
        }
        let entry = self.shelf.load(&name, ask, &self.meter)?;
        let bytes = self.bytes.fetch_add(entry.bytes, Ordering::Relaxed) + entry.bytes;
        if bytes > MAX_BYTES {
            return Err(format!("a check reads at most {} MiB", MAX_BYTES / 1024 / 1024));
        }
        let values = self.values.fetch_add(entry.values, Ordering::Relaxed) + entry.values;
        if values > MAX_VALUES {
            return Err(format!("a check reads at most {MAX_VALUES} values"));
        }
        let at = {
            let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
            let at = names.len();
            *names.entry(name).or_insert(at)
        };
        let slot = self.files.get(at);
        let slot = slot.ok_or_else(|| format!("a check reads at most {MAX_FILES} files"))?;
        Ok(slot.get_or_init(|| entry))
    }

    /// What was read under a name.
    fn slot(&self, name: &str) -> Option<&Entry> {
        let at = {
            let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
            *names.get(name)?
        };
        self.files.get(at)?.get().map(AsRef::as_ref)
    }

    /// Notes that a path was asked for.
    fn touch(&self, path: &str) -> Result<std::path::PathBuf, String> {
        let inside = confined(path)?;
        self.meter.steps(ASKING)?;
        let path = inside.to_string_lossy();
        let mut touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        if touched.len() < MAX_TOUCHED && !touched.iter().any(|have| *have == path) {
            touched.push(path.into_owned());
        }
        Ok(inside)
    }
}

impl VariableResolver for Library {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        if !variable.starts_with('@') {
            return None;
        }
        let entry = self.slot(variable)?;
        entry.value.as_ref().ok().map(|value| CowVal::Borrowed(value.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shelf::MAX_FILE;
    use std::fs::{self, File};

    fn library(files: &[(&str, &str)]) -> (tempfile::TempDir, Library) {
        let folder = tempfile::tempdir().unwrap();
        let outputs = folder.path().join("outputs");
        fs::create_dir(&outputs).unwrap();
        for (path, content) in files {
            fs::write(outputs.join(path), content).unwrap();
        }
        let library = Library::new(&outputs);
        (folder, library)
    }

    #[test]
    fn a_check_cannot_read_outside_the_outputs() {
        let (folder, library) = library(&[]);
        fs::write(folder.path().join("secret"), "s").unwrap();
        let absolute = folder.path().join("secret");
        for path in ["../secret", "a/../../secret", "/etc/passwd", "", ".", "a\0b", "..\\secret"] {
            assert!(library.load(Kind::Text, path).is_err(), "{path}");
            assert!(library.exists(path).is_err(), "{path}");
            assert!(library.size(path).is_err(), "{path}");
            assert!(library.lines(path).is_err() && library.sha256(path).is_err(), "{path}");
            let ask = Ask { kind: Kind::JsonSchema, path: "a", with: path };
            assert!(library.entry(&ask).is_err(), "{path}");
        }
        assert!(library.load(Kind::Text, absolute.to_str().unwrap()).is_err());
        assert_eq!(library.touched(), ["a"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_is_not_followed() {
        let (folder, library) = library(&[]);
        fs::write(folder.path().join("secret"), "s").unwrap();
        let outputs = folder.path().join("outputs");
        std::os::unix::fs::symlink("../secret", outputs.join("link")).unwrap();
        std::os::unix::fs::symlink("..", outputs.join("up")).unwrap();
        for path in ["link", "up/secret"] {
            assert!(library.load(Kind::Text, path).unwrap_err().contains("symbolic link"));
            assert!(library.exists(path).is_err());
            assert!(library.lines(path).is_err() && library.sha256(path).is_err());
        }
        assert!(library.matching("**").unwrap().is_empty());
    }

    #[test]
    fn a_file_over_the_cap_is_not_read() {
        let (folder, library) = library(&[]);
        let file = File::create(folder.path().join("outputs/big")).unwrap();
        file.set_len(MAX_FILE + 1).unwrap();
        assert!(library.load(Kind::Text, "big").unwrap_err().contains("larger than 8 MiB"));
        assert_eq!(library.size("big"), Ok(MAX_FILE + 1));
        assert_eq!(library.lines("big"), Ok(1));
    }

    #[test]
    fn a_file_is_read_once() {
        let (folder, library) = library(&[("a", "one")]);
        let first = library.load(Kind::Text, "a").unwrap();
        fs::write(folder.path().join("outputs/a"), "two").unwrap();
        let second = library.load(Kind::Text, "a").unwrap();
        assert!(first.equals(second));
    }
}
