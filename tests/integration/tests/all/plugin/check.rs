//! Conformance: what passes, and what each thing that is wrong is caught by.

use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;

use lucid_policy::manifest::{Kind, SECTION};
use lucid_policy::section::embed;
use lucid_runtime::RuntimeOptions;
use lucid_runtime::conformance::{self, CHECKS, CheckOptions, Conformance, Outcome};
use lucid_tests::{guest, release};

use super::forge::{ACCEPT, Forged, LOOP, REFUSE, TRAP, plugin, timed_plugin, writing_plugin};

/// So long that only a call which never ends reaches it, also on a busy machine.
const PATIENT_MS: u64 = 30_000;

/// Checks a component, and that the check leaves nothing behind.
async fn check_within(bytes: &[u8], deadline_ms: u64) -> Conformance {
    let folder = tempfile::tempdir().unwrap();
    let scratch = folder.path().join("scratch");
    fs::create_dir(&scratch).unwrap();
    let runtime = RuntimeOptions::new(folder.path().join("state"));
    let options = CheckOptions { runtime, scratch: scratch.clone(), deadline_ms };
    let conformance = conformance::check(&options, bytes).await.unwrap();
    assert_eq!(fs::read_dir(&scratch).unwrap().count(), 0, "its folder is removed");
    let names: Vec<_> = conformance.checks.iter().map(|check| check.name).collect();
    assert_eq!(names, CHECKS, "every check is reported");
    for check in conformance.checks.iter().filter(|check| check.result == Outcome::Failed) {
        assert!(check.hint.is_some() && !check.message.contains('\n'), "{check:?}");
    }
    assert_eq!(conformance.passed, conformance.failed().next().is_none());
    conformance
}

async fn check(bytes: &[u8]) -> Conformance {
    check_within(bytes, PATIENT_MS).await
}

#[track_caller]
fn failed(conformance: &Conformance, expected: &[&str]) {
    let failed: Vec<_> = conformance.failed().collect();
    assert_eq!(failed, expected, "{:#?}", conformance.checks);
}

/// What is said of one check: its message and hint.
fn said(conformance: &Conformance, name: &str) -> String {
    let check = conformance.checks.iter().find(|check| check.name == name).unwrap();
    format!("{} | {}", check.message, check.hint.clone().unwrap_or_default())
}

fn bundled(name: &str) -> Vec<u8> {
    fs::read(release().join(format!("plugins/{name}.wasm"))).unwrap()
}

