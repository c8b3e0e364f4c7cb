#![allow(clippy::disallowed_methods, reason = "looks at the files of its own cache")]

use super::*;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Barrier};

use lucid_core::{FailureKind, SeededEntropy, sha256_hex};

use crate::config::base_config;
use crate::options::CacheFolder;

/// The smallest component, and one that is like it.
const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";
const OTHER: &[u8] = b"\0asm\x0d\0\x01\0\0\x02\x01x";
/// A component with an import that is cut short.
const BROKEN: &[u8] = b"\0asm\x0d\0\x01\0\x0a\x02\x01\0";

fn loader(folder: Option<&Path>, seed: u64) -> Loader {
    let entropy = Arc::new(SeededEntropy::new(seed));
    let cache = folder.map(|folder| CacheFolder { folder: folder.to_owned(), entropy });
    let engine = wasmtime::Engine::new(&base_config()).unwrap();
    Loader::new(&EngineOptions { cache, ..EngineOptions::standard() }, &engine).unwrap()
}

fn load(loader: &Loader, bytes: &[u8]) -> Result<Component> {
    loader.component("x", &sha256_hex(bytes), bytes)
}

fn compiled(loader: &Loader) -> u64 {
    loader.compiled.load(Ordering::Relaxed)
}

fn kept(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap().flatten().map(|file| file.path());
    files.filter(|file| file.extension().is_some_and(|end| end == "cwasm")).collect()
}

#[test]
fn many_loads_at_once_compile_once() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    let loader = loader(Some(&folder), 1);
    let start = Barrier::new(16);
    std::thread::scope(|scope| {
        for thread in 0..16 {
            let (loader, start) = (&loader, &start);
            let bytes = if thread % 4 == 0 { OTHER } else { EMPTY };
            scope.spawn(move || {
                start.wait();
                load(loader, bytes).unwrap();
            });
        }
    });
    assert_eq!(compiled(&loader), 2);
    assert_eq!(kept(&folder).len(), 2);
}

#[test]
fn what_was_compiled_before_is_not_compiled_again() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    load(&loader(Some(&folder), 1), EMPTY).unwrap();
    let second = loader(Some(&folder), 2);
    load(&second, EMPTY).unwrap();
    assert_eq!(compiled(&second), 0);
    load(&second, OTHER).unwrap();
    assert_eq!(compiled(&second), 1);
    let none = loader(None, 1);
    load(&none, EMPTY).unwrap();
    load(&none, EMPTY).unwrap();
    assert_eq!(compiled(&none), 2);
}

#[test]
fn a_file_that_is_not_ours_is_compiled_again() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    load(&loader(Some(&folder), 1), EMPTY).unwrap();
    let file = &kept(&folder)[0];
    let whole = std::fs::read(file).unwrap();
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    // Changed, cut to the code without a seal, and gone.
    for bytes in [&changed[..], &whole[..whole.len() - 32], b""] {
        std::fs::write(file, bytes).unwrap();
        let loader = loader(Some(&folder), 2);
        load(&loader, EMPTY).unwrap();
        assert_eq!(compiled(&loader), 1);
        assert_eq!(std::fs::read(file).unwrap().len(), whole.len());
    }
    // Whole, and sealed by somebody else.
    std::fs::write(folder.join("key"), [7; 32]).unwrap();
    let loader = loader(Some(&folder), 2);
    load(&loader, EMPTY).unwrap();
    assert_eq!(compiled(&loader), 1);
}

#[test]
fn what_does_not_compile_is_said_in_one_line_and_not_kept() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    let loader = loader(Some(&folder), 1);
    for _ in 0..2 {
        let failure = load(&loader, BROKEN).err().unwrap();
        assert_eq!(failure.kind, FailureKind::Invalid, "{failure:?}");
        assert!(failure.message.contains("plugin `x` does not compile: "), "{failure:?}");
        assert!(!failure.message.contains('\n'), "{failure:?}");
    }
    assert_eq!(compiled(&loader), 2);
    assert!(!folder.exists());
}
