//! The outputs folder, as a check sees it: regular files below one folder, read once and
//! within bounds.

use crate::data;
use cel::common::types::CelString;
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// The largest file a check reads, in bytes.
pub const MAX_FILE: u64 = 8 * 1024 * 1024;
/// The most files one check reads.
pub const MAX_FILES: usize = 64;
/// The most text one check reads from all its files, in bytes.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// How a file is read.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// One JSON document.
    Json,
    /// Comma-separated values with a header.
    Csv,
    /// Text.
    Text,
}

impl Kind {
    /// The variable a file's contents stand under. No check can write such a name.
    pub fn variable(self, path: &str) -> String {
        format!("@{self:?} {path}")
    }
}

type Contents = Result<Box<dyn Val>, String>;

/// The files of one outputs folder, for one check.
#[derive(Debug)]
pub struct Library {
    root: PathBuf,
    /// Append-only, so that what was read can be borrowed while more is read.
    files: [OnceLock<(String, Contents)>; MAX_FILES],
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
    /// The files below `root`.
    pub fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            files: [const { OnceLock::new() }; MAX_FILES],
            touched: Mutex::new(Vec::new()),
            bytes: AtomicUsize::new(0),
            values: AtomicUsize::new(0),
        }
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
        let found = self.look(path)?;
        Ok(found.is_some())
    }

    /// A file's size in bytes.
    ///
    /// # Errors
    /// Why it has none.
    pub fn size(&self, path: &str) -> Result<u64, String> {
        let (_, metadata) = self.file(path).map_err(|error| {
            let is_text = path.len() > 200 || path.contains('\n');
            let hint = "`size` of a string is the size of the file it names; the length of a \
                        string is `.size()`";
            if is_text { hint.to_owned() } else { error }
        })?;
        Ok(metadata.len())
    }

    /// Reads a file, unless it was read before.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn load(&self, kind: Kind, path: &str) -> Result<&dyn Val, String> {
        let name = kind.variable(path);
        for slot in &self.files {
            let (have, contents) = slot.get_or_init(|| (name.clone(), self.read(kind, path)));
            if *have == name {
                return contents.as_deref().map_err(Clone::clone);
            }
        }
        Err(format!("a check reads at most {MAX_FILES} files"))
    }

    fn read(&self, kind: Kind, path: &str) -> Contents {
        let (full, metadata) = self.file(path)?;
        let too_large = || format!("it is larger than {} MiB", MAX_FILE / 1024 / 1024);
        if metadata.len() > MAX_FILE {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        let file = File::open(full).map_err(|error| error.to_string())?;
        let length = file.take(MAX_FILE + 1).read_to_end(&mut bytes);
        if length.map_err(|error| error.to_string())? as u64 > MAX_FILE {
            return Err(too_large());
        }
        if self.bytes.fetch_add(bytes.len(), Ordering::Relaxed) + bytes.len() > MAX_BYTES {
            return Err(format!("a check reads at most {} MiB", MAX_BYTES / 1024 / 1024));
        }
        let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())?;
        // Spreadsheets put a byte order mark in front of what they export.
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        match kind {
            Kind::Json => data::json(text, &self.values),
            Kind::Csv => data::csv(text, &self.values),
            Kind::Text => Ok(Box::new(CelString::from(text.to_owned()))),
        }
    }

    fn file(&self, path: &str) -> Result<(PathBuf, Metadata), String> {
        match self.look(path)? {
            None => Err("no such file".to_owned()),
            Some((full, metadata)) if metadata.is_file() => Ok((full, metadata)),
            Some(_) => Err("it is not a regular file".to_owned()),
        }
    }

    /// Follows a path down from the folder, link by no link.
    fn look(&self, path: &str) -> Result<Option<(PathBuf, Metadata)>, String> {
        let inside = confined(path)?;
        self.touch(&inside.to_string_lossy());
        let mut full = self.root.clone();
        let mut found = None;
        for part in inside.components() {
            full.push(part);
            match fs::symlink_metadata(&full) {
                Ok(metadata) if metadata.is_symlink() => {
                    return Err("it is behind a symbolic link, which checks do not follow".into());
                }
                Ok(metadata) => found = Some(metadata),
                Err(error) if is_absence(error.kind()) => return Ok(None),
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(found.map(|metadata| (full, metadata)))
    }

    fn touch(&self, path: &str) {
        let mut touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        if touched.len() < MAX_FILES && !touched.iter().any(|have| have == path) {
            touched.push(path.to_owned());
        }
    }
}

impl VariableResolver for Library {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        if !variable.starts_with('@') {
            return None;
        }
        let files = self.files.iter().map_while(OnceLock::get);
        let (_, contents) = files.into_iter().find(|(name, _)| name == variable)?;
        contents.as_ref().ok().map(|value| CowVal::Borrowed(value.as_ref()))
    }
}

fn is_absence(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename)
}

/// The path without its `.` parts, if it stays inside the folder whatever is in there.
///
/// # Errors
/// A path that does not.
pub fn confined(path: &str) -> Result<PathBuf, String> {
    let shown = || crate::text::shorten(path, 80);
    if path.contains('\0') || path.contains('\\') {
        return Err(format!("the path '{}' has a character no path here has", shown()));
    }
    let mut inside = PathBuf::new();
    for part in Path::new(path).components() {
        match part {
            Component::Normal(part) => inside.push(part),
            Component::CurDir => {}
            _ => return Err(format!("the path '{}' leads out of the outputs folder", shown())),
        }
    }
    if inside.as_os_str().is_empty() {
        return Err("a path names a file in the outputs folder".to_owned());
    }
    Ok(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        }
        assert!(library.load(Kind::Text, absolute.to_str().unwrap()).is_err());
        assert!(library.touched().is_empty());
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
        }
    }

    #[test]
    fn a_file_over_the_cap_is_not_read() {
        let (folder, library) = library(&[]);
        let file = File::create(folder.path().join("outputs/big")).unwrap();
        file.set_len(MAX_FILE + 1).unwrap();
        assert!(library.load(Kind::Text, "big").unwrap_err().contains("larger than 8 MiB"));
        assert_eq!(library.size("big"), Ok(MAX_FILE + 1));
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
