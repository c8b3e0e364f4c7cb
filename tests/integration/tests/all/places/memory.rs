//! Every `lucid memory` command, once in a folder and once over a server.

use std::path::Path;

use lucid_tests::tree;

use super::bench::{Both, Places, Told, lucid};
use super::dreams::{Dreamt, subcommands};

/// Runs `lucid memory WORDS` in both places: it says the same and ends so.
#[track_caller]
fn same(both: &Both, code: i32, words: &[&str]) -> Told {
    let told = both.same(&[&["memory"], words].concat());
    assert_eq!(told.code, Some(code), "{words:?}: {told:?}");
    told
}

fn reads(both: &Both, dreamt: &Dreamt) {
    for more in [&[][..], &["--json"]] {
        let with = |words: &[&str]| same(both, 0, &[words, more].concat());
        with(&["list"]);
        for store in [dreamt.input.as_str(), dreamt.output.as_str(), "latest"] {
            assert!(!with(&["show", store]).out.is_empty());
            with(&["versions", store]);
            with(&["versions", store, &dreamt.path]);
            with(&["history", store]);
            with(&["history", store, &dreamt.path]);
        }
        assert!(with(&["show", &dreamt.input, &dreamt.path]).out.contains(&dreamt.path));
        with(&["why", &dreamt.entry, "--memory", &dreamt.input]);
    }
    assert!(same(both, 2, &["show", "memstore_"]).err.contains("several memory stores"));
    assert!(same(both, 2, &["show", "latest", "/nothing.md"]).err.contains("no such memory"));
    assert!(same(both, 2, &["why", "no such words at all"]).err.contains("no entry says"));
    same(both, 2, &["versions", "memstore_nothing"]);
}

fn redacts(both: &Both, dreamt: &Dreamt) {
    let version = &dreamt.old_version;
    assert!(same(both, 2, &["redact", version]).err.contains("no terminal"));
    assert!(same(both, 2, &["redact", "latest", "--yes"]).err.contains("which version"));
    assert!(same(both, 2, &["redact", "memver_nothing", "--yes"]).err.contains("no such"));
    let redacted = same(both, 0, &["redact", version, "--yes"]);
    assert!(redacted.out.contains("is redacted"), "{redacted:?}");
    same(both, 0, &["versions", &dreamt.output, "--json"]);
}

#[test]
fn every_memory_command_says_the_same_in_a_folder_and_over_a_server() {
    let dreamt = Dreamt::new();
    let both = dreamt.places.part();
    reads(&both, &dreamt);
    redacts(&both, &dreamt);
    exports(&both, &dreamt);
    imports(&both, &dreamt.places);
    let tested = ["list", "show", "import", "export", "versions", "history", "why", "redact"]
        .map(String::from);
    assert_eq!(subcommands(&["memory"]), tested.into());
}

fn exports(both: &Both, dreamt: &Dreamt) {
    let folders = ["exported-here", "exported-there"].map(|name| dreamt.places.path(name));
    let export = |folder: &str| ["memory", "export", &dreamt.input, folder].map(str::to_owned);
    let told = [(Both::here as fn(&Both, &[&str]) -> Told), Both::there]
        .into_iter()
        .zip(&folders)
        .map(|(ask, folder)| {
            let words = export(folder);
            ask(both, &words.each_ref().map(String::as_str))
        })
        .collect::<Vec<_>>();
    assert_eq!(told[0], told[1]);
    assert!(told[0].code == Some(0) && told[0].err.contains("memories"), "{told:?}");
    let texts = folders.each_ref().map(|folder| {
        let found = tree(Path::new(folder)).into_iter();
        found.map(|(name, found)| (name, bytes(found))).collect::<Vec<_>>()
    });
    assert!(!texts[0].is_empty());
    assert_eq!(texts[0], texts[1]);
    // Nothing that is there is touched, wherever the memories come from.
    same(both, 2, &["export", &dreamt.input, &folders[0]]);
}

fn bytes(found: lucid_tests::Found) -> Option<Vec<u8>> {
    match found {
        lucid_tests::Found::File(bytes, _) => Some(bytes),
        lucid_tests::Found::Folder | lucid_tests::Found::Link(_) => None,
    }
}

fn imports(both: &Both, places: &Places) {
    let notes = places.path("more-notes");
    std::fs::create_dir_all(Path::new(&notes).join("deep")).unwrap();
    std::fs::write(Path::new(&notes).join("deep/pump.md"), "- The pump hums.\n").unwrap();
    let import = ["memory", "import", notes.as_str(), "--name", "More", "--description", "m"];
    for told in [both.here(&import), both.there(&import)] {
        assert_eq!((told.code, told.err.as_str()), (Some(0), "1 memories\n"), "{told:?}");
        assert!(told.out.starts_with("memstore_"), "{told:?}");
    }
    assert!(same(both, 0, &["show", "latest"]).out.contains("--- /deep/pump.md\n- The pump hums."));
    same(both, 2, &["import", &notes, "--name", " "]);
    same(both, 2, &["import", &places.path("nothing"), "--name", "More"]);
    let large = Path::new(&notes).join("large.md");
    std::fs::write(&large, "x".repeat(200_000)).unwrap();
    assert!(same(both, 2, &["import", &notes, "--name", "More"]).err.contains("large.md"));
}

#[test]
fn memories_are_taken_in_where_there_were_none_and_more_than_a_server_takes_is_not_sent() {
    let places = Places::new();
    let state = places.path("empty");
    std::fs::create_dir_all(&state).unwrap();
    let served = super::bench::Served::new(Path::new(&state));
    let over = |words: &[&str]| lucid(&[words, &["--server", &served.url]].concat(), &[]);
    let notes = places.path("notes");
    std::fs::create_dir_all(&notes).unwrap();
    std::fs::write(Path::new(&notes).join("a.md"), "- One.\n").unwrap();
    assert_eq!(over(&["memory", "import", &notes, "--name", "n"]).code, Some(0));
    assert!(over(&["memory", "list"]).out.contains("memstore_"));
    for number in 0..400 {
        let file = Path::new(&notes).join(format!("b{number}.md"));
        std::fs::write(file, "x".repeat(100_000)).unwrap();
    }
    let told = over(&["memory", "import", &notes, "--name", "large"]);
    assert_eq!((told.code, told.out.as_str()), (Some(4), ""), "{told:?}");
    assert!(told.err.contains("a server takes 32 MB") && told.err.contains("hint"), "{told:?}");
    assert!(!over(&["memory", "list"]).out.contains("large"), "nothing of it is there");
}
