//! What does not load: nothing of it ever runs.

use std::sync::Arc;

use lucid_core::{Failure, FailureKind, SeededEntropy};
use lucid_engine::{CacheFolder, Engine, EngineOptions, Plugin};
use lucid_policy::Grants;
use lucid_policy::manifest::{FileAccess, Kind, SECTION};
use lucid_policy::section::embed;
use lucid_tests::{Bench, guest, release};

fn refused(engine: &Engine, bytes: &[u8], kind: Kind, grants: &Grants) -> Failure {
    let loaded = Plugin::load(engine, bytes, kind, grants);
    let failure = loaded.err().expect("it does not load");
    assert!(!failure.message.contains('\n'), "{failure:?}");
    failure
}

fn everything() -> Grants {
    let all = Grants { model: true, graders: true, transcripts: true, ..Bench::grants() };
    Grants { memories: true, proposals: true, ..all }
}

#[test]
fn a_plugin_of_another_kind_is_refused() {
    let engine = Engine::new(EngineOptions::standard()).unwrap();
    let guests = [
        ("hostile", Kind::Tool),
        ("parrot", Kind::Model),
        ("nosy-grader", Kind::Grader),
        ("wayward-dream", Kind::Dream),
    ];
    for (name, own) in guests {
        for (_, kind) in guests.into_iter().filter(|(_, kind)| *kind != own) {
            let failure = refused(&engine, &guest(name), kind, &everything());
            assert_eq!(failure.kind, FailureKind::Invalid, "{failure:?}");
            for part in [format!("`{name}`"), own.to_string(), kind.to_string()] {
                assert!(failure.message.contains(&part), "{part}: {failure:?}");
            }
        }
    }
}

#[test]
fn a_manifest_that_lies_about_the_kind_does_not_load() {
    let engine = Engine::new(EngineOptions::standard()).unwrap();
    for kind in [Kind::Model, Kind::Grader, Kind::Dream] {
        let manifest = manifest("liar", kind, "");
        let bytes = embed(&guest("hostile"), SECTION, manifest.as_bytes()).unwrap();
        let failure = refused(&engine, &bytes, kind, &everything());
        assert_eq!(failure.kind, FailureKind::Invalid, "{failure:?}");
        assert!(failure.hint.unwrap().contains("exports"));
    }
}

#[test]
fn a_plugin_that_asks_for_more_than_granted_does_not_load() {
    let engine = Engine::new(EngineOptions::standard()).unwrap();
    let greedy = guest("greedy");
    let granted = |files, model| Grants { files, model, ..Grants::default() };
    let (read, write) = (Some(FileAccess::ReadOnly), Some(FileAccess::ReadWrite));
    for (grants, missing, hint) in [
        (granted(None, true), "files", "files = \"read-write\""),
        (granted(read, true), "files", "files = \"read-write\""),
        (granted(write, false), "model", "model = \"plugin:NAME\""),
    ] {
        let failure = refused(&engine, &greedy, Kind::Tool, &grants);
        assert_eq!(failure.kind, FailureKind::Denied, "{failure:?}");
        assert!(failure.message.contains("`greedy`"), "{failure:?}");
        assert!(failure.message.contains(missing), "{failure:?}");
        assert!(failure.hint.as_ref().unwrap().contains(hint), "{failure:?}");
    }
    assert!(Plugin::load(&engine, &greedy, Kind::Tool, &granted(write, true)).is_ok());
    let none = Grants { files: write, ..Grants::default() };
    let failure = refused(&engine, &guest("hostile"), Kind::Tool, &none);
    assert_eq!(failure.kind, FailureKind::Denied, "{failure:?}");
    assert!(failure.message.contains("GRANTED"), "{failure:?}");
}

#[test]
fn an_import_beyond_the_manifest_does_not_load() {
    let engine = Engine::new(EngineOptions::standard()).unwrap();
    for grants in [Grants::default(), everything()] {
        let failure = refused(&engine, &guest("sneaky"), Kind::Tool, &grants);
        assert_eq!(failure.kind, FailureKind::Denied, "{failure:?}");
        assert!(failure.message.contains("lucid:plugin/model"), "{failure:?}");
        assert!(failure.hint.unwrap().contains("manifest"));
    }
}

#[test]
fn a_grader_or_dream_that_asks_to_write_does_not_load() {
    let engine = Engine::new(EngineOptions::standard()).unwrap();
    for (name, kind) in [("nosy-grader", Kind::Grader), ("wayward-dream", Kind::Dream)] {
        let manifest = manifest(name, kind, "files = \"read-write\"\n");
        let bytes = embed(&guest(name), SECTION, manifest.as_bytes()).unwrap();
        let failure = refused(&engine, &bytes, kind, &everything());
        assert_eq!(failure.kind, FailureKind::Invalid, "{failure:?}");
        assert!(failure.message.contains("cannot write files"), "{failure:?}");
    }
}

#[test]
fn a_grader_cannot_import_what_a_dream_reads() {
    let engine = Engine::new(EngineOptions::standard()).unwrap();
    let manifest = manifest("spy", Kind::Grader, "");
    let bytes = embed(&guest("wayward-dream"), SECTION, manifest.as_bytes()).unwrap();
    let failure = refused(&engine, &bytes, Kind::Grader, &everything());
    assert_eq!(failure.kind, FailureKind::Denied, "{failure:?}");
    let manifest = manifest.replace("[capabilities]", "[capabilities]\ntranscripts = true");
    let bytes = embed(&guest("wayward-dream"), SECTION, manifest.as_bytes()).unwrap();
    let failure = refused(&engine, &bytes, Kind::Grader, &everything());
    assert!(failure.message.contains("transcripts"), "{failure:?}");
}

#[test]
fn precompiled_code_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let cache = CacheFolder {
        folder: folder.path().join("cache"),
        entropy: Arc::new(SeededEntropy::new(1)),
    };
    let engine =
        Engine::new(EngineOptions { cache: Some(cache), ..EngineOptions::standard() }).unwrap();
    let echo = std::fs::read(release().join("plugins/echo.wasm")).unwrap();
    Plugin::load(&engine, &echo, Kind::Model, &Grants::default()).unwrap();
    let files =
        std::fs::read_dir(folder.path().join("cache")).unwrap().flatten().map(|file| file.path());
    let compiled: Vec<_> =
        files.filter(|file| file.extension().is_some_and(|end| end == "cwasm")).collect();
    assert_eq!(compiled.len(), 1, "{compiled:?}");
    let compiled = std::fs::read(&compiled[0]).unwrap();
    let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let module = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    let cut = &echo[..echo.len() / 2];
    for bytes in [&compiled, &compiled[..compiled.len() - 32], &program, &module, cut, b""] {
        for kind in [Kind::Model, Kind::Tool] {
            let failure = refused(&engine, bytes, kind, &Grants::default());
            assert_eq!(failure.kind, FailureKind::Invalid, "{failure:?}");
        }
    }
}

fn manifest(name: &str, kind: Kind, capabilities: &str) -> String {
    format!(
        "name = \"{name}\"\nversion = \"0.1.0\"\nkind = \"{kind}\"\ndescription = \"d\"\n\
         [capabilities]\n{capabilities}"
    )
}
