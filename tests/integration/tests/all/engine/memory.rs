//! The limit of memory is on the sum over everything a component brings.

use lucid_core::{FailureKind, Limits};
use lucid_engine::Call;
use lucid_tests::{Bench, guest};

/// A core module with nothing but a memory of 512 pages, 32 MiB.
const MODULE: [u8; 14] = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 4, 1, 0, 0x80, 4];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_is_limited_in_sum() {
    let hostile = guest("hostile");
    let with = |memories| Bench::new(&with_memories(&hostile, memories));
    with(1).is_well().await;
    // No one of the three is over the limit.
    let bench = with(2);
    let input = r#"{"text":"a"}"#;
    let standard = Call::bare(Limits::STANDARD);
    let refused = bench.plugin.call_tool(standard, "fine", input).await.result.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Exceeded, "{refused:?}");
    assert!(refused.message.contains("memory"), "{refused:?}");
    let wide = Limits { memory_bytes: 128 << 20, ..Limits::STANDARD };
    let report = bench.ask(Call::bare(wide), "fine", input).await;
    assert!(report.usage.memory_peak_bytes > 64 << 20, "{:?}", report.usage);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_that_hoards_is_stopped_at_its_memory() {
    let bench = Bench::default();
    bench.exceeds(Limits::STANDARD, "hoard", "{}", "memory").await;
    let (_, report) = bench.stopped(Limits::STANDARD, "hoard", "{}").await;
    let peak = report.usage.memory_peak_bytes;
    assert!((32 << 20..=64 << 20).contains(&peak), "{peak}");
}

/// Adds instances of a module with a memory of its own to a component.
fn with_memories(component: &[u8], count: u8) -> Vec<u8> {
    let mut out = component.to_vec();
    let mut module = core_modules(component);
    #[expect(clippy::explicit_counter_loop, reason = "the counter goes into the bytes")]
    for _ in 0..count {
        section(&mut out, 1, &MODULE);
        // One instance, of this module, without arguments.
        section(&mut out, 2, &[1, 0, module, 0]);
        module += 1;
    }
    out
}

fn section(out: &mut Vec<u8>, id: u8, body: &[u8]) {
    out.extend([id, u8::try_from(body.len()).unwrap()]);
    out.extend(body);
}

/// How many core modules a component has at its top level.
fn core_modules(component: &[u8]) -> u8 {
    let (mut at, mut modules) = (8, 0);
    while at < component.len() {
        modules += u8::from(component[at] == 1);
        at += 1;
        let (mut length, mut shift) = (0, 0);
        loop {
            let byte = usize::from(component[at]);
            at += 1;
            length |= (byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        at += length;
    }
    assert!(modules < 100, "an index of one byte");
    modules
}
