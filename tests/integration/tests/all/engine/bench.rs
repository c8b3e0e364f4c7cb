//! The benchmark of the engine, at a small size: that each part measures what it says.

use lucid_engine::bench::{self, BenchOptions, EngineBench, Part};
use lucid_tests::release;

async fn measured(part: Part) -> EngineBench {
    let plugin = |name: &str| std::fs::read(release().join("plugins").join(name)).unwrap();
    let (component, files) = (plugin("bench.wasm"), plugin("bench-files.wasm"));
    let folder = tempfile::tempdir().unwrap();
    let options = BenchOptions {
        calls: 20,
        live: vec![20],
        deadline_calls: 40,
        only: Some(part),
        ..BenchOptions::standard(component, files, folder.path().to_owned())
    };
    bench::run(&options, &|_| ()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_benchmark_measures_calls_in_turn_with_bare_wasmtime() {
    let calls = measured(Part::Calls).await.calls.unwrap();
    assert_eq!((calls.bare_us.n, calls.lucid_us.n, calls.warm_us.n), (20, 20, 20));
    assert!(calls.warm_us.p50 < calls.bare_us.p50, "{calls:?}");
    assert!(calls.calls_per_second > 0.0, "{calls:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_benchmark_lets_every_call_run_into_its_deadline() {
    let overshoot = measured(Part::Deadline).await.deadline_overshoot_ms.unwrap();
    assert_eq!(overshoot.n, 40);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_benchmark_counts_instances_that_are_alive_at_the_same_moment() {
    let bench = measured(Part::Live).await;
    assert!(bench.live_kib(20).is_some_and(|kib| kib > 0.0), "{bench:?}");
}
