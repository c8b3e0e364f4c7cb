//! What stays of many attacks: nothing.

use futures::future::join_all;
use lucid_core::{FailureKind, Limits};
use lucid_engine::Call;
use lucid_tests::{Corpus, alone, resident_bytes, runtime};

use super::STANDARD;

/// Memory that may stay, for all of them together.
const KEPT_BYTES: u64 = 8 << 20;

/// Calls that run at once.
const ABREAST: usize = 40;

#[test]
fn memory_is_back_after_a_thousand_killed_calls() {
    let killed = [
        "hostile_loops_tight",
        "hostile_timer_forever",
        "hostile_memory_hoard",
        "hostile_recursion_plain",
        "hostile_ending_unreachable",
    ];
    let killed = killed.map(Corpus::of);
    let limits = Limits { deadline_ms: 50, memory_bytes: 8 << 20, ..STANDARD };
    let round = || {
        let calls = (0..ABREAST).map(|number| {
            let plugin = killed[number % killed.len()].plugin();
            plugin.call_tool(Call::bare(limits), "attack", "")
        });
        for report in runtime().block_on(join_all(calls)) {
            let failure = report.result.expect_err("it is killed");
            let kinds = [FailureKind::Exceeded, FailureKind::Trap];
            assert!(kinds.contains(&failure.kind), "{failure:?}");
        }
    };
    // What the engine keeps for the next calls is there after the first ones.
    for _ in 0..5 {
        round();
    }
    let before = resident_bytes();
    for _ in 0..1_000 / ABREAST {
        round();
    }
    let after = resident_bytes();
    let back = after <= before + KEPT_BYTES || !alone();
    assert!(back, "{before} bytes before, {after} after");
}
