//! What a plugin is and asks for, and what changed.

use lucid_core::FailureKind;
use lucid_policy::manifest::SECTION;
use lucid_policy::section::embed;
use lucid_runtime::RuntimeOptions;
use lucid_runtime::conformance::{
    self, Difference, GivenBy, Inspection, LimitChange, ToolChange, compare,
};
use lucid_tests::{guest, release};

use super::forge::{Forged, REFUSE, plugin};

async fn inspect(bytes: &[u8]) -> Inspection {
    let folder = tempfile::tempdir().unwrap();
    conformance::inspect(&RuntimeOptions::new(folder.path().to_owned()), bytes).await.unwrap()
}

async fn difference(old: &[u8], new: &[u8]) -> Difference {
    compare(&inspect(old).await, &inspect(new).await)
}

fn files() -> Vec<u8> {
    std::fs::read(release().join("plugins/files.wasm")).unwrap()
}

/// The file tools with another version and other wishes.
fn files_saying(version: &str, rest: &str) -> Vec<u8> {
    let manifest = format!(
        "name = \"files\"\nversion = \"{version}\"\nkind = \"tool\"\ndescription = \"Files.\"\n\
         {rest}"
    );
    embed(&files(), SECTION, manifest.as_bytes()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inspection_tells_the_tools_and_what_gives_each_thing_asked_for() {
    let files = inspect(&files()).await;
    let names: Vec<_> = files.tools.unwrap().into_iter().map(|tool| tool.name).collect();
    assert_eq!(names, ["read", "write", "edit", "glob", "grep"]);
    let [want] = files.wants.as_slice() else { panic!("{:?}", files.wants) };
    assert_eq!((want.capability, want.value.as_deref()), ("files", Some("read-write")));
    assert_eq!(want.given_by, GivenBy::Mission("files = \"read-write\"".to_owned()));
    assert!(files.imports.iter().any(|import| import.starts_with("wasi:filesystem/types@")));
    assert_eq!(files.exports, ["lucid:plugin/tools@0.1.0"]);
    let dream = inspect(&guest("wayward-dream")).await;
    assert!(dream.wants.iter().all(|want| want.given_by == GivenBy::Kind), "{:?}", dream.wants);
    assert_eq!(dream.tools, Ok(Vec::new()), "a dream has none");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_that_does_not_load_is_inspected_all_the_same() {
    let sneaky = inspect(&guest("sneaky")).await;
    assert!(sneaky.imports.iter().any(|import| import.starts_with("lucid:plugin/model@")));
    assert_eq!(sneaky.tools.unwrap_err().kind, FailureKind::Denied);
    let shown = compare(&inspect(&files()).await, &inspect(&guest("sneaky")).await);
    assert!(shown.new.tools_failure.is_some(), "its tools are not just gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_version_that_asks_for_more_is_widened() {
    let old = files_saying("0.1.0", "[capabilities]\nfiles = \"read-only\"\n");
    let new = files_saying(
        "0.2.0",
        "[capabilities]\nfiles = \"read-write\"\nenvironment = [\"TOKEN\"]\n\
         http = [\"api.example\"]\n[limits]\nmemory_mib = 128\n",
    );
    let shown = difference(&old, &new).await;
    assert!(shown.widened);
    let added = ["files, read-write", "environment, TOKEN", "http, api.example"];
    assert_eq!(shown.capabilities.added, added);
    assert_eq!(shown.capabilities.removed, ["files, read-only"]);
    let limit = LimitChange { limit: "memory_bytes", old: None, new: Some(128 << 20) };
    assert_eq!(shown.limits, [limit]);
    assert_eq!((shown.old.version.as_str(), shown.new.version.as_str()), ("0.1.0", "0.2.0"));
    assert!(shown.imports.added.is_empty() && shown.tools.changed.is_empty());
    assert!(!difference(&new, &old).await.widened, "asking for less is not asking for more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tool_that_changed_is_named_with_what_changed() {
    let tool = |name, description| Forged { name, description, ..Forged::PLAIN };
    let old = plugin(&[tool("gone", "Was."), tool("stays", "Stays.")], REFUSE);
    let new = plugin(&[tool("stays", "Stays, and more."), tool("comes", "Is.")], REFUSE);
    let shown = difference(&old, &new).await;
    assert_eq!(shown.tools.added, ["comes"]);
    assert_eq!(shown.tools.removed, ["gone"]);
    let change = ToolChange { name: "stays".to_owned(), parts: vec!["description"] };
    assert_eq!(shown.tools.changed, [change]);
    assert!(!shown.widened);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_file_twice_has_no_difference() {
    let shown = difference(&files(), &files()).await;
    assert_eq!(shown.old, shown.new);
    assert!(!shown.widened && shown.limits.is_empty());
    assert_eq!(shown.capabilities, Default::default());
    assert_eq!((shown.tools, shown.imports), Default::default());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_imports_and_another_kind_show() {
    let shown = difference(&guest("parrot"), &guest("greedy")).await;
    assert!(shown.widened, "a tool has to be granted other things than a model");
    assert_eq!((shown.old.kind, shown.new.kind), ("model", "tool"));
    assert!(shown.imports.added.contains(&"lucid:plugin/model".to_owned()));
}
