//! `lucid memory import` and `export`: a store as a folder of Markdown files.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Component, Path};

use lucid_core::{Failure, MEMORIES_MAX, MEMORY_BYTES_MAX, Memory, Result};
use lucid_verbs::ImportMemoryStore;
use serde_json::json;

use super::store_document;
use crate::place::Place;
use crate::show::{print, print_json};

/// Folders in folders that are read; a memory's path cannot be long.
const DEPTH_MAX: usize = 16;

/// Makes a store of the Markdown files of a folder.
pub(super) async fn import(
    place: &Place,
    folder: &Path,
    name: String,
    description: String,
    json: bool,
) -> Result<()> {
    let texts = read(folder)?;
    let count = texts.len();
    let store = place.ask(ImportMemoryStore { name, description, texts }).await?;
    if json {
        return print_json(&store_document(&store));
    }
    anstream::eprintln!("{count} memories");
    print(&format!("{}\n", store.id))
}

/// Reads the Markdown files of a folder: path in the store to text. Hidden files and folders,
/// and links, are left out.
fn read(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut texts = BTreeMap::new();
    collect(folder, "", 0, &mut texts)?;
    Ok(texts)
}

fn collect(
    folder: &Path,
    prefix: &str,
    depth: usize,
    texts: &mut BTreeMap<String, String>,
) -> Result<()> {
    let failed = |error: std::io::Error| {
        Failure::invalid(format!("{}: {error}", folder.display()))
            .hint("give a folder of Markdown files")
    };
    if depth > DEPTH_MAX {
        return Err(Failure::exceeded(format!(
            "{} is more than {DEPTH_MAX} folders deep",
            folder.display()
        )));
    }
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (file, kind) = (entry.path(), entry.file_type().map_err(failed)?);
        let name = entry.file_name();
        let name = name.to_str().filter(|name| !name.starts_with('.'));
        let Some(name) = name else { continue };
        let path = format!("{prefix}/{name}");
        if kind.is_dir() {
            collect(&file, &path, depth + 1, texts)?;
        } else if kind.is_file() && name.ends_with(".md") {
            if texts.len() >= MEMORIES_MAX {
                return Err(Failure::exceeded(format!("more than {MEMORIES_MAX} memories"))
                    .hint("a store has no more; make several"));
            }
            texts.insert(path, text(&file)?);
        }
    }
    Ok(())
}

fn text(file: &Path) -> Result<String> {
    let about = |what: String| Failure::invalid(format!("{}: {what}", file.display()));
    let bytes = std::fs::metadata(file).map_err(|error| about(error.to_string()))?.len();
    // Before it is read: it may be of any size.
    if bytes > MEMORY_BYTES_MAX as u64 {
        let failure = about(format!("{bytes} bytes, and {MEMORY_BYTES_MAX} is the most"));
        return Err(failure.hint("split it into several files"));
    }
    let bytes = std::fs::read(file).map_err(|error| about(error.to_string()))?;
    String::from_utf8(bytes)
        .map_err(|_| about("not text in UTF-8".to_owned()).hint("memories are Markdown"))
}

/// Writes memories as files, into a folder that is new: nothing that is there is touched.
pub(super) fn export(folder: &Path, memories: &[Memory], json: bool) -> Result<()> {
    let failed = |error: std::io::Error| Failure::failed(format!("{}: {error}", folder.display()));
    std::fs::create_dir(folder).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Failure::invalid(format!("{} is there already", folder.display()))
                .hint("give a folder that is not there yet")
        }
        _ => failed(error),
    })?;
    for memory in memories {
        let path = Path::new(memory.path.trim_start_matches('/'));
        if !path.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(Failure::bug(format!("a memory with the path `{}`", memory.path)));
        }
        let file = folder.join(path);
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        std::fs::write(&file, &memory.content).map_err(failed)?;
    }
    if json {
        return print_json(&json!({"folder": folder, "memories": memories.len()}));
    }
    anstream::eprintln!("{} memories", memories.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_read_as_memories_and_nothing_but_markdown() {
        let made = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &[u8]| {
            let file = made.path().join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        };
        put("notes.md", b"- one\r\n");
        put("deep/er/b.md", b"");
        put("truth.json", b"{}");
        put(".hidden/c.md", b"x");
        put(".d.md", b"x");
        #[cfg(unix)]
        std::os::unix::fs::symlink(made.path().join("notes.md"), made.path().join("link.md"))
            .unwrap();
        let texts = read(made.path()).unwrap();
        let expected = [("/deep/er/b.md", ""), ("/notes.md", "- one\r\n")];
        let expected = expected.map(|(path, text)| (path.to_owned(), text.to_owned()));
        assert_eq!(texts, BTreeMap::from(expected));
    }

    #[test]
    fn what_cannot_be_a_memory_is_named() {
        let made = tempfile::tempdir().unwrap();
        let file = made.path().join("a.md");
        std::fs::write(&file, vec![b'x'; MEMORY_BYTES_MAX + 1]).unwrap();
        assert!(read(made.path()).unwrap_err().message.contains("a.md"));
        std::fs::write(&file, [0xff, 0xfe]).unwrap();
        assert!(read(made.path()).unwrap_err().message.contains("UTF-8"));
        let gone = made.path().join("gone");
        assert!(read(&gone).unwrap_err().message.contains("gone"));
    }
}
