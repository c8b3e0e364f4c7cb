//! The outputs folder: regular files below one folder, through no symbolic link.

use sha2::{Digest, Sha256};
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::{Component, Path, PathBuf};

/// The longest path, in bytes.
const MAX_PATH: usize = 1_024;
/// The most files and folders that are listed.
pub const MAX_LISTED: usize = 20_000;
/// The deepest folder that is listed.
const MAX_DEPTH: usize = 64;
/// How much of a file is held at once when only a fact about it is wanted, in bytes.
const CHUNK: usize = 64 * 1024;

/// One folder.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder at `root`.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Follows a path down from the folder, link by no link.
    ///
    /// # Errors
    /// A path that leads out, and one that cannot be followed.
    pub fn look(&self, inside: &Path) -> Result<Option<(PathBuf, Metadata)>, String> {
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
                Err(error) => return Err(reason(&error)),
            }
        }
        Ok(found.map(|metadata| (full, metadata)))
    }

    /// A regular file.
    ///
    /// # Errors
    /// Why there is none.
    pub fn file(&self, inside: &Path) -> Result<(PathBuf, Metadata), String> {
        match self.look(inside)? {
            None => Err("no such file".to_owned()),
            Some((full, metadata)) if metadata.is_file() => Ok((full, metadata)),
            Some(_) => Err("it is not a regular file".to_owned()),
        }
    }

    /// Reads a file of at most `most` bytes.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(&self, inside: &Path, most: u64) -> Result<Vec<u8>, String> {
        let (full, metadata) = self.file(inside)?;
        let too_large = || format!("it is larger than {} MiB", most / 1024 / 1024);
        if metadata.len() > most {
            return Err(too_large());
        }
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
        let file = File::open(full).map_err(|error| reason(&error))?;
        let length = file.take(most + 1).read_to_end(&mut bytes);
        if length.map_err(|error| reason(&error))? as u64 > most {
            return Err(too_large());
        }
        Ok(bytes)
    }

    /// Counts a file's lines. It is never held whole. A last line without an end is one too.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn lines(&self, inside: &Path) -> Result<u64, String> {
        let (mut lines, mut open) = (0, false);
        self.stream(inside, |chunk| {
            lines += chunk.iter().filter(|byte| **byte == b'\n').count() as u64;
            open = chunk.last().is_some_and(|byte| *byte != b'\n');
        })?;
        Ok(lines + u64::from(open))
    }

    /// A file's SHA-256, in lowercase hexadecimal. It is never held whole.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn sha256(&self, inside: &Path) -> Result<String, String> {
        let mut hash = Sha256::new();
        self.stream(inside, |chunk| hash.update(chunk))?;
        Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    fn stream(&self, inside: &Path, mut chunk: impl FnMut(&[u8])) -> Result<(), String> {
        let (full, metadata) = self.file(inside)?;
        let file = File::open(full).map_err(|error| reason(&error))?;
        // What was counted for reading is what is read, even if the file grows.
        let mut file = file.take(metadata.len());
        let mut buffer = vec![0; CHUNK];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(length) => chunk(buffer.get(..length).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(reason(&error)),
            }
        }
    }

    /// The paths of all regular files, in the order of their bytes. What is behind a symbolic
    /// link is not among them.
    ///
    /// # Errors
    /// Why the folder cannot be listed whole.
    pub fn list(&self) -> Result<Vec<String>, String> {
        let mut files = Vec::new();
        let mut open = vec![(String::new(), 0)];
        let mut seen = 0;
        while let Some((folder, depth)) = open.pop() {
            let wrong = |error: io::Error| {
                let name = if folder.is_empty() { "outputs folder" } else { folder.as_str() };
                format!("'{}' cannot be listed: {}", name, reason(&error))
            };
            for entry in fs::read_dir(self.root.join(&folder)).map_err(wrong)? {
                // A name that is not UTF-8 text cannot stand in a check: it is left out, as a
                // link is.
                let Ok(entry) = entry else { continue };
                seen += 1;
                if seen > MAX_LISTED || depth > MAX_DEPTH {
                    return Err(format!(
                        "the outputs have more than {MAX_LISTED} files, or {MAX_DEPTH} folders \
                         in each other",
                    ));
                }
                let kind = entry.file_type().map_err(wrong)?;
                let name = entry.file_name();
                let Some(name) = name.to_str() else { continue };
                let path = if depth == 0 { name.to_owned() } else { format!("{folder}/{name}") };
                match (kind.is_dir(), kind.is_file()) {
                    (true, _) => open.push((path, depth + 1)),
                    (_, true) => files.push(path),
                    _ => {}
                }
            }
        }
        files.sort_unstable();
        Ok(files)
    }
}

fn is_absence(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename)
}

/// What went wrong, in the same words on every system.
fn reason(error: &io::Error) -> String {
    error.kind().to_string()
}

/// The path without its `.` parts, if it stays inside the folder whatever is in there.
///
/// # Errors
/// A path that does not.
pub fn confined(path: &str) -> Result<PathBuf, String> {
    let shown = || crate::text::shorten(path, 80);
    if path.len() > MAX_PATH {
        return Err(format!("the path '{}' is longer than {MAX_PATH} bytes", shown()));
    }
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

    fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, Folder) {
        let root = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let folder = Folder::new(root.path());
        (root, folder)
    }

    #[test]
    fn a_listing_is_sorted_whatever_the_folder_says() {
        let (_root, folder) = folder(&[("b", ""), ("a/z", ""), ("a-b", ""), ("a/b/c", "")]);
        assert_eq!(folder.list().unwrap(), ["a-b", "a/b/c", "a/z", "b"]);
        assert!(Folder::new(Path::new("/nowhere")).list().unwrap_err().contains("outputs folder"));
    }

    #[cfg(unix)]
    #[test]
    fn a_listing_does_not_follow_links() {
        let (root, folder) = folder(&[("a", "")]);
        std::os::unix::fs::symlink("..", root.path().join("up")).unwrap();
        std::os::unix::fs::symlink("a", root.path().join("b")).unwrap();
        assert_eq!(folder.list().unwrap(), ["a"]);
    }

    #[test]
    fn lines_are_counted_like_an_editor_does() {
        let contents = [("", 0), ("a", 1), ("a\n", 1), ("a\nb", 2), ("\n\n", 2)];
        for (content, lines) in contents {
            let (_root, folder) = folder(&[("a", content)]);
            assert_eq!(folder.lines(Path::new("a")), Ok(lines), "{content:?}");
        }
        let long = "x\n".repeat(CHUNK);
        let (_root, folder) = folder(&[("a", &long)]);
        assert_eq!(folder.lines(Path::new("a")), Ok(CHUNK as u64));
    }

    #[test]
    fn a_hash_is_the_files_sha256() {
        let (_root, folder) = folder(&[("a", "abc")]);
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(folder.sha256(Path::new("a")).unwrap(), expected);
        assert_eq!(folder.sha256(Path::new("b")).unwrap_err(), "no such file");
    }
}
