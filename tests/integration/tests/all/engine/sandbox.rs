//! What a guest can reach: its view, what it was granted, and nothing else.

use std::collections::BTreeMap;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::symlink;

use lucid_core::Limits;
use lucid_engine::{Call, Plugin};
use lucid_policy::Access;
use lucid_policy::manifest::{Kind, SECTION};
use lucid_policy::section::embed;
use lucid_tests::{Bench, guest, text, tree};
use serde_json::json;

const CANARY: &str = "CANARY";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_reads_nothing_outside_its_view() {
    let bench = Bench::default();
    let root = tempfile::tempdir().unwrap();
    let view = root.path().join("view");
    let canary = root.path().join("canary.txt");
    std::fs::create_dir_all(view.join("inner")).unwrap();
    std::fs::write(view.join("inside.txt"), "inside").unwrap();
    std::fs::write(&canary, CANARY).unwrap();
    symlink("../canary.txt", view.join("made-before")).unwrap();
    symlink("..", view.join("up")).unwrap();
    let absolute = canary.to_str().unwrap();
    let outside = [
        "../canary.txt",
        "./../canary.txt",
        "inner/../../canary.txt",
        "/../canary.txt",
        "/workspace/../canary.txt",
        "/workspace/inner/../../canary.txt",
        "/workspace/made-before",
        "/workspace/up/canary.txt",
        "made-before",
        "up/canary.txt",
        absolute,
        "/etc/passwd",
        "/proc/self/environ",
        "/proc/self/root/etc/passwd",
    ];
    let asks: Vec<_> = outside
        .iter()
        .flat_map(|path| ["read", "read_below"].map(|tool| (tool, json!({"path": path}))))
        .chain(outside.iter().enumerate().flat_map(|(number, path)| {
            [false, true].map(|hard| {
                let name = format!("link-{number}-{hard}");
                ("link", json!({"target": path, "name": name, "hard": hard}))
            })
        }))
        .collect();
    for (tool, input) in asks {
        let call = Bench::view(&view, Access::ReadWrite);
        let report = bench.ask(call, tool, &input.to_string()).await;
        let said = text(&report);
        assert!(report.result.unwrap().is_error, "{tool} {input} gave {said}");
        assert!(!said.contains(CANARY), "{tool} {input} gave {said}");
    }
    let own = json!({"target": "inside.txt", "name": "own", "hard": false}).to_string();
    let report = bench.ask(Bench::view(&view, Access::ReadWrite), "link", &own).await;
    assert_eq!(text(&report), "inside", "a link inside the view works");
    assert_eq!(std::fs::read_to_string(canary).unwrap(), CANARY);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_folder_stays_as_it_was() {
    let bench = Bench::default();
    let changed = changes(&bench, Access::ReadOnly).await;
    assert!(changed.values().all(|done| !done), "{changed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writable_folder_can_be_changed() {
    let bench = Bench::default();
    let changed = changes(&bench, Access::ReadWrite).await;
    assert!(changed.values().all(|done| *done), "{changed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_that_may_only_read_changes_nothing_in_a_writable_view() {
    let manifest = "name = \"hostile\"\nversion = \"0.1.0\"\nkind = \"tool\"\n\
                    description = \"d\"\n[capabilities]\nfiles = \"read-only\"\n";
    let component = embed(&guest("hostile"), SECTION, manifest.as_bytes()).unwrap();
    let changed = changes(&Bench::new(&component), Access::ReadWrite).await;
    assert!(changed.values().all(|done| !done), "{changed:?}");
}

/// Lets the guest try all it can on a folder. Says what it thinks that it could do; what it
/// could not do has left the folder as it was.
async fn changes(bench: &Bench, access: Access) -> BTreeMap<String, bool> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file.txt"), "text").unwrap();
    std::fs::create_dir(folder.path().join("inner")).unwrap();
    let before = tree(folder.path());
    let input = json!({"folder": "/workspace", "file": "file.txt"}).to_string();
    let report = bench.ask(Bench::view(folder.path(), access), "change", &input).await;
    let told: Vec<(String, bool)> = serde_json::from_str(&text(&report)).unwrap();
    let changed: BTreeMap<_, _> = told.into_iter().collect();
    assert_eq!(changed.len(), 11, "{changed:?}");
    let same = tree(folder.path()) == before;
    let none = changed.values().all(|done| !done);
    assert_eq!(same, none, "{changed:?}");
    changed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_environment_variable_that_was_not_granted_is_not_there() {
    let bench = Bench::default();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let environment = vec![pair("GRANTED", "yes"), pair("SECRET_NAME", CANARY)];
    let call = Call { environment, ..Call::bare(Limits::STANDARD) };
    let report = bench.ask(call, "environment", "{}").await;
    assert_eq!(text(&report), r#"{"GRANTED":"yes"}"#);
    let report = bench.ask(Call::bare(Limits::STANDARD), "environment", "{}").await;
    assert_eq!(text(&report), "{}", "nothing of the host's own environment");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_network_is_reached() {
    let bench = Bench::default();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    tcp.set_nonblocking(true).unwrap();
    udp.set_nonblocking(true).unwrap();
    let input = json!({
        "tcp": tcp.local_addr().unwrap().to_string(),
        "udp": udp.local_addr().unwrap().to_string(),
    });
    let report = bench.ask(Call::bare(Limits::STANDARD), "connect", &input.to_string()).await;
    let none = r#"{"listen":false,"name":false,"tcp":false,"udp":false}"#;
    assert_eq!(text(&report), none);
    assert!(tcp.accept().is_err(), "a connection came");
    assert!(udp.recv(&mut [0; 16]).is_err(), "a datagram came");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_without_files_sees_no_folder_it_is_called_with() {
    let bench = Bench::default();
    let manifest = "name = \"hostile\"\nversion = \"0.1.0\"\nkind = \"tool\"\n\
                    description = \"d\"\n[capabilities]\n";
    let component = embed(&guest("hostile"), SECTION, manifest.as_bytes()).unwrap();
    let plugin = Plugin::load(&bench.engine, &component, Kind::Tool, &Bench::grants()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a"), CANARY).unwrap();
    let call = Bench::view(folder.path(), Access::ReadWrite);
    for (tool, path) in [("read", "/workspace/a"), ("read_below", "a")] {
        let input = json!({"path": path}).to_string();
        let report = plugin.call_tool(call.clone(), tool, &input).await;
        assert!(!text(&report).contains(CANARY), "{tool}");
        assert!(report.result.unwrap().is_error, "{tool}");
    }
}
