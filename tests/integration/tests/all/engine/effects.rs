//! What a call did outside of itself, and what it was not allowed, is in its report.

use std::collections::BTreeMap;

use lucid_core::{FileChangeKind, Limits};
use lucid_engine::{Call, Effects};
use lucid_policy::Access;
use lucid_tests::{Bench, text};
use serde_json::json;

/// What the hostile tool's eleven ways of changing a folder leave in the report.
async fn changed(access: Access) -> Effects {
    let bench = Bench::default();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file.txt"), "text").unwrap();
    std::fs::create_dir(folder.path().join("inner")).unwrap();
    let input = json!({"folder": "/workspace", "file": "file.txt"}).to_string();
    bench.ask(Bench::view(folder.path(), access), "change", &input).await.effects
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_file_that_a_call_changed_is_in_its_report() {
    let effects = changed(Access::ReadWrite).await;
    let seen: BTreeMap<_, _> =
        effects.files.iter().map(|file| (file.path.as_str(), file.change)).collect();
    use FileChangeKind::{Created, Removed};
    for (path, change) in [
        ("/workspace/new", Created),
        ("/workspace/new-folder", Created),
        ("/workspace/soft", Created),
        ("/workspace/hard", Created),
        ("/workspace/renamed", Created),
        ("/workspace/inner", Removed),
        ("/workspace/file.txt", Removed),
    ] {
        assert_eq!(seen.get(path), Some(&change), "{path}: {effects:?}");
    }
    let new = effects.files.iter().find(|file| file.path == "/workspace/new").unwrap();
    assert_eq!(new.bytes, 3, "{effects:?}");
    assert_eq!((effects.denied.len(), effects.unlisted), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_change_that_was_denied_names_its_rule_and_what_would_grant_it() {
    let effects = changed(Access::ReadOnly).await;
    assert_eq!(effects.files, [], "nothing was changed");
    assert!(effects.denied.len() >= 5, "{effects:?}");
    for denial in &effects.denied {
        assert_eq!(denial.capability, "files");
        assert!(denial.what.starts_with("/workspace/"), "{denial:?}");
        assert!(denial.rule.contains("read-only"), "{denial:?}");
        assert!(denial.hint.contains("`\"rw\"`") && denial.hint.contains("--dir"), "{denial:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_path_that_leads_out_and_a_socket_are_denied_by_name() {
    let bench = Bench::default();
    let folder = tempfile::tempdir().unwrap();
    let view = || Bench::view(folder.path(), Access::ReadOnly);
    let input = json!({"path": "../canary"}).to_string();
    let report = bench.ask(view(), "read_below", &input).await;
    let denied = &report.effects.denied;
    assert_eq!(denied.len(), 1, "{denied:?}");
    assert!(denied[0].rule.contains("does not lead out"), "{denied:?}");
    let input = json!({"tcp": "127.0.0.1:9", "udp": "127.0.0.1:9"}).to_string();
    let report = bench.ask(view(), "connect", &input).await;
    assert!(text(&report).contains("\"tcp\":false"));
    let sockets: Vec<_> =
        report.effects.denied.iter().filter(|denial| denial.capability == "sockets").collect();
    assert!(sockets.len() >= 2, "{sockets:?}");
    assert!(sockets.iter().all(|denial| denial.hint.contains("http = ")), "{sockets:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_call_used_is_reported_also_when_it_failed() {
    let bench = Bench::default();
    let folder = tempfile::tempdir().unwrap();
    let call = |limits| Call { limits, ..Bench::view(folder.path(), Access::ReadWrite) };
    let input = json!({"folder": "/workspace", "file": "file.txt"}).to_string();
    let usage = bench.ask(call(Limits::STANDARD), "change", &input).await.usage;
    assert!(usage.files >= 2 && usage.file_bytes >= 3, "{usage:?}");
    let usage = bench.ask(call(Limits::STANDARD), "log", r#"{"bytes":10,"times":7}"#).await.usage;
    assert_eq!((usage.log_bytes, usage.host_calls), (70, 7));
    let input = r#"{"bytes":100,"error":false}"#;
    let usage = bench.ask(call(Limits::STANDARD), "print", input).await.usage;
    assert_eq!(usage.stdio_bytes, 100);
    let usage = bench.ask(call(Limits::STANDARD), "random", r#"{"bytes":1000}"#).await.usage;
    assert!(usage.random_bytes >= 1_000, "{usage:?}");
    let limits = Limits { deadline_ms: 2_000, ..Limits::STANDARD };
    let (_, report) = bench.stopped(limits, "spin", "{}").await;
    assert!(report.usage.wall_ms >= 2_000 && report.usage.memory_peak_bytes > 0);
}