/// A component with another manifest.
fn saying(bytes: &[u8], kind: Kind, capabilities: &str) -> Vec<u8> {
    let manifest = format!(
        "name = \"changed\"\nversion = \"0.1.0\"\nkind = \"{kind}\"\ndescription = \"Changed.\"\n\
         [capabilities]\n{capabilities}\n"
    );
    embed(bytes, SECTION, manifest.as_bytes()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bundled_plugins_pass_their_check() {
    for (name, kind, skipped) in [
        ("checks", Kind::Grader, 6),
        ("consolidate", Kind::Dream, 6),
        ("echo", Kind::Model, 8),
        ("files", Kind::Tool, 3),
        ("judge", Kind::Grader, 6),
        ("panel", Kind::Grader, 6),
        ("reflect", Kind::Dream, 6),
    ] {
        let conformance = check(&bundled(name)).await;
        failed(&conformance, &[]);
        assert_eq!(conformance.kind, Some(kind));
        let not_made = |outcome: &Outcome| *outcome == Outcome::Skipped;
        let count = conformance.checks.iter().map(|check| check.result).filter(not_made).count();
        assert_eq!(count, skipped, "{name}: {:#?}", conformance.checks);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guests_that_are_odd_and_keep_to_their_interface_pass() {
    for name in ["parrot", "nosy-grader", "wayward-dream"] {
        failed(&check(&guest(name)).await, &[]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grader_that_lies_and_asks_for_files_it_never_reads_is_caught_at_both() {
    let conformance = check(&guest("lying-grader")).await;
    failed(&conformance, &["asking", "grading"]);
    assert!(said(&conformance, "grading").contains("says satisfied"));
    assert!(said(&conformance, "asking").contains("`files = \"read-only\"`"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_imported_and_not_asked_for_does_not_load() {
    let conformance = check(&guest("sneaky")).await;
    failed(&conformance, &["load", "asking"]);
    assert!(said(&conformance, "asking").contains("`model = true`"));
    let tools = conformance.checks.iter().find(|check| check.name == "tools").unwrap();
    assert_eq!(tools.result, Outcome::Skipped, "nothing of it ran");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asking_for_what_is_not_imported_fails_with_the_line_to_remove() {
    let greedy = check(&guest("greedy")).await;
    assert!(greedy.failed().any(|name| name == "asking"));
    assert!(said(&greedy, "asking").contains("`files = \"read-write\"`"));
    let (echo, files) = (bundled("echo"), bundled("files"));
    for (bytes, kind, asked, line) in [
        (&echo, Kind::Model, "files = \"read-only\"", "files = \"read-only\""),
        (&echo, Kind::Model, "http = [\"a.example\"]", "http = [\"a.example\"]"),
        (&files, Kind::Tool, "files = \"read-write\"\nmodel = true", "model = true"),
    ] {
        let conformance = check(&saying(bytes, kind, asked)).await;
        failed(&conformance, &["asking"]);
        let said = said(&conformance, "asking");
        assert!(said.contains(&format!("remove `{line}` from its manifest")), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_plugin_fails_the_first_check_and_no_other_is_made() {
    let echo = bundled("echo");
    let module = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    let empty = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0];
    for bytes in [&b""[..], b"#!/bin/sh", &module, &empty, &echo[..echo.len() / 2]] {
        let conformance = check(bytes).await;
        failed(&conformance, &["manifest"]);
        assert_eq!((conformance.name.as_ref(), conformance.kind), (None, None));
        let rest = &conformance.checks[1..];
        assert!(rest.iter().all(|check| check.result == Outcome::Skipped), "{rest:#?}");
    }
    let mistaken = embed(&echo, SECTION, b"name = \"x\"\nkind = \"robot\"\n").unwrap();
    failed(&check(&mistaken).await, &["manifest"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_of_another_kind_than_it_says_does_not_load() {
    let conformance = check(&saying(&bundled("echo"), Kind::Tool, "")).await;
    failed(&conformance, &["load"]);
    assert!(said(&conformance, "load").contains("lucid:plugin/tools"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tool_plugin_made_by_hand_passes_when_it_refuses_what_is_wrong() {
    failed(&check(&plugin(&[Forged::PLAIN], REFUSE)).await, &[]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_input_is_answered_with_an_error_and_not_with_a_trap_or_a_result() {
    let traps = check(&plugin(&[Forged::PLAIN], TRAP)).await;
    failed(&traps, &["bad-input"]);
    let told = said(&traps, "bad-input");
    assert!(told.contains("`invalid-input`"), "{told}");
    let accepts = check(&plugin(&[Forged::PLAIN], ACCEPT)).await;
    failed(&accepts, &["bad-input"]);
    assert!(said(&accepts, "bad-input").contains("`unknown-tool`"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_does_not_end_is_ended_and_counted_against_the_limits() {
    let conformance = check_within(&plugin(&[Forged::PLAIN], LOOP), 2_000).await;
    failed(&conformance, &["bad-input", "limits"]);
    assert!(said(&conformance, "limits").contains("2000 ms"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_tools_say_of_themselves_has_to_make_sense() {
    let forged = |change: fn(&mut Forged)| {
        let mut tool = Forged::PLAIN;
        change(&mut tool);
        plugin(&[Forged::PLAIN, tool], REFUSE)
    };
    let renamed = |change: fn(&mut Forged)| {
        let mut tool = Forged { name: "other", ..Forged::PLAIN };
        change(&mut tool);
        plugin(&[Forged::PLAIN, tool], REFUSE)
    };
    let cases: [(Vec<u8>, &str, &str); 7] = [
        (forged(|_| ()), "tools", "two tools are named `plain`"),
        (renamed(|tool| tool.name = "a b"), "tools", "`a b` is no name"),
        (renamed(|tool| tool.description = " \n"), "tools", "no description"),
        (renamed(|tool| tool.input_schema = "{"), "schemas", "not JSON"),
        (renamed(|tool| tool.input_schema = "{\"type\": \"array\"}"), "schemas", "`object`"),
        (renamed(|tool| tool.output_schema = Some("[1]")), "schemas", "output schema of `other`"),
        (plugin(&[], REFUSE), "tools", "no tools"),
    ];
    for (bytes, name, part) in &cases {
        let conformance = check(bytes).await;
        failed(&conformance, &[name]);
        let said = said(&conformance, name);
        assert!(said.contains(part), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tool_that_says_it_is_read_only_and_changes_a_file_is_caught() {
    let conformance = check(&writing_plugin(true)).await;
    failed(&conformance, &["read-only"]);
    let said = said(&conformance, "read-only");
    assert!(said.contains("`plain`") && said.contains("/workspace/plain was removed"), "{said}");
    failed(&check(&writing_plugin(false)).await, &[]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_tools_that_changes_is_caught() {
    failed(&check(&timed_plugin()).await, &["deterministic"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_with_http_is_checked_and_reaches_nobody() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let host = server.local_addr().unwrap();
    let asked = format!("files = \"read-write\"\nhttp = [\"{host}\"]");
    let conformance = check(&saying(&guest("courier"), Kind::Tool, &asked)).await;
    // It also prints what it was sent.
    failed(&conformance, &["printing"]);
    let said = said(&conformance, "outside");
    assert!(said.contains("http requests were answered by a stand-in"), "{said}");
    let nobody = server.accept().unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::WouldBlock, "somebody connected");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_comes_out_the_same_again() {
    let results = |conformance: &Conformance| {
        let checks = conformance.checks.iter().map(|check| (check.name, check.result));
        checks.collect::<Vec<_>>()
    };
    for bytes in [bundled("files"), guest("lying-grader"), plugin(&[Forged::PLAIN], TRAP)] {
        assert_eq!(results(&check(&bytes).await), results(&check(&bytes).await));
    }
}
