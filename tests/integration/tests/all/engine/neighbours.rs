//! Calls share an engine and nothing else.

use futures::future::{join, join_all};
use lucid_core::{FailureKind, Limits};
use lucid_engine::Call;
use lucid_policy::Access;
use lucid_tests::{Bench, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_hostile_call_does_not_disturb_its_neighbours() {
    let bench = Bench::default();
    let limits = Limits { deadline_ms: 500, ..Limits::STANDARD };
    let hostile = [
        ("spin", "{}"),
        ("spin", "{}"),
        ("spin", "{}"),
        ("nap", r#"{"milliseconds":60000}"#),
        ("hoard", "{}"),
        ("recurse", r#"{"wide":false}"#),
        ("panic", r#"{"text":"help"}"#),
        ("exit", r#"{"code":1}"#),
        ("log", r#"{"bytes":1,"times":1000000}"#),
        ("give", r#"{"bytes":4194304}"#),
    ];
    let stopped =
        hostile.map(|(tool, input)| bench.plugin.call_tool(Call::bare(limits), tool, input));
    let good = (0..40).map(|number| {
        let bench = &bench;
        async move {
            let input = format!(r#"{{"text":"answer {number}"}}"#);
            let report = bench.ask(Call::bare(Limits::STANDARD), "fine", &input).await;
            assert_eq!(text(&report), format!("answer {number}"));
            assert_eq!((report.usage.dropped_bytes, report.logs.len()), (0, 0));
        }
    });
    let (stopped, _) = join(join_all(stopped), join_all(good)).await;
    for (report, (tool, _)) in stopped.iter().zip(hostile) {
        let failure = report.result.as_ref().expect_err(tool);
        let kinds = [FailureKind::Exceeded, FailureKind::Trap];
        assert!(kinds.contains(&failure.kind), "{tool}: {failure:?}");
    }
    bench.is_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_at_the_same_time_see_only_their_own_folders() {
    let bench = Bench::default();
    let folders: Vec<_> = (0..16)
        .map(|number| {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("own.txt"), format!("of {number}")).unwrap();
            folder
        })
        .collect();
    let reads = folders.iter().enumerate().map(|(number, folder)| {
        let bench = &bench;
        async move {
            let call = Bench::view(folder.path(), Access::ReadOnly);
            let report = bench.ask(call, "read", r#"{"path":"/workspace/own.txt"}"#).await;
            assert_eq!(text(&report), format!("of {number}"));
        }
    });
    join_all(reads).await;
}
