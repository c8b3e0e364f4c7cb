//! Limits of one call: each stops the guest, is named, and costs nobody else anything.

use std::time::{Duration, Instant};

use lucid_core::{FailureKind, Limits, Timestamp};
use lucid_engine::{Call, Engine, EngineOptions, GuestTime, Plugin};
use lucid_policy::manifest::Kind;
use lucid_tests::{Bench, guest, text};

const STANDARD: Limits = Limits::STANDARD;

/// So long that a guest has begun by then on a machine that is busy, too: what it used by then is
/// reported.
const DEADLINE_MS: u64 = 2_000;

/// Far more than that, on any machine; far less than the guest would take.
const SOON: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_that_loops_is_cut_at_its_deadline() {
    let bench = Bench::default();
    let started = Instant::now();
    let limits = Limits { deadline_ms: DEADLINE_MS, ..STANDARD };
    bench.exceeds(limits, "spin", "{}", "2000 ms").await;
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blocked_host_call_is_cut_at_the_deadline() {
    let bench = Bench::default();
    let started = Instant::now();
    let limits = Limits { deadline_ms: DEADLINE_MS, ..STANDARD };
    bench.exceeds(limits, "nap", r#"{"milliseconds":60000}"#, "2000 ms").await;
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fuel_stops_a_guest_after_the_same_work_every_time() {
    let bench = Bench::default();
    let limits = Limits { fuel: Some(50_000_000), ..STANDARD };
    bench.exceeds(limits, "spin", "{}", "fuel").await;
    let mut spent = Vec::new();
    for _ in 0..2 {
        // Without the machine's random numbers, which order a program's tables.
        let time = GuestTime::Fixed { now: Timestamp(0), seed: 1 };
        let call = Call { time, ..Call::bare(limits) };
        let report = bench.ask(call, "fine", r#"{"text":"a"}"#).await;
        spent.push(report.usage.fuel.unwrap());
    }
    assert!(spent[0] > 0 && spent[0] == spent[1], "{spent:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_that_recurses_is_stopped_and_the_host_is_not() {
    let bench = Bench::default();
    bench.exceeds(STANDARD, "recurse", r#"{"wide":false}"#, "stack").await;
    // With its stack in memory a guest runs into its own first.
    let (failure, _) = bench.stopped(STANDARD, "recurse", r#"{"wide":true}"#).await;
    assert_eq!(failure.kind, FailureKind::Trap, "{failure:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_that_panics_or_exits_is_a_trap_that_says_what_it_said() {
    let bench = Bench::default();
    let input = r#"{"text":"the sky\nis falling"}"#;
    let (failure, report) = bench.stopped(STANDARD, "panic", input).await;
    assert_eq!(failure.kind, FailureKind::Trap, "{failure:?}");
    assert!(failure.message.contains("`hostile`"), "{failure:?}");
    assert!(report.stderr.contains("the sky\nis falling"), "{}", report.stderr);
    for code in [0, 3] {
        let input = format!(r#"{{"code":{code}}}"#);
        let (failure, _) = bench.stopped(STANDARD, "exit", &input).await;
        assert_eq!(failure.kind, FailureKind::Trap, "{failure:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_result_over_its_limit_is_refused() {
    let bench = Bench::default();
    let wide = Limits { guest_to_host_bytes: 16 << 20, ..STANDARD };
    bench.exceeds(wide, "give", r#"{"bytes":4194304}"#, "result").await;
    let just = Limits { result_bytes: 1_000, ..STANDARD };
    bench.exceeds(just, "give", r#"{"bytes":1001}"#, "1000 bytes").await;
    let report = bench.ask(Call::bare(just), "give", r#"{"bytes":1000}"#).await;
    assert_eq!((text(&report).len(), report.usage.output_bytes), (1_000, 1_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_crosses_to_the_host_than_allowed() {
    let bench = Bench::default();
    let which = "guest to host";
    bench.exceeds(STANDARD, "log", r#"{"bytes":4194304,"times":1}"#, which).await;
    bench.exceeds(STANDARD, "give", r#"{"bytes":4194304}"#, which).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_of_the_host_are_counted_and_limited() {
    let bench = Bench::default();
    let input = r#"{"bytes":1,"times":1000000}"#;
    bench.exceeds(STANDARD, "log", input, "host calls").await;
    let (_, report) = bench.stopped(STANDARD, "log", input).await;
    assert_eq!(report.usage.host_calls, STANDARD.host_calls);
    let few = bench.ask(Call::bare(STANDARD), "log", r#"{"bytes":1,"times":7}"#).await;
    assert_eq!((few.usage.host_calls, few.logs.len()), (7, 7));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn open_files_are_limited() {
    let bench = Bench::default();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a"), "a").unwrap();
    let view = || Bench::view(folder.path(), lucid_policy::Access::ReadOnly);
    let open = |times: u32| format!(r#"{{"path":"/workspace/a","times":{times}}}"#);
    let few = bench.ask(view(), "open", &open(100)).await;
    assert_eq!(text(&few), "100");
    for (call, which) in [
        (view(), "resources"),
        (
            Call { limits: Limits { handles: 50, resources: 10_000, ..STANDARD }, ..view() },
            "handles",
        ),
    ] {
        let report = bench.plugin.call_tool(call, "open", &open(5_000)).await;
        let failure = report.result.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Exceeded, "{failure:?}");
        assert!(failure.message.contains(which), "{failure:?}");
        assert!(report.usage.memory_peak_bytes > 0);
    }
    bench.is_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_numbers_are_limited() {
    let bench = Bench::default();
    let most = bench.ask(Call::bare(STANDARD), "random", r#"{"bytes":65536}"#).await;
    assert_eq!(text(&most), "65536");
    bench.exceeds(STANDARD, "random", r#"{"bytes":65537}"#, "random").await;
    bench.exceeds(STANDARD, "random", r#"{"bytes":1099511627776}"#, "random").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn output_over_the_limit_is_dropped_and_counted() {
    const WRITTEN: u64 = 10 << 20;
    let bench = Bench::default();
    let kept = |limit: u64| WRITTEN - limit;
    for (error, limit) in [(false, STANDARD.stdio_bytes), (true, STANDARD.stdio_bytes)] {
        let input = format!(r#"{{"bytes":{WRITTEN},"error":{error}}}"#);
        let report = bench.ask(Call::bare(STANDARD), "print", &input).await;
        let stream = if error { &report.stderr } else { &report.stdout };
        assert_eq!(text(&report), "printed");
        assert_eq!(stream.len() as u64, limit);
        assert_eq!(report.usage.dropped_bytes, kept(limit));
    }
    let input = r#"{"bytes":32768,"times":320}"#;
    let report = bench.ask(Call::bare(STANDARD), "log", input).await;
    let logged: usize = report.logs.iter().map(|line| line.message.len()).sum();
    assert_eq!(logged as u64, STANDARD.log_bytes);
    assert_eq!(report.usage.dropped_bytes, kept(STANDARD.log_bytes));
    let input = r#"{"bytes":0,"times":100000}"#;
    let report = bench.ask(Call::bare(STANDARD), "log", input).await;
    assert!(report.logs.len() <= 4_097, "{} empty messages are kept", report.logs.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_for_a_turn_is_part_of_a_calls_time() {
    let options = EngineOptions { calls_at_once: 1, ..EngineOptions::standard() };
    let engine = Engine::new(options).unwrap();
    let plugin = Plugin::load(&engine, &guest("hostile"), Kind::Tool, &Bench::grants()).unwrap();
    let of = |deadline_ms| Call::bare(Limits { deadline_ms, ..STANDARD });
    let first = plugin.call_tool(of(600_000), "nap", r#"{"milliseconds":600000}"#);
    let mut first = Box::pin(first);
    // The first look begins it; it naps on while the second waits.
    assert!(futures::poll!(&mut first).is_pending());
    let waited = plugin.call_tool(of(200), "fine", r#"{"text":"a"}"#).await;
    let failure = waited.result.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Exceeded, "{failure:?}");
    assert!(failure.message.contains("one of 1 calls"), "{failure:?}");
    // Whoever gives up gives its turn back.
    drop(first);
    let report = plugin.call_tool(of(10_000), "fine", r#"{"text":"a"}"#).await;
    assert_eq!(text(&report), "a");
}
