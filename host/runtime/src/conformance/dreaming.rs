//! Letting a strategy dream over two small sessions and a few entries, over what it kept of
//! them, and over nothing.

use std::sync::Arc;

use lucid_core::{Operation, Result};
use lucid_engine::{DreamRequest, DreamSummary};

use super::Check;
use super::bench::{Bench, NOW, count};
use super::past::{Digests, Past, proposals};

const HINT: &str = "answer with a `dream-error`, and leave the operation out that is refused";

/// What one dream came to.
struct Dreamt {
    operations: Vec<Operation>,
    said: Result<DreamSummary>,
    kept: Digests,
}

/// The checks of a dream.
pub(super) async fn checks(bench: &Bench) -> Vec<Check> {
    let mut findings = Vec::new();
    let plain = request("Keep what is useful.", 100, 64 << 10);
    let first = dream(bench, "a dream", Past::small(), &plain, &mut findings).await;
    let second = dream(bench, "a dream", Past::small(), &plain, &mut findings).await;
    let same = first.operations == second.operations && first.said == second.said;
    // One that keeps nothing dreams over the same as before.
    let past = Past::small().keeping(first.kept.clone());
    let third = dream(bench, "a dream over its own digests", past, &plain, &mut findings).await;
    let deterministic = if !same {
        let hint = "take the time and the seed from the request, and sort what has no order";
        Check::failed("deterministic", "the same inputs give other operations", hint)
    } else if third.operations != first.operations {
        let hint = "make a digest of its session alone, and go on from the digest in every dream";
        Check::failed("deterministic", "its own digests give other operations", hint)
    } else {
        Check::passed("deterministic", "the same inputs give the same operations twice")
    };
    let (proposed, refused) = proposals(&Past::small(), &first.operations);
    let nothing = "x".repeat(4_096);
    for (what, past, request) in [
        ("a dream of nothing", Past::default(), plain.clone()),
        ("a dream that may propose nothing", Past::small(), request("", 0, 0)),
        ("a dream with instructions of 4 KiB", Past::small(), request(&nothing, 100, 1_000)),
    ] {
        // A typed error is an answer, too.
        let _ = dream(bench, what, past, &request, &mut findings).await;
    }
    let proposed = count(proposed, "operation");
    let well = format!("it proposed {proposed}, of which the host refuses {refused}");
    vec![Check::of_findings("dreaming", &findings, well, HINT), deterministic]
}

fn request(instructions: &str, operations_max: u32, new_bytes_max: u32) -> DreamRequest {
    let instructions = instructions.to_owned();
    DreamRequest { instructions, operations_max, new_bytes_max, seed: 1, now: NOW }
}

async fn dream(
    bench: &Bench,
    what: &str,
    past: Past,
    request: &DreamRequest,
    findings: &mut Vec<String>,
) -> Dreamt {
    let past = Arc::new(past);
    let report = bench.plugin.dream(bench.dream(past.clone()), request).await;
    findings.extend(bench.note(what, &report));
    Dreamt { operations: past.proposed(), said: report.result, kept: past.kept() }
}
